package seq2seq

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/models/beam"
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

// AttentionTo says what of the decoder sees the context, the mean of the encoder's
// hidden states that attention makes (section 8.4.2).
type AttentionTo string

// The places where the context may go.
const (
	ToOutput AttentionTo = "output" // the affine map, as in section 8.2: what "" means
	ToLSTM   AttentionTo = "lstm"   // the LSTM, at the next time step
	ToBoth   AttentionTo = "both"
)

// AttentionDecoder writes a sequence: an LSTM that starts from the encoder's last
// hidden state, attention over all of them, and an affine map of both to scores.
// As in Deep Learning from Scratch 2, section 8.2.3.
type AttentionDecoder struct {
	Embed *nn.Embedding // [V, D]
	LSTM  *nn.LSTM      // D to H, or D + H with the context above the word vector
	Out   *nn.Linear    // [2H, V], the context above the hidden state, or [H, V]
	To    AttentionTo
}

// NewAttentionDecoder returns a decoder with fresh parameters.
func NewAttentionDecoder(in *nn.Init, c Config) *AttentionDecoder {
	read, write := c.Embed, 2*c.Hidden
	if c.AttentionTo == ToLSTM || c.AttentionTo == ToBoth {
		read += c.Hidden
	}
	if c.AttentionTo == ToLSTM {
		write = c.Hidden
	}
	return &AttentionDecoder{
		Embed: nn.NewEmbedding(in, c.Vocab, c.Embed),
		LSTM:  c.decoderLSTM(in, read),
		Out:   nn.NewLinear(in, write, c.Vocab),
		To:    c.AttentionTo,
	}
}

// Forward takes token ids [N, S], the state before them, which has an H, and the
// encoder's hidden states [N, T, H]. It returns the scores of the token that follows
// each id, [N, S, V], the attention weights [N, S, T] and the state after the last one.
func (d *AttentionDecoder) Forward(ids tensor.Ints, s nn.LSTMState, encoded autograd.Var) (scores, weights autograd.Var, last nn.LSTMState) {
	tape := encoded.Tape()
	var hs autograd.Var
	if d.To == ToLSTM || d.To == ToBoth {
		hs, last = d.feed(d.Embed.Forward(tape, ids), s, encoded)
	} else {
		hs, last = d.LSTM.ForwardIDs(tape, d.Embed, ids, s)
	}
	context, weights := nn.DotAttention(hs, encoded, encoded)
	if d.To == ToLSTM {
		return d.Out.Forward(hs), weights, last
	}
	return d.Out.Forward(autograd.Concat(2, context, hs)), weights, last
}

// feed runs the LSTM step by step, since each reads the context of the hidden state
// before: [N, S, H], and the state after the last step. xs is [N, S, D].
func (d *AttentionDecoder) feed(xs autograd.Var, s nn.LSTMState, encoded autograd.Var) (hs autograd.Var, last nn.LSTMState) {
	steps := xs.Tape().List(xs.Dim(1))
	for t := range steps {
		context, _ := nn.DotAttention(s.H.Select(0, -1).Unsqueeze(1), encoded, encoded)
		steps[t], s = d.LSTM.Forward(autograd.Concat(2, context, xs.Slice(1, t, t+1)), s)
	}
	return autograd.Concat(1, steps...), s
}

// Loss implements [Model]: [].
func (m *Attention) Loss(tape *autograd.Tape, questions, given, wanted tensor.Ints) autograd.Var {
	encoded, h := m.Encoder.Forward(tape, questions)
	scores, _, _ := m.Decoder.Forward(given, nn.LSTMState{H: h}, encoded)
	return nn.CrossEntropy(scores, wanted)
}

// Generate implements [Model]: ids [N, n] and the attention weights [N, n, T].
func (m *Attention) Generate(tape *autograd.Tape, questions tensor.Ints, start int32, n int) (ids tensor.Ints, weights autograd.Var) {
	a := m.start(tape, questions)
	ids = Greedy(tape, questions.Shape()[0], start, n, a.Next)
	return ids, autograd.Concat(1, a.weights...)
}

// Start implements [Starter].
func (m *Attention) Start(tape *autograd.Tape, questions tensor.Ints) beam.Decoder {
	return m.start(tape, questions)
}

func (m *Attention) start(tape *autograd.Tape, questions tensor.Ints) *attending {
	encoded, h := m.Encoder.Forward(tape, questions)
	return newAttending(encoded, h, m.Decoder.Forward)
}

// attending is writing with a view of all that the encoder gave, encoded [R, T, H]. It
// gathers the attention weights of all steps, each [R, 1, T].
type attending struct {
	writing
	encoded autograd.Var
	weights []autograd.Var
}

// newAttending starts from h [layers, R, H] with a decoder's Forward.
func newAttending(encoded, h autograd.Var, forward func(ids tensor.Ints, s nn.LSTMState, encoded autograd.Var) (scores, weights autograd.Var, last nn.LSTMState)) *attending {
	a := &attending{encoded: encoded}
	a.writing = writing{nn.LSTMState{H: h}, func(ids tensor.Ints, s nn.LSTMState) (autograd.Var, nn.LSTMState) {
		scores, weights, last := forward(ids, s, a.encoded)
		a.weights = append(a.weights, weights)
		return scores, last
	}}
	return a
}

// Keep implements [beam.Decoder]: rows is [R'].
func (a *attending) Keep(rows tensor.Ints) {
	a.writing.Keep(rows)
	a.encoded = a.encoded.Gather(rows)
	for i, w := range a.weights {
		a.weights[i] = w.Gather(rows)
	}
}
