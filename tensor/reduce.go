package tensor

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/backend"
)

// Kept returns x's shape with the named axes of size 1, all if none is named: the
// shape that a reduction with kept axes has. x is [...].
func (x *Tensor) Kept(op string, axes ...int) backend.Layout {
	l := x.view.Packed()
	var seen [backend.MaxRank]bool
	for _, a := range axes {
		i := x.axis(op, a)
		if seen[i] {
			mistake(op, fmt.Sprintf("axis %d is named twice", a), "each axis once", x)
		}
		seen[i], l.Shape[i] = true, 1
	}
	if len(axes) == 0 {
		for i := range l.Rank {
			l.Shape[i] = 1
		}
	}
	return l.Packed()
}

// reduce combines over the named axes, all if none is named, and keeps them with size 1.
func (x *Tensor) reduce(name string, op backend.ReduceOp, axes []int) *Tensor {
	l := x.Kept(name, axes...)
	if op != backend.ReduceSum && x.Len() == 0 && l.Len() > 0 {
		mistake(name, "nothing to choose from along an empty axis", "at least one element", x)
	}
	y := x.beside(l)
	x.be.Reduce(op, &y.view, &x.view)
	return y
}

// squeezed removes the axes that a reduction kept.
func (x *Tensor) squeezed(axes []int) *Tensor {
	if len(axes) == 0 {
		y := x.Reshape()
		x.Release()
		return y
	}
	y := x.Squeeze(axes...)
	x.Release()
	return y
}

// SumKeep returns the sum of x [...] over the named axes, all if none is named;
// they stay with size 1.
func (x *Tensor) SumKeep(axes ...int) *Tensor { return x.reduce("sum", backend.ReduceSum, axes) }

// Sum returns the sum of x [...] over the named axes, which vanish; over all of
// them, to [], if none is named.
func (x *Tensor) Sum(axes ...int) *Tensor { return x.SumKeep(axes...).squeezed(axes) }

// MaxKeep returns the maximum of x [...] over the named axes, all if none is
// named; they stay with size 1. NaN wins. It panics with a [*ShapeError] if there
// is nothing to choose from.
func (x *Tensor) MaxKeep(axes ...int) *Tensor { return x.reduce("max", backend.ReduceMax, axes) }

// Max returns the maximum of x [...] over the named axes, which vanish; over all
// of them, to [], if none is named.
func (x *Tensor) Max(axes ...int) *Tensor { return x.MaxKeep(axes...).squeezed(axes) }

// MinKeep returns the minimum of x [...] over the named axes, all if none is
// named; they stay with size 1. NaN wins.
func (x *Tensor) MinKeep(axes ...int) *Tensor { return x.reduce("min", backend.ReduceMin, axes) }

// Min returns the minimum of x [...] over the named axes, which vanish; over all
// of them, to [], if none is named.
func (x *Tensor) Min(axes ...int) *Tensor { return x.MinKeep(axes...).squeezed(axes) }

// MeanKeep returns the mean of x [...] over the named axes, all if none is named;
// they stay with size 1.
func (x *Tensor) MeanKeep(axes ...int) *Tensor {
	y := x.SumKeep(axes...)
	y.ScaleInPlace(float64(y.Len()) / float64(x.Len()))
	return y
}

// Mean returns the mean of x [...] over the named axes, which vanish; over all of
// them, to [], if none is named.
func (x *Tensor) Mean(axes ...int) *Tensor { return x.MeanKeep(axes...).squeezed(axes) }

// VarianceKeep returns the mean of (x - mean x)² over the named axes of x [...],
// all if none is named; they stay with size 1. It divides by the number of
// elements, as NumPy's var does.
func (x *Tensor) VarianceKeep(axes ...int) *Tensor {
	mean := x.MeanKeep(axes...)
	d := x.Sub(mean)
	sq := d.Square()
	v := sq.MeanKeep(axes...)
	mean.Release()
	d.Release()
	sq.Release()
	return v
}

// Variance returns the mean of (x - mean x)² over the named axes of x [...],
// which vanish; over all of them, to [], if none is named.
func (x *Tensor) Variance(axes ...int) *Tensor { return x.VarianceKeep(axes...).squeezed(axes) }

// SumTo returns x [...] summed to [shape...], which broadcasts to x's shape: the
// adjoint of [Tensor.Expand]. It panics with a [*ShapeError] if it does not.
func (x *Tensor) SumTo(shape ...int) *Tensor {
	to := layout("sum", shape)
	if !to.Fits(&x.view.Layout) {
		unfit("sumTo", &to, &x.view.Layout)
	}
	y := x.beside(to)
	kept := y.view // y seen with x's rank
	kept.Layout = backend.Layout{Rank: x.view.Rank}
	d := x.view.Rank - to.Rank
	for i := range x.view.Rank {
		kept.Shape[i] = 1
		if i >= d {
			kept.Shape[i] = to.Shape[i-d]
		}
	}
	kept.Layout = kept.Packed()
	y.view.Layout = kept.Layout
	x.be.Reduce(backend.ReduceSum, &y.view, &x.view)
	y.view.Layout = to
	return y
}

// ArgMax returns the position of the maximum along an axis of x [...], the first
// one where several are equal; the axis vanishes. NaN wins, as in [Tensor.Max]. It
// waits for the backend. It panics with a [*ShapeError] if the axis is empty.
func (x *Tensor) ArgMax(axis int) Ints {
	return x.argBest("argmax", axis, func(a, b float64) bool { return a > b })
}

// ArgMin returns the position of the minimum along an axis of x [...], the first
// one where several are equal; the axis vanishes. NaN wins, as in [Tensor.Min]. It
// waits for the backend. It panics with a [*ShapeError] if the axis is empty.
func (x *Tensor) ArgMin(axis int) Ints {
	return x.argBest("argmin", axis, func(a, b float64) bool { return a < b })
}

// argBest runs on the host.
func (x *Tensor) argBest(op string, axis int, better func(a, b float64) bool) Ints {
	a := x.axis(op, axis)
	n := x.view.Shape[a]
	l := without(x.view.Layout, a)
	l = l.Packed()
	if n == 0 && l.Len() > 0 {
		mistake(op, "nothing to choose from along an empty axis", "at least one element", x)
	}
	last := x.toLast(a)
	data := last.Float64s()
	last.Release()
	best := make([]int32, l.Len())
	for i := range best {
		row := data[i*n : (i+1)*n]
		for j, v := range row {
			if math.IsNaN(v) {
				best[i] = int32(j)
				break
			}
			if better(v, row[best[i]]) {
				best[i] = int32(j)
			}
		}
	}
	return NewInts(best, l.Dims()...)
}
