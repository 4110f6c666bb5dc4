package seq2seq

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// Encoder reads a sequence of tokens: an embedding and LSTM layers. As in Deep
// Learning from Scratch 2, section 7.3.1; with attention, section 8.2.1; reading in
// both directions, section 8.4.1.
type Encoder struct {
	Embed *nn.Embedding // [V, D]
	LSTM  *nn.LSTM      // D to H
}

// NewEncoder returns an encoder with fresh parameters.
func NewEncoder(in *nn.Init, c Config) *Encoder {
	return &Encoder{
		Embed: nn.NewEmbedding(in, c.Vocab, c.Embed),
		LSTM:  nn.Stacked{Layers: c.Layers, Bidirectional: c.Bidirectional, Residual: c.Residual, Dropout: c.Dropout}.NewLSTM(in, c.Embed, c.Hidden),
	}
}

// Forward takes token ids [N, T] and returns the hidden states of all time steps of
// the last layer, [N, T, H], and those of every layer at the end, [layers, N, H]. An
// encoder that reads in both directions gives the sum of both.
func (e *Encoder) Forward(tape *autograd.Tape, ids tensor.Ints) (hs, last autograd.Var) {
	hs, state := e.LSTM.ForwardIDs(tape, e.Embed, ids, nn.LSTMState{})
	last = state.H
	if !e.LSTM.Bidirectional {
		return hs, last
	}
	h, cells := last.Dim(2), last.Dim(0)
	hs = hs.Slice(2, 0, h).Add(hs.Slice(2, h, 2*h))
	return hs, last.SliceStep(0, 0, cells, 2).Add(last.SliceStep(0, 1, cells, 2))
}
