package rnnlm

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// BetterRNNLM is a language model with two LSTM layers, dropout before, between and
// behind them, and one matrix for the word vectors and the scores of all words:
//
//	scores = h Embed.Wᵀ + B
//
// As in Deep Learning from Scratch 2, section 6.5.4, after Zaremba, Sutskever and
// Vinyals (2014), and Press and Wolf (2017) for the tied weights.
type BetterRNNLM struct {
	Embed *nn.Embedding   // [V, H]
	LSTM  *nn.LSTM        // H to H, twice
	B     *autograd.Param // [V]
	Drop  nn.Dropout
}

// NewBetter returns a model of v words and width h with fresh parameters; dropout is
// the probability of a unit being left out. The book's are 10000, 650 and 0.5.
func NewBetter(in *nn.Init, v, h int, dropout float64) *BetterRNNLM {
	return &BetterRNNLM{
		Embed: nn.NewEmbedding(in, v, h),
		LSTM:  nn.Stacked{Layers: 2, Dropout: dropout}.NewLSTM(in, h, h),
		B:     in.Zeros(v),
		Drop:  nn.Dropout{P: dropout},
	}
}

// Forward takes word ids [N, T] and the state before them, zero for zeros. It
// returns the scores of the word that follows each id, [N, T, V], and the state
// after the last one.
func (m *BetterRNNLM) Forward(tape *autograd.Tape, ids tensor.Ints, s nn.LSTMState) (scores autograd.Var, last nn.LSTMState) {
	xs := m.Drop.Forward(m.Embed.Forward(tape, ids))
	hs, last := m.LSTM.Forward(xs, s)
	return m.Drop.Forward(hs).Affine(m.Embed.W.On(tape).T(), m.B), last
}

// Loss returns the mean cross entropy, in nats, of predicting targets [N, T] from
// ids [N, T] and the state before them: [], and the state after the last word.
func (m *BetterRNNLM) Loss(tape *autograd.Tape, ids, targets tensor.Ints, s nn.LSTMState) (loss autograd.Var, last nn.LSTMState) {
	scores, last := m.Forward(tape, ids, s)
	return nn.CrossEntropy(scores, targets), last
}
