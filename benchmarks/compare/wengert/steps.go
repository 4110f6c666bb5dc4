package main

import (
	"fmt"
	"os"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/benchmarks/compare/rig"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/models/seq2seq"
	"github.com/wengert-ml/wengert/models/word2vec"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/tensor"
)

// trainer is a model in training: a step is what nn/train does, batch after batch
// in turn.
type trainer struct {
	tape      *autograd.Tape
	params    []*autograd.Param
	optimizer optim.Optimizer
	clipper   optim.Clipper
	clip      float64                  // the largest norm of the gradients; 0 means any
	loss      func(i int) autograd.Var // of batch i
	carry     []*autograd.Var          // what lives on in the next step
	steps     int
	last      float64 // the last loss
}

func (t *trainer) step() {
	y := t.loss(t.steps)
	t.last = y.Item()
	t.tape.Backward(y)
	if t.clip > 0 {
		t.clipper.ClipNorm(t.params, t.clip)
	}
	t.optimizer.Step()
	t.tape.Reset(t.carry...)
	t.steps++
}

// use gives a model the initial values that all sides share.
func (t *trainer) use(be backend.Backend, model any) {
	t.params = nn.Params(model)
	for _, p := range t.params {
		p.Data = tensor.FromSlice(be, rig.Weights(p.Name, p.Data.Shape()...), p.Data.Shape()...)
	}
}

func newStep(be backend.Backend, model string) (*rig.Bench, error) {
	t := &trainer{tape: autograd.NewTape(be)}
	in := nn.NewInit(be, 1)
	switch model {
	case "cbow", "skipgram":
		t.word2vec(be, in, model)
	case "rnnlm":
		t.language(be, rnnlm.New(in, rnnlm.Config{Vocab: 10000, Embed: 100, Hidden: 100, Cell: rnnlm.RNN}))
	case "lstm":
		t.language(be, rnnlm.New(in, rnnlm.Config{Vocab: 10000, Embed: 100, Hidden: 100, Cell: rnnlm.LSTM}))
	case "better":
		t.language(be, rnnlm.NewBetter(in, 10000, 650, 0.5))
	case "better-nodrop":
		t.language(be, rnnlm.NewBetter(in, 10000, 650, 0))
	case "seq2seq":
		t.answer(be, seq2seq.NewSeq2seq(in, seq2seq.Config{Vocab: 13, Embed: 16, Hidden: 128}), 13, 7, 4)
	case "peeky":
		t.answer(be, seq2seq.NewPeeky(in, seq2seq.Config{Vocab: 13, Embed: 16, Hidden: 128}), 13, 7, 4)
	case "attention":
		t.answer(be, seq2seq.NewAttention(in, seq2seq.Config{Vocab: 59, Embed: 16, Hidden: 256}), 59, 29, 10)
	default:
		return nil, fmt.Errorf("no model %q here", model)
	}
	return &rig.Bench{
		Run: func(n int) {
			for range n {
				t.step()
			}
		},
		Check: func() float64 { return t.last },
	}, nil
}

// word2vec trains on 32 batches of 100 words, each with 10 neighbours and, for
// every word asked for, 5 negatives.
func (t *trainer) word2vec(be backend.Backend, in *nn.Init, model string) {
	const batches, n, c, k, v, d = 32, 100, 10, 5, 10000, 100
	contexts, targets := rig.IDs("contexts", batches*n*c, v, 1), rig.IDs("targets", batches*n, v, 1)
	asked := 1
	var loss func(tape *autograd.Tape, contexts, targets, negatives tensor.Ints) autograd.Var
	if model == "cbow" {
		m := word2vec.NewCBOW(in, v, d)
		t.use(be, m)
		loss = m.Loss
	} else {
		m := word2vec.NewSkipGram(in, v, d)
		t.use(be, m)
		loss, asked = m.Loss, c
	}
	negatives := rig.IDs("negatives", batches*n*asked*k, v, 0.75)
	t.optimizer = &optim.Adam{Params: t.params, LR: 1e-3, Dense: os.Getenv("COMPARE_ADAM") == "dense"}
	t.loss = func(i int) autograd.Var {
		return loss(t.tape,
			t.tape.Ints(batch(contexts, i, n*c), n, c),
			t.tape.Ints(batch(targets, i, n), n),
			t.tape.Ints(batch(negatives, i, n*asked*k), n, asked*k))
	}
}

// batch returns the i-th piece of n ids, and the first again after the last.
func batch(ids []int32, i, n int) []int32 { return ids[i%(len(ids)/n)*n:][:n] }

// language trains on 8 windows of 20 × 35 words and carries the state from one to
// the next.
func (t *trainer) language(be backend.Backend, m interface {
	Loss(tape *autograd.Tape, ids, targets tensor.Ints, s nn.LSTMState) (autograd.Var, nn.LSTMState)
}) {
	const batches, n, steps, v = 8, 20, 35, 10000
	t.use(be, m)
	ids, targets := rig.IDs("ids", batches*n*steps, v, 1), rig.IDs("targets", batches*n*steps, v, 1)
	t.optimizer, t.clip = &optim.SGD{Params: t.params, LR: 20}, 0.25
	state := new(nn.LSTMState)
	t.carry = state.Vars()
	t.loss = func(i int) (loss autograd.Var) {
		loss, *state = m.Loss(t.tape,
			t.tape.Ints(batch(ids, i, n*steps), n, steps),
			t.tape.Ints(batch(targets, i, n*steps), n, steps), *state)
		return loss
	}
}

// answer trains on 8 batches of 128 questions and answers of a width; an answer has
// its start mark before it.
func (t *trainer) answer(be backend.Backend, m seq2seq.Model, v, question, answer int) {
	const batches, n = 8, 128
	t.use(be, m)
	questions, given := rig.IDs("questions", batches*n*question, v, 0), rig.IDs("given", batches*n*answer, v, 0)
	wanted := rig.IDs("wanted", batches*n*answer, v, 0)
	t.optimizer, t.clip = &optim.Adam{Params: t.params, LR: 1e-3}, 5
	t.loss = func(i int) autograd.Var {
		return m.Loss(t.tape,
			t.tape.Ints(batch(questions, i, n*question), n, question),
			t.tape.Ints(batch(given, i, n*answer), n, answer),
			t.tape.Ints(batch(wanted, i, n*answer), n, answer))
	}
}
