package nn

import (
	"math"

	"github.com/wengert-ml/wengert/autograd"
)

// SinusoidalPositions returns a vector for each of the positions from, from+1, ...,
// from+n-1, [n, D], which is added to what stands there (Vaswani et al., 2017):
//
//	p[t, 2i] = sin(t / 10000^(2i/D)), p[t, 2i+1] = cos(t / 10000^(2i/D))
//
// Attention by itself does not see the order of a sequence. These vectors have no
// parameters, and there is no last position.
func SinusoidalPositions(tape *autograd.Tape, from, n, d int) autograd.Var {
	pairs := (d + 1) / 2
	frequencies := count(tape, pairs).Scale(-2*math.Log(10000)/float64(d), 0).Exp()
	angles := count(tape, n).Scale(1, float64(from)).Unsqueeze(1).Mul(frequencies) // [n, pairs]
	return autograd.Stack(2, angles.Sin(), angles.Cos()).Reshape(n, 2*pairs).Slice(1, 0, d)
}

// LearnedPositions is a table of position vectors that are learnt as those of words
// are: row t of W is added to what stands at position t.
type LearnedPositions struct {
	W *autograd.Param // [T, D]
}

// NewLearnedPositions returns vectors of width d for the positions 0 to n-1, drawn with
// standard deviation 1/100 as those of words are.
func NewLearnedPositions(in *Init, n, d int) *LearnedPositions {
	return &LearnedPositions{W: in.Normal(0.01, n, d)}
}

// Forward returns the vectors of the positions from, from+1, ..., from+n-1: [n, D]. It
// panics with a [*tensor.ShapeError] if the table does not reach so far.
func (l *LearnedPositions) Forward(tape *autograd.Tape, from, n int) autograd.Var {
	return tape.Param(l.W).Slice(0, from, from+n)
}
