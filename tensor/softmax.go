package tensor

import "github.com/wengert-ml/wengert/backend"

// Softmax returns exp(x - m) / Σ exp(x - m) along the last axis of x [..., V],
// in x's shape, m being the maximum along it: subtracting it changes nothing but
// keeps exp from overflowing.
func (x *Tensor) Softmax() *Tensor { return x.softmax(false) }

// LogSoftmax returns x - m - ln Σ exp(x - m) along the last axis of x [..., V],
// in x's shape: the logarithm of [Tensor.Softmax] without its loss of digits.
func (x *Tensor) LogSoftmax() *Tensor { return x.softmax(true) }

func (x *Tensor) softmax(log bool) *Tensor {
	if x.view.Rank == 0 {
		mistake("softmax", "a number has no last axis", "at least one axis", x)
	}
	if be, ok := x.be.(backend.Softmaxer); ok {
		p, y := x.packed(), x.like()
		be.Softmax(&y.view, &p.view, log)
		x.drop(p)
		return y
	}
	if x.Len() == 0 {
		return x.Clone()
	}
	top := x.MaxKeep(-1)
	y := x.Sub(top) // every further step works in place
	top.Release()
	e := y.Exp()
	sum := e.SumKeep(-1)
	if log {
		UnaryInto(sum, backend.Log, sum, 0, 0)
		BinaryInto(y, backend.Sub, y, sum)
		e.Release()
		sum.Release()
		return y
	}
	BinaryInto(e, backend.Div, e, sum)
	y.Release()
	sum.Release()
	return e
}
