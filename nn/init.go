package nn

import (
	"math"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// Init draws the initial values of a model's parameters. Values are drawn on the
// host from the stream (seed, order of creation), so a seed gives the same model
// on any backend, and changing the size of one parameter leaves the others alone.
type Init struct {
	be   backend.Backend
	seed uint64
	made uint64

	normal func() float64 // draws in place of the streams of a seed, unless nil
}

// NewInit returns the source of initial values for a model on a backend.
func NewInit(be backend.Backend, seed uint64) *Init { return &Init{be: be, seed: seed} }

// NewInitFrom returns a source whose normal numbers are drawn one after the other by
// calls of normal, whatever parameter they are for: so data.RandomState gives a model
// the very values that the book's code draws. It panics where others are asked for.
func NewInitFrom(be backend.Backend, normal func() float64) *Init {
	return &Init{be: be, normal: normal}
}

// Backend returns the backend that parameters are made on.
func (in *Init) Backend() backend.Backend { return in.be }

// rand returns the stream of the next parameter.
func (in *Init) rand() *tensor.Rand {
	if in.normal != nil {
		panic("nn: this Init draws normal numbers alone, as the book does")
	}
	in.made++
	return tensor.NewRand(in.seed, in.made)
}

func (in *Init) param(draw func(data []float32), shape []int) *autograd.Param {
	data := make([]float32, elements(shape))
	draw(data)
	return autograd.NewParam(tensor.FromSlice(in.be, data, shape...))
}

func elements(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return max(n, 0) // FromSlice says what is wrong with a negative size
}

// Zeros returns a parameter [shape...] of zeros.
func (in *Init) Zeros(shape ...int) *autograd.Param { return in.Full(0, shape...) }

// Full returns a parameter [shape...] of v.
func (in *Init) Full(v float64, shape ...int) *autograd.Param {
	return in.param(func(data []float32) {
		for i := range data {
			data[i] = float32(v)
		}
	}, shape)
}

// Normal returns a parameter [shape...] of normal numbers with mean 0 and standard
// deviation std.
func (in *Init) Normal(std float64, shape ...int) *autograd.Param {
	if in.normal != nil {
		return in.param(func(data []float32) {
			for i := range data {
				data[i] = float32(in.normal() * std)
			}
		}, shape)
	}
	r := in.rand()
	return in.param(func(data []float32) {
		for i := 0; i < len(data); i += 2 {
			a, b := r.Norm()
			data[i] = float32(a * std)
			if i+1 < len(data) {
				data[i+1] = float32(b * std)
			}
		}
	}, shape)
}

// Uniform returns a parameter [shape...] of numbers drawn evenly from [-bound, bound).
func (in *Init) Uniform(bound float64, shape ...int) *autograd.Param {
	r := in.rand()
	return in.param(func(data []float32) {
		for i := range data {
			data[i] = float32((2*r.Float64() - 1) * bound)
		}
	}, shape)
}

// Xavier returns a parameter [rows, cols] of normal numbers with standard
// deviation 1/√rows: what Deep Learning from Scratch 2 calls Xavier's initial
// value. It keeps the size of activations that tanh or sigmoid follows.
func (in *Init) Xavier(rows, cols int) *autograd.Param {
	return in.Normal(1/math.Sqrt(float64(rows)), rows, cols)
}

// He returns a parameter [rows, cols] of normal numbers with standard deviation
// √(2/rows), for layers that ReLU follows (He, Zhang, Ren and Sun, 2015).
func (in *Init) He(rows, cols int) *autograd.Param {
	return in.Normal(math.Sqrt(2/float64(rows)), rows, cols)
}

// Glorot returns a parameter [rows, cols] of numbers drawn evenly from ±√(6/(rows+cols))
// (Glorot and Bengio, 2010).
func (in *Init) Glorot(rows, cols int) *autograd.Param {
	return in.Uniform(math.Sqrt(6/float64(rows+cols)), rows, cols)
}
