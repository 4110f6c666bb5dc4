package autograd

import "github.com/wengert-ml/wengert/tensor"

// Gather returns rows of a table x [V, ...] by number: ids [S...] in [0, V) give
// [S..., ...]. The gradient of a Param that is a matrix stays row-sparse. It
// panics with a [*tensor.ShapeError] if an id is out of range.
func (x Var) Gather(ids tensor.Ints) Var {
	return Apply(gather{x.tape().arena.PutInts(ids)}, x)
}

type gather struct{ IDs tensor.Ints }

func (*gather) Name() string { return "gather" }

func (o *gather) Forward(f *Fwd) *tensor.Tensor { return f.In(0).Gather(o.IDs) }

// VJP: each row's gradient is added to the row of the table it came from.
func (o *gather) VJP(b *Bwd) { b.AddRows(0, o.IDs, b.Grad()) }

// ScatterAdd returns a table [V, ...] of zeros to which the rows of x [S..., ...]
// are added where ids [S...] say: the adjoint of [Var.Gather].
func (x Var) ScatterAdd(ids tensor.Ints, shape ...int) Var {
	return Apply(scatterAdd{x.tape().arena.PutInts(ids), dimsOf(shape)}, x)
}

type scatterAdd struct {
	IDs   tensor.Ints
	Shape dims
}

func (*scatterAdd) Name() string { return "scatterAdd" }

func (o *scatterAdd) Forward(f *Fwd) *tensor.Tensor {
	y := f.New(o.Shape.slice()...)
	y.Fill(0)
	y.ScatterAdd(o.IDs, f.In(0))
	return y
}

// VJP: gather.
func (o *scatterAdd) VJP(b *Bwd) { b.Add(0, b.Grad().Gather(o.IDs)) }

// Take returns slices of an axis of x [...] by number: the axis of the result has
// one element for each of ids [n].
func (x Var) Take(axis int, ids tensor.Ints) Var {
	return x.Transpose(0, axis).Gather(ids).Transpose(0, axis)
}

// Flip returns x [...] with an axis in reverse order.
func (x Var) Flip(axis int) Var {
	n := x.Dim(axis)
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32(n - 1 - i)
	}
	return x.Take(axis, x.t.Ints(ids, n))
}
