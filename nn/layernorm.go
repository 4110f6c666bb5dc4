package nn

import "github.com/wengert-ml/wengert/autograd"

// LayerNorm normalises the last axis to mean 0 and variance 1, then scales and
// shifts it: (x - mean)/√(variance + Eps) Gain + Bias (Ba, Kiros and Hinton, 2016).
type LayerNorm struct {
	Gain *autograd.Param // [D]
	Bias *autograd.Param // [D]
	Eps  float64         // 0 means 1e-5
}

// NewLayerNorm returns a normalisation of width d: Gain 1, Bias 0.
func NewLayerNorm(in *Init, d int) *LayerNorm {
	return &LayerNorm{Gain: in.Full(1, d), Bias: in.Zeros(d)}
}

// Forward takes x [..., D] and returns the same shape.
func (l *LayerNorm) Forward(x autograd.Var) autograd.Var {
	eps := l.Eps
	if eps == 0 {
		eps = 1e-5
	}
	return x.LayerNorm(eps).Mul(l.Gain).Add(l.Bias)
}
