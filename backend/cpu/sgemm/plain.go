package sgemm

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// A chunk in plain Go has this size: below four of gonum's own blocks of 64 × 64
// gonum starts no goroutines of its own, which would be memory for the
// collector. plainDepth is the length of a piece of k, gonum's own.
const (
	plainRows  = 64
	plainCols  = 192
	plainDepth = 64
)

// plain computes a chunk with gonum's kernels, which are portable.
func (p *product) plain(depth int) {
	p.scaleC()
	tA, tB := turn(p.transA), turn(p.transB)
	for k := 0; k < p.k; k += depth {
		steps := min(depth, p.k-k)
		gonum.Implementation{}.Sgemm(tA, tB, p.m, p.n, steps, p.alpha,
			p.a[p.offA(0, k):], p.lda, p.b[p.offB(k, 0):], p.ldb, 1, p.c, p.ldc)
	}
}

func turn(t bool) blas.Transpose {
	if t {
		return blas.Trans
	}
	return blas.NoTrans
}
