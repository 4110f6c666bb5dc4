package optim

import "github.com/wengert-ml/wengert/autograd"

// AdamW is [Adam] with the weight decay taken out of the gradient:
//
//	w -= lr λ w
//	then Adam's step with g' = g
//
// Loshchilov and Hutter (2019), with the decay multiplied by the rate as PyTorch
// has it, and the step in [Adam]'s form. With λ = 0 it is Adam. On row-sparse
// gradients it is lazy, the decay too.
type AdamW struct {
	Params      []*autograd.Param
	Groups      []Group // parameters with a rate and a decay of their own
	LR          float64 // the learning rate; read at each Step
	WeightDecay float64 // λ; PyTorch's default is 0.01, ours none
	Beta1       float64 // β₁; 0 means 0.9
	Beta2       float64 // β₂; 0 means 0.999
	Epsilon     float64 // ε; 0 means 1e-7, the book's for Adam
	Dense       bool    // exact, not lazy, on row-sparse gradients

	engine engine
}

// Step implements [Optimizer].
func (o *AdamW) Step() {
	f := adamFormula(o.engine.steps+1, o.Beta1, o.Beta2, o.Epsilon)
	o.engine.step(o.options(), func(u *unit) {
		if u.l2 != 0 {
			u.w.ScaleInPlace(1 - u.lr*u.l2)
		}
		f.update(u, u.g)
	})
}

func (o *AdamW) options() options {
	return options{o.Params, o.Groups, o.LR, o.WeightDecay, o.Dense, [2]string{"m", "v"}, true}
}

// Rate implements [Optimizer].
func (o *AdamW) Rate() float64 { return o.LR }

// SetRate implements [Optimizer].
func (o *AdamW) SetRate(lr float64) { o.LR = lr }

// State implements [Optimizer]. The arrays are m and v.
func (o *AdamW) State() State { return o.engine.state(o.options()) }

// SetState implements [Optimizer].
func (o *AdamW) SetState(s State) error { return o.engine.setState(o.options(), s) }
