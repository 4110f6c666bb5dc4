package gradtest

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// Input is one input of a function under test: a shape and where its values lie.
// It is made by [Uniform] or [Values].
type Input struct {
	shape  []int
	lo, hi float64
	values []float64 // nil: drawn from [lo, hi)
}

// Uniform is an input [shape...] drawn evenly from [lo, hi).
func Uniform(lo, hi float64, shape ...int) Input { return Input{shape: shape, lo: lo, hi: hi} }

// Values is an input [shape...] of these values, in row-major order.
// A check panics with a [*tensor.ShapeError] if there are not as many as the
// shape holds.
func Values(values []float64, shape ...int) Input { return Input{shape: shape, values: values} }

// draw returns the values of the input.
func (in Input) draw(r *tensor.Rand) []float64 {
	if in.values != nil {
		return in.values
	}
	out := make([]float64, size(in.shape))
	for i := range out {
		out[i] = in.lo + (in.hi-in.lo)*r.Float64()
	}
	return out
}

// String returns the shape and where the values lie: "[2 3] in [-1, 1)".
func (in Input) String() string {
	if in.values != nil {
		return fmt.Sprint(in.shape)
	}
	return fmt.Sprintf("%v in [%g, %g)", in.shape, in.lo, in.hi)
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// scattered returns a tensor [shape...] of data whose axes lie in memory in
// reverse order and with a gap behind each element, so that code which takes a
// view for contiguous reads the NaN between.
func scattered(be backend.Backend, data []float64, shape []int) *tensor.Tensor {
	wide := make([]int, len(shape))
	axes := make([]int, len(shape))
	for i := range shape {
		wide[i] = 2*shape[len(shape)-1-i] + 1
		axes[i] = len(shape) - 1 - i
	}
	if len(shape) == 0 {
		wide = []int{3}
	}
	x := tensor.Full(be, math.NaN(), wide...)
	for i := range wide {
		x = x.SliceStep(i, 1, tensor.End, 2)
	}
	if len(shape) == 0 {
		x = x.Select(0, 0)
	} else {
		x = x.Permute(axes...)
	}
	x.SetFloat64(data)
	return x
}

// Shape returns the sizes of the axes.
func (in Input) Shape() []int { return in.shape }
