package optim

import "github.com/wengert-ml/wengert/autograd"

// RMSprop divides the rate by the root of a running mean h of squared gradients:
//
//	g' = g + λw
//	h = ρh + (1 - ρ) g'²
//	w -= lr g' / (√h + ε)
//
// Tieleman and Hinton (2012), as in Deep Learning from Scratch 2. On row-sparse
// gradients it is lazy.
type RMSprop struct {
	Params      []*autograd.Param
	Groups      []Group // parameters with a rate and a decay of their own
	LR          float64 // the learning rate; read at each Step
	WeightDecay float64 // λ
	DecayRate   float64 // ρ; 0 means 0.99
	Epsilon     float64 // ε; 0 means 1e-7, the book's
	Dense       bool    // exact, not lazy, on row-sparse gradients

	engine engine
}

// Step implements [Optimizer].
func (o *RMSprop) Step() {
	ρ, ε := or(o.DecayRate, 0.99), or(o.Epsilon, 1e-7)
	o.engine.step(o.options(), func(u *unit) {
		h, g := u.s[0], u.decayed()
		d := g.Square()
		d.ScaleInPlace(1 - ρ)
		h.ScaleInPlace(ρ)
		h.AddInPlace(d)
		descend(u, d, g, h, ε)
	})
}

func (o *RMSprop) options() options {
	return options{o.Params, o.Groups, o.LR, o.WeightDecay, o.Dense, [2]string{"h"}, false}
}

// Rate implements [Optimizer].
func (o *RMSprop) Rate() float64 { return o.LR }

// SetRate implements [Optimizer].
func (o *RMSprop) SetRate(lr float64) { o.LR = lr }

// State implements [Optimizer]. The array is h.
func (o *RMSprop) State() State { return o.engine.state(o.options()) }

// SetState implements [Optimizer].
func (o *RMSprop) SetState(s State) error { return o.engine.setState(o.options(), s) }
