package autograd

import (
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// kept returns x's shape with the named axes of size 1, all if none is named.
func (x Var) kept(op string, axes []int) dims {
	l := x.val().Kept(op, axes...)
	return dimsOf(l.Dims())
}

// dropped removes the axes that a reduction kept.
func (x Var) dropped(axes []int) Var {
	if len(axes) == 0 {
		return x.Reshape()
	}
	return x.Squeeze(axes...)
}

// SumTo returns x [...] summed to [shape...], which broadcasts to x's shape: the
// adjoint of [Var.Expand].
func (x Var) SumTo(shape ...int) Var { return Apply(sum{dimsOf(shape)}, x) }

// SumLike returns x [...] summed to y's shape [...]; x itself if it has it. It
// undoes broadcasting in a VJP.
func (x Var) SumLike(y Var) Var {
	if x.val().SameShape(y.val()) {
		return x
	}
	return x.SumTo(y.Shape()...)
}

type sum struct{ To dims }

func (*sum) Name() string { return "sum" }

func (o *sum) Forward(f *Fwd) *tensor.Tensor { return f.In(0).SumTo(o.To.slice()...) }

// VJP: the adjoint of summing is repeating, a view.
func (o *sum) VJP(b *Bwd) { b.Add(0, b.Grad().Expand(b.In(0).Shape()...)) }

// SumKeep returns the sum of x [...] over the named axes, all if none is named;
// they stay with size 1.
func (x Var) SumKeep(axes ...int) Var { return Apply(sum{x.kept("sum", axes)}, x) }

// Sum returns the sum of x [...] over the named axes, which vanish; over all of
// them, to [], if none is named.
func (x Var) Sum(axes ...int) Var {
	if len(axes) == 0 {
		return x.SumTo()
	}
	return x.SumKeep(axes...).Squeeze(axes...)
}

// MeanKeep returns the mean of x [...] over the named axes, all if none is named;
// they stay with size 1.
func (x Var) MeanKeep(axes ...int) Var {
	y := x.SumKeep(axes...)
	return y.Scale(float64(y.Len())/float64(x.Len()), 0)
}

// Mean returns the mean of x [...] over the named axes, which vanish; over all of
// them, to [], if none is named.
func (x Var) Mean(axes ...int) Var { return x.MeanKeep(axes...).dropped(axes) }

// VarianceKeep returns the mean of (x - mean x)² over the named axes of x [...],
// all if none is named; they stay with size 1. It divides by the number of
// elements, as NumPy's var does.
func (x Var) VarianceKeep(axes ...int) Var {
	return x.Sub(x.MeanKeep(axes...)).Square().MeanKeep(axes...)
}

// Variance returns the mean of (x - mean x)² over the named axes of x [...], which
// vanish; over all of them, to [], if none is named.
func (x Var) Variance(axes ...int) Var { return x.VarianceKeep(axes...).dropped(axes) }

// extremum is the maximum or minimum over every axis where To has size 1.
type extremum struct {
	Max bool
	To  dims
}

func (o *extremum) Name() string {
	if o.Max {
		return backend.ReduceMax.String()
	}
	return backend.ReduceMin.String()
}

func (o *extremum) Forward(f *Fwd) *tensor.Tensor {
	x := f.In(0)
	var axes dims
	for i, n := range o.To.slice() {
		if n == 1 && x.Shape()[i] != 1 {
			axes.d[axes.n] = i
			axes.n++
		}
	}
	switch {
	case axes.n == 0:
		return x.Alias()
	case o.Max:
		return x.MaxKeep(axes.slice()...)
	}
	return x.MinKeep(axes.slice()...)
}

// VJP: to the elements that equal the extremum, in equal parts.
func (o *extremum) VJP(b *Bwd) {
	chosen := b.In(0).Equal(b.Out())
	b.Add(0, b.Grad().Mul(chosen).Div(chosen.SumTo(o.To.slice()...)))
}

// MaxKeep returns the maximum of x [...] over the named axes, all if none is
// named; they stay with size 1. Where several are the largest, each gets an equal
// part of the gradient.
func (x Var) MaxKeep(axes ...int) Var { return Apply(extremum{true, x.kept("max", axes)}, x) }

// Max returns the maximum of x [...] over the named axes, which vanish; over all
// of them, to [], if none is named.
func (x Var) Max(axes ...int) Var { return x.MaxKeep(axes...).dropped(axes) }

// MinKeep returns the minimum of x [...] over the named axes, all if none is
// named; they stay with size 1. Where several are the smallest, each gets an equal
// part of the gradient.
func (x Var) MinKeep(axes ...int) Var { return Apply(extremum{false, x.kept("min", axes)}, x) }

// Min returns the minimum of x [...] over the named axes, which vanish; over all
// of them, to [], if none is named.
func (x Var) Min(axes ...int) Var { return x.MinKeep(axes...).dropped(axes) }

// ArgMax returns the position of the maximum along an axis of x [...], which
// vanishes. It waits for the backend; no gradient flows through it.
func (x Var) ArgMax(axis int) tensor.Ints { return x.val().ArgMax(axis) }

// ArgMin returns the position of the minimum along an axis of x [...], which
// vanishes. It waits for the backend; no gradient flows through it.
func (x Var) ArgMin(axis int) tensor.Ints { return x.val().ArgMin(axis) }
