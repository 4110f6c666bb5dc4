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
		{1, 1, 1}, {1, 300, 40}, {7, 1, 33}, {90, 1, 12}, {3, 1, 311}, {130, 1, 700}, {20, 400, 100}, {20, 650, 700}, // streamed, dots
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
						x := call{tA: tA, tB: tB, m: s[0], n: s[1], k: s[2], alpha: 1, padC: r.IntN(3), skip: r.IntN(4)}
						x.checkRow(t, r, impl)
					}
				}
			}
		}
	}
}

// checkRow compares the bits of a product that begins with a row with those of one that
// is added to it.
func (c call) checkRow(t *testing.T, r *rand.Rand, impls ...*BLAS) {
	t.Helper()
	c.beta = 1
	o := c.operands(r)
	row := make([]float32, c.n)
	for i := range row {
		row[i] = r.Float32()
	}
	fill := func(value func(j int) float32) {
		for i := range c.m {
			for j := range c.n {
				o.c[i*o.ldc+j] = value(j)
			}
		}
	}
	for _, impl := range impls {
		fill(func(j int) float32 { return row[j] })
		c.run(impl, o)
		want := slices.Clone(o.whole)
		fill(func(int) float32 { return float32(math.NaN()) })
		impl.SgemmRow(c.tA, c.tB, c.m, c.n, c.k, c.alpha, o.a, o.lda, o.b, o.ldb, row, o.c, o.ldc)
		require.Negative(t, differs(o.whole, want), "%v with a row on %v", c, impl)
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
