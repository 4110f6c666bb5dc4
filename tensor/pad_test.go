package tensor_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

func ExampleTensor_Pad() {
	fmt.Println(tensor.Ones(reference.New(), 1, 2).Pad(-1, 1, 2, 0))
	// Output: [[0. 1. 1. 0. 0.]]
}

func ExampleTensor_Flip() {
	fmt.Println(tensor.Arange(reference.New(), 0, 4, 1).Flip(0))
	// Output: [3. 2. 1. 0.]
}

func TestPad(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		a := count(2, 3, 2)
		for axis := range a.shape {
			for _, p := range [][2]int{{0, 0}, {1, 0}, {0, 2}, {2, 1}} {
				shape := slices.Clone(a.shape)
				shape[axis] += p[0] + p[1]
				want := build(shape, func(at []int) float64 {
					at = slices.Clone(at)
					at[axis] -= p[0]
					if at[axis] < 0 || at[axis] >= a.shape[axis] {
						return math.Inf(-1)
					}
					return a.at(at...)
				})
				assertArray(t, want, w.put(transposed(a)).T().Pad(axis-3, p[0], p[1], math.Inf(-1)), exactly, "axis %d by %v", axis, p)
			}
		}
		assertArray(t, array{[]int{3}, []float64{7, 7, 7}}, w.put(array{[]int{0}, nil}).Pad(0, 1, 2, 7), exactly, "of nothing")
	})
}

func TestFlip(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		a := count(2, 3, 4)
		for axis, n := range a.shape {
			want := build(a.shape, func(at []int) float64 {
				at = slices.Clone(at)
				at[axis] = n - 1 - at[axis]
				return a.at(at...)
			})
			assertArray(t, want, w.put(a).Flip(axis), exactly, "axis %d", axis)
			assertArray(t, a, w.put(a).Flip(axis).Flip(axis-3), exactly, "axis %d twice", axis)
		}
		assertArray(t, array{[]int{0, 2}, nil}, w.put(array{[]int{0, 2}, nil}).Flip(0), exactly)
	})
}
