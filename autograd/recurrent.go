package autograd

import (
	"slices"

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

// inputGrads adds the gradients of x, input 0, and of its weights, input 1, from that of
// what x adds to the gates, dz [T, N, G]: products over all steps at once.
func inputGrads(b *Bwd, dz Var) {
	rows := dz.Reshape(-1, dz.Dim(2))
	if b.Needs(0) {
		b.Add(0, rows.MatMul(b.In(1).T()).Reshape(b.In(0).Shape()...))
	}
	if b.Needs(1) {
		b.AddMatMul(1, b.In(0).Reshape(-1, b.In(0).Dim(2)).T(), rows)
	}
}

// order returns of n time steps the position of the first one, and where those begin
// that come after one, and those that come before one.
func order(n int, reverse bool) (first, after, before int) {
	if reverse {
		return n - 1, 0, 1
	}
	return 0, 1, 0
}

// inOrder returns the position of step i of n.
func inOrder(i, n int, reverse bool) int {
	if reverse {
		return n - 1 - i
	}
	return i
}
