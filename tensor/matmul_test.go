package tensor_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

func ExampleTensor_MatMul() {
	be := reference.New()
	x := tensor.FromSlice(be, []float32{1, 2, 3, 4, 5, 6}, 2, 3)
	w := tensor.FromSlice(be, []float32{1, 0, 0, 1, 1, 1}, 3, 2)
	fmt.Println(x.MatMul(w))
	fmt.Println(x.MatMul(tensor.Ones(be, 3))) // a vector
	// Output:
	// [[ 4.  5.]
	//  [10. 11.]]
	// [ 6. 15.]
}

func ExampleAffine() {
	be := reference.New()
	x := tensor.FromSlice(be, []float32{1, 2}, 1, 2)
	w := tensor.Eye(be, 2)
	b := tensor.FromSlice(be, []float32{10, 20}, 2)
	fmt.Println(tensor.Affine(b, x, w))
	// Output: [[11. 22.]]
}

// product is the definition, for operands of rank 2 or more.
func product(a, b array) array {
	r, s := len(a.shape), len(b.shape)
	batch := together(a.shape[:r-2], b.shape[:s-2])
	lead := len(batch)
	shape := append(append([]int{}, batch...), a.shape[r-2], b.shape[s-1])
	row := array{shape: a.shape[:r-2]}
	col := array{shape: b.shape[:s-2]}
	return build(shape, func(at []int) float64 {
		sum := 0.0
		for k := range a.shape[r-1] {
			sum += a.at(append(row.place(at[:lead]), at[lead], k)...) * b.at(append(col.place(at[:lead]), k, at[lead+1])...)
		}
		return sum
	})
}

// place is the index in a shape of what broadcasts to an index in a larger one.
func (a array) place(at []int) []int {
	own := append([]int{}, at[len(at)-len(a.shape):]...)
	for k, n := range a.shape {
		if n == 1 {
			own[k] = 0
		}
	}
	return own
}

func TestMatMul(t *testing.T) {
	tests := []struct{ x, y []int }{
		{[]int{2, 3}, []int{3, 4}},
		{[]int{1, 1}, []int{1, 1}},
		{[]int{17, 33}, []int{33, 9}},
		{[]int{5, 2, 3}, []int{5, 3, 4}},
		{[]int{5, 2, 3}, []int{3, 4}},
		{[]int{2, 3}, []int{5, 3, 4}},
		{[]int{5, 1, 2, 3}, []int{4, 3, 2}},
		{[]int{1, 2, 3}, []int{6, 3, 2}},
		{[]int{2, 1, 3, 2, 2}, []int{1, 2, 1, 2, 3}},
		{[]int{2, 0}, []int{0, 3}},
		{[]int{0, 2}, []int{2, 3}},
		{[]int{0, 2, 2}, []int{2, 3}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%v×%v", tt.x, tt.y), func(t *testing.T) {
			everywhere(t, func(t *testing.T, w world) {
				r := seeded(3)
				a, b := randoms(r, -1, 1, tt.x...), randoms(r, -1, 1, tt.y...)
				x, y, want := w.put(a), w.put(b), product(a, b)
				assertArray(t, want, x.MatMul(y), nearly)
				assertArray(t, want, w.put(transposed(a)).T().MatMul(y), nearly, "x transposed")
				assertArray(t, want, x.MatMul(w.put(transposed(b)).T()), nearly, "y transposed")
				assertArray(t, transposed(want), y.T().MatMul(x.T()), nearly, "(x y)ᵀ = yᵀ xᵀ")

				sum := w.put(build(want.shape, func([]int) float64 { return 0.5 }))
				sum.AddMatMul(x, y)
				assertArray(t, joined(want, array{nil, []float64{0.5}}, func(x, y float64) float64 { return x + y }), sum, nearly, "added")

				bias := randoms(r, -1, 1, tt.y[len(tt.y)-1])
				assertArray(t, joined(want, bias, func(x, y float64) float64 { return x + y }), tensor.Affine(w.put(bias), x, y), nearly, "affine")
			})
		})
	}
}

func TestMatMulOfVectors(t *testing.T) {
	tests := []struct{ x, y, want []int }{
		{[]int{3}, []int{3}, []int{}},
		{[]int{3}, []int{3, 2}, []int{2}},
		{[]int{3}, []int{4, 3, 2}, []int{4, 2}},
		{[]int{2, 3}, []int{3}, []int{2}},
		{[]int{4, 2, 3}, []int{3}, []int{4, 2}},
		{[]int{3}, []int{3, 1}, []int{1}},
		{[]int{1, 3}, []int{3}, []int{1}},
		{[]int{0}, []int{0}, []int{}},
		{[]int{0}, []int{0, 2}, []int{2}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%v×%v", tt.x, tt.y), func(t *testing.T) {
			everywhere(t, func(t *testing.T, w world) {
				r := seeded(4)
				a, b := randoms(r, -1, 1, tt.x...), randoms(r, -1, 1, tt.y...)
				m, n := a, b
				if len(tt.x) == 1 {
					m = array{[]int{1, tt.x[0]}, a.data}
				}
				if len(tt.y) == 1 {
					n = array{[]int{tt.y[0], 1}, b.data}
				}
				want := product(m, n)
				want.shape = tt.want // the same elements without the axes of size 1
				assertArray(t, want, w.put(a).MatMul(w.put(b)), nearly)
			})
		})
	}
}

// A vector times a matrix leaves nothing but its result in an arena.
func TestMatMulOfVectorsReleases(t *testing.T) {
	be := reference.New()
	arena := tensor.NewArena(be)
	x, w := arena.Put(tensor.Ones(be, 3)), arena.Put(tensor.Ones(be, 3, 2))
	y := x.MatMul(w)
	assert.True(t, y.Exclusive())
	y.Release()
	assert.Zero(t, arena.Stats().Live)
}

func TestAffineBias(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		a, b := count(2, 3), count(3, 2)
		for _, shape := range [][]int{nil, {1}, {2}, {1, 2}, {2, 1}, {2, 2}} {
			bias := count(shape...)
			want := joined(product(a, b), bias, func(x, y float64) float64 { return x + y })
			assertArray(t, want, tensor.Affine(w.put(bias), w.put(a), w.put(b)), exactly, "bias %v", shape)
		}
	})
}
