package autograd

import (
	"github.com/wengert-ml/wengert/tensor"
)

// Var is a value on a tape: a handle of 16 bytes, copied freely. Its methods are
// the differentiable operations. It is readable until its tape is Reset; one used
// later panics with a [*StaleError] that says how old it is.
type Var struct {
	t   *Tape
	id  int32
	gen uint32
}

// StaleError is the panic of a Var that outlived the Reset of its tape.
type StaleError = tensor.StaleError

// Operand is what arithmetic accepts beside its receiver: a Var, or a *Param,
// which is placed on the receiver's tape.
type Operand interface{ operand() }

func (Var) operand()    {}
func (*Param) operand() {}

// on returns an operand as a Var on x's tape. A Param goes through its self
// pointer: were the interface's own word stored, every Var passed would escape.
func (x Var) on(o Operand) Var {
	switch o := o.(type) {
	case Var:
		return o
	case *Param:
		if o == nil || o.self == nil {
			panic("autograd: a nil Param, or one not made by NewParam")
		}
		return x.tape().Param(o.self)
	}
	panic("autograd: a nil operand")
}

func (x Var) tape() *Tape {
	if x.t == nil {
		panic("autograd: the zero Var was used; did a Forward forget to return it?")
	}
	return x.t
}

// val returns the tensor behind the handle, after checking that it is not stale.
func (x Var) val() *tensor.Tensor {
	if t := x.tape(); x.gen != t.gen {
		panic(&StaleError{What: "Var", Made: x.gen, Now: t.gen})
	}
	return x.t.nodes[x.id].val
}

// IsZero reports whether x is the zero Var, which is no value at all. A recurrent
// layer takes it as a state of zeros.
func (x Var) IsZero() bool { return x.t == nil }

// Tape returns the tape that x is on.
func (x Var) Tape() *Tape { return x.t }

// Shape returns the sizes of the axes of x [...]; do not change or keep the slice.
func (x Var) Shape() []int { return x.val().Shape() }

// Rank returns the number of axes of x [...].
func (x Var) Rank() int { return x.val().Rank() }

// Dim returns the size of an axis of x [...]; -1 is the last.
func (x Var) Dim(axis int) int { return x.val().Dim(axis) }

// Len returns the number of elements of x [...].
func (x Var) Len() int { return x.val().Len() }

// Item returns the only element of x [] or [1], waiting for the backend. It
// panics with a [*tensor.ShapeError] if x has more elements or none.
func (x Var) Item() float64 { return x.val().Item() }

// Floats returns a copy of the elements of x [...] in row-major order.
func (x Var) Floats() []float32 { return x.val().Floats() }

// Float64s is Floats in float64: exact where the backend computes in float64. x is [...].
func (x Var) Float64s() []float64 { return x.val().Float64s() }

// Read copies the elements of x [...] to dst, which must have x.Len() elements.
func (x Var) Read(dst []float32) { x.val().Read(dst) }

// Value returns a copy of x [...] as a tensor that outlives Reset.
func (x Var) Value() *tensor.Tensor { return x.val().Heap() }

// String prints the values of x [...] as a tensor prints.
func (x Var) String() string {
	if x.IsZero() {
		return "Var{}"
	}
	return x.val().String()
}

// NeedsGrad reports whether a derivative can flow into x [...].
func (x Var) NeedsGrad() bool { x.val(); return x.t.nodes[x.id].needs }

// Detach returns x [...] as a constant: the same value, through which no gradient
// flows.
func (x Var) Detach() Var { return x.t.push(node{val: x.val().Alias()}) }
