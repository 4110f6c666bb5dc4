package data_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/nn/data"
)

// The numbers in this file were printed by NumPy 2.4 with RandomState(1984).

func TestRandomStateFloat64(t *testing.T) {
	r := data.NewRandomState(1984)
	for _, want := range []float64{0.00875572949604042, 0.2987455681607146, 0.0564140738326363} {
		assert.Equal(t, want, r.Float64())
	}
}

func TestRandomStateNormFloat64(t *testing.T) {
	tests := []struct {
		name  string
		drawn int // uniform numbers drawn after seeding
		want  []float64
	}{
		{"seeded", 0, []float64{-0.026902226847232345, -0.6892736860726052, 0.896138438007482, -0.6643423298764116, 1.0213865815291805}},
		{"after-uniforms", 3, []float64{-1.8122733161118996, -0.14382330661457285, -0.6607251025027324, 0.9339158994912379, -0.8607892325401433}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := data.NewRandomState(1984)
			for range test.drawn {
				r.Float64()
			}
			for i, want := range test.want {
				assert.InDelta(t, want, r.NormFloat64(), 1e-15, "number %d", i)
			}
		})
	}
}

func TestRandomStateKeepsSecondNormal(t *testing.T) {
	r, fresh := data.NewRandomState(1984), data.NewRandomState(1984)
	for range 5 { // an odd number: the sixth is kept
		r.NormFloat64()
		fresh.NormFloat64()
	}
	assert.Equal(t, 0.22156677316440965, r.Float64(), "the first number after three pairs")
	assert.Equal(t, fresh.NormFloat64(), r.NormFloat64(), "the kept number outlives other draws")
}

func TestRandomStateIntegers(t *testing.T) {
	r := data.NewRandomState(1984)
	assert.Equal(t, []int{9, 7, 4, 1, 5, 2, 0, 6, 8, 3}, r.Perm(10))
	var got []int
	for range 8 {
		got = append(got, r.IntN(7))
	}
	assert.Equal(t, []int{1, 6, 6, 5, 6, 6, 4, 4}, got)
	assert.Equal(t, 0, r.IntN(1))
	assert.Equal(t, 267, r.IntN(1000), "IntN(1) draws nothing")

	perm := data.NewRandomState(1984).Perm(50_000)
	assert.Equal(t, []int{21921, 48929, 19568, 37778, 32165}, perm[:5])
	assert.Equal(t, []int{1779, 38655, 30319}, perm[49_997:])
}

func TestRandomStateChoice(t *testing.T) {
	p := []float64{0.1, 0, 0.4, 0.2, 0.3}
	r := data.NewRandomState(1984)
	got := make([]int32, 3)
	for _, want := range [][]int32{{0, 2, 0}, {2, 2, 4}, {2, 4, 2}} {
		r.Choice(got, p)
		assert.Equal(t, want, got)
	}

	r = data.NewRandomState(1984)
	got = make([]int32, 4)
	for _, want := range [][]int32{{0, 2, 3, 4}, {2, 4, 0, 3}, {3, 4, 2, 0}, {4, 2, 0, 3}} {
		r.ChoiceDistinct(got, p)
		assert.Equal(t, want, got)
	}
	assert.Equal(t, 0.995138795602945, r.Float64(), "as many numbers were drawn as NumPy draws")
	assert.Equal(t, []float64{0.1, 0, 0.4, 0.2, 0.3}, p, "the weights are the caller's")
	assert.Zero(t, testing.AllocsPerRun(100, func() { r.ChoiceDistinct(got, p) }))
}

func TestRandomStateChoiceDistinctIsDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 5), 1, 30).Draw(t, "p")
		positive := 0
		for _, v := range p {
			if v > 0 {
				positive++
			}
		}
		dst := make([]int32, rapid.IntRange(0, positive).Draw(t, "k"))
		if positive == 0 {
			return
		}
		data.NewRandomState(rapid.Uint32().Draw(t, "seed")).ChoiceDistinct(dst, p)
		seen := make(map[int32]bool)
		for _, i := range dst {
			if seen[i] || p[i] == 0 {
				t.Fatalf("ChoiceDistinct(%v) = %v", p, dst)
			}
			seen[i] = true
		}
	})
}

func TestRandomStatePanics(t *testing.T) {
	r := data.NewRandomState(1)
	assert.PanicsWithValue(t, "RandomState.IntN: n is 0; want 1 to 2^32", func() { r.IntN(0) })
	assert.PanicsWithValue(t, "RandomState.Choice: 2 of 3 weights are positive; want at least 3",
		func() { r.ChoiceDistinct(make([]int32, 3), []float64{1, 0, 2}) })
	assert.PanicsWithValue(t, "RandomState.Choice: p[1] is NaN; want a finite weight of 0 or more",
		func() { r.Choice(make([]int32, 1), []float64{1, math.NaN()}) })
}

func TestRandomStateBinary(t *testing.T) {
	for _, drawn := range []int{0, 1, 2, 700} {
		t.Run(fmt.Sprintf("drawn=%d", drawn), func(t *testing.T) {
			r := data.NewRandomState(3)
			for range drawn {
				r.NormFloat64()
			}
			b, err := r.MarshalBinary()
			require.NoError(t, err)
			var s data.RandomState
			require.NoError(t, s.UnmarshalBinary(b))
			for range 1000 {
				require.Equal(t, r.NormFloat64(), s.NormFloat64())
			}
		})
	}
	var s data.RandomState
	assert.EqualError(t, s.UnmarshalBinary(make([]byte, 8)), "random state: 8 bytes; want 2508")
	far := make([]byte, 2508)
	far[2498] = 9
	assert.EqualError(t, s.UnmarshalBinary(far), "random state: position 2304; want at most 624")
}

// The book's negative sampler draws words without repetition.
func ExampleRandomState_ChoiceDistinct() {
	p := []float64{0.5, 0.25, 0.125, 0.0625, 0.0625}
	negatives := make([]int32, 3)
	r := data.NewRandomState(1984)
	for range 3 {
		r.ChoiceDistinct(negatives, p)
		fmt.Println(negatives)
	}
	// Output:
	// [0 1 4]
	// [0 1 3]
	// [0 1 3]
}
