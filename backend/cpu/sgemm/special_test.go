package sgemm

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/wengert-ml/wengert/backend/cpu/isa"
)

var (
	nan = float32(math.NaN())
	inf = float32(math.Inf(1))
)

// ways are calls that take each way through the operands.
var ways = map[string]call{
	"streamed":       {tA: blas.NoTrans, tB: blas.NoTrans, m: 11, n: 75, k: 37, alpha: 1},
	"streamed/trans": {tA: blas.Trans, tB: blas.Trans, m: 11, n: 75, k: 37, alpha: 1},
	"dots":           {tA: blas.NoTrans, tB: blas.Trans, m: 11, n: 75, k: 301, alpha: 1},
	"blocked":        {tA: blas.NoTrans, tB: blas.NoTrans, m: 75, n: 203, k: 37, alpha: 1},
	"blocked/trans":  {tA: blas.Trans, tB: blas.Trans, m: 75, n: 203, k: 37, alpha: 1},
	"column":         {tA: blas.NoTrans, tB: blas.NoTrans, m: 75, n: 1, k: 37, alpha: 1},
}

func TestSpecialValues(t *testing.T) {
	eachISA(t, func(t *testing.T, set isa.ISA) {
		impl := New(set, Config{Threads: 1})
		for name, c := range ways {
			t.Run(name, func(t *testing.T) {
				r := rand.New(rand.NewPCG(9, 10))
				for _, v := range []float32{nan, inf, -inf} {
					o := c.operands(r)
					// A whole column of op(A): every element of C has it in one term.
					p := product{transA: c.tA != blas.NoTrans, lda: o.lda}
					for i := range c.m {
						o.a[p.offA(i, c.k-1)] = v
					}
					c.run(impl, o)
					for i := range c.m {
						for j := range c.n {
							got := o.c[i*o.ldc+j]
							require.True(t, math.IsNaN(float64(got)) || math.IsInf(float64(got), 0), "%v: C[%d, %d] = %g", c, i, j, got)
							require.Equal(t, v != v, got != got, "%v: C[%d, %d] = %g", c, i, j, got)
						}
					}
				}
			})
		}
	})
}

// TestZeroTimesInfinity is NaN, but in gonum's kernels, which skip zeros.
func TestZeroTimesInfinity(t *testing.T) {
	for _, set := range isa.Supported()[1:] {
		impl := New(set, Config{Threads: 1})
		for name, c := range ways {
			o := c.operands(rand.New(rand.NewPCG(11, 12)))
			clear(o.a)
			o.b[0] = inf // op(B)[0, 0]
			c.run(impl, o)
			assert.True(t, o.c[0] != o.c[0], "%s on %v: C[0, 0] = %g", name, impl, o.c[0])
			if c.n > 1 {
				assert.Zero(t, o.c[c.n*c.m-1], "%s on %v", name, impl)
			}
		}
	}
}

// TestDenormals has operands and results below the smallest normal number: the
// assembly takes them for zeros, plain Go keeps them.
func TestDenormals(t *testing.T) {
	const smallest = 0x1p-126
	eachISA(t, func(t *testing.T, set isa.ISA) {
		impl := New(set, Config{Threads: 1})
		for name, c := range ways {
			for _, factor := range []float32{1e-39, 1e-38, 1e-37} {
				o := c.operands(rand.New(rand.NewPCG(13, 14)))
				for i := range o.a {
					o.a[i] *= factor
				}
				want, scale := c.reference(o)
				c.run(impl, o)
				bound := 2 * smallest * float64(c.k)
				if set == isa.Generic {
					bound = 0x1p-149 * float64(c.k)
				}
				for i := range want {
					require.InDelta(t, want[i], float64(o.c[i]), bound+1e-5*scale[i], "%s, element %d", name, i)
				}
				if factor == 1e-39 {
					require.Equal(t, set == isa.Generic, o.c[0] != 0, "%s: %g", name, o.c[0])
				}
			}
			// The mode is undone: Go's own arithmetic keeps denormals.
			x := float32(0x1p-140)
			require.NotZero(t, x*float32(c.alpha)/2)
		}
	})
}

// TestBetaZeroIgnoresC is part of every call: operands fills C with NaN. Here
// alpha is 0 or k is, and C must be zero all the same.
func TestBetaZeroIgnoresC(t *testing.T) {
	eachISA(t, func(t *testing.T, set isa.ISA) {
		impl := New(set, Config{Threads: 1})
		r := rand.New(rand.NewPCG(15, 16))
		for _, c := range []call{{m: 5, n: 6, k: 0, alpha: 1}, {m: 5, n: 6, k: 7, alpha: 0}} {
			c.tA, c.tB = blas.NoTrans, blas.NoTrans
			c.check(t, r, impl)
		}
	})
}

// TestPanics compares what is wrong in a call with what gonum says of it.
func TestPanics(t *testing.T) {
	s := make([]float32, 12)
	for name, f := range map[string]func(blas.Float32){
		"transpose":  func(b blas.Float32) { b.Sgemm('X', blas.NoTrans, 3, 3, 3, 1, s, 3, s, 3, 0, s, 3) },
		"m":          func(b blas.Float32) { b.Sgemm(blas.NoTrans, blas.NoTrans, -1, 3, 3, 1, s, 3, s, 3, 0, s, 3) },
		"lda":        func(b blas.Float32) { b.Sgemm(blas.NoTrans, blas.NoTrans, 3, 3, 3, 1, s, 2, s, 3, 0, s, 3) },
		"ldb":        func(b blas.Float32) { b.Sgemm(blas.NoTrans, blas.NoTrans, 3, 3, 3, 1, s, 3, s, 2, 0, s, 3) },
		"ldc":        func(b blas.Float32) { b.Sgemm(blas.NoTrans, blas.NoTrans, 3, 3, 3, 1, s, 3, s, 3, 0, s, 2) },
		"short a":    func(b blas.Float32) { b.Sgemm(blas.NoTrans, blas.NoTrans, 3, 3, 3, 1, s[:8], 3, s, 3, 0, s, 3) },
		"short b":    func(b blas.Float32) { b.Sgemm(blas.NoTrans, blas.Trans, 3, 3, 3, 1, s, 3, s[:8], 3, 0, s, 3) },
		"short c":    func(b blas.Float32) { b.Sgemm(blas.NoTrans, blas.NoTrans, 3, 3, 3, 1, s, 3, s, 3, 0, s[:8], 3) },
		"gemv lda":   func(b blas.Float32) { b.Sgemv(blas.NoTrans, 3, 3, 1, s, 2, s, 1, 0, s, 1) },
		"gemv short": func(b blas.Float32) { b.Sgemv(blas.Trans, 3, 4, 1, s, 4, s[:2], 1, 0, s, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			want := panicOf(func() { f(gonum.Implementation{}) })
			require.NotNil(t, want)
			for _, set := range isa.Supported() {
				assert.Equal(t, want, panicOf(func() { f(New(set, Config{Threads: 1})) }))
			}
		})
	}
}

func panicOf(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

func TestSgemv(t *testing.T) {
	eachISA(t, func(t *testing.T, set isa.ISA) {
		impl := New(set, Config{Threads: 2})
		r := rand.New(rand.NewPCG(17, 18))
		for _, c := range []struct{ m, n, lda, incX, incY int }{
			{1, 1, 1, 1, 1}, {3, 50, 50, 1, 1}, {50, 3, 7, 1, 1}, {70, 333, 340, 1, 1},
			{1000, 900, 900, 1, 1}, {9, 11, 11, 2, 3}, {9, 11, 11, -1, 1}, {0, 4, 4, 1, 1}, {4, 0, 1, 1, 1},
		} {
			for _, tA := range transposes {
				for _, beta := range []float32{0, 1, 0.5} {
					lenX, lenY := c.n, c.m
					if tA != blas.NoTrans {
						lenX, lenY = lenY, lenX
					}
					a, _ := matrix(r, c.m, c.lda, 0, 1)
					x, _ := matrix(r, 1, lenX*max(c.incX, -c.incX), 0, 3)
					y, _ := matrix(r, 1, lenY*c.incY, 0, 5)
					want := append([]float32(nil), y...)
					gonum.Implementation{}.Sgemv(tA, c.m, c.n, 2, a, c.lda, x, c.incX, beta, want, c.incY)
					impl.Sgemv(tA, c.m, c.n, 2, a, c.lda, x, c.incX, beta, y, c.incY)
					for i := range want {
						require.InDelta(t, want[i], y[i], 2e-4, "%+v %c beta=%g: y[%d]", c, tA, beta, i)
					}
				}
			}
		}
	})
}
