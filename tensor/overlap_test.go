package tensor_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/tensor"
)

// What is written in place may be another view of what is read: the result is that
// of reading everything first, as in NumPy.
func TestInPlaceOnOverlappingViews(t *testing.T) {
	be := cpu.New()
	arena := tensor.NewArena(be)
	square := []float32{0, 1, 2, 3, 4, 5, 6, 7, 8}
	line := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}
	for _, c := range []struct {
		name  string
		data  []float32
		shape []int
		do    func(x *tensor.Tensor)
		want  func(x []float32) []float32
	}{
		{"copy of the transpose", square, []int{3, 3}, func(x *tensor.Tensor) { x.CopyFrom(x.T()) },
			func([]float32) []float32 { return []float32{0, 3, 6, 1, 4, 7, 2, 5, 8} }},
		{"copy onto later elements", line, []int{20}, func(x *tensor.Tensor) { x.Slice(0, 1, 20).CopyFrom(x.Slice(0, 0, 19)) },
			func(x []float32) []float32 { return append([]float32{1}, x[:19]...) }},
		{"add earlier elements", line, []int{20}, func(x *tensor.Tensor) { x.Slice(0, 1, 20).AddInPlace(x.Slice(0, 0, 19)) },
			func(x []float32) []float32 {
				y := append([]float32{}, x...)
				for i := 1; i < len(y); i++ {
					y[i] += x[i-1]
				}
				return y
			}},
		{"negate onto the transpose", square, []int{3, 3}, func(x *tensor.Tensor) { tensor.UnaryInto(x.T(), backend.Neg, x, 0, 0) },
			func([]float32) []float32 { return []float32{0, -3, -6, -1, -4, -7, -2, -5, -8} }},
		{"add x and its transpose", square, []int{3, 3}, func(x *tensor.Tensor) { tensor.BinaryInto(x, backend.Add, x, x.T()) },
			func([]float32) []float32 { return []float32{0, 4, 8, 4, 8, 12, 8, 12, 16} }},
		{"add the product with itself", []float32{1, 2, 3, 4}, []int{2, 2}, func(x *tensor.Tensor) { x.AddMatMul(x, x) },
			func([]float32) []float32 { return []float32{8, 12, 18, 26} }},
		{"add rows to themselves", []float32{1, 2, 3, 4}, []int{2, 2}, func(x *tensor.Tensor) {
			x.ScatterAdd(tensor.NewInts([]int32{1, 0}, 2), x)
		}, func([]float32) []float32 { return []float32{4, 6, 4, 6} }},
	} {
		for _, where := range []string{"heap", "arena"} {
			t.Run(c.name+"/"+where, func(t *testing.T) {
				x := tensor.FromSlice(be, c.data, c.shape...)
				if where == "arena" {
					x = arena.New(c.shape...)
					x.Set(c.data)
				}
				c.do(x)
				assert.Equal(t, c.want(c.data), x.Floats())
			})
		}
	}
}
