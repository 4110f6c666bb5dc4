package tensor_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

func ExampleTolerance_Diff() {
	be := reference.New()
	x := tensor.FromSlice(be, []float32{1, 2, 3, 4}, 2, 2)
	y := tensor.FromSlice(be, []float32{1, 2, 3.5, 4.0000005}, 2, 2)
	fmt.Println(tensor.Tolerance{Rel: 1e-5}.Diff(x, y))
	// Output: 1 of 4 elements differ, first [1 0]: 3 and 3.5, apart 0.5, allowed 3.5e-05
}

func TestClose(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	tests := []struct {
		name string
		tol  tensor.Tolerance
		x, y float64
		want bool
	}{
		{"equal", tensor.Tolerance{}, 1, 1, true},
		{"zeros", tensor.Tolerance{}, 0, math.Copysign(0, -1), true},
		{"a bit apart", tensor.Tolerance{}, 1, 1 + 0x1p-23, false},
		{"absolute", tensor.Tolerance{Abs: 0.25}, 1, 1.25, true},
		{"absolute, beyond", tensor.Tolerance{Abs: 0.25}, 1, 1.375, false},
		{"relative to the second", tensor.Tolerance{Rel: 0.5}, 5, 10, true},
		{"relative to the first would do", tensor.Tolerance{Rel: 0.5}, 10, 5, false},
		{"both add up", tensor.Tolerance{Rel: 0.25, Abs: 1}, 6, 4, true},
		{"NaN", tensor.Tolerance{Abs: inf}, nan, nan, false},
		{"NaN, asked", tensor.Tolerance{EqualNaN: true}, nan, nan, true},
		{"NaN and a number, asked", tensor.Tolerance{Abs: 1, EqualNaN: true}, nan, 1, false},
		{"infinities", tensor.Tolerance{}, inf, inf, true},
		{"infinities of two signs", tensor.Tolerance{Rel: 1}, inf, -inf, false},
		{"infinity and a number", tensor.Tolerance{Rel: 1, Abs: 1}, 1, inf, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			be := reference.New()
			x, y := tensor.FromFloat64(be, []float64{0, tt.x}, 2), tensor.FromFloat64(be, []float64{0, tt.y}, 2)
			assert.Equal(t, tt.want, tt.tol.Close(x, y))
			assert.Equal(t, tt.want, tt.tol.Diff(x, y) == "")
			if !tt.tol.EqualNaN {
				assert.Equal(t, tt.want, tensor.AllClose(x, y, tt.tol.Rel, tt.tol.Abs))
			}
			if tt.tol == (tensor.Tolerance{}) {
				assert.Equal(t, tt.want, tensor.Equal(x, y))
			}
		})
	}
}

func TestCloseOfShapesAndBackends(t *testing.T) {
	x := tensor.Ones(reference.New(), 2, 3)
	assert.False(t, tensor.Equal(x, x.T()))
	assert.False(t, tensor.AllClose(x, tensor.Ones(reference.New(), 3), 1, 1), "no broadcasting")
	assert.Equal(t, "shapes [2 3] and [3 2] differ", tensor.Tolerance{}.Diff(x, x.T()))
	assert.True(t, tensor.Equal(x, tensor.Ones(cpu.New(), 3, 2).T()))
	assert.True(t, tensor.Equal(tensor.Zeros(reference.New(), 0), tensor.Zeros(cpu.New(), 0)))
}

func TestDiffSaysWhere(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		x := w.put(count(2, 3, 4))
		y := x.Clone()
		y.Select(0, 1).Select(0, 2).Slice(0, 1, 3).Fill(-1)
		assert.Equal(t, "2 of 24 elements differ, first [1 2 1]: 21 and -1, apart 22, allowed 0.5", tensor.Tolerance{Abs: 0.5}.Diff(x, y))
	})
}
