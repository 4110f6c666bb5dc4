package seq2seq

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// Encoder reads a sequence of tokens: an embedding and an LSTM. As in Deep
// Learning from Scratch 2, section 7.3.1; with attention, section 8.2.1.
type Encoder struct {
	Embed *nn.Embedding // [V, D]
	LSTM  *nn.LSTM      // D to H
}

// NewEncoder returns an encoder with fresh parameters.
func NewEncoder(in *nn.Init, c Config) *Encoder {
	return &Encoder{Embed: nn.NewEmbedding(in, c.Vocab, c.Embed), LSTM: nn.NewLSTM(in, c.Embed, c.Hidden)}
}

// Forward takes token ids [N, T] and returns the hidden states of all time steps,
// [N, T, H]; the last of them sums up the whole sequence.
func (e *Encoder) Forward(tape *autograd.Tape, ids tensor.Ints) autograd.Var {
	hs, _ := e.LSTM.Forward(e.Embed.Forward(tape, ids), nn.LSTMState{})
	return hs
}

// Last takes token ids [N, T] and returns the hidden state after the last of them,
// [N, H].
func (e *Encoder) Last(tape *autograd.Tape, ids tensor.Ints) autograd.Var {
	_, last := e.LSTM.Forward(e.Embed.Forward(tape, ids), nn.LSTMState{})
	return last.H.Select(0, 0)
}
