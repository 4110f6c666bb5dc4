package rnnlm

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/models/lm"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// Model is what [RNNLM] and [BetterRNNLM] have in common.
type Model interface {
	lm.Model

	// Forward takes word ids [N, T] and the state before them, zero for zeros, and
	// returns the scores of the word that follows each id, [N, T, V], and the state
	// after the last one.
	Forward(tape *autograd.Tape, ids tensor.Ints, s nn.LSTMState) (scores autograd.Var, last nn.LSTMState)

	// Loss returns the mean cross entropy, in nats, of predicting targets [N, T]
	// from ids [N, T] and the state before them: [], and the state after.
	Loss(tape *autograd.Tape, ids, targets tensor.Ints, s nn.LSTMState) (loss autograd.Var, last nn.LSTMState)
}

// Reader implements [lm.Model].
func (m *RNNLM) Reader() lm.Reader { return &reader{model: m} }

// Reader implements [lm.Model].
func (m *BetterRNNLM) Reader() lm.Reader { return &reader{model: m} }

// reader remembers the state after the words it has read.
type reader struct {
	model Model
	state nn.LSTMState
}

func (r *reader) Read(tape *autograd.Tape, ids tensor.Ints) (scores autograd.Var) {
	scores, r.state = r.model.Forward(tape, ids, r.state)
	return scores
}

func (r *reader) Vars() []*autograd.Var { return r.state.Vars() }
