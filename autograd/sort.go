package autograd

import "github.com/wengert-ml/wengert/tensor"

// TakeAlong returns elements of x [...] by their position along an axis: element
// [i, j, k] of the result, with axis 1, is x[i, ids[i, j, k], k]. ids [...] has x's
// shape except along the axis; the result has that of ids.
func (x Var) TakeAlong(axis int, ids tensor.Ints) Var {
	flat := x.val().FlatAlong(axis, ids)
	return x.Reshape(-1, 1).Gather(flat).Reshape(ids.Shape()...)
}

// Sort returns x [...] with the elements along an axis in ascending order, NaN last,
// and where each came from. The gradient goes back there.
func (x Var) Sort(axis int) (values Var, ids tensor.Ints) {
	ids = x.val().ArgSort(axis)
	return x.TakeAlong(axis, ids), ids
}

// TopK returns the k largest elements along the last axis of x [..., V], the largest
// first, [..., k], and their positions. The gradient goes back to those elements.
func (x Var) TopK(k int) (values Var, ids tensor.Ints) {
	top, ids := x.val().TopK(k)
	top.Release()
	return x.TakeAlong(-1, ids), ids
}

// CumSum returns the running sum along an axis of x [...], in x's shape: element i is
// the sum of elements 0 to i.
func (x Var) CumSum(axis int) Var { return Apply(cumSum{axis}, x) }

type cumSum struct{ Axis int }

func (*cumSum) Name() string { return "cumSum" }

func (o *cumSum) Forward(f *Fwd) *tensor.Tensor { return f.In(0).CumSum(o.Axis) }

// VJP: an element counts in all sums from its own place on, so their gradients are
// summed from the end.
func (o *cumSum) VJP(b *Bwd) { b.Add(0, b.Grad().Flip(o.Axis).CumSum(o.Axis).Flip(o.Axis)) }
