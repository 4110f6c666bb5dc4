package nn

import "github.com/wengert-ml/wengert/autograd"

// Layer is what has one input and one output: Linear, Dropout, LayerNorm and your own.
type Layer interface {
	// Forward maps x [...] to an output [...].
	Forward(x autograd.Var) autograd.Var
}

// Sequential is layers one behind the other: itself a Layer.
type Sequential []Layer

// Forward feeds x [...] through the layers in their order.
func (s Sequential) Forward(x autograd.Var) autograd.Var {
	for _, l := range s {
		x = l.Forward(x)
	}
	return x
}

// Func makes a Layer of a function without parameters: nn.Func(autograd.Var.ReLU).
type Func func(x autograd.Var) autograd.Var

// Forward returns f(x) for x [...].
func (f Func) Forward(x autograd.Var) autograd.Var { return f(x) }
