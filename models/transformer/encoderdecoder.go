package transformer

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/models/beam"
	"github.com/wengert-ml/wengert/models/seq2seq"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// EncoderDecoder is the Transformer of Vaswani et al. (2017): it turns a question into
// an answer, and is a [seq2seq.Starter].
type EncoderDecoder struct {
	Encoder *Encoder
	Decoder *Decoder
	Pad     []int32 // the tokens that questions are filled up with, if any
}

// NewEncoderDecoder returns a model with fresh parameters. It panics with what
// [Config.Check] says.
func NewEncoderDecoder(in *nn.Init, c Config) *EncoderDecoder {
	c = c.must()
	return &EncoderDecoder{
		Encoder: &Encoder{newTokens(in, c), c.blocks(in, false), nn.NewLayerNorm(in, c.Width)},
		Decoder: &Decoder{newTokens(in, c), c.blocks(in, true), newScores(in, c)},
		Pad:     c.Pad,
	}
}

// Encoder reads a sequence, all positions at once.
type Encoder struct {
	Tokens *Tokens
	Blocks []*Block
	Norm   *nn.LayerNorm
}

// Forward takes token ids [N, T] and a mask of them as in [nn.ScaledDotAttention], or
// zero for none; it returns a vector for each, [N, T, D].
func (e *Encoder) Forward(tape *autograd.Tape, ids tensor.Ints, mask autograd.Var) autograd.Var {
	x := e.Tokens.Forward(tape, ids, 0)
	for _, b := range e.Blocks {
		x = b.think(b.look(x, nil, mask))
	}
	return e.Norm.Forward(x)
}

// Decoder writes a sequence, looking at what it has written and at the encoder's
// vectors.
type Decoder struct {
	Tokens *Tokens
	Blocks []*Block
	Scores *Scores
}

// Forward takes token ids [N, S], the encoder's vectors [N, T, D] with their mask, or
// zero for none, and what was kept of the tokens before, nil if nothing is to be
// kept. It returns the scores of the token that follows each, [N, S, V], and how much
// each looked at the encoder's vectors, [N, S, T], in the mean over the heads of the
// last block.
func (d *Decoder) Forward(ids tensor.Ints, encoded, mask autograd.Var, past *Cache) (scores, weights autograd.Var) {
	tape := encoded.Tape()
	before := past.Len()
	x := d.Tokens.Forward(tape, ids, before)
	future := causal(tape, before, ids.Shape()[1])
	for i, b := range d.Blocks {
		x = b.look(x, past.block(i, len(d.Blocks)), future)
		x, weights = b.lookAcross(x, d.across(i, encoded, past), mask)
		x = b.think(x)
	}
	return d.Scores.Forward(x, d.Tokens.Embed), weights.Mean(1)
}

// across returns the keys and values of the encoder's vectors for block i, which are
// projected once.
func (d *Decoder) across(i int, encoded autograd.Var, past *Cache) nn.KeysValues {
	if past == nil {
		return d.Blocks[i].Cross.Project(encoded, encoded)
	}
	if i == len(past.cross) {
		past.cross = append(past.cross, d.Blocks[i].Cross.Project(encoded, encoded))
	}
	return past.cross[i]
}

// Encode takes questions [N, T] and returns their vectors [N, T, D] and the mask of
// those that count, [N, 1, 1, T], zero if all do.
func (m *EncoderDecoder) Encode(tape *autograd.Tape, questions tensor.Ints) (encoded, mask autograd.Var) {
	if len(m.Pad) > 0 {
		mask = counts(tape, questions, m.Pad, m.Encoder.Tokens.Embed.W.Data.Dim(0))
	}
	return m.Encoder.Forward(tape, questions, mask), mask
}

// Loss implements [seq2seq.Model]: [].
func (m *EncoderDecoder) Loss(tape *autograd.Tape, questions, given, wanted tensor.Ints) autograd.Var {
	encoded, mask := m.Encode(tape, questions)
	scores, _ := m.Decoder.Forward(given, encoded, mask, nil)
	return nn.CrossEntropy(scores, wanted)
}

// Generate implements [seq2seq.Model]: ids [N, n] and the attention weights [N, n, T].
func (m *EncoderDecoder) Generate(tape *autograd.Tape, questions tensor.Ints, start int32, n int) (ids tensor.Ints, weights autograd.Var) {
	w := m.start(tape, questions)
	ids = seq2seq.Greedy(tape, questions.Shape()[0], start, n, w.Next)
	return ids, autograd.Concat(1, w.weights...)
}

// Start implements [seq2seq.Starter].
func (m *EncoderDecoder) Start(tape *autograd.Tape, questions tensor.Ints) beam.Decoder {
	return m.start(tape, questions)
}

func (m *EncoderDecoder) start(tape *autograd.Tape, questions tensor.Ints) *writing {
	encoded, mask := m.Encode(tape, questions)
	return &writing{decoder: m.Decoder, encoded: encoded, mask: mask}
}

// writing is answers on the way, R of them.
type writing struct {
	decoder       *Decoder
	encoded, mask autograd.Var // [R, T, D], [R, 1, 1, T]
	past          Cache
	weights       []autograd.Var // of each step, [R, 1, T]
}

// Next implements [beam.Decoder]: ids [R, 1] give scores [R, 1, V].
func (w *writing) Next(ids tensor.Ints) (scores autograd.Var) {
	scores, weights := w.decoder.Forward(ids, w.encoded, w.mask, &w.past)
	w.weights = append(w.weights, weights)
	return scores
}

// Keep implements [beam.Decoder]: rows is [R'].
func (w *writing) Keep(rows tensor.Ints) {
	for _, v := range append(w.past.vars(), &w.encoded, &w.mask) {
		if !v.IsZero() {
			*v = v.Gather(rows)
		}
	}
	for i, v := range w.weights {
		w.weights[i] = v.Gather(rows)
	}
}
