package autograd

import (
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// Op is a differentiable primitive: a small type with pointer methods whose
// exported fields are its attributes, so that a graph can be drawn and exported.
//
//	type softAbs struct{ Delta float64 }
//
//	func (o *softAbs) Name() string { return "softAbs" }
//	func (o *softAbs) Forward(f *autograd.Fwd) *tensor.Tensor { ... }
//	func (o *softAbs) VJP(b *autograd.Bwd) { ... }
//
//	func SoftAbs(x autograd.Var, delta float64) autograd.Var {
//		return autograd.Apply(softAbs{delta}, x)
//	}
type Op interface {
	// Name is the operation's name in messages and graphs.
	Name() string

	// Forward computes the result in tensor arithmetic, which checks the shapes.
	// Temporaries go back by themselves. It must not return an input itself.
	Forward(f *Fwd) *tensor.Tensor

	// VJP adds the products of the output's gradient with the Jacobian to the
	// inputs' gradients, in differentiable primitives alone.
	VJP(b *Bwd)
}

// Composer is an op with fused kernels. Composed is its definition in primitives,
// and gives what the kernels do not: derivatives beyond the first, a second
// Backward over one record, and the result itself on a backend without them.
type Composer interface {
	Op

	// Fused reports whether be has the kernels that Forward and VJP use.
	Fused(be backend.Backend) bool

	// Composed computes the same result from the same inputs.
	Composed(in []Var) Var
}

// Fwd is what an op's Forward sees.
type Fwd struct {
	t     *Tape
	in    []*tensor.Tensor
	saved [maxSaved]*tensor.Tensor
}

// maxSaved is how many tensors an op can save.
const maxSaved = 2

// NumIn returns the number of inputs.
func (f *Fwd) NumIn() int { return len(f.in) }

// In returns input i [...].
func (f *Fwd) In(i int) *tensor.Tensor { return f.in[i] }

// Ins returns all inputs [...]; do not keep the slice.
func (f *Fwd) Ins() []*tensor.Tensor { return f.in }

// New returns a tensor [shape...] on the tape, its elements arbitrary.
func (f *Fwd) New(shape ...int) *tensor.Tensor { return f.t.arena.New(shape...) }

// Save keeps x, at most two tensors [...], for the op's VJP, which finds them as
// [Bwd.Saved]. They may be the result or an input.
func (f *Fwd) Save(x ...*tensor.Tensor) {
	clear(f.saved[:])
	for i := range x {
		f.saved[i] = x[i].Alias()
	}
}

// pointer says that *O is an Op: with it, Apply(slice{...}, x) infers everything.
type pointer[O any] interface {
	*O
	Op
}

// Apply runs an op on one operand [...] and records it. Apply, [Apply2], [Apply3]
// and [ApplyN] are the only way onto the tape, for this package's ops and for
// yours. (A variadic form, inlined into another package, would allocate.)
func Apply[O any, P pointer[O]](op O, x Var) Var {
	in := [1]Var{x}
	t := x.tape()
	keep := t.enter(in[:])
	return t.run(P(box(t, op, keep)), keep, in[:])
}

// Apply2 runs an op on two operands [...] and records it.
func Apply2[O any, P pointer[O]](op O, x, y Var) Var {
	in := [2]Var{x, y}
	t := x.tape()
	keep := t.enter(in[:])
	return t.run(P(box(t, op, keep)), keep, in[:])
}

// Apply3 runs an op on three operands [...] and records it.
func Apply3[O any, P pointer[O]](op O, x, y, z Var) Var {
	in := [3]Var{x, y, z}
	t := x.tape()
	keep := t.enter(in[:])
	return t.run(P(box(t, op, keep)), keep, in[:])
}

// ApplyN runs an op on any number of operands [...], at least one, and records it.
func ApplyN[O any, P pointer[O]](op O, in []Var) Var {
	if len(in) == 0 {
		panic("autograd: an op on no operands")
	}
	t := in[0].tape()
	keep := t.enter(in)
	return t.run(P(box(t, op, keep)), keep, in)
}

// enter checks the operands, collects their tensors for Forward, and reports
// whether the op must be recorded.
func (t *Tape) enter(in []Var) (keep bool) {
	f := &t.fwd
	f.in = f.in[:0]
	clear(f.saved[:])
	for _, v := range in {
		if v.tape() != t {
			panic("autograd: operands from two tapes")
		}
		f.in = append(f.in, v.val())
		keep = keep || t.nodes[v.id].needs
	}
	return keep && !t.off
}

// run computes an op and appends its record.
func (t *Tape) run(o Op, keep bool, in []Var) Var {
	if c, ok := o.(Composer); ok && !c.Fused(t.Backend()) {
		list := t.List(len(in)) // in must not escape
		copy(list, in)
		return c.Composed(list)
	}
	f := &t.fwd
	t.arena.Begin()
	n := node{val: o.Forward(f)}
	t.arena.End(n.val, f.saved[0], f.saved[1])
	if keep {
		n.op, n.needs, n.saved, n.in, n.n = o, true, f.saved, int32(len(t.ins)), int32(len(in))
		for _, v := range in {
			t.ins = append(t.ins, v.id)
		}
	} else {
		release(&f.saved)
	}
	y := t.push(n)
	if t.sites != nil {
		t.inspect(o, y, in)
	}
	return y
}
