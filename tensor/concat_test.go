package tensor_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

func ExampleConcat() {
	be := reference.New()
	fmt.Println(tensor.Concat(1, tensor.Zeros(be, 2, 1), tensor.Ones(be, 2, 2)))
	// Output:
	// [[0. 1. 1.]
	//  [0. 1. 1.]]
}

func ExampleStack() {
	be := reference.New()
	fmt.Println(tensor.Stack(0, tensor.Zeros(be, 3), tensor.Ones(be, 3)))
	// Output:
	// [[0. 0. 0.]
	//  [1. 1. 1.]]
}

func TestConcatAndStack(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		for axis := range 3 {
			var parts []*tensor.Tensor
			var models []array
			total := 0
			for i, n := range []int{2, 0, 1, 3} {
				shape := []int{2, 3, 2}
				shape[axis] = n
				total += n
				a := randoms(seeded(uint64(i)), -1, 1, shape...)
				models, parts = append(models, a), append(parts, w.put(a))
			}
			parts[3] = w.put(transposed(models[3])).T() // a view
			shape := []int{2, 3, 2}
			shape[axis] = total
			assertArray(t, build(shape, func(at []int) float64 {
				at = slices.Clone(at)
				for _, m := range models {
					if at[axis] < m.shape[axis] {
						return m.at(at...)
					}
					at[axis] -= m.shape[axis]
				}
				panic("unreachable")
			}), tensor.Concat(axis-3, parts...), exactly, "concat along %d", axis)
		}

		a, b := count(2, 3), randoms(seeded(9), -1, 1, 2, 3)
		for axis := range 3 {
			want := build(slices.Insert([]int{2, 3}, axis, 2), func(at []int) float64 {
				return [...]array{a, b}[at[axis]].at(slices.Delete(slices.Clone(at), axis, axis+1)...)
			})
			assertArray(t, want, tensor.Stack(axis, w.put(a), w.put(b)), exactly, "stack along %d", axis)
			assertArray(t, want, tensor.Stack(axis-3, w.put(a), w.put(b)), exactly, "stack along %d", axis-3)
		}
		number := array{nil, []float64{5}}
		assertArray(t, array{[]int{2}, []float64{5, 5}}, tensor.Stack(0, w.put(number), w.put(number)), exactly)
		assertArray(t, a, tensor.Concat(0, w.put(a)), exactly, "one alone")
	})
}

// Concat copies even a single part: the result is not a view.
func TestConcatCopies(t *testing.T) {
	x := tensor.Zeros(reference.New(), 2)
	tensor.Concat(0, x).Fill(1)
	assert.Equal(t, []float32{0, 0}, x.Floats())
}

func TestRepeatAndTile(t *testing.T) {
	a := count(2, 3)
	tests := []struct {
		name string
		f    func(x *tensor.Tensor) *tensor.Tensor
		want []int
	}{
		{"repeat/0", func(x *tensor.Tensor) *tensor.Tensor { return x.Repeat(0, 3) }, []int{6, 3}},
		{"repeat/-1", func(x *tensor.Tensor) *tensor.Tensor { return x.Repeat(-1, 2) }, []int{2, 6}},
		{"repeat/once", func(x *tensor.Tensor) *tensor.Tensor { return x.Repeat(0, 1) }, []int{2, 3}},
		{"repeat/never", func(x *tensor.Tensor) *tensor.Tensor { return x.Repeat(1, 0) }, []int{2, 0}},
		{"tile/both", func(x *tensor.Tensor) *tensor.Tensor { return x.Tile(2, 3) }, []int{4, 9}},
		{"tile/last", func(x *tensor.Tensor) *tensor.Tensor { return x.Tile(2) }, []int{2, 6}},
		{"tile/none", func(x *tensor.Tensor) *tensor.Tensor { return x.Tile() }, []int{2, 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, w world) {
				assertArray(t, build(tt.want, func(at []int) float64 { return a.at(at[0]%2, at[1]%3) }), tt.f(w.put(a)), exactly)
			})
		})
	}
	everywhere(t, func(t *testing.T, w world) {
		assertArray(t, build([]int{2, 2, 6}, func(at []int) float64 { return a.at(at[1], at[2]%3) }), w.put(a).Tile(2, 1, 2), exactly, "new axes")
	})
}
