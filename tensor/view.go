package tensor

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/backend"
)

// End stands for the size of an axis where Slice asks for a stop.
const End = math.MaxInt

// T returns x [..., M, N] with its last two axes swapped, [..., N, M], as a view.
// It panics with a [*ShapeError] if x has fewer than two axes.
func (x *Tensor) T() *Tensor {
	if x.view.Rank < 2 {
		mistake("transpose", "fewer than two axes", "a matrix [..., M, N]", x)
	}
	return x.Transpose(-2, -1)
}

// Transpose returns x [...] with axes i and j swapped, as a view [...].
func (x *Tensor) Transpose(i, j int) *Tensor {
	i, j = x.axis("transpose", i), x.axis("transpose", j)
	l := x.view.Layout
	l.Shape[i], l.Shape[j] = l.Shape[j], l.Shape[i]
	l.Stride[i], l.Stride[j] = l.Stride[j], l.Stride[i]
	return x.header(l)
}

// Permute returns x [...] with its axes in another order, as a view: axis k of
// the result is axis axes[k] of x. It panics with a [*ShapeError] unless every
// axis is named once.
func (x *Tensor) Permute(axes ...int) *Tensor {
	l := x.view.Layout
	var seen [backend.MaxRank]bool
	for k, a := range axes {
		i := x.axis("permute", a)
		if seen[i] || len(axes) != l.Rank {
			mistake("permute", fmt.Sprintf("the axes %v", append([]int{}, axes...)), fmt.Sprintf("each of the %d axes once", l.Rank), x)
		}
		seen[i] = true
		l.Shape[k], l.Stride[k] = x.view.Shape[i], x.view.Stride[i]
	}
	if len(axes) != l.Rank {
		mistake("permute", fmt.Sprintf("%d axes named", len(axes)), fmt.Sprintf("each of the %d axes once", l.Rank), x)
	}
	return x.header(l)
}

// Slice returns elements start to stop-1 of an axis of x [...], as a view of the
// same rank. Negative positions count from the end, and [End] is the end itself.
// It panics with a [*ShapeError] if the range is not within the axis.
func (x *Tensor) Slice(axis, start, stop int) *Tensor { return x.SliceStep(axis, start, stop, 1) }

// SliceStep returns every step-th element from start to stop-1 of an axis of
// x [...], as a view of the same rank; step is 1 or more ([Tensor.Flip] runs
// backwards). Positions are as in Slice.
func (x *Tensor) SliceStep(axis, start, stop, step int) *Tensor {
	a := x.axis("slice", axis)
	l := x.view.Layout
	n := l.Shape[a]
	from, to := position(start, n), position(stop, n)
	if from < 0 || to > n || from > to || step < 1 {
		clash("slice", fmt.Sprintf("axis %d of size %d has no range %s:%s:%d", axis, n, place(start), place(stop), step),
			fmt.Sprintf("start and stop from %d to %d in ascending order, and a step of 1 or more", -n, n), []int{a - l.Rank}, x)
	}
	l.Off += from * l.Stride[a]
	l.Shape[a] = (to - from + step - 1) / step
	l.Stride[a] *= step
	return x.header(l)
}

// position resolves End and negative positions of an axis of size n.
func position(i, n int) int {
	switch {
	case i == End:
		return n
	case i < 0:
		return i + n
	}
	return i
}

// place names a position in a message.
func place(i int) string {
	if i == End {
		return "End"
	}
	return fmt.Sprint(i)
}

// Select returns the i-th slice of an axis of x [...] without that axis, as a
// view: x.Select(1, t) is time step t of [N, T, H], [N, H]. A negative i counts
// from the end.
func (x *Tensor) Select(axis, i int) *Tensor {
	a := x.axis("select", axis)
	n := x.view.Shape[a]
	k := position(i, n)
	if k < 0 || k >= n {
		want := fmt.Sprintf("an element from %d to %d", -n, n-1)
		if n == 0 {
			want = "an axis that is not empty"
		}
		clash("select", fmt.Sprintf("axis %d of size %d has no element %s", axis, n, place(i)), want, []int{a - x.view.Rank}, x)
	}
	l := x.view.Layout
	l.Off += k * l.Stride[a]
	return x.header(without(l, a))
}

// without removes axis a from a layout.
func without(l backend.Layout, a int) backend.Layout {
	copy(l.Shape[a:], l.Shape[a+1:])
	copy(l.Stride[a:], l.Stride[a+1:])
	l.Rank--
	l.Shape[l.Rank], l.Stride[l.Rank] = 0, 0
	return l
}

// Squeeze returns x [...] without the named axes, all of size 1, or without
// every axis of size 1 if none is named, as a view.
func (x *Tensor) Squeeze(axes ...int) *Tensor {
	l := x.view.Layout
	var drop [backend.MaxRank]bool
	for _, a := range axes {
		i := x.axis("squeeze", a)
		if l.Shape[i] != 1 {
			clash("squeeze", fmt.Sprintf("axis %d has size %d", a, l.Shape[i]), "an axis of size 1", []int{i - l.Rank}, x)
		}
		drop[i] = true
	}
	for i := l.Rank - 1; i >= 0; i-- {
		if drop[i] || len(axes) == 0 && l.Shape[i] == 1 {
			l = without(l, i)
		}
	}
	return x.header(l)
}

// Unsqueeze returns x [...] with an axis of size 1 put in at position axis, as a
// view; -1 puts it last.
func (x *Tensor) Unsqueeze(axis int) *Tensor {
	l := x.view.Layout
	a := axis
	if a < 0 {
		a += l.Rank + 1
	}
	if a < 0 || a > l.Rank || l.Rank == backend.MaxRank {
		mistake("unsqueeze", fmt.Sprintf("no place for axis %d", axis), fmt.Sprintf("at most %d axes and a place from %d to %d", backend.MaxRank, -l.Rank-1, l.Rank), x)
	}
	l.Rank++
	copy(l.Shape[a+1:l.Rank], x.view.Shape[a:])
	copy(l.Stride[a+1:l.Rank], x.view.Stride[a:])
	l.Shape[a], l.Stride[a] = 1, 0
	return x.header(l)
}

// Reshape returns the elements of x [...] in row-major order as [shape...]. One
// size may be -1: it is worked out. The result is a view where the strides allow
// it, else a copy. It panics with a [*ShapeError] if the number of elements differs.
func (x *Tensor) Reshape(shape ...int) *Tensor {
	l := x.reshaped(shape)
	if stride, ok := restride(&x.view.Layout, &l); ok {
		l.Stride, l.Off = stride, x.view.Off
		return x.header(l)
	}
	c := x.Clone()
	c.view.Layout = l
	return c
}

// reshaped checks a shape for Reshape and works out the size given as -1.
func (x *Tensor) reshaped(shape []int) backend.Layout {
	var s [backend.MaxRank]int
	if len(shape) > len(s) {
		mistake("reshape", fmt.Sprintf("%d axes", len(shape)), fmt.Sprintf("at most %d", len(s)), x)
	}
	copy(s[:], shape)
	known, open := 1, -1
	for i, n := range shape {
		switch {
		case n >= 0:
			known *= n
		case n == -1 && open < 0:
			open = i
		default:
			mistake("reshape", fmt.Sprintf("the shape %v", append([]int{}, shape...)), "sizes of 0 or more, and at most one -1", x)
		}
	}
	if open >= 0 && known > 0 {
		s[open] = x.Len() / known
		known *= s[open]
	}
	if known != x.Len() || open >= 0 && s[open] < 0 {
		mistake("reshape", fmt.Sprintf("%d elements do not make %v", x.Len(), append([]int{}, shape...)), fmt.Sprintf("sizes whose product is %d", x.Len()), x)
	}
	return backend.Contiguous(s[:len(shape)]...)
}

// restride looks for strides that show from's elements in to's shape without a
// copy. Axes are taken in groups of equal product from the left; within a group
// of from, the axes must lie one behind the other.
func restride(from, to *backend.Layout) (stride [backend.MaxRank]int, ok bool) {
	if from.IsContiguous() || from.Len() == 0 {
		return to.Stride, true
	}
	var size, step [backend.MaxRank]int // from without its axes of size 1
	n := 0
	for i := range from.Rank {
		if from.Shape[i] != 1 {
			size[n], step[n] = from.Shape[i], from.Stride[i]
			n++
		}
	}
	for i, j := 0, 0; i < n && j < to.Rank; {
		i0, j0 := i, j
		a, b := size[i], to.Shape[j]
		for a != b {
			if a < b {
				i++
				a *= size[i]
			} else {
				j++
				b *= to.Shape[j]
			}
		}
		for k := i0; k < i; k++ {
			if step[k] != step[k+1]*size[k+1] {
				return stride, false
			}
		}
		s := step[i]
		for k := j; k >= j0; k-- {
			stride[k] = s
			s *= to.Shape[k]
		}
		i++
		j++
	}
	return stride, true
}

// Flatten returns the elements of x [...] in row-major order as [Len], a view where it can be.
func (x *Tensor) Flatten() *Tensor { return x.Reshape(-1) }

// Expand returns x [...] repeated to [shape...] along axes of size 1 and new
// leading axes, as a view (stride 0). It panics with a [*ShapeError] if x does
// not broadcast to shape.
func (x *Tensor) Expand(shape ...int) *Tensor {
	l := layout("expand", shape)
	if !x.view.Fits(&l) {
		unfit("expand", &x.view.Layout, &l)
	}
	l.Stride, l.Off = x.view.BroadcastTo(&l), x.view.Off
	return x.header(l)
}

// toLast moves axis a behind all others, which keep their order.
func (x *Tensor) toLast(a int) *Tensor {
	l := without(x.view.Layout, a)
	l.Shape[l.Rank], l.Stride[l.Rank] = x.view.Shape[a], x.view.Stride[a]
	l.Rank++
	return x.header(l)
}
