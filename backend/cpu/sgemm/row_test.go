package sgemm

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas"
)

// A product that begins with a row has the bits of one that is added to that row, laid
// down before, for any way through the operands and any number of threads.
func TestRow(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	shapes := [][3]int{
		{1, 1, 1}, {1, 300, 40}, {7, 1, 33}, {90, 1, 12}, {20, 400, 100}, {20, 650, 700}, // streamed, dots
		{57, 64, 16}, {100, 1000, 50}, {130, 333, 700}, {300, 47, 9}, {61, 129, 321}, {200, 700, 0},
	}
	for range 40 {
		shapes = append(shapes, [3]int{1 + r.IntN(150), 1 + r.IntN(200), 1 + r.IntN(90)})
	}
	for _, threads := range []int{1, 3} {
		for _, impl := range eachSet(threads) {
			for _, s := range shapes {
				for _, tA := range transposes {
					for _, tB := range transposes {
						x := call{tA: tA, tB: tB, m: s[0], n: s[1], k: s[2], alpha: 1, beta: 1, padC: r.IntN(3), skip: r.IntN(4)}
						o := x.operands(r)
						row := make([]float32, x.n)
						for i := range row {
							row[i] = r.Float32()
						}
						for i := range x.m {
							copy(o.c[i*o.ldc:], row)
						}
						x.run(impl, o)
						want := slices.Clone(o.whole)
						for i := range x.m {
							for j := range x.n {
								o.c[i*o.ldc+j] = float32(math.NaN())
							}
						}
						impl.SgemmRow(x.tA, x.tB, x.m, x.n, x.k, 1, o.a, o.lda, o.b, o.ldb, row, o.c, o.ldc)
						require.Negative(t, differs(o.whole, want), "%v on %v", x, impl)
					}
				}
			}
		}
	}
}

// A row that is too short is a mistake that says so.
func TestRowTooShort(t *testing.T) {
	for _, impl := range eachSet(1) {
		assert.PanicsWithValue(t, "sgemm: product NN m=2 n=3 k=1 lda=1 ldb=3 ldc=3 with a row: does not fit in slices of 2, 3, 2 and 6 elements", func() {
			impl.SgemmRow(blas.NoTrans, blas.NoTrans, 2, 3, 1, 1, make([]float32, 2), 1, make([]float32, 3), 3, make([]float32, 2), make([]float32, 6), 3)
		})
	}
}
