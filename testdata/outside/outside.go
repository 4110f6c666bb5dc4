// Package outside is what a user's module may add to wengert without touching it:
// a layer, an op with its own derivative, and a backend.
package outside

import (
	"math"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// Highway is a layer: y = t ⊙ tanh(x H) + (1-t) ⊙ x with t = σ(x T) (Srivastava,
// Greff and Schmidhuber, 2015).
type Highway struct {
	Transform, Gate *nn.Linear
}

// NewHighway returns a layer of width d.
func NewHighway(in *nn.Init, d int) *Highway {
	return &Highway{Transform: nn.NewLinear(in, d, d), Gate: nn.NewLinear(in, d, d)}
}

// Forward takes x [N, D] and returns the same shape.
func (l *Highway) Forward(x autograd.Var) autograd.Var {
	t := l.Gate.Forward(x).Sigmoid()
	return t.Mul(l.Transform.Forward(x).Tanh()).Add(t.Scale(-1, 1).Mul(x))
}

// LogCosh returns δ ln cosh(x/δ), element by element of x [...]: an op with an
// attribute and a derivative of its own, tanh(x/δ).
func LogCosh(x autograd.Var, delta float64) autograd.Var {
	return autograd.Apply(logCosh{delta}, x)
}

type logCosh struct{ Delta float64 }

func (*logCosh) Name() string { return "logCosh" }

func (o *logCosh) Forward(f *autograd.Fwd) *tensor.Tensor {
	// ln cosh z = |z| + ln(1 + exp(-2|z|)) - ln 2
	z := f.In(0).Scale(1/o.Delta, 0).Abs()
	return z.Add(z.Scale(-2, 0).Exp().Log1p()).Scale(o.Delta, -o.Delta*math.Ln2)
}

func (o *logCosh) VJP(b *autograd.Bwd) {
	b.Add(0, b.Grad().Mul(b.In(0).Scale(1/o.Delta, 0).Tanh()))
}

// Counting is a backend: another one, with its matrix products counted.
type Counting struct {
	backend.Backend
	Products int
}

// MatMul counts and computes.
func (c *Counting) MatMul(dst, x, y *backend.View, accumulate bool) {
	c.Products++
	c.Backend.MatMul(dst, x, y, accumulate)
}
