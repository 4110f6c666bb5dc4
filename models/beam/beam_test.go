package beam_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/models/beam"
	"github.com/wengert-ml/wengert/tensor"
)

// chain is a decoder that knows the probability of each token after the one before,
// and checks that rows are kept rightly: what a row has written must be what it was
// given.
type chain struct {
	tape  *autograd.Tape
	next  [][]float64 // [V][V], rows sum to 1
	wrote [][]int32   // by row
}

func newChain(tape *autograd.Tape, questions int, next [][]float64) *chain {
	return &chain{tape: tape, next: next, wrote: make([][]int32, questions)}
}

func (c *chain) Next(ids tensor.Ints) autograd.Var {
	v := len(c.next)
	scores := make([]float32, 0, len(c.wrote)*v)
	for i, id := range ids.Data() {
		c.wrote[i] = append(c.wrote[i][:len(c.wrote[i]):len(c.wrote[i])], id)
		for _, p := range c.next[id] {
			scores = append(scores, float32(math.Log(p)))
		}
	}
	return c.tape.Input(scores, len(c.wrote), 1, v)
}

func (c *chain) Keep(rows tensor.Ints) {
	var wrote [][]int32
	for _, r := range rows.Data() {
		wrote = append(wrote, c.wrote[r])
	}
	c.wrote = wrote
}

// probability is what a chain gives a sequence.
func (c *chain) probability(start int32, ids []int32) float64 {
	p := 1.0
	for _, id := range ids {
		p *= c.next[start][id]
		start = id
	}
	return p
}

func inference() *autograd.Tape { return autograd.Config{Inference: true}.NewTape(reference.New()) }

// The likeliest first token leads to unlikely sequences: two beams find the better one.
func TestBeamsFindWhatGreedMisses(t *testing.T) {
	next := [][]float64{
		{0, 0.6, 0.4, 0},
		{0, 0.3, 0.3, 0.4},
		{0, 0.9, 0.1, 0},
		{0.25, 0.25, 0.25, 0.25},
	}
	for beams, want := range map[int][]int32{1: {1, 3}, 2: {2, 1}, 5: {2, 1}} {
		tape := inference()
		found := beam.Search{Beams: beams}.Run(tape, newChain(tape, 2, next), 2, 0, beam.NoEnd, 2)
		for q := range 2 {
			assert.Equal(t, want, found[q][0].IDs, "%d beams, question %d", beams, q)
		}
	}
}

func TestEndAndLengthPenalty(t *testing.T) {
	// Token 2 ends. At once: 0.5; after one more token: 0.3·0.9 = 0.27.
	next := [][]float64{{0.2, 0.3, 0.5}, {0.05, 0.05, 0.9}, {1, 0, 0}}
	for _, c := range []struct {
		penalty float64
		want    []int32
	}{{0, nil}, {1, nil}, {8, []int32{1}}} {
		tape := inference()
		found := beam.Search{Beams: 3, LengthPenalty: c.penalty}.Run(tape, newChain(tape, 1, next), 1, 0, 2, 2)[0]
		assert.Equal(t, c.want, found[0].IDs, "penalty %g", c.penalty)
		for i, s := range found {
			assert.InDelta(t, s.LogProb/math.Pow((5+float64(len(s.IDs)+1))/6, c.penalty), s.Score, 0.3, "sequence %d", i)
		}
	}
}

// With as many beams as there are sequences, the best of all is found; one beam is
// greedy; rows never mix.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		v, n := rapid.IntRange(2, 4).Draw(r, "V"), rapid.IntRange(1, 4).Draw(r, "n")
		next := make([][]float64, v)
		for i := range next {
			sum := 0.0
			for range v {
				p := rapid.Float64Range(0.01, 1).Draw(r, "p")
				next[i] = append(next[i], p)
				sum += p
			}
			for j := range next[i] {
				next[i][j] /= sum
			}
		}
		tape := inference()
		c := newChain(tape, 1, next)
		all := beam.Search{Beams: 256}.Run(tape, c, 1, 0, beam.NoEnd, n)[0]
		assert.Len(r, all, int(math.Pow(float64(v), float64(n))), "every sequence")
		for i, s := range all {
			assert.InDelta(r, c.probability(0, s.IDs), math.Exp(s.LogProb), 1e-5)
			assert.True(r, i == 0 || s.Score <= all[i-1].Score, "the best first")
		}
		for beams := 1; beams <= 3; beams++ {
			c := newChain(tape, 1, next)
			found := beam.Search{Beams: beams}.Run(tape, c, 1, 0, beam.NoEnd, n)[0]
			assert.LessOrEqual(r, found[0].Score, all[0].Score+1e-9)
			assert.InDelta(r, c.probability(0, found[0].IDs), math.Exp(found[0].LogProb), 1e-5)
		}
		greedy, at := beam.Search{}.Run(tape, newChain(tape, 1, next), 1, 0, beam.NoEnd, n)[0][0].IDs, 0
		for _, id := range greedy {
			for _, p := range next[at] {
				assert.LessOrEqual(r, p, next[at][id]*(1+1e-6))
			}
			at = int(id)
		}
	})
}

func TestMistakes(t *testing.T) {
	assert.PanicsWithValue(t, "beam: 0 tokens for 1 questions; want 1 or more of both", func() {
		beam.Search{}.Run(inference(), nil, 1, 0, beam.NoEnd, 0)
	})
}

func ExampleSearch() {
	tape := inference()
	next := [][]float64{{0, 0.6, 0.4, 0}, {0, 0.3, 0.3, 0.4}, {0, 0.9, 0.1, 0}, {0.25, 0.25, 0.25, 0.25}}
	for _, beams := range []int{1, 2} {
		best := beam.Search{Beams: beams}.Run(tape, newChain(tape, 1, next), 1, 0, beam.NoEnd, 2)[0][0]
		fmt.Printf("%d: %v with probability %.2f\n", beams, best.IDs, math.Exp(best.LogProb))
	}
	// Output:
	// 1: [1 3] with probability 0.24
	// 2: [2 1] with probability 0.36
}
