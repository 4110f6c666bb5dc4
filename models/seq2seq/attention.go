package seq2seq

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// Attention is a sequence-to-sequence model whose decoder attends to all hidden
// states of the encoder. As in Deep Learning from Scratch 2, section 8.2.4.
type Attention struct {
	Encoder *Encoder
	Decoder *AttentionDecoder
}

// NewAttention returns a model with fresh parameters.
func NewAttention(in *nn.Init, c Config) *Attention {
	return &Attention{Encoder: NewEncoder(in, c), Decoder: NewAttentionDecoder(in, c)}
}

// AttentionDecoder writes a sequence: an LSTM that starts from the encoder's last
// hidden state, attention over all of them, and an affine map of both to scores.
// As in Deep Learning from Scratch 2, section 8.2.3.
type AttentionDecoder struct {
	Embed *nn.Embedding // [V, D]
	LSTM  *nn.LSTM      // D to H
	Out   *nn.Linear    // [2H, V], the context above the hidden state
}

// NewAttentionDecoder returns a decoder with fresh parameters.
func NewAttentionDecoder(in *nn.Init, c Config) *AttentionDecoder {
	return &AttentionDecoder{
		Embed: nn.NewEmbedding(in, c.Vocab, c.Embed),
		LSTM:  nn.NewLSTM(in, c.Embed, c.Hidden),
		Out:   nn.NewLinear(in, 2*c.Hidden, c.Vocab),
	}
}

// Start returns the decoder's first state: the encoder's last hidden state of
// encoded [N, T, H], and a cell of zeros, as the book has it.
func (d *AttentionDecoder) Start(encoded autograd.Var) nn.LSTMState {
	return startFrom(encoded.Select(1, -1))
}

// Forward takes token ids [N, S], the state before them and the encoder's hidden
// states [N, T, H]. It returns the scores of the token that follows each id,
// [N, S, V], the attention weights [N, S, T] and the state after the last one.
func (d *AttentionDecoder) Forward(ids tensor.Ints, s nn.LSTMState, encoded autograd.Var) (scores, weights autograd.Var, last nn.LSTMState) {
	hs, last := d.LSTM.Forward(d.Embed.Forward(encoded.Tape(), ids), s)
	context, weights := nn.DotAttention(hs, encoded, encoded)
	return d.Out.Forward(autograd.Concat(2, context, hs)), weights, last
}

// Loss implements [Model]: [].
func (m *Attention) Loss(tape *autograd.Tape, questions, given, wanted tensor.Ints) autograd.Var {
	encoded := m.Encoder.Forward(tape, questions)
	scores, _, _ := m.Decoder.Forward(given, m.Decoder.Start(encoded), encoded)
	return nn.CrossEntropy(scores, wanted)
}

// Generate implements [Model]: ids [N, n] and the attention weights [N, n, T].
func (m *Attention) Generate(tape *autograd.Tape, questions tensor.Ints, start int32, n int) (ids tensor.Ints, weights autograd.Var) {
	encoded := m.Encoder.Forward(tape, questions)
	state := m.Decoder.Start(encoded)
	var attended []autograd.Var
	ids = Greedy(tape, encoded.Dim(0), start, n, func(ids tensor.Ints) autograd.Var {
		scores, weights, last := m.Decoder.Forward(ids, state, encoded)
		state, attended = last, append(attended, weights)
		return scores
	})
	return ids, autograd.Concat(1, attended...)
}
