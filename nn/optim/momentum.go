package optim

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/tensor"
)

// Momentum is gradient descent with a velocity v, at first 0:
//
//	v = αv - lr (g + λw)
//	w += v
//
// As in Deep Learning from Scratch 2: the rate is part of v, where PyTorch applies
// it to w. On row-sparse gradients it is lazy.
type Momentum struct {
	Params      []*autograd.Param
	Groups      []Group // parameters with a rate and a decay of their own
	LR          float64 // the learning rate; read at each Step
	WeightDecay float64 // λ
	Momentum    float64 // α; 0 means 0.9
	Dense       bool    // exact, not lazy, on row-sparse gradients

	engine engine
}

// Step implements [Optimizer].
func (o *Momentum) Step() {
	α := or(o.Momentum, 0.9)
	o.engine.step(o.options(), func(u *unit) {
		v, g := u.s[0], u.decayed()
		if tensor.UpdateMomentum(u.w, v, u.ids, g, u.lr, α) {
			return
		}
		v.ScaleInPlace(α)
		v.AddInPlace(g.Scale(-u.lr, 0))
		u.w.AddInPlace(v)
	})
}

func (o *Momentum) options() options {
	return options{o.Params, o.Groups, o.LR, o.WeightDecay, o.Dense, [2]string{"v"}, true}
}

// Rate implements [Optimizer].
func (o *Momentum) Rate() float64 { return o.LR }

// SetRate implements [Optimizer].
func (o *Momentum) SetRate(lr float64) { o.LR = lr }

// State implements [Optimizer]. The array is v.
func (o *Momentum) State() State { return o.engine.state(o.options()) }

// SetState implements [Optimizer].
func (o *Momentum) SetState(s State) error { return o.engine.setState(o.options(), s) }
