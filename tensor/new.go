package tensor

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/backend"
)

// layout checks a shape given by a user and returns its row-major layout.
func layout(op string, shape []int) backend.Layout {
	bad := func(problem, want string) {
		panic(&ShapeError{Op: op, Shapes: [][]int{append([]int{}, shape...)}, Problem: problem, Want: want})
	}
	if len(shape) > backend.MaxRank {
		bad(fmt.Sprintf("%d axes", len(shape)), fmt.Sprintf("at most %d", backend.MaxRank))
	}
	elements := 1
	for _, n := range shape {
		if n < 0 {
			bad(fmt.Sprintf("a negative size, %d", n), "sizes of 0 or more")
		}
		if n > 0 && elements > math.MaxInt/8/n {
			bad("more elements than any memory holds", "a smaller shape")
		}
		elements *= n
	}
	return backend.Contiguous(shape...)
}

// New returns a tensor [shape...] whose elements are arbitrary, for code that
// writes them all.
func New(be backend.Backend, shape ...int) *Tensor {
	return newHeap(be, backend.F32, layout("new", shape))
}

// FromSlice returns a tensor [shape...] with a copy of data in row-major order.
// It panics with a [*ShapeError] if data has another number of elements.
func FromSlice(be backend.Backend, data []float32, shape ...int) *Tensor {
	t := New(be, shape...)
	t.expect("fromSlice", len(data))
	t.Set(data)
	return t
}

// FromFloat64 is FromSlice of float64: exact on a backend that computes in
// float64. It returns [shape...].
func FromFloat64(be backend.Backend, data []float64, shape ...int) *Tensor {
	t := New(be, shape...)
	t.expect("fromFloat64", len(data))
	t.SetFloat64(data)
	return t
}

// Scalar returns v as a tensor of rank 0, [].
func Scalar(be backend.Backend, v float64) *Tensor { return Full(be, v) }

// Zeros returns a tensor [shape...] of zeros.
func Zeros(be backend.Backend, shape ...int) *Tensor { return Full(be, 0, shape...) }

// Ones returns a tensor [shape...] of ones.
func Ones(be backend.Backend, shape ...int) *Tensor { return Full(be, 1, shape...) }

// Full returns a tensor [shape...] of v.
func Full(be backend.Backend, v float64, shape ...int) *Tensor {
	t := New(be, shape...)
	be.Fill(&t.view, v)
	return t
}

// Arange returns start, start+step, ... up to but without stop: [⌈(stop-start)/step⌉].
// It panics with a [*ShapeError] if step is 0.
func Arange(be backend.Backend, start, stop, step float64) *Tensor {
	if step == 0 {
		panic(&ShapeError{Op: "arange", Problem: "a step of 0", Want: "a step other than 0"})
	}
	data := make([]float64, max(0, int(math.Ceil((stop-start)/step))))
	for i := range data {
		data[i] = start + float64(i)*step
	}
	return FromFloat64(be, data, len(data))
}

// Linspace returns n numbers evenly spaced from start to stop, both included: [n].
func Linspace(be backend.Backend, start, stop float64, n int) *Tensor {
	l := layout("linspace", []int{n})
	data := make([]float64, l.Len())
	for i := range data {
		data[i] = start + (stop-start)*float64(i)/float64(max(n-1, 1))
	}
	return FromFloat64(be, data, n)
}

// Eye returns the identity matrix [n, n].
func Eye(be backend.Backend, n int) *Tensor {
	t := Zeros(be, n, n)
	d := t.diagonal()
	be.Fill(&d.view, 1)
	return t
}

// diagonal is the view [n] of the diagonal of a matrix [n, n].
func (x *Tensor) diagonal() *Tensor {
	l := backend.Contiguous(x.view.Shape[0])
	l.Stride[0], l.Off = x.view.Stride[0]+x.view.Stride[1], x.view.Off
	return x.header(l)
}

// Uniform returns a tensor [shape...] of numbers drawn evenly from [lo, hi).
// Rounding to float32 may give hi itself where lo is not 0.
func Uniform(be backend.Backend, r *Rand, lo, hi float64, shape ...int) *Tensor {
	t := New(be, shape...)
	be.Random(&t.view, backend.Uniform, r.Key, r.Blocks(t.Len()))
	be.Unary(backend.Scale, &t.view, &t.view, hi-lo, lo)
	return t
}

// Randn returns a tensor [shape...] of normal numbers of mean 0 and variance 1.
func Randn(be backend.Backend, r *Rand, shape ...int) *Tensor {
	t := New(be, shape...)
	be.Random(&t.view, backend.Normal, r.Key, r.Blocks(t.Len()))
	return t
}
