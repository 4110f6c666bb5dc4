package nn

import "github.com/wengert-ml/wengert/autograd"

// Linear is the affine map x W + B, the book's Affine.
type Linear struct {
	W *autograd.Param // [D, H]
	B *autograd.Param // [H]; nil for none
}

// NewLinear returns a map from width d to width h: W drawn by [Init.Xavier], B zero.
func NewLinear(in *Init, d, h int) *Linear {
	return &Linear{W: in.Xavier(d, h), B: in.Zeros(h)}
}

// Forward returns x W + B for x [..., D]: [..., H].
func (l *Linear) Forward(x autograd.Var) autograd.Var {
	if l.B == nil {
		return x.MatMul(l.W)
	}
	return x.Affine(l.W, l.B)
}
