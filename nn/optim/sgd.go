package optim

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/tensor"
)

// SGD is stochastic gradient descent:
//
//	w -= lr (g + λw)
//
// As in Deep Learning from Scratch 2, with weight decay λ. It is exact on
// row-sparse gradients where λ is 0.
type SGD struct {
	Params      []*autograd.Param
	Groups      []Group // parameters with a rate and a decay of their own
	LR          float64 // the learning rate; read at each Step
	WeightDecay float64 // λ
	Dense       bool    // decay every row, also where a gradient is row-sparse

	engine engine
}

// Step implements [Optimizer].
func (o *SGD) Step() {
	o.engine.step(o.options(), func(u *unit) {
		g := u.decayed()
		if tensor.UpdateSGD(u.w, u.ids, g, u.lr) {
			return
		}
		u.w.AddInPlace(g.Scale(-u.lr, 0))
	})
}

func (o *SGD) options() options {
	return options{o.Params, o.Groups, o.LR, o.WeightDecay, o.Dense, [2]string{}, true}
}

// Rate implements [Optimizer].
func (o *SGD) Rate() float64 { return o.LR }

// SetRate implements [Optimizer].
func (o *SGD) SetRate(lr float64) { o.LR = lr }

// State implements [Optimizer]. There are no arrays.
func (o *SGD) State() State { return o.engine.state(o.options()) }

// SetState implements [Optimizer].
func (o *SGD) SetState(s State) error { return o.engine.setState(o.options(), s) }
