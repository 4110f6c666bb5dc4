package mlp

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
)

// TwoLayer is a classifier with one hidden layer: sigmoid(x W₁ + b₁) W₂ + b₂. As in
// Deep Learning from Scratch 2, section 1.4.
type TwoLayer struct {
	Hidden *nn.Linear // [D, H]
	Out    *nn.Linear // [H, V]
}

// NewTwoLayer returns a classifier of width d, h hidden units and v classes, its
// weights drawn with standard deviation 1/100 as in the book.
func NewTwoLayer(in *nn.Init, d, h, v int) *TwoLayer {
	layer := func(d, h int) *nn.Linear {
		return &nn.Linear{W: in.Normal(0.01, d, h), B: in.Zeros(h)}
	}
	return &TwoLayer{Hidden: layer(d, h), Out: layer(h, v)}
}

// Forward takes x [N, D] and returns the scores of the classes, [N, V].
func (n *TwoLayer) Forward(x autograd.Var) autograd.Var {
	return n.Out.Forward(n.Hidden.Forward(x).Sigmoid())
}
