package rig

import (
	"fmt"
	"strconv"
	"strings"
)

// Product is a matrix product op(A) [M, K] times op(B) [K, N].
//
// Its work is named "gemm/MxNxK/NN": N and T say how A and B are stored, a + behind
// them that the product is added to C, and "/denormal" that A is made of denormals.
type Product struct {
	M, N, K        int
	TransA, TransB bool
	Beta           float32
	Denormal       bool
}

// ParseProduct reads a work's name. It fails for any other.
func ParseProduct(work string) (p Product, err error) {
	parts := strings.Split(work, "/")
	bad := fmt.Errorf("work %q is no matrix product; want the form gemm/512x512x512/NN", work)
	if len(parts) < 3 || parts[0] != "gemm" {
		return p, bad
	}
	if n, err := fmt.Sscanf(parts[1], "%dx%dx%d", &p.M, &p.N, &p.K); n != 3 || err != nil {
		return p, bad
	}
	form, plus := strings.CutSuffix(parts[2], "+")
	if len(form) != 2 {
		return p, bad
	}
	p.TransA, p.TransB = form[0] == 'T', form[1] == 'T'
	if plus {
		p.Beta = 1
	}
	p.Denormal = len(parts) > 3
	return p, nil
}

// Operands returns A, B and C of a product.
func (p Product) Operands() (a, b, c []float32) {
	bound := 0.1
	if p.Denormal {
		bound = 1e-39
	}
	return aligned(Fill("A", p.M*p.K, bound)), aligned(Fill("B", p.K*p.N, 0.1)), aligned(make([]float32, p.M*p.N))
}

// Strides returns the lengths of the rows of A, B and C as they are stored.
func (p Product) Strides() (lda, ldb, ldc int) {
	lda, ldb = p.K, p.N
	if p.TransA {
		lda = p.M
	}
	if p.TransB {
		ldb = p.K
	}
	return lda, ldb, p.N
}

// Flop returns the additions and multiplications of one product.
func (p Product) Flop() float64 { return 2 * float64(p.M) * float64(p.N) * float64(p.K) }

// ParseSizes reads the sizes from a name like "softmax/700x10000" or "exp/10000".
func ParseSizes(work string) (sizes []int, err error) {
	_, text, _ := strings.Cut(work, "/")
	text, _, _ = strings.Cut(text, "/")
	for s := range strings.SplitSeq(text, "x") {
		n, err := strconv.Atoi(s)
		if err != nil {
			return nil, fmt.Errorf("work %q: read its sizes: %w", work, err)
		}
		sizes = append(sizes, n)
	}
	return sizes, nil
}

// Mean returns the mean of the magnitudes of x, which tells a wrong result from a
// right one.
func Mean(x []float32) float64 {
	s := 0.0
	for _, v := range x {
		s += max(float64(v), -float64(v))
	}
	return s / float64(len(x))
}

// The limit of a core: multiply-adds on registers, PeakFlop operations a repetition.
const (
	PeakAVX512 = "peak/avx512"
	PeakAVX2   = "peak/avx2"
	PeakFlop   = 384_000_000
)
