package autograd

import (
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// slot gathers what flows back into one node. Not recording, sum is an owned
// header, added to in place where nobody shares its buffer. Recording, v is a
// Var, added to by a recorded Add.
type slot struct {
	sum  *tensor.Tensor
	v    Var
	rows []rowBlock // contributions to rows of a Param
}

// rowBlock is g [R, D], the gradients of rows ids [R]; or, where there are weights w
// [N, K], w[n, k] g[n] is that of the row ids[n, k].
type rowBlock struct {
	ids tensor.Ints
	g   *tensor.Tensor
	w   *tensor.Tensor
}

// addTo adds the block to dst [V, D], whose rows ids name.
func (r rowBlock) addTo(dst *tensor.Tensor, ids tensor.Ints) {
	if r.w != nil {
		tensor.ScatterProducts(dst, r.w, r.g, ids)
		return
	}
	dst.ScatterAdd(ids, r.g)
}

// release gives the memory back.
func (r rowBlock) release() {
	r.g.Release()
	if r.w != nil {
		r.w.Release()
	}
}

// clear forgets without releasing: the arena has taken the memory back.
func (s *slot) clear() {
	clear(s.rows)
	s.sum, s.v, s.rows = nil, Var{}, s.rows[:0]
}

// release gives the memory back and clears.
func (s *slot) release() {
	if s.sum != nil {
		s.sum.Release()
	}
	for _, r := range s.rows {
		r.release()
	}
	s.clear()
}

// Bwd is what an op's VJP sees: its inputs and output, the gradient of the
// output, and the ways to add to the gradients of the inputs.
type Bwd struct {
	t    *Tape
	id   int32
	gy   Var
	rec  bool
	busy bool // a VJP runs
}

func (b *Bwd) node() *node    { return &b.t.nodes[b.id] }
func (b *Bwd) in(i int) int32 { return b.t.ins[b.node().in+int32(i)] }

// NumIn returns the number of inputs.
func (b *Bwd) NumIn() int { return int(b.node().n) }

// In returns input i [...].
func (b *Bwd) In(i int) Var { return Var{b.t, b.in(i), b.t.gen} }

// Out returns the op's result [...].
func (b *Bwd) Out() Var { return Var{b.t, b.id, b.t.gen} }

// Grad returns the gradient of the result, in its shape [...].
func (b *Bwd) Grad() Var { return b.gy }

// Needs reports whether the gradient of input i is asked for: a VJP computes
// nothing else.
func (b *Bwd) Needs(i int) bool { return b.t.dep[b.in(i)] }

// Recording reports that a further derivative may be taken: the VJP must then
// stay within differentiable primitives. An op that implements [Composer] never
// sees it.
func (b *Bwd) Recording() bool { return b.rec }

// Saved returns tensor i of those that Forward saved [...], or nil.
func (b *Bwd) Saved(i int) *tensor.Tensor { return b.node().saved[i] }

// TakeSaved returns tensor i of those that Forward saved [...] for the VJP to overwrite.
func (b *Bwd) TakeSaved(i int) *tensor.Tensor {
	s := b.node().saved[i]
	b.node().saved[i] = nil
	return s
}

// Temp returns a tensor [...] computed by a first-order kernel as a Var, for Add.
// The Var dies with the VJP.
func (b *Bwd) Temp(x *tensor.Tensor) Var { return b.t.push(node{val: x}) }

// Fused computes a derivative [...] by a one-pass kernel, where no further
// derivative may be taken; ok is false where one may.
func (b *Bwd) Fused(code backend.BinaryOp, x, y Var) (z Var, ok bool) {
	if b.rec {
		return Var{}, false
	}
	return b.Temp(tensor.Binary(code, x.val(), y.val())), true
}

// Add adds g to the gradient of input i; both have the input's shape [...].
func (b *Bwd) Add(i int, g Var) { b.t.addTo(b.in(i), g, b.rec) }

func (t *Tape) addTo(id int32, g Var, recording bool) {
	if !t.dep[id] {
		return
	}
	if !t.nodes[id].val.SameShape(g.val()) {
		panic(&tensor.ShapeError{Op: "backward", Shapes: [][]int{t.nodes[id].val.Shape(), g.Shape()},
			Problem: "a VJP gave a gradient of another shape than its input's", Want: "the input's shape: SumLike undoes broadcasting"})
	}
	s := &t.slots[id]
	if recording {
		if !s.v.IsZero() {
			g = s.v.Add(g)
		}
		t.slots[id].v = g
		return
	}
	x := g.val()
	switch {
	case s.sum == nil:
		s.sum = x.Alias()
	case s.sum.Exclusive() && s.sum.IsContiguous(): // a repeated gradient (stride 0) must not be written
		s.sum.AddInPlace(x)
	default:
		old := s.sum
		s.sum = old.Add(x)
		old.Release()
	}
}
