package nn

import "github.com/wengert-ml/wengert/autograd"

// Dropout sets each element to 0 with probability P while training, and scales the
// others by 1/(1-P); on a tape for inference it does nothing.
type Dropout struct {
	P float64 // in [0, 1)
}

// Forward takes x [...] and returns the same shape.
func (l Dropout) Forward(x autograd.Var) autograd.Var { return x.Dropout(l.P) }

// TimeDropout is [Dropout] with one mask for all time steps of a sequence
// (Gal and Ghahramani, 2016): a unit is left out of the whole sequence or of none
// of it.
type TimeDropout struct {
	P float64 // in [0, 1)
}

// Forward takes x [N, T, D] and returns the same shape.
func (l TimeDropout) Forward(x autograd.Var) autograd.Var {
	if l.P == 0 || !x.Tape().Training() {
		return x
	}
	mask := x.Tape().Full(1, x.Dim(0), 1, x.Dim(2)).Dropout(l.P)
	return x.Mul(mask)
}
