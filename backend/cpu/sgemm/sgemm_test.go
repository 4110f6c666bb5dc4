package sgemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/blas"

	"github.com/wengert-ml/wengert/backend/cpu/isa"
)

// eachISA runs a test on every instruction set of this machine.
func eachISA(t *testing.T, f func(t *testing.T, set isa.ISA)) {
	for _, set := range isa.Supported() {
		t.Run("isa="+set.String(), func(t *testing.T) { f(t, set) })
	}
}

// eachSet returns an implementation for each instruction set of this machine.
func eachSet(threads int) []*BLAS {
	var impls []*BLAS
	for _, set := range isa.Supported() {
		impls = append(impls, New(set, Config{Threads: threads}))
	}
	return impls
}

// call is one product and the memory around it.
type call struct {
	tA, tB      blas.Transpose
	m, n, k     int
	alpha, beta float32
	padA, padB  int // how much longer than a row the distance of rows is
	padC        int
	skip        int // elements before each matrix, which unalign it
}

func (c call) String() string {
	return fmt.Sprintf("%c%c m=%d n=%d k=%d alpha=%g beta=%g pad=%d,%d,%d skip=%d",
		c.tA, c.tB, c.m, c.n, c.k, c.alpha, c.beta, c.padA, c.padB, c.padC, c.skip)
}

// guard fills the memory around C, which nobody may write: band elements on
// each side.
const (
	guard = 12345
	band  = 80
)

// operands are the slices of a call.
type operands struct {
	a, b, c       []float32
	lda, ldb, ldc int
	whole         []float32 // c with what is before and after it
}

// matrix returns rows × columns random numbers and the distance of rows. What
// lies between and around them is NaN: to read it shows.
func matrix(r *rand.Rand, rows, columns, pad, skip int) ([]float32, int) {
	ld := max(1, columns+pad)
	s := make([]float32, skip+rows*ld)
	for i := range s {
		s[i] = float32(math.NaN())
	}
	s = s[skip:]
	for i := range rows {
		for j := range columns {
			s[i*ld+j] = r.Float32()*2 - 1
		}
	}
	return s[:max(0, (rows-1)*ld+columns)], ld
}

func (c call) operands(r *rand.Rand) operands {
	var o operands
	rows, cols := c.m, c.k
	if c.tA != blas.NoTrans {
		rows, cols = cols, rows
	}
	o.a, o.lda = matrix(r, rows, cols, c.padA, c.skip)
	rows, cols = c.k, c.n
	if c.tB != blas.NoTrans {
		rows, cols = cols, rows
	}
	o.b, o.ldb = matrix(r, rows, cols, c.padB, c.skip)
	o.ldc = max(1, c.n+c.padC)
	o.whole = make([]float32, band+c.skip+c.m*o.ldc+band)
	for i := range o.whole {
		o.whole[i] = guard
	}
	o.c = o.whole[band+c.skip:][:max(0, (c.m-1)*o.ldc+c.n)]
	for i := range c.m {
		for j := range c.n {
			o.c[i*o.ldc+j] = r.Float32()
			if c.beta == 0 {
				o.c[i*o.ldc+j] = float32(math.NaN())
			}
		}
	}
	return o
}

// reference returns the product in float64 and for each element the sum of the
// magnitudes of its terms, which bounds the rounding error.
//
// Of a large product it computes every 13th element, the others are NaN. 13 has
// no factor in common with the sizes of tiles, so each place in a tile has its turn.
func (c call) reference(o operands) (want, scale []float64) {
	want, scale = make([]float64, c.m*c.n), make([]float64, c.m*c.n)
	for i := range c.m {
		for j := range c.n {
			if at := i*c.n + j; at%13 != 0 && c.m*c.n*c.k > 1_000_000 {
				want[at] = math.NaN()
				continue
			}
			sum, mag := 0.0, 0.0
			for k := range c.k {
				a := i*o.lda + k
				if c.tA != blas.NoTrans {
					a = k*o.lda + i
				}
				b := k*o.ldb + j
				if c.tB != blas.NoTrans {
					b = j*o.ldb + k
				}
				term := float64(o.a[a]) * float64(o.b[b])
				sum += term
				mag += math.Abs(term)
			}
			sum *= float64(c.alpha)
			mag *= math.Abs(float64(c.alpha))
			if c.beta != 0 {
				old := float64(c.beta) * float64(o.c[i*o.ldc+j])
				sum += old
				mag += math.Abs(old)
			}
			want[i*c.n+j], scale[i*c.n+j] = sum, mag
		}
	}
	return want, scale
}

// run computes c with impl.
func (c call) run(impl blas.Float32, o operands) {
	impl.Sgemm(c.tA, c.tB, c.m, c.n, c.k, c.alpha, o.a, o.lda, o.b, o.ldb, c.beta, o.c, o.ldc)
}

// check computes c with each implementation and compares it with float64.
func (c call) check(t *testing.T, r *rand.Rand, impls ...*BLAS) {
	t.Helper()
	o := c.operands(r)
	want, scale := c.reference(o)
	before := slices.Clone(o.whole)
	for _, impl := range impls {
		copy(o.whole, before)
		c.run(impl, o)
		c.compare(t, impl, o, before, want, scale)
	}
}

func (c call) compare(t *testing.T, impl *BLAS, o operands, before []float32, want, scale []float64) {
	t.Helper()
	const eps = 1.0 / (1 << 24)
	start := len(o.whole) - band - c.m*o.ldc
	for p, got := range o.whole {
		i, j := (p-start)/o.ldc, (p-start)%o.ldc
		if p < start || i >= c.m || j >= c.n {
			if before[p] != got {
				t.Fatalf("%v: %v wrote at %d, outside of C", impl, c, p-start)
			}
			continue
		}
		w := want[i*c.n+j]
		if math.IsNaN(w) {
			continue
		}
		// A chain of k roundings; what is measured stays far below.
		bound := eps * float64(min(c.k, 64)+4) * scale[i*c.n+j]
		if diff := math.Abs(float64(got) - w); !(diff <= bound) {
			t.Fatalf("%v: %v: C[%d, %d] = %g, want %g within %g", impl, c, i, j, got, w, bound)
		}
	}
}

var transposes = []blas.Transpose{blas.NoTrans, blas.Trans}

// edges are sizes around the edges of tiles, panels and vectors.
var edges = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 16, 17, 18, 19, 23, 24, 25, 31, 32, 33, 40, 47, 48, 49, 57, 63, 64, 65, 70}

// TestSizes goes through sizes 1 to 70 in each direction, with the other two at
// the edges of tiles in turn.
func TestSizes(t *testing.T) {
	impls := eachSet(1)
	r := rand.New(rand.NewPCG(1, 2))
	pick := func() int { return edges[r.IntN(len(edges))] }
	pad := func() int { return r.IntN(3) * r.IntN(9) }
	for _, tA := range transposes {
		for _, tB := range transposes {
			for size := 0; size <= 70; size++ {
				for _, c := range []call{
					{m: size, n: pick(), k: pick()},
					{m: pick(), n: size, k: pick()},
					{m: pick(), n: pick(), k: size},
					{m: size, n: size, k: size},
				} {
					c.tA, c.tB = tA, tB
					c.alpha = []float32{1, 1, -0.5, 0}[r.IntN(4)]
					c.beta = []float32{0, 0, 1, 0.25}[r.IntN(4)]
					c.padA, c.padB, c.padC, c.skip = pad(), pad(), pad(), r.IntN(17)
					c.check(t, r, impls...)
				}
			}
		}
	}
}

// TestLarge has products that need several blocks, pieces of k and groups of
// tiles, and every way through the operands, on three threads.
func TestLarge(t *testing.T) {
	impls := eachSet(3)
	r := rand.New(rand.NewPCG(3, 4))
	for _, c := range []call{
		{m: 1, n: 600, k: 500, alpha: 1},
		{m: 4, n: 515, k: 301, alpha: 1, beta: 1},
		{m: 700, n: 1, k: 333, alpha: 1},
		{m: 20, n: 1300, k: 330, alpha: 1},
		{m: 30, n: 133, k: 1025, alpha: 0.5, beta: 2},
		{m: 128, n: 512, k: 70, alpha: 1},
		{m: 73, n: 1000, k: 620, alpha: -1, beta: 1},
		{m: 600, n: 59, k: 64, alpha: 1, beta: 0.5},
		{m: 70, n: 300, k: 16, alpha: 1, padA: 1024 - 16},
		{m: 2, n: 3, k: 40000, alpha: 1},
		{m: 100, n: 300, k: 200, alpha: 1},                   // B in place
		{m: 330, n: 210, k: 300, alpha: 1, beta: 1},          // for two groups of rows
		{m: 110, n: 1100, k: 260, alpha: 0.5},                // in pieces that the cache has room for
		{m: 60, n: 2500, k: 130, alpha: 1, beta: 1, padB: 3}, // from beyond it
		{m: 2100, n: 150, k: 30, alpha: 1, beta: 1},          // a transposed A packed in two groups of rows
	} {
		for _, c.tA = range transposes {
			for _, c.tB = range transposes {
				c.check(t, r, impls...)
			}
		}
	}
}

// TestThreads compares the bits of products on 1, 2 and 5 threads.
func TestThreads(t *testing.T) {
	eachISA(t, func(t *testing.T, set isa.ISA) {
		var impls []*BLAS
		for _, n := range []int{1, 2, 5} {
			impls = append(impls, New(set, Config{Threads: n}))
		}
		for _, c := range []call{
			{m: 128, n: 512, k: 70, alpha: 1},
			{m: 150, n: 331, k: 350, alpha: 1, beta: 1},
			{m: 20, n: 700, k: 451, alpha: 1},
			{m: 1, n: 1500, k: 500, alpha: 1},
			{m: 900, n: 59, k: 40, alpha: 1},
			{m: 57, n: 57, k: 1000, alpha: 2},
			{m: 340, n: 150, k: 300, alpha: 1},
			{m: 110, n: 1100, k: 260, alpha: 1, beta: 1},
			{m: 650, n: 700, k: 20, alpha: 1, beta: 1},
			{m: 520, n: 530, k: 90, alpha: 1},
			{m: 2100, n: 150, k: 30, alpha: 1, beta: 1},
		} {
			for _, c.tA = range transposes {
				for _, c.tB = range transposes {
					o := c.operands(rand.New(rand.NewPCG(5, 6)))
					before := slices.Clone(o.c)
					c.run(impls[0], o)
					first := slices.Clone(o.c)
					for _, impl := range impls[1:] {
						copy(o.c, before)
						c.run(impl, o)
						if i := differs(first, o.c); i >= 0 {
							t.Fatalf("%v on %v: element %d is %g, on one thread %g", c, impl, i, o.c[i], first[i])
						}
					}
				}
			}
		}
	})
}

// differs returns the first element whose bits differ, -1 if there is none.
func differs(x, y []float32) int {
	for i := range x {
		if math.Float32bits(x[i]) != math.Float32bits(y[i]) {
			return i
		}
	}
	return -1
}

func TestNoAllocations(t *testing.T) {
	eachISA(t, func(t *testing.T, set isa.ISA) {
		for _, threads := range []int{1, 2} {
			impl := New(set, Config{Threads: threads})
			for _, c := range []call{
				{tA: blas.NoTrans, tB: blas.NoTrans, m: 3, n: 5, k: 7, alpha: 1},
				{tA: blas.NoTrans, tB: blas.NoTrans, m: 20, n: 400, k: 100, alpha: 1},
				{tA: blas.NoTrans, tB: blas.Trans, m: 20, n: 400, k: 300, alpha: 1},
				{tA: blas.Trans, tB: blas.NoTrans, m: 130, n: 300, k: 100, alpha: 1},
			} {
				o := c.operands(rand.New(rand.NewPCG(7, 8)))
				// Each goroutine's memory grows once, and which of them takes part
				// is up to chance.
				for range 20 {
					c.run(impl, o)
				}
				allocs := testing.AllocsPerRun(50, func() { c.run(impl, o) })
				assert.Zero(t, allocs, "%v on %v", c, impl)
			}
			o := call{tA: blas.NoTrans, tB: blas.NoTrans, m: 64, n: 50, k: 40}.operands(rand.New(rand.NewPCG(7, 8)))
			batch := func() {
				impl.SgemmBatch(64, blas.NoTrans, blas.Trans, 1, 50, 40, 1, o.a, 40, 40, o.b, 40, 0, 0, o.c, 50, 50)
				impl.SgemmBatch(8, blas.NoTrans, blas.Trans, 8, 50, 40, 1, o.a, 320, 40, o.b, 40, 0, 0, o.c, 400, 50)
			}
			for range 20 {
				batch()
			}
			assert.Zero(t, testing.AllocsPerRun(50, batch), "batch on %v", impl)
		}
	})
}

func TestUnknownISA(t *testing.T) {
	if len(isa.Supported()) == 3 {
		t.Skip("this machine runs every instruction set")
	}
	assert.PanicsWithValue(t, "sgemm: this machine does not run avx512", func() { New(isa.AVX512, Config{}) })
}
