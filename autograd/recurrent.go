package autograd

import (
	"slices"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// What the recurrent operations over time, [LSTM] and [GRU], have in common.

// misfit panics with the shapes of the operands that are there.
func misfit(op, want string, in []Var) {
	var shapes [][]int
	for _, s := range in {
		if !s.IsZero() {
			shapes = append(shapes, slices.Clone(s.Shape()))
		}
	}
	panic(&tensor.ShapeError{Op: op, Shapes: shapes, Problem: "the input, the weights and the state do not match",
		Want: want + " with at least one step"})
}

// blockRows is how many rows the products of weights' gradients add up at once: what
// they read of the gates' gradients serves the input's gradient too, while it is in the
// cache, and is not read from memory for each of them.
const blockRows = 448

// blockEnd returns where the block of time steps of dz [T, N, G] ends that begins at from:
// the rest is cut into equal parts. Memory that is not the processor's own is another
// device's, for which one large product is best.
func blockEnd(dz Var, from int) int {
	if _, ok := dz.t.Backend().(backend.Collected); !ok {
		return dz.Dim(0)
	}
	left, most := dz.Dim(0)-from, max(1, blockRows/max(1, dz.Dim(1)))
	parts := (left + most - 1) / most
	return from + (left+parts-1)/parts
}

// inputGrads adds the gradients of x, input 0, and of its weights, input 1, from those of
// what x adds to the gates at time steps [from, to), of dz [T, N, G].
func inputGrads(b *Bwd, dz Var, from, to int) {
	g := dz.Slice(0, from, to)
	b.accumulate(0, 0, from, to, g, b.In(1).T())
	if b.Needs(1) {
		x := b.In(0).Slice(0, from, to)
		b.accumulate(1, 0, 0, x.Dim(2), x.Reshape(-1, x.Dim(2)).T(), g.Reshape(-1, g.Dim(2)))
	}
}

// initialGrad adds to the first cols columns of dwh, input 2, what the state before the
// first step, h [N, H], has a part in; dz is [T, N, G].
func initialGrad(b *Bwd, h, dz Var, cols int, reverse bool) {
	if b.Needs(2) {
		first, _ := order(dz.Dim(0), reverse)
		b.accumulate(2, 1, 0, cols, h.T(), dz.Select(0, first).Slice(1, 0, cols))
	}
}

// recurrentGrad adds Σ h[t-1]ᵀ dz[t] to the first cols columns of dwh, over time steps
// [from, to), those that have a step before them. h is [T, N, H], dz [T, N, G].
func recurrentGrad(b *Bwd, h, dz Var, cols int, reverse bool, from, to int) {
	first, before := order(dz.Dim(0), reverse)
	from, to = without(first, from, to)
	if from == to || !b.Needs(2) {
		return
	}
	hs := h.Slice(0, from+before, to+before).Reshape(-1, h.Dim(2))
	b.accumulate(2, 1, 0, cols, hs.T(), dz.Slice(0, from, to).Reshape(-1, dz.Dim(2)).Slice(1, 0, cols))
}

// order returns of n time steps the position of the first one, and how far from a step
// the one before it is.
func order(n int, reverse bool) (first, before int) {
	if reverse {
		return n - 1, 1
	}
	return 0, -1
}

// without returns [from, to) without the step first, which is at an end of all steps.
func without(first, from, to int) (int, int) {
	switch first {
	case from:
		from++
	case to - 1:
		to--
	}
	return from, to
}

// inOrder returns the position of step i of n.
func inOrder(i, n int, reverse bool) int {
	if reverse {
		return n - 1 - i
	}
	return i
}
