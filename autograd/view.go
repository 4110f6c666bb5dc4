package autograd

import (
	"slices"

	"github.com/wengert-ml/wengert/tensor"
)

// T returns x [..., M, N] with its last two axes swapped, [..., N, M].
func (x Var) T() Var { return x.Transpose(-2, -1) }

// Transpose returns x [...] with axes i and j swapped.
func (x Var) Transpose(i, j int) Var { return Apply(transpose{i, j}, x) }

type transpose struct{ I, J int }

func (*transpose) Name() string { return "transpose" }

func (o *transpose) Forward(f *Fwd) *tensor.Tensor { return f.In(0).Transpose(o.I, o.J) }

// VJP: swapping again undoes it.
func (o *transpose) VJP(b *Bwd) { b.Add(0, b.Grad().Transpose(o.I, o.J)) }

// Permute returns x [...] with its axes in another order: axis k of the result is
// axis axes[k] of x.
func (x Var) Permute(axes ...int) Var { return Apply(permute{dimsOf(axes)}, x) }

type permute struct{ Axes dims }

func (*permute) Name() string { return "permute" }

func (o *permute) Forward(f *Fwd) *tensor.Tensor { return f.In(0).Permute(o.Axes.slice()...) }

// VJP: the inverse permutation.
func (o *permute) VJP(b *Bwd) {
	inverse := dims{n: o.Axes.n}
	for k, a := range o.Axes.slice() {
		inverse.d[(a+o.Axes.n)%o.Axes.n] = k
	}
	b.Add(0, b.Grad().Permute(inverse.slice()...))
}

// Reshape returns the elements of x [...] in row-major order as [shape...]; one
// size may be -1. It panics with a [*tensor.ShapeError] if the number of elements
// differs. A shape that x already has gives x itself.
func (x Var) Reshape(shape ...int) Var {
	if slices.Equal(shape, x.Shape()) {
		return x
	}
	return Apply(reshape{dimsOf(shape)}, x)
}

// Flatten returns the elements of x [...] in row-major order as [Len].
func (x Var) Flatten() Var { return x.Reshape(-1) }

type reshape struct{ Shape dims }

func (*reshape) Name() string { return "reshape" }

func (o *reshape) Forward(f *Fwd) *tensor.Tensor { return f.In(0).Reshape(o.Shape.slice()...) }

// VJP: back to the input's shape.
func (o *reshape) VJP(b *Bwd) { b.Add(0, b.Grad().Reshape(b.In(0).Shape()...)) }

// Squeeze returns x [...] without the named axes, all of size 1, or without every
// axis of size 1 if none is named.
func (x Var) Squeeze(axes ...int) Var {
	h := x.val().Squeeze(axes...) // checks the axes
	shape := dimsOf(h.Shape())
	h.Release()
	return x.Reshape(shape.slice()...)
}

// Unsqueeze returns x [...] with an axis of size 1 put in at position axis; -1
// puts it last.
func (x Var) Unsqueeze(axis int) Var {
	h := x.val().Unsqueeze(axis) // checks the axis
	shape := dimsOf(h.Shape())
	h.Release()
	return x.Reshape(shape.slice()...)
}

// Slice returns elements start to stop-1 of an axis of x [...], of the same rank.
// Negative positions count from the end; [tensor.End] is the end itself.
func (x Var) Slice(axis, start, stop int) Var { return x.SliceStep(axis, start, stop, 1) }

// SliceStep returns every step-th element from start to stop-1 of an axis of
// x [...]; step is 1 or more.
func (x Var) SliceStep(axis, start, stop, step int) Var {
	return Apply(slice{axis, start, stop, step}, x)
}

type slice struct{ Axis, Start, Stop, Step int }

func (*slice) Name() string { return "slice" }

func (o *slice) Forward(f *Fwd) *tensor.Tensor {
	return f.In(0).SliceStep(o.Axis, o.Start, o.Stop, o.Step)
}

// VJP: the gradient goes back to where the elements came from.
func (o *slice) VJP(b *Bwd) {
	start := o.Start
	if start < 0 {
		start += b.In(0).Dim(o.Axis)
	}
	b.AddSlice(0, o.Axis, start, o.Step, b.Grad())
}

// Select returns the i-th slice of an axis of x [...] without that axis:
// x.Select(1, t) is time step t of [N, T, H], [N, H]. A negative i counts from
// the end.
func (x Var) Select(axis, i int) Var { return Apply(selectOp{axis, i}, x) }

type selectOp struct{ Axis, Index int }

func (*selectOp) Name() string { return "select" }

func (o *selectOp) Forward(f *Fwd) *tensor.Tensor { return f.In(0).Select(o.Axis, o.Index) }

// VJP: as slice's.
func (o *selectOp) VJP(b *Bwd) {
	i := o.Index
	if i < 0 {
		i += b.In(0).Dim(o.Axis)
	}
	b.AddSlice(0, o.Axis, i, 1, b.Grad())
}

// Split returns n equal parts of an axis of x [...]. The list lives until Reset.
// It panics with a [*tensor.ShapeError] unless n divides the axis.
func (x Var) Split(axis, n int) []Var {
	size := x.Dim(axis)
	if n < 1 || size%n != 0 {
		x.val().Split(axis, n) // says what is wrong
	}
	parts := x.t.List(n)
	for i := range parts {
		parts[i] = x.Slice(axis, i*size/n, (i+1)*size/n)
	}
	return parts
}

// Pad returns x [...] with before and after elements of the given value put around
// it along an axis. It panics with a [*tensor.ShapeError] if one of them is negative.
func (x Var) Pad(axis, before, after int, value float64) Var {
	return Apply(pad{axis, before, after, value}, x)
}

type pad struct {
	Axis, Before, After int
	Value               float64
}

func (*pad) Name() string { return "pad" }

func (o *pad) Forward(f *Fwd) *tensor.Tensor {
	return f.In(0).Pad(o.Axis, o.Before, o.After, o.Value)
}

// VJP: the slice that the input fills.
func (o *pad) VJP(b *Bwd) {
	b.Add(0, b.Grad().Slice(o.Axis, o.Before, o.Before+b.In(0).Dim(o.Axis)))
}

// embed is slice's adjoint: zeros of size N along Axis, with the input's elements
// at Start, Start+Step, ...
type embed struct{ Axis, Start, Step, N int }

func (*embed) Name() string { return "embed" }

func (o *embed) Forward(f *Fwd) *tensor.Tensor {
	shape := dimsOf(f.In(0).Shape())
	axis := o.Axis
	if axis < 0 {
		axis += shape.n
	}
	n := shape.d[axis]
	shape.d[axis] = o.N
	y := f.New(shape.slice()...)
	y.Fill(0)
	y.SliceStep(axis, o.Start, min(o.Start+n*o.Step, o.N), o.Step).CopyFrom(f.In(0))
	return y
}

// VJP: the slice.
func (o *embed) VJP(b *Bwd) {
	n := b.In(0).Dim(o.Axis)
	b.Add(0, b.Grad().SliceStep(o.Axis, o.Start, min(o.Start+n*o.Step, o.N), o.Step))
}

// Expand returns x [...] repeated to [shape...] along axes of size 1 and new
// leading axes: the book's Repeat node. It panics with a [*tensor.ShapeError] if x
// does not broadcast to shape.
func (x Var) Expand(shape ...int) Var { return Apply(expand{dimsOf(shape)}, x) }

type expand struct{ Shape dims }

func (*expand) Name() string { return "repeat" }

func (o *expand) Forward(f *Fwd) *tensor.Tensor { return f.In(0).Expand(o.Shape.slice()...) }

// VJP: the adjoint of repeating is summing.
func (o *expand) VJP(b *Bwd) { b.Add(0, b.Grad().SumLike(b.In(0))) }

// alias is the identity; the engine puts it before a composed form so that its
// graph stands apart.
type alias struct{}

func (*alias) Name() string { return "alias" }

func (*alias) Forward(f *Fwd) *tensor.Tensor { return f.In(0).Alias() }

func (*alias) VJP(b *Bwd) { b.Add(0, b.Grad()) }

func (t *Tape) alias(x Var) Var { return Apply(alias{}, x) }
