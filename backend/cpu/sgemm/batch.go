package sgemm

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
)

// SgemmBatch computes so many products of one shape, each as Sgemm would: the
// matrices of product i begin i times a stride after the first ones. A stride of
// 0 uses A or B for all. The matrices C may interleave but not overlap. It
// panics if sizes or strides are negative or a slice is too short.
//
// The products are shared out among the workers, one by one or in groups.
func (b *BLAS) SgemmBatch(batch int, tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda, strideA int, bm []float32, ldb, strideB int, beta float32, c []float32, ldc, strideC int) {
	p := product{
		transA: tA != blas.NoTrans, transB: tB != blas.NoTrans,
		m: m, n: n, k: k, alpha: alpha, beta: beta,
		a: a, lda: lda, b: bm, ldb: ldb, c: c, ldc: ldc,
	}
	g := batches{n: batch, a: strideA, b: strideB, c: strideC}
	if batch <= 0 || m == 0 || n == 0 {
		if batch < 0 {
			panic(fmt.Sprintf("sgemm: batch of %d products; want 0 or more", batch))
		}
		return
	}
	if !known(tA) || !known(tB) || !g.fit(&p) {
		panic(fmt.Sprintf("sgemm: batch of %d products %c%c m=%d n=%d k=%d lda=%d ldb=%d ldc=%d strides %d, %d, %d: does not fit in slices of %d, %d and %d elements",
			batch, tA, tB, m, n, k, lda, ldb, ldc, strideA, strideB, strideC, len(a), len(bm), len(c)))
	}
	g.merge(&p)
	work := p.m * p.n * p.k
	threads := b.workers.Threads()
	chunks := min(g.n, 2*threads, g.n*work/chunkWork)
	if k == 0 || alpha == 0 || g.n == 1 || work >= spareWork*threads {
		// Nothing to share, or each product is enough for all workers.
		for i := range g.n {
			b.multiply(g.item(&p, i))
		}
		return
	}
	x := b.scratch.take()
	x.plan = plan{product: p, way: batched, batch: g, rows: max(1, chunks), cols: 1}
	b.run(x)
}

// batches says where the products of a batch lie.
type batches struct {
	n       int
	a, b, c int // strides
}

// fit reports whether all products do.
func (g *batches) fit(p *product) bool {
	if g.a < 0 || g.b < 0 || g.c < 0 {
		return false
	}
	last := *p
	var ok bool
	if last.a, ok = after(p.a, (g.n-1)*g.a); !ok {
		return false
	}
	if last.b, ok = after(p.b, (g.n-1)*g.b); !ok {
		return false
	}
	if last.c, ok = after(p.c, (g.n-1)*g.c); !ok {
		return false
	}
	return last.fits()
}

func after(s []float32, i int) ([]float32, bool) {
	if i > len(s) {
		return nil, false
	}
	return s[i:], true
}

// merge makes one product of a batch that shares B and whose other matrices
// follow each other: they are the rows of larger ones.
func (g *batches) merge(p *product) {
	if g.b == 0 && !p.transA && g.a == p.m*p.lda && g.c == p.m*p.ldc {
		p.m, g.n = p.m*g.n, 1
	}
}

// item is product i.
func (g *batches) item(p *product, i int) product {
	q := *p
	q.a, q.b, q.c = p.a[i*g.a:], p.b[i*g.b:], p.c[i*g.c:]
	return q
}

// batched computes the products of one chunk.
func (x *scratch) batched(g *plan, chunk int) {
	first, last := chunk*g.batch.n/g.rows, (chunk+1)*g.batch.n/g.rows
	for i := first; i < last; i++ {
		x.item.product = g.batch.item(&g.product, i)
		x.item.choose(x.all.kernels, 1)
		for c := range x.item.chunks() {
			x.run(&x.item, c)
		}
	}
	x.item.product = product{}
}
