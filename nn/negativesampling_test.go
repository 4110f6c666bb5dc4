package nn_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// Of 10,000 words, only the target and its negatives get a gradient.
func ExampleNegativeSampling() {
	be := cpu.New()
	l := nn.NewNegativeSampling(nn.NewInit(be, 1), 10_000, 2)
	tape := autograd.NewTape(be)
	h := tape.Input([]float32{1, -1}, 1, 2)
	targets := tensor.NewInts([]int32{42}, 1)
	negatives := tensor.NewInts([]int32{7, 1234, 7}, 1, 3) // from a UnigramSampler
	loss := l.Forward(h, targets, negatives)
	fmt.Printf("%.2f\n", loss.Item()) // four coin tosses at the start: 4 ln 2

	tape.Backward(loss)
	fmt.Println(l.W.Grad.IDs)
	// Output:
	// 2.76
	// [7 1234 42]
}

// Rare words are drawn more often than they occur: the last is 1% of the text.
func ExampleUnigramSampler() {
	s := nn.NewUnigramSampler([]int{970, 20, 10}, 0.75)
	r := rand.New(tensor.NewRand(1984, 0))
	drawn := [3]int{}
	for range 10_000 {
		drawn[s.Draw(r)]++
	}
	fmt.Printf("%.0f%%\n", float64(drawn[2])/100)

	negatives := make([]int32, 6)
	s.Negatives(r, negatives, []int32{0, 2}) // three for each target, never the target itself
	fmt.Println(negatives)
	// Output:
	// 3%
	// [2 1 1 0 0 0]
}

func TestNegativeSampling(t *testing.T) {
	onBackends(t, func(t *testing.T, be backend.Backend) {
		const n, v, d, k = 3, 9, 4, 2
		r := tensor.NewRand(1, 0)
		l := &nn.NegativeSampling{W: autograd.NewParam(tensor.Randn(be, r, v, d))}
		data := tensor.Randn(be, r, n, d)
		hs, w := fold(data.Float64s(), n, d), fold(l.W.Data.Float64s(), v, d)
		negatives := []int32{5, 5, 1, 2, 2, 7}
		for _, targets := range []tensor.Ints{
			tensor.NewInts([]int32{1, 8, 1}, n),
			tensor.NewInts([]int32{1, 3, 8, 8, 1, 2}, n, 2),
		} {
			want, used := 0.0, map[int32]bool{}
			ask := func(i int, id int32, sign float64) {
				score := 0.0
				for j := range d {
					score += hs[i][j] * w[id][j]
				}
				want += math.Log1p(math.Exp(-sign*score)) / n
				used[id] = true
			}
			c := targets.Len() / n
			for i, id := range targets.Data() {
				ask(i/c, id, 1)
			}
			for i, id := range negatives {
				ask(i/k, id, -1)
			}
			tape := autograd.NewTape(be)
			loss := l.Forward(tape.Const(data), targets, tensor.NewInts(negatives, n, k))
			assert.InEpsilon(t, want, loss.Item(), 1e-5)
			tape.Backward(loss)
			require.Nil(t, l.W.Grad.Dense, "the gradient is row-sparse")
			assert.Len(t, l.W.Grad.IDs, len(used))
			for _, id := range l.W.Grad.IDs {
				assert.True(t, used[id], "id %d", id)
			}
			l.W.Grad.Zero()
		}
	})
}

func TestNegativeSamplingMistakes(t *testing.T) {
	be := cpu.New()
	l := nn.NewNegativeSampling(nn.NewInit(be, 1), 10, 2)
	h := autograd.NewTape(be).Zeros(2, 2)
	assert.Equal(t, "negativeSampling: [2 2] × [3] × [2 2]: targets or negatives do not match the batch; want [N, D] × [N] or [N, C] × [N, K]",
		panicText(t, func() { l.Forward(h, tensor.NewInts(make([]int32, 3), 3), tensor.NewInts(make([]int32, 4), 2, 2)) }))
	assert.Equal(t, "negativeSampling: [2 2] × [2] × [4]: targets or negatives do not match the batch; want [N, D] × [N] or [N, C] × [N, K]",
		panicText(t, func() { l.Forward(h, tensor.NewInts(make([]int32, 2), 2), tensor.NewInts(make([]int32, 4), 4)) }))
	assert.Equal(t, "gatherDot: [2]: id 10 at position 1 is out of range; want ids from 0 to 9",
		panicText(t, func() { l.Forward(h, tensor.NewInts([]int32{0, 10}, 2), tensor.NewInts(make([]int32, 4), 2, 2)) }))
}

func TestUnigramSamplerDistribution(t *testing.T) {
	const draws = 200_000
	for _, c := range []struct {
		name   string
		counts []int
		power  float64
	}{
		{"book", []int{1, 10, 100, 1000, 0, 37, 5}, 0.75},
		{"even", []int{3, 3, 3}, 0.75},
		{"power 0", []int{1, 1000, 0, 5}, 0},
		{"power 1", []int{1, 2, 3, 4}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, r := nn.NewUnigramSampler(c.counts, c.power), rand.New(tensor.NewRand(1984, 0))
			drawn := make([]float64, len(c.counts))
			for range draws {
				drawn[s.Draw(r)]++
			}
			total := 0.0
			for _, n := range c.counts {
				if n > 0 {
					total += math.Pow(float64(n), c.power)
				}
			}
			for i, n := range c.counts {
				if n == 0 {
					assert.Zero(t, drawn[i], "a word that never occurs")
					continue
				}
				p := math.Pow(float64(n), c.power) / total
				deviation := math.Sqrt(draws * p * (1 - p))
				assert.InDelta(t, draws*p, drawn[i], 4*deviation, "word %d", i)
			}
		})
	}
}

func TestNegativesLeaveTheTargetOut(t *testing.T) {
	s := nn.NewUnigramSampler([]int{1000, 1, 1}, 1)
	targets := []int32{0, 1, 2, 0}
	draw := func(seed uint64) []int32 {
		dst := make([]int32, 5*len(targets))
		s.Negatives(rand.New(tensor.NewRand(seed, 0)), dst, targets)
		return dst
	}
	first := draw(1)
	for i, id := range first {
		assert.NotEqual(t, targets[i/5], id, "position %d", i)
	}
	assert.Equal(t, first, draw(1), "a seed draws the same")
	assert.False(t, slices.Equal(first, draw(2)), "another seed draws others")
}

// Without repetition the second word is drawn by the frequencies of those that are left.
func TestDistinctNegatives(t *testing.T) {
	const draws = 40_000
	s, r := nn.NewUnigramSampler([]int{5, 3, 1, 1}, 1), rand.New(tensor.NewRand(1984, 0))
	targets, dst := make([]int32, draws), make([]int32, 2*draws) // of word 0
	s.Distinct(r, dst, targets)
	pairs := map[[2]int32]float64{}
	for i := range draws {
		pairs[[2]int32(dst[2*i:])]++
	}
	for pair, want := range map[[2]int32]float64{{1, 2}: 3. / 5 / 2, {1, 3}: 3. / 5 / 2, {2, 1}: 1. / 5 * 3 / 4, {2, 3}: 1. / 5 / 4, {3, 1}: 1. / 5 * 3 / 4, {3, 2}: 1. / 5 / 4} {
		assert.InDelta(t, draws*want, pairs[pair], 4*math.Sqrt(draws*want*(1-want)), "%v", pair)
		delete(pairs, pair)
	}
	assert.Empty(t, pairs, "neither the target nor a repetition")
	assert.Equal(t, "nn: 4 different negatives beside the target from 4 words that occur",
		panicText(t, func() { s.Distinct(r, make([]int32, 4), []int32{0}) }))
}

func TestUnigramSamplerMistakes(t *testing.T) {
	assert.Equal(t, "nn: a unigram sampler needs at least two words that occur, got 1",
		panicText(t, func() { nn.NewUnigramSampler([]int{0, 7, 0}, 0.75) }))
	s, r := nn.NewUnigramSampler([]int{1, 1}, 1), rand.New(tensor.NewRand(1, 0))
	assert.Equal(t, "nn: 3 negatives for 2 targets: want the same number for each",
		panicText(t, func() { s.Negatives(r, make([]int32, 3), []int32{0, 1}) }))
	assert.Equal(t, "nn: 3 negatives for 0 targets: want the same number for each",
		panicText(t, func() { s.Negatives(r, make([]int32, 3), nil) }))
}
