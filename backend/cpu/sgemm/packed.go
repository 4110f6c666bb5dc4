package sgemm

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
)

// Packed is a matrix op(B) [k, n] laid out as [BLAS.SgemmPacked] reads it: panel beside
// panel, piece of k after piece of k. The zero value is ready for Pack; its memory is
// used again.
type Packed struct {
	product // B, for products that read it in place
	data    []float32
	depth   int // of a piece of k
	deep    int // rows that a panel has room for
	wide    int // columns of a piece, whole vectors
	buf     []float32
}

// Packs reports whether products of m rows pack B: others gain nothing by
// [BLAS.SgemmPacked], unless they are parts of one of so many rows.
func (b *BLAS) Packs(m int) bool { return b.kernels != nil && m > streamedRows }

// Pack lays op(B) [k, n] out in dst, for products with it while B does not change. It
// panics as Sgemm does.
func (b *BLAS) Pack(dst *Packed, tB blas.Transpose, n, k int, bm []float32, ldb int) {
	p := product{transB: tB != blas.NoTrans, n: n, k: k, b: bm, ldb: ldb}
	if !known(tB) || n < 0 || k < 0 || !holds(bm, ldb, k, n, p.transB) {
		panic(fmt.Sprintf("sgemm: pack a matrix %c of %d x %d, ldb=%d: does not fit in a slice of %d elements", tB, k, n, ldb, len(bm)))
	}
	dst.product, dst.data = p, nil
	if b.kernels == nil || n == 0 || k == 0 {
		return // products read it in place
	}
	s := b.kernels
	dst.depth = s.pieceOf(n, k)
	dst.deep = ceil(dst.depth, s.lanes) * s.lanes
	dst.wide = ceil(n, s.lanes) * s.lanes
	dst.data = floats(&dst.buf, ceil(k, dst.depth)*dst.deep*dst.wide)
	x := b.scratch.take()
	for from := 0; from < k; from += dst.depth {
		piece := dst.data[from/dst.depth*dst.deep*dst.wide:]
		x.packPanels(&p, from, min(dst.depth, k-from), n, dst.deep, piece)
	}
	x.forget()
	b.scratch.put(x)
}

// SgemmPacked computes C = alpha * op(A) * op(B) + beta * C as Sgemm does, for the B that
// was packed and is as it was. op(A) is [m, k], C [m, n]. A row has the same bits in
// products of any number of rows.
func (b *BLAS) SgemmPacked(tA blas.Transpose, m int, alpha float32, a []float32, lda int, w *Packed, beta float32, c []float32, ldc int) {
	p := w.product
	p.transA, p.m, p.alpha, p.beta = tA != blas.NoTrans, m, alpha, beta
	p.a, p.lda, p.c, p.ldc = a, lda, c, ldc
	if !known(tA) || !p.fits() {
		panic(fmt.Sprintf("sgemm: product of %d x %d, lda=%d with a packed matrix of %d x %d, ldc=%d: does not fit in slices of %d and %d elements",
			m, p.k, lda, p.k, p.n, ldc, len(a), len(c)))
	}
	if w.data != nil {
		p.packed = w
	}
	b.multiply(p)
}

// piece is where the packed columns from j on of the piece of k from that on lie.
func (w *Packed) piece(from, j int) []float32 {
	return w.data[from/w.depth*w.deep*w.wide+j*w.deep:]
}

// cutsAt reports whether the columns up to the one given have the panels that they have
// by themselves: not where the last of them would be shared with what is left, see
// [kernels.next].
func (w *Packed) cutsAt(col, lanes int) bool {
	left := w.n - col
	return left == 0 || left > lanes
}
