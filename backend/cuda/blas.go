package cuda

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/backend"
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
	err := fmt.Errorf("the driver has none")
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
// this. g has the axes before the last two.
func (b *Backend) sgemm(dst, x, y *backend.View, accumulate bool, g *geometry) bool {
	if b.blas == nil || g.rank > 1 {
		return false
	}
	m, n, k := dst.Shape[dst.Rank-2], dst.Shape[dst.Rank-1], x.Shape[x.Rank-1]
	if k == 0 || m > math.MaxInt32 || n > math.MaxInt32 || k > math.MaxInt32 {
		return false
	}
	c := driver.Gemm{Accumulate: accumulate, M: m, N: n, K: k, Count: g.length()}
	c.X, c.Y, c.Z = b.at("matmul", x), b.at("matmul", y), b.at("matmul", dst)
	c.StrideZ, c.StrideX, c.StrideY = g.strides[0][0], g.strides[1][0], g.strides[2][0]
	var okX, okY, okZ, turned bool
	c.LdX, c.TransX, okX = leading(x, m, k)
	c.LdY, c.TransY, okY = leading(y, k, n)
	c.LdZ, turned, okZ = leading(dst, m, n)
	if !okX || !okY || !okZ || turned {
		return false
	}
	b.enqueue(work{gemm: c})
	return true
}

// leading returns how many elements lie between the rows of a matrix of v, or between
// its columns where it is transposed; false where neither is next to one another.
func leading(v *backend.View, rows, columns int) (ld int, transposed, ok bool) {
	down, right := v.Stride[v.Rank-2], v.Stride[v.Rank-1]
	if (right == 1 || columns == 1) && (down >= columns || rows == 1) {
		return max(down, columns), false, true
	}
	if (down == 1 || rows == 1) && (right >= rows || columns == 1) {
		return max(right, rows), true, true
	}
	return 0, false, false
}
