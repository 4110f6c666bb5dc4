package word2vec

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// SimpleSkipGram predicts the neighbours of a word from its vector, with one-hot
// vectors and a softmax over all words. The word vectors are In.W. As in Deep
// Learning from Scratch 2, section 3.5.2.
type SimpleSkipGram struct {
	In  *nn.Linear // [V, D], without a bias
	Out *nn.Linear // [D, V], without a bias
}

// NewSimpleSkipGram returns a model of v words and vectors of width d, its weights
// drawn with standard deviation 1/100 as in the book.
func NewSimpleSkipGram(in *nn.Init, v, d int) *SimpleSkipGram {
	return &SimpleSkipGram{In: newMatMul(in, v, d), Out: newMatMul(in, d, v)}
}

// Loss returns the sum, over the C neighbours, of the mean cross entropy, in nats,
// of predicting them, contexts [N, C], from targets [N]: []. All neighbours are
// predicted by the same scores.
func (m *SimpleSkipGram) Loss(tape *autograd.Tape, contexts, targets tensor.Ints) autograd.Var {
	x := tape.OneHot(targets, m.In.W.Data.Dim(0)) // [N, V]
	scores := m.Out.Forward(m.In.Forward(x))
	n, c, v := contexts.Shape()[0], contexts.Shape()[1], scores.Dim(1)
	return nn.CrossEntropy(scores.Unsqueeze(1).Expand(n, c, v), contexts).Scale(float64(c), 0)
}
