package cpu

import (
	"gonum.org/v1/gonum/blas"

	"github.com/wengert-ml/wengert/backend"
)

// rowBLAS is a BLAS whose product can begin with a row, as in package sgemm.
type rowBLAS interface {
	SgemmRow(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, row, c []float32, ldc int)
}

// Affine writes bias + x·w to dst. A bias that is one row, as a layer's is, is added
// where the product is written; another is laid down before.
func (b *Backend) Affine(dst, bias, x, w *backend.View) {
	if impl, ok := b.blas.(rowBLAS); ok && b.affine(impl, dst, bias, x, w) {
		return
	}
	b.Copy(dst, bias)
	b.MatMul(dst, x, w, true)
}

// affine is Affine in one product, and reports whether it is one.
func (b *Backend) affine(impl rowBLAS, dst, bias, x, w *backend.View) bool {
	k, s := x.Shape[x.Rank-1], bias.BroadcastTo(&dst.Layout)
	if dst.Len() == 0 || k == 0 || s[dst.Rank-1] != 1 {
		return false
	}
	for _, stride := range s[:dst.Rank-1] {
		if stride != 0 {
			return false
		}
	}
	c, okc := newMatrix(dst, dst)
	l, okl := newMatrix(x, dst)
	r, okr := newMatrix(w, dst)
	j := matmulJob{c: c, l: l, r: r}
	if !okc || !okl || !okr || c.trans || j.batches(dst) != 1 {
		return false
	}
	impl.SgemmRow(l.flag(), r.flag(), j.c.rows, j.c.cols, k, 1, j.l.at(j.l.off, 0, 0), j.l.ld, j.r.at(j.r.off, 0, 0), j.r.ld,
		floats(bias)[bias.Off:], j.c.at(j.c.off, 0, 0), j.c.ld)
	return true
}
