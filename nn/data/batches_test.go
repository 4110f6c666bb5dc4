package data_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/nn/data"
)

func pcg(seed, epoch uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, epoch)) }

func collect(b *data.Batches, s data.Shuffler) [][]int {
	var all [][]int
	for i, idx := range b.Epoch(s) {
		if i != len(all) {
			panic(fmt.Sprintf("batch %d came as number %d", i, len(all)))
		}
		all = append(all, slices.Clone(idx))
	}
	return all
}

func TestBatchesEveryIndexOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 60).Draw(t, "n")
		size := rapid.IntRange(1, 20).Draw(t, "size")
		b := data.NewBatches(n, size)
		b.DropLast = rapid.Bool().Draw(t, "dropLast")
		b.Compound = rapid.Bool().Draw(t, "compound")
		for epoch := range uint64(3) {
			batches := collect(b, pcg(1, epoch))
			if len(batches) != b.Len() {
				t.Fatalf("%d batches, Len is %d", len(batches), b.Len())
			}
			count := make(map[int]int)
			for i, idx := range batches {
				if len(idx) != size && (b.DropLast || i < len(batches)-1 || len(idx) == 0) {
					t.Fatalf("batch %d has %d of %d", i, len(idx), size)
				}
				for _, at := range idx {
					count[at]++
					if at < 0 || at >= n || count[at] > 1 {
						t.Fatalf("index %d of %d appears %d times", at, n, count[at])
					}
				}
			}
			want := n
			if b.DropLast {
				want = n / size * size
			}
			if len(count) != want {
				t.Fatalf("%d of %d indices appear", len(count), want)
			}
		}
	})
}

func TestBatchesOrder(t *testing.T) {
	b := data.NewBatches(100, 7)
	first := collect(b, pcg(1984, 0))
	second := collect(b, pcg(1984, 1))
	assert.NotEqual(t, first, second)
	assert.Equal(t, first, collect(b, pcg(1984, 0)), "the order depends on seed and epoch alone")
	assert.Equal(t, second, collect(data.NewBatches(100, 7), pcg(1984, 1)))
	assert.Equal(t, [][]int{{0, 1}, {2, 3}, {4}}, collect(data.NewBatches(5, 2), nil))

	epoch := b.Epoch(pcg(1984, 1))
	for range 2 { // a sequence may be walked over again, and left early
		var got []int
		for i, idx := range epoch {
			got = append(got, idx...)
			if i == 1 {
				break
			}
		}
		assert.Equal(t, slices.Concat(second[0], second[1]), got)
	}
}

// A golden order: resuming a run of an older version must go on with its batches.
func TestBatchesGolden(t *testing.T) {
	assert.Equal(t, [][]int{{1, 2, 0, 3}, {4, 5, 7, 6}}, collect(data.NewBatches(8, 4), pcg(1984, 3)))
}

// The book's Trainer rearranges x by a new permutation in each epoch.
func TestBatchesCompound(t *testing.T) {
	r := data.NewRandomState(1984)
	x := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	b := data.NewBatches(len(x), len(x))
	b.Compound = true
	s := data.NewRandomState(1984)
	for range 3 {
		rearranged := make([]int, len(x))
		data.Gather(rearranged, x, 1, r.Perm(len(x)))
		x = rearranged
		assert.Equal(t, [][]int{x}, collect(b, s))
	}
}

func TestBatchesMakeNoGarbage(t *testing.T) {
	p, err := data.NewPairs(data.Additions(pcg(1, 2), 256), nil)
	require.NoError(t, err)
	x, in, out := make([]int32, p.TX), make([]int32, p.TT-1), make([]int32, p.TT-1)
	allocs := func(n int) float64 {
		b, rng := data.NewBatches(n, 1), pcg(1, 2)
		return testing.AllocsPerRun(5, func() {
			for _, idx := range b.Epoch(rng) {
				p.Batch(idx, x, in, out)
			}
		})
	}
	assert.Equal(t, allocs(2), allocs(256), "allocations of an epoch do not grow with its batches")
}

func TestSplit(t *testing.T) {
	train, test := data.Split(50_000, 5_000, data.NewRandomState(1984))
	assert.Equal(t, []int{21921, 48929, 19568, 37778, 32165}, train[:5])
	assert.Equal(t, []int{1779, 38655, 30319}, test[4_997:])
	assert.Len(t, train, 45_000)

	all := slices.Concat(train, test)
	slices.Sort(all)
	assert.Equal(t, 50_000, len(slices.Compact(all)))

	assert.PanicsWithValue(t, "data.Split: 4 of 3 examples held for the test; want 0 to 3",
		func() { data.Split(3, 4, pcg(1, 2)) })
}

func TestGather(t *testing.T) {
	src := []float32{0, 1, 10, 11, 20, 21}
	dst := make([]float32, 4)
	data.Gather(dst, src, 2, []int{2, 0})
	assert.Equal(t, []float32{20, 21, 0, 1}, dst)
	assert.PanicsWithValue(t, "data.Gather: dst has 4 elements; want [1 2], which are 2",
		func() { data.Gather(dst, src, 2, []int{2}) })
	assert.Panics(t, func() { data.Gather(dst, src[:4], 2, []int{0, 2}) }, "behind the end, within the capacity")
	assert.PanicsWithValue(t, "data.NewBatches: 3 examples in batches of 0; want batches of 1 or more",
		func() { data.NewBatches(3, 0) })
}

func ExampleBatches() {
	const seed, epoch = 1984, 0
	batches := data.NewBatches(10, 4)
	rng := rand.New(rand.NewPCG(seed, epoch))
	for i, idx := range batches.Epoch(rng) {
		fmt.Println(i, idx)
	}
	// Output:
	// 0 [4 1 3 9]
	// 1 [2 7 0 6]
	// 2 [5 8]
}

func ExampleGather() {
	x, labels := data.Spiral(data.NewRandomState(1984))
	idx := []int{50, 150, 299}
	xs, ts := make([]float32, 6), make([]int32, 3)
	data.Gather(xs, x, 2, idx)
	data.Gather(ts, labels, 1, idx)
	fmt.Printf("%.3f %d\n", xs, ts)
	// Output:
	// [0.289 -0.408 -0.139 0.480 -0.597 0.789] [0 1 2]
}
