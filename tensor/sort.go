package tensor

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/wengert-ml/wengert/backend"
)

// Sort returns x [...] with the elements along an axis in ascending order, and
// where each one stood along it. Equal elements keep their order, NaN comes last.
// The order is found on the host, so it waits for the backend; the values are
// gathered on the backend: values = x.TakeAlong(axis, ids).
func (x *Tensor) Sort(axis int) (values *Tensor, ids Ints) {
	ids = x.ArgSort(axis)
	return x.TakeAlong(axis, ids), ids
}

// ArgSort returns the positions along an axis of x [...] in ascending order of
// their elements, in x's shape: see [Tensor.Sort].
func (x *Tensor) ArgSort(axis int) Ints {
	a := x.axis("sort", axis)
	return x.ordered(a, x.view.Shape[a], order)
}

// TopK returns the k largest elements along the last axis of x [..., V], largest
// first, and where they stand: both [..., k]. Of equal elements the earlier comes
// first; NaN counts as the largest. It panics with a [*ShapeError] unless
// 0 ≤ k ≤ V. The order is found on the host, so it waits for the backend.
func (x *Tensor) TopK(k int) (values *Tensor, ids Ints) {
	a := x.axis("topK", -1)
	if n := x.view.Shape[a]; k < 0 || k > n {
		mistake("topK", fmt.Sprintf("%d of %d elements", k, n), fmt.Sprintf("k from 0 to %d", n), x)
	}
	ids = x.ordered(a, k, func(v, w float64) int { return order(w, v) })
	return x.TakeAlong(a, ids), ids
}

// order compares numbers; NaN is the largest.
func order(v, w float64) int {
	if math.IsNaN(v) || math.IsNaN(w) {
		return -cmp.Compare(v, w) // in which NaN is the smallest
	}
	return cmp.Compare(v, w)
}

// ordered returns the first k positions along axis a, ordered by their elements.
func (x *Tensor) ordered(a, k int, compare func(v, w float64) int) Ints {
	n, data := x.view.Shape[a], x.Float64s()
	from := x.view.Packed()
	to := from
	to.Shape[a] = k
	to = to.Packed()
	ids := make([]int32, to.Len())
	line := make([]int32, n)
	for first := range lines(&to, a) {
		outer, inner := first/(k*to.Stride[a]), first%to.Stride[a]
		start := outer*n*from.Stride[a] + inner
		at := func(i int32) float64 { return data[start+int(i)*from.Stride[a]] }
		for i := range line {
			line[i] = int32(i)
		}
		slices.SortStableFunc(line, func(i, j int32) int { return compare(at(i), at(j)) })
		for i, id := range line[:k] {
			ids[first+i*to.Stride[a]] = id
		}
	}
	return NewInts(ids, to.Dims()...)
}

// lines yields the position of the first element of every line along axis a of a
// packed layout.
func lines(l *backend.Layout, a int) func(yield func(first int) bool) {
	return func(yield func(first int) bool) {
		step := l.Stride[a]
		for first := 0; first < l.Len(); first++ {
			if first/step%l.Shape[a] == 0 && !yield(first) {
				return
			}
		}
	}
}

// TakeAlong returns elements of x [...] by their position along an axis: element
// [i, j, k] of the result, with axis 1, is x[i, ids[i, j, k], k]. ids [...] has x's
// shape except along the axis; the result has that of ids. It panics with a
// [*ShapeError] if the shapes do not fit or a position is out of range.
func (x *Tensor) TakeAlong(axis int, ids Ints) *Tensor {
	flat := x.FlatAlong(axis, ids)
	table := x.Reshape(-1, 1)
	rows := table.Gather(flat)
	table.Release()
	y := rows.Reshape(ids.Shape()...)
	rows.Release()
	return y
}

// FlatAlong returns, for positions ids [...] along an axis of x [...], the positions
// in x flattened, [ids.Len()]: what [Tensor.TakeAlong] gathers, and what its
// gradient is scattered to.
func (x *Tensor) FlatAlong(axis int, ids Ints) Ints {
	a := x.axis("takeAlong", axis)
	h := ids.get()
	n := x.view.Shape[a]
	fit := x.view.Packed()
	fit.Shape[a] = h.shape.Shape[a]
	if !fit.SameShape(&h.shape) {
		panic(&ShapeError{Op: "takeAlong", Shapes: [][]int{slices.Clone(x.Shape()), slices.Clone(ids.Shape())},
			Problem: fmt.Sprintf("shapes differ outside axis %d", axis), Want: "ids of equal size in every other axis"})
	}
	ids.Within("takeAlong", 0, n)
	flat := make([]int32, len(h.data))
	step := h.shape.Stride[a]
	for i, id := range h.data {
		outer, inner := i/(step*h.shape.Shape[a]), i%step
		flat[i] = int32((outer*n+int(id))*step + inner)
	}
	return NewInts(flat, len(flat))
}
