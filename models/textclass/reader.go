package textclass

import (
	"slices"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/tensor"
)

// Batch is N texts of up to T words on a tape.
type Batch struct {
	Words   tensor.Ints  // [N, T]
	Weights autograd.Var // [N, T]: one over the number of a text's words, 0 behind them
	Labels  tensor.Ints  // the classes, [N]
}

// Reader makes batches of labelled texts. It keeps its buffers, so that a batch makes no
// garbage.
type Reader struct {
	Texts *data.Labelled

	words, labels []int32
	weights       []float32
}

// Batch puts the texts idx on a tape: Words and Weights are [N, T], Labels [N], where T
// is the length of the longest text of all.
func (r *Reader) Batch(tape *autograd.Tape, idx []int) Batch {
	n, t := len(idx), r.Texts.Longest
	r.words, r.weights = slices.Grow(r.words[:0], n*t)[:n*t], slices.Grow(r.weights[:0], n*t)[:n*t]
	r.labels = slices.Grow(r.labels[:0], n)[:n]
	r.Texts.Batch(idx, r.words, r.weights, r.labels)
	return Batch{tape.Ints(r.words, n, t), tape.Input(r.weights, n, t), tape.Ints(r.labels, n)}
}
