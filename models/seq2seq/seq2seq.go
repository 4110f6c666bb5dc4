package seq2seq

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// Seq2seq is the plain sequence-to-sequence model: all that the decoder learns of
// the question is its first hidden state. As in Deep Learning from Scratch 2,
// section 7.3.3.
type Seq2seq struct {
	Encoder *Encoder
	Decoder *Decoder
}

// NewSeq2seq returns a model with fresh parameters.
func NewSeq2seq(in *nn.Init, c Config) *Seq2seq {
	return &Seq2seq{Encoder: NewEncoder(in, c), Decoder: NewDecoder(in, c)}
}

// Decoder writes a sequence: an embedding, an LSTM that starts from the encoder's
// last hidden state, and an affine map to scores. As in Deep Learning from Scratch
// 2, section 7.3.2.
type Decoder struct {
	Embed *nn.Embedding // [V, D]
	LSTM  *nn.LSTM      // D to H
	Out   *nn.Linear    // [H, V]
}

// NewDecoder returns a decoder with fresh parameters.
func NewDecoder(in *nn.Init, c Config) *Decoder {
	return &Decoder{
		Embed: nn.NewEmbedding(in, c.Vocab, c.Embed),
		LSTM:  nn.NewLSTM(in, c.Embed, c.Hidden),
		Out:   nn.NewLinear(in, c.Hidden, c.Vocab),
	}
}

// Forward takes token ids [N, S] and the state before them. It returns the scores
// of the token that follows each id, [N, S, V], and the state after the last one.
func (d *Decoder) Forward(tape *autograd.Tape, ids tensor.Ints, s nn.LSTMState) (scores autograd.Var, last nn.LSTMState) {
	hs, last := d.LSTM.Forward(d.Embed.Forward(tape, ids), s)
	return d.Out.Forward(hs), last
}

// startFrom returns a decoder's first state: the encoder's last hidden state h
// [N, H], and a cell of zeros, as the book has it.
func startFrom(h autograd.Var) nn.LSTMState { return nn.LSTMState{H: h.Unsqueeze(0)} }

// Loss implements [Model]: [].
func (m *Seq2seq) Loss(tape *autograd.Tape, questions, given, wanted tensor.Ints) autograd.Var {
	h := m.Encoder.Last(tape, questions)
	scores, _ := m.Decoder.Forward(tape, given, startFrom(h))
	return nn.CrossEntropy(scores, wanted)
}

// Generate implements [Model]: ids [N, n]. There are no attention weights.
func (m *Seq2seq) Generate(tape *autograd.Tape, questions tensor.Ints, start int32, n int) (ids tensor.Ints, weights autograd.Var) {
	h := m.Encoder.Last(tape, questions)
	state := startFrom(h)
	return Greedy(tape, h.Dim(0), start, n, func(ids tensor.Ints) (scores autograd.Var) {
		scores, state = m.Decoder.Forward(tape, ids, state)
		return scores
	}), autograd.Var{}
}
