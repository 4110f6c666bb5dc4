package tensor_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

func ExampleTensor_Sort() {
	x := tensor.FromSlice(reference.New(), []float32{3, 1, 2}, 3)
	values, ids := x.Sort(0)
	fmt.Println(values, ids.Data())
	// Output: [1. 2. 3.] [1 2 0]
}

func ExampleTensor_TopK() {
	x := tensor.FromSlice(reference.New(), []float32{0.1, 0.5, 0.4, 0.7, 0.2, 0.1}, 2, 3)
	values, ids := x.TopK(2)
	fmt.Println(values)
	fmt.Println(ids.Shape(), ids.Data())
	// Output:
	// [[0.5 0.4]
	//  [0.7 0.2]]
	// [2 2] [1 2 0 1]
}

func TestSort(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	tests := []struct {
		name   string
		row    []float64
		values []float64
		ids    []int32
	}{
		{"plain", []float64{3, 1, 2}, []float64{1, 2, 3}, []int32{1, 2, 0}},
		{"ties keep their order", []float64{1, 0, 1, 0}, []float64{0, 0, 1, 1}, []int32{1, 3, 0, 2}},
		{"NaN last", []float64{nan, 1, nan, inf, -inf}, []float64{-inf, 1, inf, nan, nan}, []int32{4, 1, 3, 0, 2}},
		{"one", []float64{nan}, []float64{nan}, []int32{0}},
		{"empty", []float64{}, []float64{}, []int32{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, w world) {
				values, ids := w.put(array{[]int{len(tt.row)}, tt.row}).Sort(-1)
				assertArray(t, array{[]int{len(tt.row)}, tt.values}, values, exactly)
				assert.Equal(t, tt.ids, append([]int32{}, ids.Data()...))
			})
		})
	}
}

// Every line along every axis is sorted by itself, whatever the strides.
func TestSortLikeModel(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		rapid.Check(t, func(rt *rapid.T) {
			shape := rapid.SliceOfN(rapid.IntRange(0, 4), 1, 4).Draw(rt, "shape")
			a := build(shape, func([]int) float64 { return float64(rapid.IntRange(-3, 3).Draw(rt, "v")) })
			axis := rapid.IntRange(0, len(shape)-1).Draw(rt, "axis")
			x := w.put(a)
			if len(shape) > 1 && rapid.Bool().Draw(rt, "strided") {
				x = w.put(transposed(a)).T()
			}
			values, ids := x.Sort(axis)
			assert.True(rt, slices.Equal(shape, ids.Shape()))
			assert.True(rt, tensor.Equal(x.TakeAlong(axis, ids), values))
			v := array{shape, values.Float64s()}
			where := count(shape...)
			step := func(at []int) []int {
				next := slices.Clone(at)
				next[axis]++
				return next
			}
			build(shape, func(at []int) float64 {
				if at[axis]+1 == shape[axis] {
					return 0
				}
				i, j := int(where.at(at...)), int(where.at(step(at)...))
				if v.data[i] > v.data[j] || v.data[i] == v.data[j] && ids.Data()[i] > ids.Data()[j] {
					rt.Fatalf("out of order at %v: %v %v", at, v, ids)
				}
				return 0
			})
		})
	})
}

func TestTopK(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name   string
		row    []float64
		k      int
		values []float64
		ids    []int32
	}{
		{"plain", []float64{1, 4, 2, 3}, 2, []float64{4, 3}, []int32{1, 3}},
		{"ties go to the lower index", []float64{1, 2, 2, 1}, 3, []float64{2, 2, 1}, []int32{1, 2, 0}},
		{"all", []float64{1, 2}, 2, []float64{2, 1}, []int32{1, 0}},
		{"none", []float64{1, 2}, 0, []float64{}, []int32{}},
		{"NaN first, as in ArgMax", []float64{math.Inf(1), nan, 0}, 2, []float64{nan, math.Inf(1)}, []int32{1, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, w world) {
				values, ids := w.put(array{[]int{1, len(tt.row)}, tt.row}).TopK(tt.k)
				assertArray(t, array{[]int{1, tt.k}, tt.values}, values, exactly)
				assert.Equal(t, tt.ids, append([]int32{}, ids.Data()...))
				assert.Equal(t, []int{1, tt.k}, ids.Shape())
			})
		})
	}
	t.Run("many ties", func(t *testing.T) {
		be := reference.New()
		x := tensor.FromSlice(be, []float32{0, 1}, 2).Tile(150)
		even, odd := tensor.Arange(be, 0, 300, 2), tensor.Arange(be, 1, 300, 2)
		assert.Equal(t, tensor.Concat(0, even, odd).Floats(), floats(x.ArgSort(0)))
		_, ids := x.TopK(300)
		assert.Equal(t, tensor.Concat(0, odd, even).Floats(), floats(ids))
	})
	everywhere(t, func(t *testing.T, w world) {
		a := randoms(seeded(8), -1, 1, 3, 5)
		x := w.put(transposed(a)).T()
		values, ids := x.TopK(1)
		assertArray(t, a.reduced(slices.Max[[]float64], []int{1}), values, exactly)
		assert.Equal(t, x.ArgMax(-1).Data(), ids.Data())
	})
}

func floats(x tensor.Ints) (out []float32) {
	for _, v := range x.Data() {
		out = append(out, float32(v))
	}
	return out
}

func TestCumSum(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		for _, shape := range [][]int{{1}, {2}, {7}, {8}, {33}, {0}, {2, 0}, {3, 5, 2}} {
			a := randoms(seeded(10), -1, 1, shape...)
			for axis := range shape {
				want := array{shape, slices.Clone(a.data)}
				where := count(shape...)
				build(shape, func(at []int) float64 {
					if at[axis] > 0 {
						before := slices.Clone(at)
						before[axis]--
						want.data[int(where.at(at...))] += want.data[int(where.at(before...))]
					}
					return 0
				})
				assertArray(t, want, w.put(a).CumSum(axis-len(shape)), nearly, "%v along %d", shape, axis)
			}
		}
		assertArray(t, array{[]int{2, 3}, []float64{1, 2, 3, 1, 2, 3}}, w.put(array{nil, []float64{1}}).Expand(2, 3).CumSum(1), exactly, "of a repeated number")
	})
}

func ExampleTensor_CumSum() {
	fmt.Println(tensor.Ones(reference.New(), 5).CumSum(0))
	// Output: [1. 2. 3. 4. 5.]
}
