package seq2seq

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/models/beam"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// GNMT is a deep sequence-to-sequence model after Wu et al., "Google's neural machine
// translation system" (2016), which Deep Learning from Scratch 2 shows in section
// 8.5.1: an encoder whose bottom layer reads in both directions, a decoder whose
// bottom layer alone asks for attention and whose layers all see what it found, and
// residual connections in both.
type GNMT struct {
	Encoder *GNMTEncoder
	Decoder *GNMTDecoder
}

// NewGNMT returns a model of c.Layers layers, at least two, with fresh parameters.
func NewGNMT(in *nn.Init, c Config) *GNMT {
	return &GNMT{Encoder: NewGNMTEncoder(in, c), Decoder: NewGNMTDecoder(in, c)}
}

// GNMTEncoder reads a sequence of tokens.
type GNMTEncoder struct {
	Embed  *nn.Embedding // [V, D]
	Bottom *nn.LSTM      // D to H in both directions
	Stack  *nn.LSTM      // 2H to H, layer upon layer, with residual connections
}

// NewGNMTEncoder returns an encoder with fresh parameters.
func NewGNMTEncoder(in *nn.Init, c Config) *GNMTEncoder {
	return &GNMTEncoder{
		Embed:  nn.NewEmbedding(in, c.Vocab, c.Embed),
		Bottom: nn.Stacked{Bidirectional: true}.NewLSTM(in, c.Embed, c.Hidden),
		Stack:  nn.Stacked{Layers: c.gnmtLayers() - 1, Residual: true, Dropout: c.Dropout}.NewLSTM(in, 2*c.Hidden, c.Hidden),
	}
}

// Forward takes token ids [N, T] and returns the hidden states of the last layer,
// [N, T, H].
func (e *GNMTEncoder) Forward(tape *autograd.Tape, ids tensor.Ints) autograd.Var {
	both, _ := e.Bottom.ForwardIDs(tape, e.Embed, ids, nn.LSTMState{})
	hs, _ := e.Stack.Forward(both, nn.LSTMState{})
	return hs
}

// GNMTDecoder writes a sequence.
type GNMTDecoder struct {
	Embed  *nn.Embedding // [V, D]
	Bottom *nn.LSTM      // H + D to H, the context above the token's vector
	Stack  []*nn.LSTM    // H + H to H each, the context above the hidden state below
	Out    *nn.Linear    // [H, V]
}

// NewGNMTDecoder returns a decoder with fresh parameters.
func NewGNMTDecoder(in *nn.Init, c Config) *GNMTDecoder {
	d := &GNMTDecoder{
		Embed:  nn.NewEmbedding(in, c.Vocab, c.Embed),
		Bottom: nn.NewLSTM(in, c.Hidden+c.Embed, c.Hidden),
	}
	for range c.gnmtLayers() - 1 {
		d.Stack = append(d.Stack, nn.NewLSTM(in, 2*c.Hidden, c.Hidden))
	}
	d.Out = nn.NewLinear(in, c.Hidden, c.Vocab)
	return d
}

// Forward takes token ids [N, S], the state of all layers before them, H and C each
// [layers, N, H], and the encoder's hidden states [N, T, H]. It returns the scores of
// the token that follows each id, [N, S, V], the attention weights [N, S, T] and the
// state after the last one. At every step the bottom layer's hidden state of the step
// before asks for the context that all layers read.
func (d *GNMTDecoder) Forward(ids tensor.Ints, s nn.LSTMState, encoded autograd.Var) (scores, weights autograd.Var, last nn.LSTMState) {
	tape := encoded.Tape()
	xs := d.Embed.Forward(tape, ids)
	n, layers := xs.Dim(1), 1+len(d.Stack)
	bottom, contexts, looked := tape.List(n), tape.List(n), tape.List(n)
	hs, cs := tape.List(layers), tape.List(layers)
	state := layer(s, 0)
	for t := range n {
		contexts[t], looked[t] = nn.DotAttention(state.H.Select(0, 0).Unsqueeze(1), encoded, encoded)
		bottom[t], state = d.Bottom.Forward(autograd.Concat(2, contexts[t], xs.Slice(1, t, t+1)), state)
	}
	hs[0], cs[0] = state.H, state.C
	x, context := autograd.Concat(1, bottom...), autograd.Concat(1, contexts...)
	for i, l := range d.Stack { // above the bottom nothing waits for the step before
		y, end := l.Forward(autograd.Concat(2, context, x), layer(s, i+1))
		x = x.Add(y)
		hs[i+1], cs[i+1] = end.H, end.C
	}
	last = nn.LSTMState{H: autograd.Concat(0, hs...), C: autograd.Concat(0, cs...)}
	return d.Out.Forward(x), autograd.Concat(1, looked...), last
}

// layer returns the state of one layer, [1, N, H] each.
func layer(s nn.LSTMState, i int) (one nn.LSTMState) {
	one.H = s.H.Slice(0, i, i+1)
	if !s.C.IsZero() {
		one.C = s.C.Slice(0, i, i+1)
	}
	return one
}

// first returns the hidden states that the decoder's layers start with: for each the
// encoder's last, [layers, N, H].
func (m *GNMT) first(encoded autograd.Var) autograd.Var {
	return encoded.Select(1, -1).Unsqueeze(0).Expand(1+len(m.Decoder.Stack), encoded.Dim(0), encoded.Dim(2))
}

// Loss implements [Model]: [].
func (m *GNMT) Loss(tape *autograd.Tape, questions, given, wanted tensor.Ints) autograd.Var {
	encoded := m.Encoder.Forward(tape, questions)
	scores, _, _ := m.Decoder.Forward(given, nn.LSTMState{H: m.first(encoded)}, encoded)
	return nn.CrossEntropy(scores, wanted)
}

// Generate implements [Model]: ids [N, n] and the attention weights [N, n, T].
func (m *GNMT) Generate(tape *autograd.Tape, questions tensor.Ints, start int32, n int) (ids tensor.Ints, weights autograd.Var) {
	a := m.start(tape, questions)
	ids = Greedy(tape, questions.Shape()[0], start, n, a.Next)
	return ids, autograd.Concat(1, a.weights...)
}

// Start implements [Starter].
func (m *GNMT) Start(tape *autograd.Tape, questions tensor.Ints) beam.Decoder {
	return m.start(tape, questions)
}

func (m *GNMT) start(tape *autograd.Tape, questions tensor.Ints) *attending {
	encoded := m.Encoder.Forward(tape, questions)
	return newAttending(encoded, m.first(encoded), m.Decoder.Forward)
}
