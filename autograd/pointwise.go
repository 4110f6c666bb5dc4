package autograd

import (
	"math"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// unary is every pointwise function of one operand: a row of backend.Unaries.
type unary struct {
	Code backend.UnaryOp
	A, B float64 // the row's attributes
}

func (o *unary) Name() string { return o.Code.String() }

func (o *unary) Forward(f *Fwd) *tensor.Tensor { return tensor.Unary(o.Code, f.In(0), o.A, o.B) }

func (o *unary) VJP(b *Bwd) {
	if d := unaryVJP[o.Code]; d != nil {
		b.Add(0, d(b, o))
	}
}

// unaryVJP gives, for each row, the output's gradient times the derivative. A row
// without one is constant almost everywhere: its derivative is 0.
var unaryVJP = [backend.NumUnary]func(b *Bwd, o *unary) Var{
	backend.Neg:        func(b *Bwd, _ *unary) Var { return b.Grad().Neg() },
	backend.Abs:        func(b *Bwd, _ *unary) Var { return b.Grad().Mul(b.In(0).Sign()) },
	backend.Square:     func(b *Bwd, _ *unary) Var { return b.Grad().Mul(b.In(0)).Scale(2, 0) },
	backend.Sqrt:       func(b *Bwd, _ *unary) Var { return b.Grad().Div(b.Out()).Scale(0.5, 0) },
	backend.Rsqrt:      func(b *Bwd, _ *unary) Var { return b.Grad().Mul(b.Out()).Div(b.In(0)).Scale(-0.5, 0) },
	backend.Reciprocal: func(b *Bwd, _ *unary) Var { return b.Grad().Mul(b.Out().Square()).Neg() },
	backend.Exp:        func(b *Bwd, _ *unary) Var { return b.Grad().Mul(b.Out()) },
	backend.Expm1:      func(b *Bwd, _ *unary) Var { return b.Grad().Mul(b.In(0).Exp()) },
	backend.Log:        func(b *Bwd, _ *unary) Var { return b.Grad().Div(b.In(0)) },
	backend.Log1p:      func(b *Bwd, _ *unary) Var { return b.Grad().Div(b.In(0).Scale(1, 1)) },
	backend.Sin:        func(b *Bwd, _ *unary) Var { return b.Grad().Mul(b.In(0).Cos()) },
	backend.Cos:        func(b *Bwd, _ *unary) Var { return b.Grad().Mul(b.In(0).Sin()).Neg() },
	backend.Tanh: func(b *Bwd, _ *unary) Var { // 1 - y²
		if g, ok := b.Fused(backend.TanhGrad, b.Grad(), b.Out()); ok {
			return g
		}
		return b.Grad().Mul(b.Out().Square().Scale(-1, 1))
	},
	backend.Sigmoid: func(b *Bwd, _ *unary) Var { // y (1 - y)
		if g, ok := b.Fused(backend.SigmoidGrad, b.Grad(), b.Out()); ok {
			return g
		}
		return b.Grad().Mul(b.Out()).Mul(b.Out().Scale(-1, 1))
	},
	backend.Softplus: func(b *Bwd, _ *unary) Var { return b.Grad().Mul(b.In(0).Sigmoid()) },
	backend.Erf: func(b *Bwd, _ *unary) Var { // 2/√π exp(-x²)
		return b.Grad().Mul(b.In(0).Square().Neg().Exp()).Scale(2/math.Sqrt(math.Pi), 0)
	},
	backend.ReLU: func(b *Bwd, _ *unary) Var {
		if g, ok := b.Fused(backend.ReLUGrad, b.Grad(), b.In(0)); ok {
			return g
		}
		return b.Grad().Mul(b.Out().Sign())
	},
	backend.GELU: func(b *Bwd, _ *unary) Var { // Φ(x) + x φ(x)
		if g, ok := b.Fused(backend.GELUGrad, b.Grad(), b.In(0)); ok {
			return g
		}
		x := b.In(0)
		distribution := x.Scale(math.Sqrt2/2, 0).Erf().Scale(0.5, 0.5)
		density := x.Square().Scale(-0.5, 0).Exp().Scale(1/math.Sqrt(2*math.Pi), 0)
		return b.Grad().Mul(distribution.Add(x.Mul(density)))
	},
	backend.SiLU: func(b *Bwd, _ *unary) Var { // s + y (1 - s), s = σ(x)
		s := b.In(0).Sigmoid()
		return b.Grad().Mul(s.Add(b.In(0).Mul(s).Mul(s.Scale(-1, 1))))
	},
	backend.Scale: func(b *Bwd, o *unary) Var { return b.Grad().Scale(o.A, 0) },
	backend.Pow: func(b *Bwd, o *unary) Var {
		if o.A == 0 { // 0·x⁻¹ is no number at 0
			return b.Grad().Scale(0, 0)
		}
		return b.Grad().Mul(b.In(0).Pow(o.A-1)).Scale(o.A, 0)
	},
	backend.Clamp: func(b *Bwd, _ *unary) Var { return b.Grad().Mul(b.In(0).Equal(b.Out())) }, // 1 where it lies within
	backend.LeakyReLU: func(b *Bwd, o *unary) Var {
		return Where(b.In(0).Greater(b.t.Zeros()), b.Grad(), b.Grad().Scale(o.A, 0))
	},
}

// binary is every pointwise function of two operands: a row of backend.Binaries.
type binary struct{ Code backend.BinaryOp }

func (o *binary) Name() string { return o.Code.String() }

func (o *binary) Forward(f *Fwd) *tensor.Tensor { return tensor.Binary(o.Code, f.In(0), f.In(1)) }

func (o *binary) VJP(b *Bwd) {
	for i, d := range binaryVJP[o.Code] {
		if d != nil && b.Needs(i) {
			b.Add(i, d(b, b.In(0), b.In(1), b.Grad()).SumLike(b.In(i)))
		}
	}
}

// binaryVJP gives, for each row, the output's gradient times the derivatives by
// both operands. Comparisons have none.
var binaryVJP = [backend.NumPublicBinary][2]func(b *Bwd, x, y, gy Var) Var{
	backend.Add: {
		func(_ *Bwd, _, _, gy Var) Var { return gy },
		func(_ *Bwd, _, _, gy Var) Var { return gy },
	},
	backend.Sub: {
		func(_ *Bwd, _, _, gy Var) Var { return gy },
		func(_ *Bwd, _, _, gy Var) Var { return gy.Neg() },
	},
	backend.Mul: {
		func(_ *Bwd, _, y, gy Var) Var { return gy.Mul(y) },
		func(_ *Bwd, x, _, gy Var) Var { return gy.Mul(x) },
	},
	backend.Div: {
		func(_ *Bwd, _, y, gy Var) Var { return gy.Div(y) },
		func(b *Bwd, _, y, gy Var) Var { return gy.Mul(b.Out()).Div(y).Neg() },
	},
	backend.Maximum: { // where the two are equal, each gets half
		func(_ *Bwd, x, y, gy Var) Var { return gy.Mul(wins(x.Greater(y), x.Equal(y))) },
		func(_ *Bwd, x, y, gy Var) Var { return gy.Mul(wins(y.Greater(x), x.Equal(y))) },
	},
	backend.Minimum: {
		func(_ *Bwd, x, y, gy Var) Var { return gy.Mul(wins(x.Less(y), x.Equal(y))) },
		func(_ *Bwd, x, y, gy Var) Var { return gy.Mul(wins(y.Less(x), x.Equal(y))) },
	},
}

func wins(strictly, equal Var) Var { return strictly.Add(equal.Scale(0.5, 0)) }

// Where returns x where cond is not 0 and y elsewhere, all three [...] broadcast
// to one shape. No gradient flows into cond.
func Where(cond, x, y Var) Var { return Apply3(where{}, cond, x, y) }

type where struct{}

func (*where) Name() string { return "where" }

func (*where) Forward(f *Fwd) *tensor.Tensor { return tensor.Where(f.In(0), f.In(1), f.In(2)) }

// VJP: the gradient goes to the side that was chosen.
func (*where) VJP(b *Bwd) {
	zero := b.t.Zeros()
	if b.Needs(1) {
		b.Add(1, Where(b.In(0), b.Grad(), zero).SumLike(b.In(1)))
	}
	if b.Needs(2) {
		b.Add(2, Where(b.In(0), zero, b.Grad()).SumLike(b.In(2)))
	}
}
