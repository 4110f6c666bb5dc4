package transformer

import (
	"cmp"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/models/lm"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// LM is a language model of the decoder's blocks alone, without an encoder to look at
// (Radford et al., "Improving language understanding by generative pre-training",
// 2018). It is an [lm.Model].
type LM struct {
	Tokens  *Tokens
	Blocks  []*Block
	Scores  *Scores
	Context int // how many words it looks back on
}

// defaultContext is Context where a Config names none.
const defaultContext = 128

// NewLM returns a model with fresh parameters. It panics with what [Config.Check]
// says.
func NewLM(in *nn.Init, c Config) *LM {
	c = c.must()
	return &LM{newTokens(in, c), c.blocks(in, false), newScores(in, c), cmp.Or(c.Context, defaultContext)}
}

// Forward takes word ids [N, T] and what was kept of the words before, nil if there
// are none and nothing is to be kept. It returns the scores of the word that follows
// each, [N, T, V]. It does not forget: that is the reader's part.
func (m *LM) Forward(tape *autograd.Tape, ids tensor.Ints, past *Cache) (scores autograd.Var) {
	before := past.Len()
	x := m.Tokens.Forward(tape, ids, before)
	future := causal(tape, before, ids.Shape()[1])
	for i, b := range m.Blocks {
		x = b.think(b.look(x, past.block(i, len(m.Blocks)), future))
	}
	return m.Scores.Forward(x, m.Tokens.Embed)
}

// Loss returns the mean cross entropy, in nats, of predicting targets [N, T] from ids
// [N, T], before which nothing is known: [].
func (m *LM) Loss(tape *autograd.Tape, ids, targets tensor.Ints) autograd.Var {
	return nn.CrossEntropy(m.Forward(tape, ids, nil), targets)
}

// Reader implements [lm.Model].
func (m *LM) Reader() lm.Reader { return &reader{model: m} }

// reader keeps up to Context words. When they are too many it forgets the older half
// and reads the other anew, since positions count from the first word that is known.
// So each word but the first ones is predicted from at least Context/2 others.
type reader struct {
	model *LM
	past  Cache
	words [][]int32 // those in past, of each text
}

func (r *reader) Read(tape *autograd.Tape, ids tensor.Ints) (scores autograd.Var) {
	n, steps := ids.Shape()[0], ids.Shape()[1]
	if r.words == nil {
		r.words = make([][]int32, n)
	}
	var parts []autograd.Var
	for from := 0; from < steps; {
		if r.past.Len() == r.model.Context {
			r.forget(tape)
		}
		to := min(steps, from+r.model.Context-r.past.Len())
		window := make([]int32, 0, n*(to-from))
		for i := range r.words {
			part := ids.Data()[i*steps+from : i*steps+to]
			r.words[i] = append(r.words[i], part...)
			window = append(window, part...)
		}
		parts = append(parts, r.model.Forward(tape, tape.Ints(window, n, to-from), &r.past))
		from = to
	}
	return autograd.Concat(1, parts...)
}

// forget begins anew with the latter half of the words.
func (r *reader) forget(tape *autograd.Tape) {
	r.past = Cache{}
	keep := r.model.Context / 2
	var window []int32
	for i, words := range r.words {
		r.words[i] = append(words[:0], words[len(words)-keep:]...)
		window = append(window, r.words[i]...)
	}
	if keep > 0 {
		r.model.Forward(tape, tape.Ints(window, len(r.words), keep), &r.past)
	}
}

func (r *reader) Vars() []*autograd.Var { return r.past.vars() }
