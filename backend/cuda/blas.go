package cuda

import (
	"errors"
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/backend/cuda/driver"
)

// Products says by whom products of matrices are computed: "cuBLAS 12.4.1", or "own
// kernels" and why.
func (b *Backend) Products() string { return b.products }

// openBLAS readies cuBLAS, as far as c wants it and it is there.
func (b *Backend) openBLAS(c Config) error {
	if c.OwnProducts {
		b.products = "own kernels"
		return nil
	}
	blas, ok := b.ctx.(driver.BLAS)
	err := errors.New("the driver has none")
	if ok {
		var version string
		if version, err = blas.OpenBLAS(c.TF32); err == nil {
			b.blas, b.products = blas, "cuBLAS "+version
			return nil
		}
	}
	if c.TF32 {
		return fmt.Errorf("TF32 needs cuBLAS: %w", err)
	}
	b.products = fmt.Sprintf("own kernels, without cuBLAS: %v", err)
	return nil
}

// sgemm queues a product as a call of cuBLAS, if it takes one of matrices that lie like
// this.
func (b *Backend) sgemm(p *product) bool {
	if b.blas == nil || p.batch.rank > 1 || p.k == 0 || max(p.m, p.n, p.k) > math.MaxInt32 {
		return false
	}
	c := driver.Gemm{
		Accumulate: p.accumulate, M: p.m, N: p.n, K: p.k, Count: p.batch.length(), X: p.x, Y: p.y, Z: p.z,
		StrideZ: p.batch.strides[0][0], StrideX: p.batch.strides[1][0], StrideY: p.batch.strides[2][0],
	}
	var okX, okY, okZ, turned bool
	c.LdX, c.TransX, okX = leading(p.xm, p.xk, p.m, p.k)
	c.LdY, c.TransY, okY = leading(p.yk, p.yn, p.k, p.n)
	c.LdZ, turned, okZ = leading(p.zm, p.zn, p.m, p.n)
	if !okX || !okY || !okZ || turned {
		return false
	}
	b.enqueue(work{gemm: c})
	return true
}

// leading returns how many elements lie between the rows of a matrix with these strides,
// or between its columns where it is transposed; false where neither is next to one another.
func leading(down, right, rows, columns int) (ld int, transposed, ok bool) {
	if (right == 1 || columns == 1) && (down >= columns || rows == 1) {
		return max(down, columns), false, true
	}
	if (down == 1 || rows == 1) && (right >= rows || columns == 1) {
		return max(right, rows), true, true
	}
	return 0, false, false
}
