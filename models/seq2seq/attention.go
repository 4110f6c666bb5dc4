package seq2seq

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// Attention is a sequence-to-sequence model whose decoder attends to all hidden
// states of the encoder. As in Deep Learning from Scratch 2, section 8.2.
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
	return nn.LSTMState{H: encoded.Select(1, -1).Unsqueeze(0)}
}

// Forward takes token ids [N, S], the state before them and the encoder's hidden
// states [N, T, H]. It returns the scores of the token that follows each id,
// [N, S, V], the attention weights [N, S, T] and the state after the last one.
func (d *AttentionDecoder) Forward(ids tensor.Ints, s nn.LSTMState, encoded autograd.Var) (scores, weights autograd.Var, last nn.LSTMState) {
	hs, last := d.LSTM.Forward(d.Embed.Forward(encoded.Tape(), ids), s)
	context, weights := nn.DotAttention(hs, encoded, encoded)
	return d.Out.Forward(autograd.Concat(2, context, hs)), weights, last
}

// Loss returns the mean cross entropy, in nats, of predicting each token of the
// answer from those before it: []. questions is [N, T]; given [N, S] is the answer
// from its start mark to its last token but one, wanted [N, S] the token that
// follows each of them.
func (m *Attention) Loss(tape *autograd.Tape, questions, given, wanted tensor.Ints) autograd.Var {
	encoded := m.Encoder.Forward(tape, questions)
	scores, _, _ := m.Decoder.Forward(given, m.Decoder.Start(encoded), encoded)
	return nn.CrossEntropy(scores, wanted)
}

// Generate writes n tokens for each of questions [N, T], always the likeliest,
// beginning after the token start: ids [N, n], and the attention weights
// [N, n, T]. It is meant for a tape that does not train.
func (m *Attention) Generate(tape *autograd.Tape, questions tensor.Ints, start int32, n int) (ids tensor.Ints, weights autograd.Var) {
	if n < 1 {
		panic(fmt.Sprintf("seq2seq: generate %d tokens; want at least one", n))
	}
	encoded := m.Encoder.Forward(tape, questions)
	state := m.Decoder.Start(encoded)
	rows := encoded.Dim(0)
	next := make([]int32, rows)
	for i := range next {
		next[i] = start
	}
	out := make([]int32, rows*n)
	attended := tape.List(n)
	for t := range n {
		scores, weights, last := m.Decoder.Forward(tape.Ints(next, rows, 1), state, encoded)
		state, attended[t] = last, weights
		copy(next, scores.ArgMax(-1).Data())
		for i, id := range next {
			out[i*n+t] = id
		}
	}
	return tensor.NewInts(out, rows, n), autograd.Concat(1, attended...)
}
