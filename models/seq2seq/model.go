package seq2seq

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/models/beam"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// Model is what training and translation ask of the models of this package.
type Model interface {
	// Loss returns the mean cross entropy, in nats, of predicting each token of the
	// answer from those before it: []. questions is [N, T]; given [N, S] is the answer
	// from its start mark to its last token but one, wanted [N, S] the token that
	// follows each of them.
	Loss(tape *autograd.Tape, questions, given, wanted tensor.Ints) autograd.Var

	// Generate writes n tokens for each of questions [N, T], always the likeliest,
	// beginning after the token start: ids [N, n], and the attention weights
	// [N, n, T], zero where the model has none. It is meant for a tape that does not
	// train, and panics if n is below 1.
	Generate(tape *autograd.Tape, questions tensor.Ints, start int32, n int) (ids tensor.Ints, weights autograd.Var)
}

// Starter is a [Model] whose answers can be sought with several beams.
type Starter interface {
	Model

	// Start reads questions [N, T] and stands at the beginning of N answers. It is
	// meant for a tape that does not train.
	Start(tape *autograd.Tape, questions tensor.Ints) beam.Decoder
}

// Config is the size and the make of a model. The zero values of what follows Hidden
// are the book's models.
type Config struct {
	Arch   Arch `json:"-"` // which model New returns; "" means WithAttention
	Vocab  int  // number of tokens, V
	Embed  int  // width of the token vectors, D
	Hidden int  // width of the LSTMs, H

	Layers        int         `json:",omitempty"` // of LSTMs, in encoder and decoder alike; 0 means 1
	Bidirectional bool        `json:",omitempty"` // the encoder reads in both directions and adds what it finds
	Residual      bool        `json:",omitempty"` // skip connections around all LSTM layers but the first
	Dropout       float64     `json:",omitempty"` // the probability of dropout between layers
	AttentionTo   AttentionTo `json:",omitempty"` // what sees the context, of WithAttention
}

// decoderLSTM returns a decoder's layers over inputs of width d.
func (c Config) decoderLSTM(in *nn.Init, d int) *nn.LSTM {
	return nn.Stacked{Layers: c.Layers, Residual: c.Residual, Dropout: c.Dropout}.NewLSTM(in, d, c.Hidden)
}

// gnmtLayers is the layers of a GNMT, of which there are at least two.
func (c Config) gnmtLayers() int { return max(c.Layers, 2) }

// Arch names a model in checkpoints.
type Arch string

// The models of chapter 7, sections 7.3 and 7.4.2, and of chapter 8, sections 8.2 and
// 8.5.1.
const (
	Plain         Arch = "seq2seq/plain"
	WithPeeking   Arch = "seq2seq/peeky"
	WithAttention Arch = "seq2seq/attention"
	Deep          Arch = "seq2seq/gnmt"
)

// archs are all of them.
var archs = []Arch{Plain, WithPeeking, WithAttention, Deep}

func (a Arch) known() bool { return slices.Contains(archs, a) }

// build returns a model of an Arch that is known.
func (a Arch) build(in *nn.Init, c Config) Model {
	switch a {
	case Plain:
		return NewSeq2seq(in, c)
	case WithPeeking:
		return NewPeeky(in, c)
	case Deep:
		return NewGNMT(in, c)
	}
	return NewAttention(in, c)
}

// New returns a model with fresh parameters. It panics if c.Arch is none of the
// models.
func New(in *nn.Init, c Config) Model {
	c.Arch = cmp.Or(c.Arch, WithAttention)
	if !c.Arch.known() {
		panic(fmt.Sprintf("seq2seq: a model %q: want one of %q", string(c.Arch), archs))
	}
	return c.Arch.build(in, c)
}

// Greedy writes n tokens for each of rows questions, always the likeliest, beginning
// after the token start: [rows, n]. step takes the token before, [rows, 1], and returns
// the scores of the next, [rows, 1, V]. It panics if n is below 1.
func Greedy(tape *autograd.Tape, rows int, start int32, n int, step func(ids tensor.Ints) autograd.Var) tensor.Ints {
	if n < 1 {
		panic(fmt.Sprintf("seq2seq: generate %d tokens; want at least one", n))
	}
	next := make([]int32, rows)
	for i := range next {
		next[i] = start
	}
	out := make([]int32, rows*n)
	for t := range n {
		scores := step(tape.Ints(next, rows, 1))
		copy(next, scores.ArgMax(-1).Data())
		for i, id := range next {
			out[i*n+t] = id
		}
	}
	return tensor.NewInts(out, rows, n)
}
