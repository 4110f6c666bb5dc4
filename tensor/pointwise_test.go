package tensor_test

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

func ExampleTensor_Add() {
	be := reference.New()
	x := tensor.FromSlice(be, []float32{1, 2, 3, 4, 5, 6}, 2, 3)
	row := tensor.FromSlice(be, []float32{10, 20, 30}, 3)
	fmt.Println(x.Add(row))
	// Output:
	// [[11. 22. 33.]
	//  [14. 25. 36.]]
}

func ExampleWhere() {
	be := reference.New()
	x := tensor.FromSlice(be, []float32{-2, -1, 0, 1, 2}, 5)
	fmt.Println(tensor.Where(x.Greater(tensor.Scalar(be, 0)), x, tensor.Scalar(be, -9)))
	// Output: [-9. -9. -9.  1.  2.]
}

// call calls a method by the name of its row in a table.
func call(x *tensor.Tensor, name string, args ...any) *tensor.Tensor {
	values := make([]reflect.Value, len(args))
	for i, a := range args {
		values[i] = reflect.ValueOf(a)
	}
	return reflect.ValueOf(x).MethodByName(name).Call(values)[0].Interface().(*tensor.Tensor)
}

func TestUnary(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		r := seeded(1)
		for op, row := range backend.Unaries {
			a := randoms(r, row.Lo, row.Hi, 3, 5)
			want := func(a array) array {
				return build(a.shape, func(at []int) float64 { return row.Ref(a.at(at...), row.A, row.B) })
			}
			attributes := []any{row.A, row.B}[:len(row.Args)]
			x := w.put(a)
			assertArray(t, want(a), call(x, row.Name, attributes...), nearly, row.Name)
			assertArray(t, want(transposed(a)), call(x.T(), row.Name, attributes...), nearly, "%s of a view", row.Name)
			assertArray(t, array{[]int{0, 2}, nil}, call(w.put(array{[]int{0, 2}, nil}), row.Name, attributes...), nearly, "%s of nothing", row.Name)

			tensor.UnaryInto(x.T(), backend.UnaryOp(op), x.T(), row.A, row.B)
			assertArray(t, want(a), x, nearly, "%s in place", row.Name)
		}
	})
}

func transposed(a array) array {
	n := len(a.shape)
	shape := append([]int{}, a.shape...)
	shape[n-1], shape[n-2] = shape[n-2], shape[n-1]
	return build(shape, func(at []int) float64 {
		at = append([]int{}, at...)
		at[n-1], at[n-2] = at[n-2], at[n-1]
		return a.at(at...)
	})
}

// joined broadcasts a function of two elements over two arrays.
func joined(a, b array, f func(x, y float64) float64) array {
	return build(together(a.shape, b.shape), func(at []int) float64 { return f(a.broadcast(at), b.broadcast(at)) })
}

// together returns what two shapes broadcast to; they fit.
func together(a, b []int) []int {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := append([]int{}, a...)
	for k, n := range b {
		if i := len(a) - len(b) + k; n != 1 {
			out[i] = n
		}
	}
	return out
}

func TestBinary(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		r := seeded(2)
		whole := func(a array) array { // many equal elements, for the comparisons
			return build(a.shape, func(at []int) float64 { return math.Round(a.at(at...)) + 0.5 })
		}
		for op, row := range backend.Binaries[:backend.NumPublicBinary] {
			a, b := whole(randoms(r, -2, 2, 4, 3)), whole(randoms(r, -2, 2, 4, 3))
			x, y := w.put(a), w.put(b)
			assertArray(t, joined(a, b, row.Ref), call(x, row.Name, y), nearly, row.Name)
			assertArray(t, joined(a, a, row.Ref), call(x, row.Name, x), nearly, "%s with itself", row.Name)
			assertArray(t, joined(transposed(a), transposed(b), row.Ref), call(x.T(), row.Name, y.T()), nearly, "%s of views", row.Name)

			tensor.BinaryInto(x, backend.BinaryOp(op), x, y)
			assertArray(t, joined(a, b, row.Ref), x, nearly, "%s in place", row.Name)
		}
	})
}

func TestNaNAndInfinities(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		special := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, 1, -1}
		n := len(special)
		a, b := array{[]int{n, 1}, special}, array{[]int{n}, special}
		for _, op := range []backend.BinaryOp{backend.Add, backend.Mul, backend.Maximum, backend.Minimum, backend.Less, backend.Equal, backend.NotEqual} {
			row := backend.Binaries[op]
			assertArray(t, joined(a, b, row.Ref), call(w.put(a), row.Name, w.put(b)), exactly, row.Name)
		}
	})
}

// Any two shapes that fit give what the model gives.
func TestBroadcastLikeModel(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		rapid.Check(t, func(rt *rapid.T) {
			full := rapid.SliceOfN(rapid.IntRange(0, 3), 0, 5).Draw(rt, "shape")
			operand := func(name string) array {
				shape := append([]int{}, full[rapid.IntRange(0, len(full)).Draw(rt, name+" lacks axes"):]...)
				for k := range shape {
					if rapid.Bool().Draw(rt, name+" repeats") {
						shape[k] = 1
					}
				}
				return count(shape...)
			}
			a, b := operand("x"), operand("y")
			want := joined(a, b, func(x, y float64) float64 { return 10*x + y })
			x, y := w.put(a), w.put(b)
			got := x.Scale(10, 0).Add(y)
			if diff := exactly.Diff(got, tensor.FromFloat64(reference.New(), want.data, want.shape...)); diff != "" {
				rt.Fatal(diff)
			}
			into := w.put(array{want.shape, make([]float64, len(want.data))})
			tensor.BinaryInto(into, backend.Add, x.Scale(10, 0), y)
			if diff := exactly.Diff(into, got); diff != "" {
				rt.Fatal("into: ", diff)
			}
			if w.arena != nil {
				w.arena.Reset(nil)
			}
		})
	})
}

func TestWhere(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name       string
		cond, x, y array
		want       array
	}{
		{"one shape", array{[]int{3}, []float64{1, 0, -2}}, array{[]int{3}, []float64{1, 2, 3}}, array{[]int{3}, []float64{4, 5, 6}}, array{[]int{3}, []float64{1, 5, 3}}},
		{"NaN is true, zeros are not", array{[]int{3}, []float64{nan, 0, math.Copysign(0, -1)}}, array{nil, []float64{1}}, array{nil, []float64{2}}, array{[]int{3}, []float64{1, 2, 2}}},
		{"the other side does not leak", array{[]int{2}, []float64{1, 0}}, array{[]int{2}, []float64{1, nan}}, array{[]int{2}, []float64{nan, 2}}, array{[]int{2}, []float64{1, 2}}},
		{"all broadcast", array{[]int{2, 1, 1}, []float64{1, 0}}, array{[]int{3, 1}, []float64{1, 2, 3}}, array{[]int{2}, []float64{8, 9}},
			array{[]int{2, 3, 2}, []float64{1, 1, 2, 2, 3, 3, 8, 9, 8, 9, 8, 9}}},
		{"the condition is the smallest", array{nil, []float64{1}}, array{[]int{2}, []float64{1, 2}}, array{nil, []float64{0}}, array{[]int{2}, []float64{1, 2}}},
		{"empty", array{nil, []float64{1}}, array{[]int{0}, nil}, array{nil, []float64{0}}, array{[]int{0}, nil}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, w world) {
				assertArray(t, tt.want, tensor.Where(w.put(tt.cond), w.put(tt.x), w.put(tt.y)), exactly)
			})
		})
	}
}

// The result lives where the first operand with an arena lives.
func TestResultLivesWithOperands(t *testing.T) {
	be := reference.New()
	arena := tensor.NewArena(be)
	heap := tensor.Ones(be, 64)
	in := arena.Put(heap)
	for _, y := range []*tensor.Tensor{in.Add(heap), heap.Add(in), tensor.Where(heap, heap, in), heap.Reshape(8, 8).MatMul(in.Reshape(8, 8)), tensor.Concat(0, heap, in)} {
		assert.True(t, y.Exclusive(), "in the arena")
	}
	assert.False(t, heap.Add(heap).Exclusive(), "on the heap")
	assert.False(t, in.Exclusive(), "heap memory stays the collector's")
}

// An array without elements has strides of 0 and repeats nothing.
func TestWriteToNothing(t *testing.T) {
	x := tensor.Zeros(reference.New(), 5, 0, 3)
	x.Fill(1)
	x.CopyFrom(x.Clone())
	x.AddInPlace(x)
	x.ScaleInPlace(2)
	assert.Equal(t, []int{5, 0, 3}, x.Shape())
}
