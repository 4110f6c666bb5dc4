package autograd

import "github.com/wengert-ml/wengert/tensor"

// Softmax returns exp(x) / Σ exp(x) along the last axis of x [..., V], in its shape.
func (x Var) Softmax() Var { return Apply(softmax{}, x) }

type softmax struct{}

func (*softmax) Name() string { return "softmax" }

func (*softmax) Forward(f *Fwd) *tensor.Tensor { return f.In(0).Softmax() }

// VJP: y (dy - Σ dy y).
func (*softmax) VJP(b *Bwd) {
	p := b.Grad().Mul(b.Out())
	b.Add(0, p.Sub(b.Out().Mul(p.SumKeep(-1))))
}

// LogSoftmax returns x - ln Σ exp(x) along the last axis of x [..., V], in its shape.
func (x Var) LogSoftmax() Var { return Apply(logSoftmax{}, x) }

type logSoftmax struct{}

func (*logSoftmax) Name() string { return "logSoftmax" }

func (*logSoftmax) Forward(f *Fwd) *tensor.Tensor { return f.In(0).LogSoftmax() }

// VJP: dy - exp(y) Σ dy.
func (*logSoftmax) VJP(b *Bwd) {
	b.Add(0, b.Grad().Sub(b.Out().Exp().Mul(b.Grad().SumKeep(-1))))
}

// LogSumExp returns ln Σ exp(x) along the last axis of x [..., V], which vanishes.
func (x Var) LogSumExp() Var {
	top := x.MaxKeep(-1).Detach() // its gradient cancels
	return x.Sub(top).Exp().SumKeep(-1).Log().Add(top).Squeeze(-1)
}
