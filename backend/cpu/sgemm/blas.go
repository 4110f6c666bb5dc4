package sgemm

import (
	"fmt"
	"runtime"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/wengert-ml/wengert/backend/cpu/isa"
	"github.com/wengert-ml/wengert/backend/cpu/workers"
)

// Config says who computes.
type Config struct {
	// Threads is the number of goroutines that share a large product, the caller
	// being one of them; 0 means GOMAXPROCS. Results do not depend on it.
	Threads int

	// Workers are used instead of Threads new ones, if not nil: two sets that wait
	// for work at the same time would take each other's cores.
	Workers *workers.Workers
}

// BLAS implements [blas.Float32] (and the rest of gonum's BLAS). Make one with
// [New]. It is safe for concurrent use: when several goroutines call it at once,
// one has the workers and the others compute alone.
type BLAS struct {
	gonum.Implementation
	isa     isa.ISA
	kernels *kernels // nil: plain Go
	workers *workers.Workers
	scratch *scratches
}

var _ blas.Float32 = (*BLAS)(nil)

// New returns an implementation for an instruction set, usually that of
// [isa.Detect]. It panics if this machine does not run it.
//
// Its workers stop some time after it is no longer used.
func New(set isa.ISA, c Config) *BLAS {
	if !slices.Contains(isa.Supported(), set) {
		panic(fmt.Sprintf("sgemm: this machine does not run %s", set))
	}
	w := c.Workers
	if w == nil {
		n := c.Threads
		if n == 0 {
			n = runtime.GOMAXPROCS(0)
		}
		w = workers.New(n)
	}
	b := &BLAS{isa: set, kernels: kernelsFor(set), workers: w}
	b.scratch = &scratches{kernels: b.kernels, free: make([]slot, w.Threads()+4)}
	return b
}

// String names the implementation, as in "avx512, 2 threads".
func (b *BLAS) String() string { return fmt.Sprintf("%s, %d threads", b.isa, b.workers.Threads()) }

// Sgemm computes
//
//	C = alpha * op(A) * op(B) + beta * C
//
// for row-major op(A) [m, k], op(B) [k, n] and C [m, n], where op is the matrix
// itself or its transpose and ld is the distance between rows. C overlaps
// neither A nor B. Where beta is 0, C is not read. It panics as gonum's does if
// sizes are negative, a distance is shorter than a row, or a slice too short.
func (b *BLAS) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, bm []float32, ldb int, beta float32, c []float32, ldc int) {
	p := product{
		transA: tA != blas.NoTrans, transB: tB != blas.NoTrans,
		m: m, n: n, k: k, alpha: alpha, beta: beta,
		a: a, lda: lda, b: bm, ldb: ldb, c: c, ldc: ldc,
	}
	if !known(tA) || !known(tB) || !p.fits() {
		b.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, bm, ldb, beta, c, ldc)
		return
	}
	b.multiply(p)
}

// SgemmRow computes
//
//	C = alpha * op(A) * op(B) + row
//
// as [BLAS.Sgemm] does, with the same row [n] added to each row: the bias of a layer. C
// is not read. It panics if sizes are negative, a distance is shorter than a row, or a
// slice too short.
func (b *BLAS) SgemmRow(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, bm []float32, ldb int, row, c []float32, ldc int) {
	p := product{
		transA: tA != blas.NoTrans, transB: tB != blas.NoTrans,
		m: m, n: n, k: k, alpha: alpha,
		a: a, lda: lda, b: bm, ldb: ldb, c: c, ldc: ldc,
	}
	if !known(tA) || !known(tB) || !p.fits() || len(row) < n {
		panic(fmt.Sprintf("sgemm: product %c%c m=%d n=%d k=%d lda=%d ldb=%d ldc=%d with a row: does not fit in slices of %d, %d, %d and %d elements",
			tA, tB, m, n, k, lda, ldb, ldc, len(a), len(bm), len(row), len(c)))
	}
	if n > 0 {
		p.row = row[:n]
	}
	b.multiply(p)
}

// Sgemv computes
//
//	y = alpha * A * x + beta * y   or   y = alpha * Aᵀ * x + beta * y
//
// for a row-major A [m, n]. Where beta is 0, y is not read. Vectors whose
// elements are not adjacent are left to gonum.
func (b *BLAS) Sgemv(tA blas.Transpose, m, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	// The product with a row x: x·Aᵀ or x·A.
	p := product{
		transB: tA == blas.NoTrans,
		m:      1, n: m, k: n, alpha: alpha, beta: beta,
		a: x, lda: max(1, n), b: a, ldb: lda, c: y, ldc: max(1, m),
	}
	if !p.transB {
		p.n, p.k = n, m
		p.lda, p.ldc = max(1, m), max(1, n)
	}
	if b.kernels == nil || !known(tA) || incX != 1 || incY != 1 || m == 0 || n == 0 || !p.fits() {
		b.Implementation.Sgemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY)
		return
	}
	b.multiply(p)
}

func known(t blas.Transpose) bool {
	return t == blas.NoTrans || t == blas.Trans || t == blas.ConjTrans
}

// multiply computes a product that fits.
func (b *BLAS) multiply(p product) {
	if p.m == 0 || p.n == 0 {
		return
	}
	if p.k == 0 || p.alpha == 0 {
		p.layRow()
		p.scaleC()
		return
	}
	x := b.scratch.take()
	x.plan.product = p
	threads := b.workers.Threads()
	if b.workers.Busy() {
		threads = 1 // to cut the product would have each piece pack its own operands
	}
	x.plan.choose(b.kernels, threads)
	b.run(x)
}

// run computes the plan in x and puts x back.
func (b *BLAS) run(x *scratch) {
	if n := x.plan.chunks(); n == 1 {
		x.run(&x.plan, 0)
	} else {
		b.workers.Run(n, x)
	}
	x.plan.product = product{}
	b.scratch.put(x)
}
