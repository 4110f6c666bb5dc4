package optim

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// AdaGrad divides the rate by the root of the sum h of all squared gradients:
//
//	g' = g + λw
//	h += g'²
//	w -= lr g' / (√h + ε)
//
// Duchi, Hazan and Singer (2011), as in Deep Learning from Scratch 2. It is exact on
// row-sparse gradients where λ is 0.
type AdaGrad struct {
	Params      []*autograd.Param
	Groups      []Group // parameters with a rate and a decay of their own
	LR          float64 // the learning rate; read at each Step
	WeightDecay float64 // λ
	Epsilon     float64 // ε; 0 means 1e-7, the book's
	Dense       bool    // decay every row, also where a gradient is row-sparse

	engine engine
}

// Step implements [Optimizer].
func (o *AdaGrad) Step() {
	ε := or(o.Epsilon, 1e-7)
	o.engine.step(o.options(), func(u *unit) {
		h, g := u.s[0], u.decayed()
		if tensor.UpdateAdaGrad(u.w, h, u.ids, g, u.lr, ε) {
			return
		}
		d := g.Square()
		h.AddInPlace(d)
		descend(u, d, g, h, ε)
	})
}

// descend is w -= lr g / (√h + ε), with d as room to work in.
func descend(u *unit, d, g, h *tensor.Tensor, ε float64) {
	tensor.UnaryInto(d, backend.Sqrt, h, 0, 0)
	tensor.UnaryInto(d, backend.Scale, d, 1, ε)
	tensor.BinaryInto(d, backend.Div, g, d)
	d.ScaleInPlace(-u.lr)
	u.w.AddInPlace(d)
}

func (o *AdaGrad) options() options {
	return options{o.Params, o.Groups, o.LR, o.WeightDecay, o.Dense, [2]string{"h"}, true}
}

// Rate implements [Optimizer].
func (o *AdaGrad) Rate() float64 { return o.LR }

// SetRate implements [Optimizer].
func (o *AdaGrad) SetRate(lr float64) { o.LR = lr }

// State implements [Optimizer]. The array is h.
func (o *AdaGrad) State() State { return o.engine.state(o.options()) }

// SetState implements [Optimizer].
func (o *AdaGrad) SetState(s State) error { return o.engine.setState(o.options(), s) }
