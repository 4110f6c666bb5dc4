package nn

import (
	"slices"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/tensor"
)

// Ignore is the label of a position that does not count: padding, for one.
const Ignore = -1

// CrossEntropy returns the mean of -ln softmax(logits)[label] over the positions
// kept, in nats: []. logits is [N, V] or [N, T, V]; labels is [N] or [N, T], each
// in [0, V) or [Ignore]. Where no position is kept, the loss and its gradient are
// 0. It panics with a [*tensor.ShapeError] where they do not match. As in Deep
// Learning from Scratch 2, chapters 1 and 5, where the mean leaves out ignored
// positions as well.
func CrossEntropy(logits autograd.Var, labels tensor.Ints) autograd.Var {
	return SmoothedCrossEntropy{}.Forward(logits, labels)
}

// SmoothedCrossEntropy is [CrossEntropy] against the target that gives the label
// 1-Smoothing and spreads Smoothing evenly over all V classes (Szegedy et al., 2016).
type SmoothedCrossEntropy struct {
	Smoothing float64 // in [0, 1)
}

// Forward takes logits [..., V] and labels [...] and returns the mean loss, [].
func (l SmoothedCrossEntropy) Forward(logits autograd.Var, labels tensor.Ints) autograd.Var {
	labels.Within("crossEntropy", Ignore, logits.Dim(-1))
	kept := 0
	for _, label := range labels.Data() {
		if label != Ignore {
			kept++
		}
	}
	return logits.CrossEntropy(labels, l.Smoothing).Sum().Scale(1/float64(max(kept, 1)), 0)
}

// matching panics unless target has x's shape: broadcasting [N, 1] with [N] would
// quietly compare every element with every other.
func matching(op string, x autograd.Var, target autograd.Operand) {
	var shape []int
	switch target := target.(type) {
	case autograd.Var:
		shape = target.Shape()
	case *autograd.Param:
		shape = target.Data.Shape()
	}
	if !slices.Equal(x.Shape(), shape) {
		panic(&tensor.ShapeError{Op: op, Shapes: [][]int{slices.Clone(x.Shape()), slices.Clone(shape)},
			Problem: "the target has another shape", Want: "equal shapes"})
	}
}

// BCEWithLogits returns the mean of -t ln σ(x) - (1-t) ln(1-σ(x)) over all elements
// of x [...], in nats: []. target [...] has x's shape and values in [0, 1]. It is
// computed as ln(1+eˣ) - t x, which does not overflow. The book's Sigmoid with loss.
// It panics with a [*tensor.ShapeError] if the shapes differ.
func BCEWithLogits(x autograd.Var, target autograd.Operand) autograd.Var {
	matching("bceWithLogits", x, target)
	return x.Softplus().Sub(x.Mul(target)).Mean()
}

// MSE returns the mean of (x - target)² over all elements of x [...]: []. target
// [...] has x's shape; otherwise it panics with a [*tensor.ShapeError].
func MSE(x autograd.Var, target autograd.Operand) autograd.Var {
	matching("mse", x, target)
	return x.Sub(target).Square().Mean()
}
