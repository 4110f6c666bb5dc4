package tensor_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

func ExampleTensor_Sum() {
	x := tensor.Arange(reference.New(), 0, 6, 1).Reshape(2, 3)
	fmt.Println(x.Sum())
	fmt.Println(x.Sum(0))
	fmt.Println(x.SumKeep(-1))
	// Output:
	// 15.0
	// [3. 5. 7.]
	// [[ 3.]
	//  [12.]]
}

func ExampleTensor_ArgMax() {
	x := tensor.FromSlice(reference.New(), []float32{1, 9, 3, 7, 5, 7}, 2, 3)
	fmt.Println(x.ArgMax(-1).Data())
	// Output: [1 0]
}

// reduction is a function of a list of numbers.
type reduction struct {
	name  string
	f     func(v []float64) float64
	drop  func(x *tensor.Tensor, axes ...int) *tensor.Tensor
	keep  func(x *tensor.Tensor, axes ...int) *tensor.Tensor
	empty bool // has a value for no elements
}

var reductions = []reduction{
	{"sum", total, (*tensor.Tensor).Sum, (*tensor.Tensor).SumKeep, true},
	{"mean", mean, (*tensor.Tensor).Mean, (*tensor.Tensor).MeanKeep, true},
	{"max", slices.Max[[]float64], (*tensor.Tensor).Max, (*tensor.Tensor).MaxKeep, false},
	{"min", slices.Min[[]float64], (*tensor.Tensor).Min, (*tensor.Tensor).MinKeep, false},
	{"variance", variance, (*tensor.Tensor).Variance, (*tensor.Tensor).VarianceKeep, true},
}

func total(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s
}

func mean(v []float64) float64 { return total(v) / float64(len(v)) }

func variance(v []float64) float64 {
	m, s := mean(v), 0.0
	for _, x := range v {
		s += (x - m) * (x - m)
	}
	return s / float64(len(v))
}

// reduced applies f over axes, which stay with size 1.
func (a array) reduced(f func(v []float64) float64, axes []int) array {
	shape := slices.Clone(a.shape)
	for k := range shape {
		if slices.Contains(axes, k) {
			shape[k] = 1
		}
	}
	lists := make([][]float64, size(shape))
	where := count(shape...)
	build(a.shape, func(at []int) float64 {
		i := int(where.broadcast(at))
		lists[i] = append(lists[i], a.at(at...))
		return 0
	})
	out := array{shape: shape}
	for _, v := range lists {
		out.data = append(out.data, f(v))
	}
	return out
}

// Every reduction over every set of axes.
func TestReductions(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		a := randoms(seeded(5), -3, 3, 2, 3, 1, 4)
		x := w.put(a)
		swapped := w.put(transposed(a)).T() // the same elements, not in order
		for _, red := range reductions {
			for set := range 1 << len(a.shape) {
				var axes, named []int
				for k := range a.shape {
					if set>>k&1 == 1 {
						axes = append(axes, k)
						named = append(named, k-k%2*len(a.shape)) // odd axes are named from the end
					}
				}
				slices.Reverse(named)
				if set == 0 {
					axes = upTo(len(a.shape))
				}
				want := a.reduced(red.f, axes)
				assertArray(t, want, red.keep(x, named...), nearly, "%s over %v, kept", red.name, named)
				assertArray(t, want, red.keep(swapped, named...), nearly, "%s of a view over %v, kept", red.name, named)
				for i := len(axes) - 1; i >= 0; i-- {
					want.shape = slices.Delete(slices.Clone(want.shape), axes[i], axes[i]+1)
				}
				assertArray(t, want, red.drop(x, named...), nearly, "%s over %v", red.name, named)
			}
			number := array{nil, []float64{3}}
			assertArray(t, number.reduced(red.f, nil), red.drop(w.put(number)), nearly, "%s of a number", red.name)
		}
	})
}

func TestReductionsOfNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		x := w.put(array{[]int{0, 3}, nil})
		nan := math.NaN()
		assertArray(t, array{[]int{3}, []float64{0, 0, 0}}, x.Sum(0), exactly, "an empty sum")
		assertArray(t, array{[]int{3}, []float64{nan, nan, nan}}, x.Mean(0), exactly, "an empty mean")
		for _, red := range reductions {
			assertArray(t, array{[]int{0}, nil}, red.drop(x, 1), exactly, "%s along the other axis", red.name)
		}
		for _, f := range []func(...int) *tensor.Tensor{x.Max, x.Min, x.MaxKeep, x.MinKeep} {
			assert.Contains(t, message(t, func() { f(0) }), "nothing to choose from")
			assert.Contains(t, message(t, func() { f() }), "nothing to choose from")
		}
	})
}

func TestReductionsOfNaN(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		x := w.put(array{[]int{2, 3}, []float64{1, math.NaN(), 2, 3, 4, math.Inf(1)}})
		assertArray(t, array{[]int{2}, []float64{math.NaN(), math.Inf(1)}}, x.Max(1), exactly)
		assertArray(t, array{[]int{2}, []float64{math.NaN(), 3}}, x.Min(1), exactly)
		assertArray(t, array{[]int{2}, []float64{math.NaN(), math.Inf(1)}}, x.Sum(1), exactly)
	})
}

// Stride 0 is where sums of views went wrong in practice.
func TestReductionsOfExpanded(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		x := w.put(array{[]int{2, 1}, []float64{1, 2}}).Expand(3, 2, 4)
		assertArray(t, array{nil, []float64{36}}, x.Sum(), exactly)
		assertArray(t, array{[]int{3, 4}, []float64{3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3}}, x.Sum(1), exactly)
		assertArray(t, array{[]int{2}, []float64{1, 2}}, x.Max(0, 2), exactly)
	})
}

// SumTo is the adjoint of Expand: it sums what Expand repeats.
func TestSumTo(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		a := randoms(seeded(6), -1, 1, 2, 3, 4)
		for _, shape := range [][]int{{}, {1}, {4}, {3, 4}, {3, 1}, {1, 4}, {1, 1, 1}, {2, 1, 4}, {2, 3, 4}, {1, 3, 4}} {
			want := array{shape, make([]float64, size(shape))}
			where := count(shape...)
			build(a.shape, func(at []int) float64 {
				want.data[int(where.broadcast(at))] += a.at(at...)
				return 0
			})
			assertArray(t, want, w.put(a).SumTo(shape...), nearly, "to %v", shape)
			assertArray(t, want, w.put(transposed(a)).T().SumTo(shape...), nearly, "of a view to %v", shape)
		}
	})
}

func TestArgMaxArgMin(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	tests := []struct {
		name     string
		row      []float64
		max, min int32
	}{
		{"plain", []float64{2, 3, 1}, 1, 2},
		{"ties go to the first", []float64{1, 2, 2, 1}, 1, 0},
		{"all equal", []float64{5, 5}, 0, 0},
		{"zeros of either sign are equal", []float64{math.Copysign(0, -1), 0}, 0, 0},
		{"NaN wins", []float64{1, nan, inf, -inf}, 1, 1},
		{"the first NaN", []float64{nan, nan}, 0, 0},
		{"infinities", []float64{0, inf, -inf, inf}, 1, 2},
		{"one", []float64{-inf}, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, w world) {
				x := w.put(array{[]int{len(tt.row)}, tt.row})
				assert.Equal(t, []int32{tt.max}, x.ArgMax(0).Data())
				assert.Equal(t, []int32{tt.min}, x.ArgMin(-1).Data())
				assert.Empty(t, x.ArgMax(0).Shape())
			})
		})
	}
	t.Run("axes", func(t *testing.T) {
		everywhere(t, func(t *testing.T, w world) {
			a := randoms(seeded(7), -1, 1, 3, 4, 2)
			x := w.put(a)
			for axis := range a.shape {
				top := x.ArgMax(axis)
				picked := x.TakeAlong(axis, tensor.NewInts(top.Data(), slices.Insert(slices.Clone(top.Shape()), axis, 1)...))
				assertArray(t, a.reduced(slices.Max[[]float64], []int{axis}), picked, exactly, "axis %d", axis)
			}
			assert.Empty(t, w.put(array{[]int{0, 3}, nil}).ArgMax(1).Data())
		})
	})
}
