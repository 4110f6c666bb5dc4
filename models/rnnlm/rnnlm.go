package rnnlm

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// Config is the shape of an [RNNLM].
type Config struct {
	Vocab  int  // number of words, V
	Embed  int  // width of the word vectors, D
	Hidden int  // width of the recurrent layer, H
	Cell   Cell // what the recurrent layer is made of; "" means LSTM
}

// Cell is a kind of recurrent layer.
type Cell string

// The kinds of recurrent layer: of chapter 5, of chapter 6, and of appendix C.
const (
	RNN  Cell = "rnn"
	LSTM Cell = "lstm"
	GRU  Cell = "gru"
)

func (c Cell) known() bool { return c == RNN || c == LSTM || c == GRU }

// RNNLM is a language model of one recurrent layer between an embedding and an
// affine map to the scores of all words. As in Deep Learning from Scratch 2,
// section 5.5 (SimpleRnnlm, with an RNN) and section 6.4 (Rnnlm, with an LSTM).
type RNNLM struct {
	Embed *nn.Embedding // [V, D]
	Layer Recurrent     // D to H
	Out   *nn.Linear    // [H, V]
}

// New returns a model with fresh parameters. It panics if the cell is none of the
// kinds.
func New(in *nn.Init, c Config) *RNNLM {
	return &RNNLM{
		Embed: nn.NewEmbedding(in, c.Vocab, c.Embed),
		Layer: c.Cell.Layer(in, c.Embed, c.Hidden),
		Out:   nn.NewLinear(in, c.Hidden, c.Vocab),
	}
}

// Forward takes word ids [N, T] and the state before them, zero for zeros. It
// returns the scores of the word that follows each id, [N, T, V], and the state
// after the last one.
func (m *RNNLM) Forward(tape *autograd.Tape, ids tensor.Ints, s nn.LSTMState) (scores autograd.Var, last nn.LSTMState) {
	hs, last := m.Layer.Forward(m.Embed.Forward(tape, ids), s)
	return m.Out.Forward(hs), last
}

// Loss returns the mean cross entropy, in nats, of predicting targets [N, T] from
// ids [N, T] and the state before them: [], and the state after the last word.
func (m *RNNLM) Loss(tape *autograd.Tape, ids, targets tensor.Ints, s nn.LSTMState) (loss autograd.Var, last nn.LSTMState) {
	scores, last := m.Forward(tape, ids, s)
	return nn.CrossEntropy(scores, targets), last
}

// Recurrent is a layer over time: [nn.LSTM], and [nn.RNN] and [nn.GRU] in an
// envelope, since they have no C.
type Recurrent interface {
	// Forward takes x [N, T, D] and a state and returns the hidden states [N, T, H]
	// and the state after the last time step.
	Forward(x autograd.Var, s nn.LSTMState) (y autograd.Var, last nn.LSTMState)
}

// Layer returns a layer of the kind, of input width d and hidden width h, with fresh
// parameters. It panics if the cell is none of the kinds.
func (c Cell) Layer(in *nn.Init, d, h int) Recurrent {
	switch c {
	case LSTM, "":
		return nn.NewLSTM(in, d, h)
	case RNN:
		return rnn{nn.NewRNN(in, d, h)}
	case GRU:
		return gru{nn.NewGRU(in, d, h)}
	}
	panic(fmt.Sprintf("rnnlm: a cell %q: want %q, %q or %q", string(c), RNN, LSTM, GRU))
}

type rnn struct{ *nn.RNN }

func (l rnn) Forward(x autograd.Var, s nn.LSTMState) (y autograd.Var, last nn.LSTMState) {
	y, h := l.RNN.Forward(x, s.H)
	return y, nn.LSTMState{H: h}
}

type gru struct{ *nn.GRU }

func (l gru) Forward(x autograd.Var, s nn.LSTMState) (y autograd.Var, last nn.LSTMState) {
	y, h := l.GRU.Forward(x, s.H)
	return y, nn.LSTMState{H: h}
}
