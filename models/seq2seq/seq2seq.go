package seq2seq

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/models/beam"
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
		LSTM:  c.decoderLSTM(in, c.Embed),
		Out:   nn.NewLinear(in, c.Hidden, c.Vocab),
	}
}

// Forward takes token ids [N, S] and the state before them. It returns the scores
// of the token that follows each id, [N, S, V], and the state after the last one.
func (d *Decoder) Forward(tape *autograd.Tape, ids tensor.Ints, s nn.LSTMState) (scores autograd.Var, last nn.LSTMState) {
	hs, last := d.LSTM.ForwardIDs(tape, d.Embed, ids, s)
	return d.Out.Forward(hs), last
}

// Loss implements [Model]: [].
func (m *Seq2seq) Loss(tape *autograd.Tape, questions, given, wanted tensor.Ints) autograd.Var {
	_, h := m.Encoder.Forward(tape, questions)
	scores, _ := m.Decoder.Forward(tape, given, nn.LSTMState{H: h})
	return nn.CrossEntropy(scores, wanted)
}

// Generate implements [Model]: ids [N, n]. There are no attention weights.
func (m *Seq2seq) Generate(tape *autograd.Tape, questions tensor.Ints, start int32, n int) (ids tensor.Ints, weights autograd.Var) {
	d := m.Start(tape, questions)
	return Greedy(tape, questions.Shape()[0], start, n, d.Next), autograd.Var{}
}

// Start implements [Starter]: the decoder begins with the encoder's last hidden states
// and cells of zeros, as the book has it.
func (m *Seq2seq) Start(tape *autograd.Tape, questions tensor.Ints) beam.Decoder {
	_, h := m.Encoder.Forward(tape, questions)
	return &writing{nn.LSTMState{H: h}, func(ids tensor.Ints, s nn.LSTMState) (autograd.Var, nn.LSTMState) {
		return m.Decoder.Forward(tape, ids, s)
	}}
}

// writing is a [beam.Decoder] of which only the state of LSTMs changes from step to
// step.
type writing struct {
	state nn.LSTMState
	step  func(ids tensor.Ints, s nn.LSTMState) (scores autograd.Var, last nn.LSTMState)
}

// Next implements [beam.Decoder]: [R, 1] to [R, 1, V].
func (w *writing) Next(ids tensor.Ints) (scores autograd.Var) {
	scores, w.state = w.step(ids, w.state)
	return scores
}

// Keep implements [beam.Decoder]: rows is [R'].
func (w *writing) Keep(rows tensor.Ints) {
	for _, v := range w.state.Vars() {
		if !v.IsZero() {
			*v = v.Take(1, rows)
		}
	}
}
