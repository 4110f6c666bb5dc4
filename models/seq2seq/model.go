package seq2seq

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
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

// Config is the size of a model.
type Config struct {
	Arch   Arch `json:"-"` // which model New returns; "" means WithAttention
	Vocab  int  // number of tokens, V
	Embed  int  // width of the token vectors, D
	Hidden int  // width of the LSTMs, H
}

// Arch names a model in checkpoints.
type Arch string

// The models of chapter 7, sections 7.3 and 7.4.2, and of chapter 8.
const (
	Plain         Arch = "seq2seq/plain"
	WithPeeking   Arch = "seq2seq/peeky"
	WithAttention Arch = "seq2seq/attention"
)

func (a Arch) known() bool { return a == Plain || a == WithPeeking || a == WithAttention }

// build returns a model of an Arch that is known.
func (a Arch) build(in *nn.Init, c Config) Model {
	switch a {
	case Plain:
		return NewSeq2seq(in, c)
	case WithPeeking:
		return NewPeeky(in, c)
	}
	return NewAttention(in, c)
}

// New returns a model with fresh parameters. It panics if c.Arch is none of the
// models.
func New(in *nn.Init, c Config) Model {
	if c.Arch != "" && !c.Arch.known() {
		panic(fmt.Sprintf("seq2seq: a model %q: want %q, %q or %q", string(c.Arch), Plain, WithPeeking, WithAttention))
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
