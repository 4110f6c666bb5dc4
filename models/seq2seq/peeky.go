package seq2seq

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/models/beam"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// Peeky is a sequence-to-sequence model whose decoder sees the encoder's last
// hidden state at every time step, below its LSTM and below its affine map. As in
// Deep Learning from Scratch 2, section 7.4.2, after Cho et al. (2014).
type Peeky struct {
	Encoder *Encoder
	Decoder *PeekyDecoder
}

// NewPeeky returns a model with fresh parameters.
func NewPeeky(in *nn.Init, c Config) *Peeky {
	return &Peeky{Encoder: NewEncoder(in, c), Decoder: NewPeekyDecoder(in, c)}
}

// PeekyDecoder writes a sequence as [Decoder] does, with the encoder's last hidden
// state in front of what LSTM and affine map read.
type PeekyDecoder struct {
	Embed *nn.Embedding // [V, D]
	LSTM  *nn.LSTM      // H + D to H
	Out   *nn.Linear    // [2H, V]
}

// NewPeekyDecoder returns a decoder with fresh parameters.
func NewPeekyDecoder(in *nn.Init, c Config) *PeekyDecoder {
	return &PeekyDecoder{
		Embed: nn.NewEmbedding(in, c.Vocab, c.Embed),
		LSTM:  c.decoderLSTM(in, c.Hidden+c.Embed),
		Out:   nn.NewLinear(in, 2*c.Hidden, c.Vocab),
	}
}

// Forward takes token ids [N, S], the state before them and the encoder's last
// hidden state h [N, H]. It returns the scores of the token that follows each id,
// [N, S, V], and the state after the last one.
func (d *PeekyDecoder) Forward(ids tensor.Ints, s nn.LSTMState, h autograd.Var) (scores autograd.Var, last nn.LSTMState) {
	tape := h.Tape()
	hs, last := d.LSTM.ForwardIDsWith(h, d.Embed, ids, s)
	// h stands in front of every hidden state; what it adds is computed once.
	w, width := d.Out.W.On(tape), h.Dim(1)
	peek := h.Affine(w.Slice(0, 0, width), d.Out.B)
	return hs.MatMul(w.Slice(0, width, 2*width)).Add(peek.Unsqueeze(1)), last
}

// Loss implements [Model]: [].
func (m *Peeky) Loss(tape *autograd.Tape, questions, given, wanted tensor.Ints) autograd.Var {
	_, h := m.Encoder.Forward(tape, questions)
	scores, _ := m.Decoder.Forward(given, nn.LSTMState{H: h}, h.Select(0, -1))
	return nn.CrossEntropy(scores, wanted)
}

// Generate implements [Model]: ids [N, n]. There are no attention weights.
func (m *Peeky) Generate(tape *autograd.Tape, questions tensor.Ints, start int32, n int) (ids tensor.Ints, weights autograd.Var) {
	d := m.Start(tape, questions)
	return Greedy(tape, questions.Shape()[0], start, n, d.Next), autograd.Var{}
}

// Start implements [Starter].
func (m *Peeky) Start(tape *autograd.Tape, questions tensor.Ints) beam.Decoder {
	_, h := m.Encoder.Forward(tape, questions)
	p := &peeking{h: h.Select(0, -1)}
	p.writing = writing{nn.LSTMState{H: h}, func(ids tensor.Ints, s nn.LSTMState) (autograd.Var, nn.LSTMState) {
		return m.Decoder.Forward(ids, s, p.h)
	}}
	return p
}

// peeking is writing with a view of the encoder's last hidden state h [R, H].
type peeking struct {
	writing
	h autograd.Var
}

// Keep implements [beam.Decoder]: rows is [R'].
func (p *peeking) Keep(rows tensor.Ints) {
	p.writing.Keep(rows)
	p.h = p.h.Gather(rows)
}
