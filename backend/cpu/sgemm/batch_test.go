package sgemm

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas"

	"github.com/wengert-ml/wengert/backend/cpu/isa"
)

// TestSgemmBatch compares batches with the products one by one, bit for bit,
// but where rows are merged, which may sum in another order.
func TestSgemmBatch(t *testing.T) {
	type strides struct{ a, b, c int } // -1: one matrix after the other
	for _, c := range []struct {
		name    string
		batch   int
		m, n, k int
		tA, tB  blas.Transpose
		strides strides
		ldc     int
		merged  bool
	}{
		{name: "attention scores", batch: 128, m: 1, n: 29, k: 256, tB: blas.Trans, strides: strides{-1, -1, -1}},
		{name: "attention sum", batch: 128, m: 1, n: 256, k: 29, strides: strides{-1, -1, -1}},
		{name: "interleaved heads", batch: 4, m: 9, n: 8, k: 7, strides: strides{-1, -1, 8}, ldc: 32},
		{name: "large", batch: 2, m: 90, n: 200, k: 300, tA: blas.Trans, strides: strides{-1, -1, -1}},
		{name: "shared A", batch: 5, m: 10, n: 70, k: 40, strides: strides{0, -1, -1}},
		{name: "shared B", batch: 5, m: 10, n: 70, k: 40, strides: strides{-1, 0, -1}, merged: true},
		{name: "no k", batch: 3, m: 2, n: 3, k: 0, strides: strides{0, 0, -1}},
		{name: "none", batch: 0, m: 2, n: 3, k: 4, strides: strides{-1, -1, -1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachISA(t, func(t *testing.T, set isa.ISA) {
				impl := New(set, Config{Threads: 3})
				r := rand.New(rand.NewPCG(21, 22))
				if c.tA == 0 {
					c.tA = blas.NoTrans
				}
				if c.tB == 0 {
					c.tB = blas.NoTrans
				}
				lda, ldb, ldc := c.k, c.n, c.ldc
				if c.tA != blas.NoTrans {
					lda = c.m
				}
				if c.tB != blas.NoTrans {
					ldb = c.k
				}
				lda, ldb = max(1, lda), max(1, ldb)
				if ldc == 0 {
					ldc = c.n
				}
				s := c.strides
				for _, f := range []struct {
					stride *int
					size   int
				}{{&s.a, c.m * c.k}, {&s.b, c.k * c.n}, {&s.c, c.m * ldc}} {
					if *f.stride < 0 {
						*f.stride = f.size
					}
				}
				a, _ := matrix(r, 1, c.batch*c.m*c.k, 0, 0)
				b, _ := matrix(r, 1, c.batch*c.k*c.n, 0, 0)
				y, _ := matrix(r, 1, max(1, c.batch)*c.m*ldc, 0, 0)
				want := append([]float32(nil), y...)
				for i := range c.batch {
					impl.Sgemm(c.tA, c.tB, c.m, c.n, c.k, 2, a[i*s.a:], lda, b[i*s.b:], ldb, 0.5, want[i*s.c:], ldc)
				}
				run := func() {
					impl.SgemmBatch(c.batch, c.tA, c.tB, c.m, c.n, c.k, 2, a, lda, s.a, b, ldb, s.b, 0.5, y, ldc, s.c)
				}
				run()
				if c.merged {
					for i := range want {
						require.InDelta(t, want[i], y[i], 1e-4)
					}
					return
				}
				require.Equal(t, -1, differs(want, y))
			})
		})
	}
}

func TestSgemmBatchPanics(t *testing.T) {
	impl := New(isa.Generic, Config{Threads: 1})
	s := make([]float32, 12)
	one := func(batch, stride int) func() {
		return func() {
			impl.SgemmBatch(batch, blas.NoTrans, blas.NoTrans, 2, 2, 2, 1, s, 2, stride, s, 2, stride, 0, s, 2, stride)
		}
	}
	assert.NotPanics(t, one(3, 4))
	assert.PanicsWithValue(t, "sgemm: batch of 4 products NN m=2 n=2 k=2 lda=2 ldb=2 ldc=2 strides 4, 4, 4: does not fit in slices of 12, 12 and 12 elements", one(4, 4))
	assert.Panics(t, one(2, -1))
	assert.PanicsWithValue(t, "sgemm: batch of -1 products; want 0 or more", one(-1, 4))
}
