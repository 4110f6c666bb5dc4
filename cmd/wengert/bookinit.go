package main

import (
	"iter"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/train"
)

// bookInit is the flag of trainings that can draw what the book's code draws.
type bookInit struct {
	BookInit bool `help:"Draw initial weights, shuffles and negatives by NumPy's generator in the order of the book's code, so that its losses can be followed step by step. Such a run cannot be resumed."`

	state   *data.RandomState
	weights []float64 // of the words that are left
}

// begin seeds the generator, if the flag is set; it comes before all that draws.
func (b *bookInit) begin(c *training) error {
	if !b.BookInit {
		return nil
	}
	if c.Resume {
		return &usageError{"--resume: a run with --book-init has one generator for everything, which is where no checkpoint can put it"}
	}
	b.state = data.NewRandomState(uint32(c.Seed))
	return nil
}

// init returns the source of initial values.
func (b *bookInit) init(be backend.Backend, seed uint64) *nn.Init {
	if b.state == nil {
		return nn.NewInit(be, seed)
	}
	return nn.NewInitFrom(be, b.state.NormFloat64)
}

// shuffled yields the batches of an epoch: the book's leave out a last one that is
// smaller, and each epoch shuffles the order of the one before.
func (b *bookInit) shuffled(batches *data.Batches, seed uint64) func(epoch int) iter.Seq2[int, []int] {
	if b.state == nil {
		return train.Shuffled(batches, seed)
	}
	batches.DropLast, batches.Compound = true, true
	return func(int) iter.Seq2[int, []int] { return batches.Epoch(b.state) }
}

// negatives draws k words for each of right, [N × C], by the frequencies of words to a
// power, without repetition and without the word itself. The book goes through the
// positions of a window, and for each through the batch.
func (b *bookInit) negatives(p []float64, dst, right []int32, batch, k int) {
	c := len(right) / batch
	if len(b.weights) == 0 {
		b.weights = make([]float64, len(p))
	}
	weights := b.weights
	for at := range c {
		for i := range batch {
			copy(weights, p)
			word := right[i*c+at]
			weights[word] = 0
			normalise(weights)
			b.state.ChoiceDistinct(dst[(i*c+at)*k:(i*c+at+1)*k], weights)
		}
	}
}

// normalise divides by the sum, added up as NumPy adds.
func normalise(p []float64) {
	sum := pairwise(p)
	for i := range p {
		p[i] /= sum
	}
}

// pairwise is NumPy's sum of float64: eight sums side by side in pieces of at most 128,
// which are added in pairs. In another order the last bit could differ, and with it a
// word that is drawn.
func pairwise(p []float64) float64 {
	n := len(p)
	if n < 8 {
		sum := 0.0
		for _, v := range p {
			sum += v
		}
		return sum
	}
	if n <= 128 {
		var r [8]float64
		copy(r[:], p)
		i := 8
		for ; i < n-n%8; i += 8 {
			for j := range r {
				r[j] += p[i+j]
			}
		}
		sum := ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
		for ; i < n; i++ {
			sum += p[i]
		}
		return sum
	}
	half := n / 2
	half -= half % 8
	return pairwise(p[:half]) + pairwise(p[half:])
}
