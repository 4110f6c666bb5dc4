package tensor_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

func ExampleTensor_Slice() {
	x := tensor.Arange(reference.New(), 0, 12, 1).Reshape(3, 4)
	fmt.Println(x.Slice(1, 1, 3))
	fmt.Println(x.Slice(0, -2, tensor.End))
	x.Slice(0, 0, 1).Fill(0) // a view: it shares its elements with x
	fmt.Println(x)
	// Output:
	// [[ 1.  2.]
	//  [ 5.  6.]
	//  [ 9. 10.]]
	// [[ 4.  5.  6.  7.]
	//  [ 8.  9. 10. 11.]]
	// [[ 0.  0.  0.  0.]
	//  [ 4.  5.  6.  7.]
	//  [ 8.  9. 10. 11.]]
}

func ExampleTensor_Reshape() {
	x := tensor.Arange(reference.New(), 0, 6, 1)
	fmt.Println(x.Reshape(2, -1))
	// Output:
	// [[0. 1. 2.]
	//  [3. 4. 5.]]
}

func ExampleTensor_Select() {
	hs := tensor.Arange(reference.New(), 0, 12, 1).Reshape(2, 3, 2) // [N, T, H]
	fmt.Println(hs.Select(1, -1))                                   // the last time step, [N, H]
	// Output:
	// [[ 4.  5.]
	//  [10. 11.]]
}

func ExampleTensor_Expand() {
	row := tensor.FromSlice(reference.New(), []float32{1, 2, 3}, 3)
	fmt.Println(row.Expand(2, 3))
	// Output:
	// [[1. 2. 3.]
	//  [1. 2. 3.]]
}

func TestViews(t *testing.T) {
	a := count(2, 3, 4)
	tests := []struct {
		name string
		view func(x *tensor.Tensor) *tensor.Tensor
		want array
	}{
		{"transpose last two", (*tensor.Tensor).T, build([]int{2, 4, 3}, func(i []int) float64 { return a.at(i[0], i[2], i[1]) })},
		{"transpose/negative", func(x *tensor.Tensor) *tensor.Tensor { return x.Transpose(-3, 2) }, build([]int{4, 3, 2}, func(i []int) float64 { return a.at(i[2], i[1], i[0]) })},
		{"transpose/same axis", func(x *tensor.Tensor) *tensor.Tensor { return x.Transpose(1, 1) }, a},
		{"permute", func(x *tensor.Tensor) *tensor.Tensor { return x.Permute(2, 0, -2) }, build([]int{4, 2, 3}, func(i []int) float64 { return a.at(i[1], i[2], i[0]) })},
		{"slice", func(x *tensor.Tensor) *tensor.Tensor { return x.Slice(1, 1, 3) }, build([]int{2, 2, 4}, func(i []int) float64 { return a.at(i[0], i[1]+1, i[2]) })},
		{"slice/negative", func(x *tensor.Tensor) *tensor.Tensor { return x.Slice(-1, -3, -1) }, build([]int{2, 3, 2}, func(i []int) float64 { return a.at(i[0], i[1], i[2]+1) })},
		{"slice/End", func(x *tensor.Tensor) *tensor.Tensor { return x.Slice(2, 3, tensor.End) }, build([]int{2, 3, 1}, func(i []int) float64 { return a.at(i[0], i[1], 3) })},
		{"slice/empty", func(x *tensor.Tensor) *tensor.Tensor { return x.Slice(0, 1, 1) }, array{[]int{0, 3, 4}, nil}},
		{"slice/empty at the end", func(x *tensor.Tensor) *tensor.Tensor { return x.Slice(0, tensor.End, tensor.End) }, array{[]int{0, 3, 4}, nil}},
		{"slice/step", func(x *tensor.Tensor) *tensor.Tensor { return x.SliceStep(2, 0, tensor.End, 3) }, build([]int{2, 3, 2}, func(i []int) float64 { return a.at(i[0], i[1], 3*i[2]) })},
		{"slice/step, the last reached", func(x *tensor.Tensor) *tensor.Tensor { return x.SliceStep(2, 1, 4, 2) }, build([]int{2, 3, 2}, func(i []int) float64 { return a.at(i[0], i[1], 1+2*i[2]) })},
		{"slice/step longer than the axis", func(x *tensor.Tensor) *tensor.Tensor { return x.SliceStep(2, 1, 4, 9) }, build([]int{2, 3, 1}, func(i []int) float64 { return a.at(i[0], i[1], 1) })},
		{"select", func(x *tensor.Tensor) *tensor.Tensor { return x.Select(1, 2) }, build([]int{2, 4}, func(i []int) float64 { return a.at(i[0], 2, i[1]) })},
		{"select/negative", func(x *tensor.Tensor) *tensor.Tensor { return x.Select(-1, -4) }, build([]int{2, 3}, func(i []int) float64 { return a.at(i[0], i[1], 0) })},
		{"unsqueeze", func(x *tensor.Tensor) *tensor.Tensor { return x.Unsqueeze(1) }, array{[]int{2, 1, 3, 4}, a.data}},
		{"unsqueeze/last", func(x *tensor.Tensor) *tensor.Tensor { return x.Unsqueeze(-1) }, array{[]int{2, 3, 4, 1}, a.data}},
		{"unsqueeze/first", func(x *tensor.Tensor) *tensor.Tensor { return x.Unsqueeze(-4) }, array{[]int{1, 2, 3, 4}, a.data}},
		{"squeeze/all", func(x *tensor.Tensor) *tensor.Tensor { return x.Reshape(1, 24, 1).Squeeze() }, array{[]int{24}, a.data}},
		{"squeeze/one", func(x *tensor.Tensor) *tensor.Tensor { return x.Reshape(1, 24, 1).Squeeze(-1) }, array{[]int{1, 24}, a.data}},
		{"squeeze/two", func(x *tensor.Tensor) *tensor.Tensor { return x.Reshape(1, 1, 24, 1).Squeeze(3, 0) }, array{[]int{1, 24}, a.data}},
		{"squeeze/to a number", func(x *tensor.Tensor) *tensor.Tensor { return x.Slice(0, 0, 1).Slice(1, 2, 3).Slice(2, 3, 4).Squeeze() }, array{nil, []float64{11}}},
		{"reshape", func(x *tensor.Tensor) *tensor.Tensor { return x.Reshape(6, 4) }, array{[]int{6, 4}, a.data}},
		{"reshape/-1", func(x *tensor.Tensor) *tensor.Tensor { return x.Reshape(3, -1, 2) }, array{[]int{3, 4, 2}, a.data}},
		{"reshape/-1 is 1", func(x *tensor.Tensor) *tensor.Tensor { return x.Reshape(24, -1) }, array{[]int{24, 1}, a.data}},
		{"flatten", (*tensor.Tensor).Flatten, array{[]int{24}, a.data}},
		{"flatten/strided", func(x *tensor.Tensor) *tensor.Tensor { return x.Transpose(0, 2).Flatten() }, array{[]int{24}, build([]int{4, 3, 2}, func(i []int) float64 { return a.at(i[2], i[1], i[0]) }).data}},
		{"expand", func(x *tensor.Tensor) *tensor.Tensor { return x.Slice(1, 0, 1).Expand(5, 2, 3, 4) }, build([]int{5, 2, 3, 4}, func(i []int) float64 { return a.at(i[1], 0, i[3]) })},
		{"expand/same shape", func(x *tensor.Tensor) *tensor.Tensor { return x.Expand(2, 3, 4) }, a},
		{"expand/to nothing", func(x *tensor.Tensor) *tensor.Tensor { return x.Slice(0, 0, 1).Expand(0, 3, 4) }, array{[]int{0, 3, 4}, nil}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, w world) {
				x := w.put(a)
				y := tt.view(x)
				assertArray(t, tt.want, y, exactly)
				assertArray(t, a, x, exactly, "the operand")
			})
		})
	}
}

// shares reports that y is a view of x's buffer.
func shares(x, y *tensor.Tensor) bool {
	return fmt.Sprintf("%p", x.View().Buf) == fmt.Sprintf("%p", y.View().Buf)
}

// Reshape copies only where no strides would do.
func TestReshapeSharesWhereItCan(t *testing.T) {
	x := tensor.Arange(reference.New(), 0, 24, 1).Reshape(2, 3, 4)
	tests := []struct {
		name  string
		x     *tensor.Tensor
		shape []int
		view  bool
	}{
		{"contiguous", x, []int{4, 6}, true},
		{"an axis split", x.T(), []int{2, 2, 2, 3}, true},
		{"axes in order merge", x.Permute(2, 0, 1), []int{4, 6}, true},
		{"axes out of order do not", x.T(), []int{2, 12}, false},
		{"a slice of the first axis merges", x.Slice(0, 1, 2), []int{12}, true},
		{"a slice of the last does not", x.Slice(2, 0, 2), []int{12}, false},
		{"but splits", x.Slice(2, 0, 2), []int{2, 3, 2, 1}, true},
		{"every second row", x.SliceStep(1, 0, tensor.End, 2), []int{2, 2, 2, 2}, true},
		{"ones are inserted", x.T(), []int{1, 2, 1, 4, 3, 1}, true},
		{"repeated axes merge", x.Select(0, 0).Slice(0, 0, 1).Slice(1, 0, 1).Expand(3, 4), []int{12}, true},
		{"a repeated axis and another do not", x.Select(0, 0).Slice(0, 0, 1).Expand(3, 4), []int{12}, false},
		{"an element", x.Slice(0, 1, 2).Slice(1, 1, 2).Slice(2, 1, 2), nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := tt.x.Floats()
			y := tt.x.Reshape(tt.shape...)
			assert.Equal(t, tt.view, shares(x, y))
			assert.Equal(t, before, y.Floats())
		})
	}
}

// Empty arrays have strides too, and any shape of no elements is another's.
func TestReshapeEmpty(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		x := w.put(array{[]int{0, 3, 2}, nil})
		for _, y := range []*tensor.Tensor{x, x.T(), x.Permute(2, 1, 0), x.Expand(4, 0, 3, 2), x.Slice(1, 1, 2)} {
			assert.Equal(t, []int{0}, y.Reshape(0).Shape())
			assert.Equal(t, []int{5, 0, 7}, y.Reshape(5, 0, 7).Shape())
			assert.Equal(t, []int{0}, y.Flatten().Shape())
			assert.Equal(t, []int{3, 0}, y.Reshape(3, -1).Shape())
		}
	})
}

// The place of an empty view is in its buffer, so that no backend looks behind it.
func TestEmptyViewsStayInTheBuffer(t *testing.T) {
	x := tensor.Zeros(reference.New(), 1, 2)
	assert.Zero(t, x.Slice(0, 1, 1).Select(1, 1).View().Off)
	assert.Zero(t, x.Slice(1, 2, 2).View().Off)
}

// A random chain of views shows the elements that a model with copies shows.
func TestViewsLikeModel(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		rapid.Check(t, func(rt *rapid.T) {
			a := count(shapes(0, 4).Draw(rt, "shape")...)
			x := w.put(a)
			for range rapid.IntRange(1, 6).Draw(rt, "views") {
				x, a = randomView(rt, x, a)
				if diff := exactly.Diff(x, tensor.FromFloat64(reference.New(), a.data, a.shape...)); diff != "" {
					rt.Fatal(diff)
				}
			}
			if w.arena != nil {
				w.arena.Reset(nil)
			}
		})
	})
}

// shapes draws shapes of a number of axes between two, with sizes from 0 to 4.
func shapes(lo, hi int) *rapid.Generator[[]int] {
	return rapid.SliceOfN(rapid.SampledFrom([]int{1, 2, 3, 4, 0, 1, 2, 3}), lo, hi)
}

// randomView applies one view to a tensor and to its model.
func randomView(rt *rapid.T, x *tensor.Tensor, a array) (*tensor.Tensor, array) {
	rank := len(a.shape)
	kind := rapid.SampledFrom([]string{"permute", "slice", "select", "unsqueeze", "squeeze", "reshape", "expand"}).Draw(rt, "view")
	if rank == 0 && slices.Contains([]string{"slice", "select"}, kind) {
		kind = "unsqueeze"
	}
	if rank == backend.MaxRank && kind == "unsqueeze" {
		kind = "permute"
	}
	switch kind {
	case "permute":
		axes := rapid.Permutation(upTo(rank)).Draw(rt, "axes")
		shape := make([]int, rank)
		for k, ax := range axes {
			shape[k] = a.shape[ax]
		}
		return x.Permute(axes...), build(shape, func(at []int) float64 {
			from := make([]int, rank)
			for k, ax := range axes {
				from[ax] = at[k]
			}
			return a.at(from...)
		})
	case "slice":
		ax := rapid.IntRange(0, rank-1).Draw(rt, "axis")
		n := a.shape[ax]
		start := rapid.IntRange(0, n).Draw(rt, "start")
		stop := rapid.IntRange(start, n).Draw(rt, "stop")
		step := rapid.IntRange(1, 3).Draw(rt, "step")
		shape := slices.Clone(a.shape)
		shape[ax] = len(every(start, stop, step))
		from, to := start, stop
		if rapid.Bool().Draw(rt, "negative") {
			from, to = negative(start, n), negative(stop, n)
		}
		return x.SliceStep(ax-rank, from, to, step), build(shape, func(at []int) float64 {
			at = slices.Clone(at)
			at[ax] = start + step*at[ax]
			return a.at(at...)
		})
	case "select":
		ax := rapid.IntRange(0, rank-1).Draw(rt, "axis")
		if a.shape[ax] == 0 {
			return x, a
		}
		i := rapid.IntRange(0, a.shape[ax]-1).Draw(rt, "element")
		return x.Select(ax, i), build(slices.Delete(slices.Clone(a.shape), ax, ax+1), func(at []int) float64 {
			return a.at(slices.Insert(slices.Clone(at), ax, i)...)
		})
	case "unsqueeze":
		ax := rapid.IntRange(0, rank).Draw(rt, "axis")
		return x.Unsqueeze(ax), array{slices.Insert(slices.Clone(a.shape), ax, 1), a.data}
	case "squeeze":
		shape := slices.DeleteFunc(slices.Clone(a.shape), func(n int) bool { return n == 1 })
		return x.Squeeze(), array{shape, a.data}
	case "reshape":
		shape := factors(rt, len(a.data))
		return x.Reshape(shape...), array{shape, a.data}
	}
	shape := slices.Clone(a.shape)
	for k, n := range shape {
		if n == 1 {
			shape[k] = rapid.IntRange(0, 3).Draw(rt, "times")
		}
	}
	if rank < backend.MaxRank {
		shape = slices.Insert(shape, 0, rapid.IntRange(1, 2).Draw(rt, "new axis"))
	}
	return x.Expand(shape...), build(shape, a.broadcast)
}

func upTo(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func every(start, stop, step int) (at []int) {
	for i := start; i < stop; i += step {
		at = append(at, i)
	}
	return at
}

// negative says a position as counted from the end.
func negative(i, n int) int {
	if i == n {
		return tensor.End
	}
	return i - n
}

// factors draws a shape of n elements.
func factors(rt *rapid.T, n int) []int {
	if n == 0 {
		return append([]int{0}, rapid.SliceOfN(rapid.IntRange(0, 3), 0, 3).Draw(rt, "rest")...)
	}
	var shape []int
	for len(shape) < backend.MaxRank-1 && n > 1 {
		var divisors []int
		for d := 1; d <= n; d++ {
			if n%d == 0 {
				divisors = append(divisors, d)
			}
		}
		d := rapid.SampledFrom(divisors).Draw(rt, "factor")
		shape = append(shape, d)
		n /= d
	}
	return append(shape, n)
}

func TestSplit(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		a := count(2, 6)
		parts := w.put(a).Split(-1, 3)
		assert.Len(t, parts, 3)
		for k, p := range parts {
			assertArray(t, build([]int{2, 2}, func(i []int) float64 { return a.at(i[0], 2*k+i[1]) }), p, exactly)
		}
	})
}
