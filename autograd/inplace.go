package autograd

import "github.com/wengert-ml/wengert/tensor"

// own makes the gradient of a node a buffer that may be written in parts: zeros
// if there is none yet.
func (t *Tape) own(id int32) *tensor.Tensor {
	s := &t.slots[id]
	switch {
	case s.sum == nil:
		s.sum = t.arena.Zeros(t.nodes[id].val.Shape()...)
	case !s.sum.Exclusive() || !s.sum.IsContiguous():
		old := s.sum
		s.sum = old.Clone()
		old.Release()
	}
	return s.sum
}

// AddMatMul adds the product of x [..., M, K] and y [..., K, N] to the gradient of
// input i, inside the product where it can. The product may have batch axes that
// the input repeats along.
func (b *Bwd) AddMatMul(i int, x, y Var) {
	s := &b.t.slots[b.in(i)]
	like := b.In(i).val()
	if x.Rank() == like.Rank() && y.Rank() == like.Rank() && turned(like) {
		b.addTurned(i, y.T(), x.T())
		return
	}
	if b.rec || s.sum == nil || !s.sum.Exclusive() || !s.sum.IsContiguous() || x.Rank() > like.Rank() || y.Rank() > like.Rank() || like.Rank() > 2 {
		b.Add(i, x.MatMul(y).SumLike(b.In(i)))
		return
	}
	s.sum.AddMatMul(x.val(), y.val())
}

// accumulate adds the product of x [..., M, K] and y [..., K, N] to elements [from, to) of
// an axis of the gradient of input i. It is for a VJP that never records and adds to a
// gradient many times: after the first, AddMatMul would find it shared with a Var that
// lives as long as the VJP.
func (b *Bwd) accumulate(i, axis, from, to int, x, y Var) {
	if !b.Needs(i) {
		return
	}
	part := b.t.own(b.in(i)).Slice(axis, from, to)
	part.AddMatMul(x.val(), y.val())
	part.Release()
}

// turned reports whether the matrices of x [..., M, N] lie column by column, as a
// transposed tensor's do, and not also row by row. Columns do not overlap.
func turned(x *tensor.Tensor) bool {
	v := x.View()
	return v.Stride[v.Rank-2] == 1 && v.Stride[v.Rank-1] > 1 && v.Stride[v.Rank-1] >= v.Shape[v.Rank-2]
}

// addTurned is AddMatMul of (x y)ᵀ where input i is the transpose of what lies in memory,
// as tied weights are: its gradient is laid out as it is, so that what is behind the
// transpose, and gathers more of it, need not turn it.
func (b *Bwd) addTurned(i int, x, y Var) {
	sum := b.t.slots[b.in(i)].sum
	if b.rec || sum == nil || sum.Rank() > 2 || !sum.Exclusive() || !turned(sum) {
		b.Add(i, x.MatMul(y).T().SumLike(b.In(i)))
		return
	}
	t := sum.T()
	t.AddMatMul(x.val(), y.val())
	t.Release()
}

// AddSlice adds g [...] to every step-th element from start on of an axis of the
// gradient of input i: no zero-padded copy for each slice. Where g lacks the axis,
// it goes to element start alone. What comes first is laid down, and only the rest
// of the gradient is cleared.
func (b *Bwd) AddSlice(i, axis, start, step int, g Var) {
	selected := g.Rank() < b.In(i).Rank()
	if b.rec {
		if selected {
			g = g.Unsqueeze(axis)
		}
		b.Add(i, Apply(embed{axis, start, step, b.In(i).Dim(axis)}, g))
		return
	}
	if !b.Needs(i) {
		return
	}
	id := b.in(i)
	fresh := b.t.slots[id].sum == nil && step == 1
	if fresh {
		b.t.slots[id].sum = b.t.arena.New(b.In(i).Shape()...)
	}
	whole := b.t.own(id)
	var part *tensor.Tensor
	stop := start + 1
	if selected {
		part = whole.Select(axis, start)
	} else {
		stop = min(start+g.Dim(axis)*step, whole.Dim(axis))
		part = whole.SliceStep(axis, start, stop, step)
	}
	defer part.Release()
	if !fresh {
		part.AddInPlace(g.val())
		return
	}
	part.CopyFrom(g.val())
	zero(whole, axis, 0, start)
	zero(whole, axis, stop, whole.Dim(axis))
}

// zero clears elements from to to-1 of an axis of x.
func zero(x *tensor.Tensor, axis, from, to int) {
	if from < to {
		part := x.Slice(axis, from, to)
		part.Fill(0)
		part.Release()
	}
}

// AddRows adds g [S..., ...] to the rows ids [S...] of the gradient of input i,
// [V, ...]. A Param that is a matrix receives them as a row-sparse gradient.
func (b *Bwd) AddRows(i int, ids tensor.Ints, g Var) {
	id := b.in(i)
	s := &b.t.slots[id]
	switch {
	case b.rec:
		b.Add(i, Apply(scatterAdd{ids, dimsOf(b.In(i).Shape())}, g))
	case !b.Needs(i):
	case b.t.nodes[id].param != nil && s.sum == nil && b.In(i).Rank() == 2:
		s.rows = append(s.rows, rowBlock{ids: ids, g: g.val().Alias()})
	default:
		b.t.own(id).ScatterAdd(ids, g.val())
	}
}
