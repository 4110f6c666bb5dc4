package sgemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas"

	"github.com/wengert-ml/wengert/backend/cpu/isa"
)

// A packed matrix gives the same bits as the matrix itself in a product that packs it, and
// so does a part of the rows, on any number of threads.
func TestPackedHasTheSameBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, set := range isa.Supported() {
		for _, threads := range []int{1, 2, 5} {
			impl := New(set, Config{Threads: threads})
			t.Run(fmt.Sprintf("%s/threads=%d", set, threads), func(t *testing.T) {
				var w Packed
				for _, s := range [][2]int{{1, 1}, {1024, 70}, {64, 330}, {1008, 40}, {1009, 17}, {112, 321}, {50, 5}} {
					n, k := s[0], s[1]
					for _, tB := range []blas.Transpose{blas.NoTrans, blas.Trans} {
						rows, cols := k, n
						if tB == blas.Trans {
							rows, cols = n, k
						}
						ldb := cols + 3
						b := numbers(rng, rows*ldb)
						impl.Pack(&w, tB, n, k, b, ldb)
						const all = 100
						require.Equal(t, impl.kernels != nil, impl.Packs(all))
						for _, tA := range []blas.Transpose{blas.NoTrans, blas.Trans} {
							lda := k
							if tA == blas.Trans {
								lda = all
							}
							a, c := numbers(rng, all*k), numbers(rng, all*n)
							want := slices.Clone(c)
							impl.Sgemm(tA, tB, all, n, k, 0.5, a, lda, b, ldb, 1, want, n)
							for _, m := range []int{1, 16, 57, all} {
								got := slices.Clone(c[:m*n])
								impl.SgemmPacked(tA, m, 0.5, a, lda, &w, 1, got, n)
								for i := range got {
									if math.Float32bits(want[i]) != math.Float32bits(got[i]) {
										require.Equal(t, want[i], got[i], "m=%d n=%d k=%d %c%c element %d", m, n, k, tA, tB, i)
									}
								}
							}
						}
					}
				}
			})
		}
	}
}

func numbers(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func TestPackedMistakes(t *testing.T) {
	impl := New(isa.Supported()[0], Config{Threads: 1})
	var w Packed
	assert.Panics(t, func() { impl.Pack(&w, blas.NoTrans, 4, 4, make([]float32, 15), 4) })
	impl.Pack(&w, blas.NoTrans, 4, 4, make([]float32, 16), 4)
	assert.Panics(t, func() { impl.SgemmPacked(blas.NoTrans, 2, 1, make([]float32, 7), 4, &w, 0, make([]float32, 8), 4) })
}
