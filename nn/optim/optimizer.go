package optim

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/tensor"
)

// Optimizer is what training loops and checkpoints ask of an optimiser.
type Optimizer interface {
	// Step applies the gradients of all parameters and clears them. Frozen
	// parameters and those without a gradient are left alone. It waits for the
	// backend first and panics with a [*backend.Error], having written nothing, if
	// a kernel has failed since the gradients were begun.
	Step()

	// Rate returns the learning rate.
	Rate() float64

	// SetRate changes the learning rate, from the next Step on.
	SetRate(lr float64)

	// State returns what the optimiser has gathered so far.
	State() State

	// SetState continues from a state that State gave: the next Steps have the
	// same bits. An error says what does not fit; the optimiser is then unchanged.
	SetState(s State) error
}

// Group is parameters with a rate and a decay of their own.
type Group struct {
	Params      []*autograd.Param
	RateFactor  float64 // multiplies the optimiser's rate, so that a schedule moves all groups; 0 means 1
	WeightDecay float64 // λ in place of the optimiser's; 0 means none
}

// State is what an optimiser carries from step to step.
type State struct {
	Steps int // how many Steps have applied a gradient

	// Arrays holds what was gathered for each parameter, in its shape [...], under
	// its name and the formula's letter: "Hidden.W.m". A parameter that never had a
	// gradient has none. The tensors are the optimiser's own and change with its
	// next Step; SetState copies what it is given.
	Arrays map[string]*tensor.Tensor
}

// options are the fields that all optimisers share.
type options struct {
	params    []*autograd.Param
	groups    []Group
	lr, decay float64
	dense     bool
	slots     [2]string // the letters of the arrays that the formula keeps
	onePass   bool      // the formula is a method of backend.Updater, where there is no decay
}

// visit calls f with every parameter, its rate and its decay: those of groups
// first, so that a group has the last word on one that is in Params as well.
func (o *options) visit(f func(p *autograd.Param, lr, decay float64)) {
	for i := range o.groups {
		g := &o.groups[i]
		lr := o.lr * or(g.RateFactor, 1)
		for _, p := range g.Params {
			f(p, lr, g.WeightDecay)
		}
	}
	for _, p := range o.params {
		f(p, o.lr, o.decay)
	}
}

// or returns v, or what it defaults to where it is 0.
func or(v, otherwise float64) float64 {
	if v == 0 {
		return otherwise
	}
	return v
}

// state is State of an optimiser with options o.
func (e *engine) state(o options) State {
	s := State{Steps: e.steps, Arrays: map[string]*tensor.Tensor{}}
	for p, name := range o.names() {
		for i, slot := range o.slots {
			if kept, ok := e.kept[p]; ok && slot != "" {
				s.Arrays[name+"."+slot] = kept[i]
			}
		}
	}
	return s
}

// names returns every parameter's name. It panics unless each has its own, since
// one's state would otherwise pass for another's.
func (o *options) names() map[*autograd.Param]string {
	names, taken := map[*autograd.Param]string{}, map[string]*autograd.Param{}
	o.visit(func(p *autograd.Param, _, _ float64) {
		if p.Name == "" {
			panic("optim: a parameter has no name to keep its state under: nn.Params gives it one")
		}
		if other, ok := taken[p.Name]; ok && other != p {
			panic(fmt.Sprintf("optim: two parameters are named %q: give each a Name of its own, for its state to be kept under", p.Name))
		}
		names[p], taken[p.Name] = p.Name, p
	})
	return names
}

// setState is SetState of an optimiser with options o.
func (e *engine) setState(o options, s State) error {
	if s.Steps < 0 {
		return fmt.Errorf("restore optimiser: a state after %d steps", s.Steps)
	}
	kept, used := map[*autograd.Param]*slots{}, 0
	for p, name := range o.names() {
		var found slots
		want := 0
		for i, slot := range o.slots {
			if slot == "" {
				continue
			}
			want++
			x, ok := s.Arrays[name+"."+slot]
			if !ok {
				continue
			}
			if !x.SameShape(p.Data) {
				return fmt.Errorf("restore optimiser: %q is %v in the state, and its parameter is %v", name+"."+slot, x.Shape(), p.Data.Shape())
			}
			found[i] = x
			want--
			used++
		}
		switch {
		case found == slots{}:
		case want > 0:
			return fmt.Errorf("restore optimiser: parameter %q has some of its arrays %v in the state, but not all", name, o.slots)
		default:
			kept[p] = &found
		}
	}
	if used < len(s.Arrays) {
		return fmt.Errorf("restore optimiser: the state has %d arrays, of which %d fit: is it of another optimiser or model?", len(s.Arrays), used)
	}
	for p, arrays := range kept {
		for i, x := range arrays {
			if x != nil {
				arrays[i] = copyTo(p.Data, x)
			}
		}
	}
	e.kept, e.steps = kept, s.Steps
	return nil
}

// copyTo returns a copy of x [...] on like's backend: exact where it is x's own.
func copyTo(like, x *tensor.Tensor) *tensor.Tensor {
	if x.Backend() == like.Backend() {
		return x.Heap()
	}
	return tensor.To(like.Backend(), x)
}
