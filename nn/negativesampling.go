package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/tensor"
)

// NegativeSampling is a loss that replaces a softmax over the whole vocabulary by
// the question whether a word is the right one, asked for the target and for a few
// words drawn at random (Mikolov et al., 2013; Deep Learning from Scratch 2,
// chapter 4). The gradient of W touches only the rows asked for.
type NegativeSampling struct {
	W *autograd.Param // [V, D], a row for each word
}

// NewNegativeSampling returns the loss over v words for hidden width d, its
// vectors drawn with standard deviation 1/100 as the book does.
func NewNegativeSampling(in *Init, v, d int) *NegativeSampling {
	return &NegativeSampling{W: in.Normal(0.01, v, d)}
}

// Forward returns the sum, over the C targets and K negatives of each hidden
// vector, of the mean over the batch of -ln σ(±h·w), in nats: []. h is [N, D],
// targets [N], or [N, C] as skip-gram has them, and negatives [N, K]. It panics
// with a [*tensor.ShapeError] if they do not match.
func (l *NegativeSampling) Forward(h autograd.Var, targets, negatives tensor.Ints) autograd.Var {
	n := h.Dim(0)
	if t, s := targets.Shape(), negatives.Shape(); len(t) < 1 || len(t) > 2 || t[0] != n || len(s) != 2 || s[0] != n {
		panic(&tensor.ShapeError{Op: "negativeSampling", Shapes: [][]int{append([]int{}, h.Shape()...), append([]int{}, t...), append([]int{}, s...)},
			Problem: "targets or negatives do not match the batch", Want: "[N, D] × [N] or [N, C] × [N, K]"})
	}
	w := l.W.On(h.Tape())
	// ln(1 + e^-s) for the targets and ln(1 + e^s) for the negatives.
	right, wrong := w.GatherDot(h, targets).Neg(), w.GatherDot(h, negatives)
	return autograd.Concat(1, right, wrong).Softplus().Sum().Scale(1/float64(max(n, 1)), 0)
}

// UnigramSampler draws words by their frequency to a power, in constant time a
// word, by the alias method (Walker, 1977; Vose, 1991).
type UnigramSampler struct {
	accept []float64
	alias  []int32
	words  int // that occur
}

// NewUnigramSampler returns a sampler of the words 0 to len(counts)-1 with
// probability proportional to count^power; the book's power is 0.75. It panics if
// fewer than two words have a count above 0, since no negative could be drawn.
func NewUnigramSampler(counts []int, power float64) *UnigramSampler {
	n := len(counts)
	weights, sum, words := make([]float64, n), 0.0, 0
	for i, c := range counts {
		if c > 0 {
			weights[i] = math.Pow(float64(c), power)
			words++
		}
		sum += weights[i]
	}
	if words < 2 {
		panic(fmt.Sprintf("nn: a unigram sampler needs at least two words that occur, got %d", words))
	}
	s := &UnigramSampler{accept: make([]float64, n), alias: make([]int32, n), words: words}
	var small, large []int
	for i, w := range weights {
		s.accept[i] = w * float64(n) / sum
		if s.accept[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		lo, hi := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		s.alias[lo] = int32(hi)
		s.accept[hi] -= 1 - s.accept[lo]
		if s.accept[hi] < 1 {
			large = large[:len(large)-1]
			small = append(small, hi)
		}
	}
	for _, i := range append(small, large...) { // what rounding has left over
		s.accept[i] = 1
	}
	return s
}

// Draw returns one word.
func (s *UnigramSampler) Draw(r *rand.Rand) int32 {
	i := r.IntN(len(s.accept))
	if r.Float64() < s.accept[i] {
		return int32(i)
	}
	return s.alias[i]
}

// Negatives fills dst [N × K] with K words for each of targets [N], none of them
// the target itself. It panics if K targets do not fill dst evenly.
func (s *UnigramSampler) Negatives(r *rand.Rand, dst, targets []int32) {
	k := perTarget(dst, targets)
	for i := range dst {
		for {
			dst[i] = s.Draw(r)
			if dst[i] != targets[i/k] {
				break
			}
		}
	}
}

// Distinct is [UnigramSampler.Negatives] where the words of one target also differ from
// each other, as the book draws them: without repetition, by the frequencies of the
// words that are left. It panics as well if there are not more words than are drawn.
func (s *UnigramSampler) Distinct(r *rand.Rand, dst, targets []int32) {
	k := perTarget(dst, targets)
	if s.words < k+1 {
		panic(fmt.Sprintf("nn: %d different negatives beside the target from %d words that occur", k, s.words))
	}
	for i := range dst {
		of := dst[i/k*k : i]
		for {
			dst[i] = s.Draw(r)
			if dst[i] != targets[i/k] && !slices.Contains(of, dst[i]) {
				break
			}
		}
	}
}

// perTarget returns how many negatives each target has.
func perTarget(dst, targets []int32) int {
	if len(targets) == 0 || len(dst)%len(targets) != 0 {
		panic(fmt.Sprintf("nn: %d negatives for %d targets: want the same number for each", len(dst), len(targets)))
	}
	return len(dst) / len(targets)
}
