package optim

import (
	"math"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// Adam keeps a running mean m of the gradient and v of its square. At step t:
//
//	g' = g + λw
//	lrₜ = lr √(1 - β₂ᵗ) / (1 - β₁ᵗ)
//	m += (1 - β₁)(g' - m)
//	v += (1 - β₂)(g'² - v)
//	w -= lrₜ m / (√v + ε)
//
// Kingma and Ba (2015), in the form of Deep Learning from Scratch 2: the correction
// of the start is folded into the rate (the end of their section 2), and ε stands
// outside the root, beside √v without that correction. On row-sparse gradients it
// is lazy, with one t for all rows.
type Adam struct {
	Params      []*autograd.Param
	Groups      []Group // parameters with a rate and a decay of their own
	LR          float64 // the learning rate; read at each Step
	WeightDecay float64 // λ, an L2 penalty; [AdamW] decouples it
	Beta1       float64 // β₁; 0 means 0.9
	Beta2       float64 // β₂; 0 means 0.999
	Epsilon     float64 // ε; 0 means 1e-7, the book's
	Dense       bool    // exact, not lazy, on row-sparse gradients

	engine engine
}

// Step implements [Optimizer].
func (o *Adam) Step() {
	f := adamFormula(o.engine.steps+1, o.Beta1, o.Beta2, o.Epsilon)
	o.engine.step(o.options(), func(u *unit) { f.update(u, u.decayed()) })
}

// adam is the formula with its constants at one step.
type adam struct {
	rate float64 // √(1 - β₂ᵗ) / (1 - β₁ᵗ)
	new1 float64 // 1 - β₁
	new2 float64 // 1 - β₂
	ε    float64
}

// adamFormula returns the formula at step t, counted from 1.
func adamFormula(t int, β1, β2, ε float64) adam {
	β1, β2, ε = or(β1, 0.9), or(β2, 0.999), or(ε, 1e-7)
	rate := math.Sqrt(1-math.Pow(β2, float64(t))) / (1 - math.Pow(β1, float64(t)))
	return adam{rate: rate, new1: 1 - β1, new2: 1 - β2, ε: ε}
}

func (f *adam) update(u *unit, g *tensor.Tensor) {
	m, v := u.s[0], u.s[1]
	if tensor.UpdateAdam(u.w, m, v, u.ids, g, u.lr*f.rate, f.new1, f.new2, f.ε) {
		return
	}
	d := g.Sub(m)
	d.ScaleInPlace(f.new1)
	m.AddInPlace(d)

	tensor.UnaryInto(d, backend.Square, g, 0, 0)
	tensor.BinaryInto(d, backend.Sub, d, v)
	d.ScaleInPlace(f.new2)
	v.AddInPlace(d)

	tensor.UnaryInto(d, backend.Sqrt, v, 0, 0)
	tensor.UnaryInto(d, backend.Scale, d, 1, f.ε)
	tensor.BinaryInto(d, backend.Div, m, d)
	d.ScaleInPlace(-u.lr * f.rate)
	u.w.AddInPlace(d)
}

func (o *Adam) options() options {
	return options{o.Params, o.Groups, o.LR, o.WeightDecay, o.Dense, [2]string{"m", "v"}, true}
}

// Rate implements [Optimizer].
func (o *Adam) Rate() float64 { return o.LR }

// SetRate implements [Optimizer].
func (o *Adam) SetRate(lr float64) { o.LR = lr }

// State implements [Optimizer]. The arrays are m and v.
func (o *Adam) State() State { return o.engine.state(o.options()) }

// SetState implements [Optimizer].
func (o *Adam) SetState(s State) error { return o.engine.setState(o.options(), s) }
