package word2vec

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// SimpleCBOW predicts a word from the mean of its neighbours' vectors, with one-hot
// vectors and a softmax over all words. The word vectors are In.W. As in Deep
// Learning from Scratch 2, section 3.4.
type SimpleCBOW struct {
	In  *nn.Linear // [V, D], without a bias
	Out *nn.Linear // [D, V], without a bias
}

// NewSimpleCBOW returns a model of v words and vectors of width d, its weights
// drawn with standard deviation 1/100 as in the book.
func NewSimpleCBOW(in *nn.Init, v, d int) *SimpleCBOW {
	return &SimpleCBOW{In: newMatMul(in, v, d), Out: newMatMul(in, d, v)}
}

// newMatMul returns the book's MatMul layer: a map without a bias.
func newMatMul(in *nn.Init, d, h int) *nn.Linear {
	return &nn.Linear{W: in.Normal(0.01, d, h)}
}

// Loss returns the mean cross entropy, in nats, of predicting targets [N] from
// contexts [N, C]: [].
func (m *SimpleCBOW) Loss(tape *autograd.Tape, contexts, targets tensor.Ints) autograd.Var {
	x := tape.OneHot(contexts, m.In.W.Data.Dim(0)) // [N, C, V]
	h := m.In.Forward(x).Mean(1)
	return nn.CrossEntropy(m.Out.Forward(h), targets)
}
