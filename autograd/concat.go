package autograd

import "github.com/wengert-ml/wengert/tensor"

// Concat and Stack are not inlined: in another package that would cost the list of
// operands its place on the stack, an allocation a call.

// Concat returns Vars [...] joined along an axis, in which alone their sizes may
// differ. It panics with a [*tensor.ShapeError] if they do not fit.
//
//go:noinline
func Concat(axis int, xs ...Var) Var { return ApplyN(concat{axis}, xs) }

type concat struct{ Axis int }

func (*concat) Name() string { return "concat" }

func (o *concat) Forward(f *Fwd) *tensor.Tensor { return tensor.Concat(o.Axis, f.Ins()...) }

// VJP: each input gets its part.
func (o *concat) VJP(b *Bwd) {
	at := 0
	for i := range b.NumIn() {
		n := b.In(i).Dim(o.Axis)
		if b.Needs(i) {
			b.Add(i, b.Grad().Slice(o.Axis, at, at+n))
		}
		at += n
	}
}

// Stack returns Vars of one shape [...] joined along a new axis.
//
//go:noinline
func Stack(axis int, xs ...Var) Var { return ApplyN(stack{axis}, xs) }

type stack struct{ Axis int }

func (*stack) Name() string { return "stack" }

func (o *stack) Forward(f *Fwd) *tensor.Tensor { return tensor.Stack(o.Axis, f.Ins()...) }

// VJP: each input gets its slice.
func (o *stack) VJP(b *Bwd) {
	for i := range b.NumIn() {
		if b.Needs(i) {
			b.Add(i, b.Grad().Select(o.Axis, i))
		}
	}
}

// Repeat returns x [...] laid n times behind itself along an axis.
func (x Var) Repeat(axis, n int) Var {
	xs := x.tape().List(n)
	for i := range xs {
		xs[i] = x
	}
	return Concat(axis, xs...)
}

// Tile returns x [...] laid behind itself reps[i] times along axis i. Where there are
// fewer counts than axes they belong to the last axes; where there are more, x gets
// leading axes of size 1, as in NumPy.
func (x Var) Tile(reps ...int) Var {
	for x.Rank() < len(reps) {
		x = x.Unsqueeze(0)
	}
	for i, n := range reps {
		if n != 1 {
			x = x.Repeat(i-len(reps), n)
		}
	}
	return x
}

// Roll returns x [...] with its elements moved n places towards the end of an axis;
// those that fall off come in again at the beginning. A negative n moves them towards
// the beginning.
func (x Var) Roll(axis, n int) Var {
	size := x.Dim(axis)
	if size == 0 || n%size == 0 {
		return x
	}
	cut := ((-n)%size + size) % size
	return Concat(axis, x.Slice(axis, cut, size), x.Slice(axis, 0, cut))
}
