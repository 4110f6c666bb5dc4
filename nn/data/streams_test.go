package data_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/nn/data"
)

func counting(n int) []int32 {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32(i)
	}
	return ids
}

// Against the definition: stream i, window w, step j reads word
// (i floor(D/B) + w T + j) mod D, where D words have a successor.
func TestStreams(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		batch := rapid.IntRange(1, 5).Draw(t, "batch")
		steps := rapid.IntRange(1, 6).Draw(t, "steps")
		n := batch*steps + 1 + rapid.IntRange(0, 40).Draw(t, "more")
		s, err := data.NewStreams(counting(n), batch, steps)
		require.NoError(t, err)
		d := n - 1
		require.Equal(t, d/(batch*steps), s.Len())

		x, target := make([]int32, batch*steps), make([]int32, batch*steps)
		start := rapid.IntRange(0, 1000).Draw(t, "start")
		if start > 0 {
			s.Seek(start)
		}
		for w := start; w < start+2*s.Len(); w++ {
			s.Next(x, target)
			for i := range batch {
				for j := range steps {
					at := (i*(d/batch) + w*steps + j) % d
					require.Equal(t, int32(at), x[i*steps+j])
					require.Equal(t, int32(at+1), target[i*steps+j])
				}
			}
		}
	})
}

func TestStreamsReadNoWordTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		batch := rapid.IntRange(1, 5).Draw(t, "batch")
		steps := rapid.IntRange(1, 6).Draw(t, "steps")
		s, err := data.NewStreams(counting(batch*steps+1+rapid.IntRange(0, 40).Draw(t, "more")), batch, steps)
		require.NoError(t, err)
		x, target := make([]int32, batch*steps), make([]int32, batch*steps)
		seen := make(map[int32]bool)
		for range s.Len() {
			s.Next(x, target)
			for _, id := range x {
				require.False(t, seen[id], "word %d", id)
				seen[id] = true
			}
		}
	})
}

func TestStreamsErrors(t *testing.T) {
	_, err := data.NewStreams(counting(700), 20, 35)
	assert.EqualError(t, err, "a text of 700 words is too short for 20 streams of 35 steps; want at least 701")
	_, err = data.NewStreams(nil, 1, 1)
	assert.EqualError(t, err, "a text of 0 words is too short for 1 streams of 1 steps; want at least 2")
	assert.PanicsWithValue(t, "data.NewStreams: 0 streams of 35 steps; want 1 or more of both",
		func() { data.NewStreams(counting(10), 0, 35) })

	s, err := data.NewStreams(counting(10), 2, 3)
	require.NoError(t, err)
	x := make([]int32, 6)
	assert.Zero(t, testing.AllocsPerRun(10, func() { s.Next(x, x) }))
	assert.PanicsWithValue(t, "Streams.Next: t has 5 elements; want [2 3], which are 6", func() { s.Next(x, x[:5]) })
	assert.PanicsWithValue(t, "Streams.Seek: window -1; want 0 or more", func() { s.Seek(-1) })
}

func ExampleStreams() {
	text := []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	s, err := data.NewStreams(text, 2, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	x, t := make([]int32, 2*3), make([]int32, 2*3)
	for range s.Len() {
		s.Next(x, t)
		fmt.Println(x[:3], t[:3], "|", x[3:], t[3:])
	}
	// Output:
	// [0 1 2] [1 2 3] | [6 7 8] [7 8 9]
	// [3 4 5] [4 5 6] | [9 10 11] [10 11 12]
}
