package optim

import "github.com/wengert-ml/wengert/autograd"

// Nesterov is Nesterov's accelerated gradient, with a velocity v, at first 0:
//
//	g' = g + λw
//	v = αv - lr g'
//	w += α²v - (1 + α) lr g'
//
// After Bengio, Boulanger-Lewandowski and Pascanu (2013), as Deep Learning from
// Scratch 2 computes it: the last line reads the new v, where the paper's reads the
// old one. On row-sparse gradients it is lazy.
type Nesterov struct {
	Params      []*autograd.Param
	Groups      []Group // parameters with a rate and a decay of their own
	LR          float64 // the learning rate; read at each Step
	WeightDecay float64 // λ
	Momentum    float64 // α; 0 means 0.9
	Dense       bool    // exact, not lazy, on row-sparse gradients

	engine engine
}

// Step implements [Optimizer].
func (o *Nesterov) Step() {
	α := or(o.Momentum, 0.9)
	o.engine.step(o.options(), func(u *unit) {
		v := u.s[0]
		d := u.decayed().Scale(-u.lr, 0)
		v.ScaleInPlace(α)
		v.AddInPlace(d)

		d.ScaleInPlace(1 + α)
		u.w.AddInPlace(d)
		u.w.AddInPlace(v.Scale(α*α, 0))
	})
}

func (o *Nesterov) options() options {
	return options{o.Params, o.Groups, o.LR, o.WeightDecay, o.Dense, [2]string{"v"}, false}
}

// Rate implements [Optimizer].
func (o *Nesterov) Rate() float64 { return o.LR }

// SetRate implements [Optimizer].
func (o *Nesterov) SetRate(lr float64) { o.LR = lr }

// State implements [Optimizer]. The array is v.
func (o *Nesterov) State() State { return o.engine.state(o.options()) }

// SetState implements [Optimizer].
func (o *Nesterov) SetState(s State) error { return o.engine.setState(o.options(), s) }
