package tensor

import "fmt"

// Concat returns tensors [...] joined along an axis, in which alone their sizes
// may differ. It panics with a [*ShapeError] if there is none or they do not fit.
func Concat(axis int, ts ...*Tensor) *Tensor {
	if len(ts) == 0 {
		mistake("concat", "nothing to join", "at least one tensor")
	}
	mem := home("concat", ts...)
	a := ts[0].axis("concat", axis)
	l := ts[0].view.Packed()
	l.Shape[a] = 0
	for i, t := range ts {
		joinable(axis, a, i, ts[0], t)
		l.Shape[a] += t.view.Shape[a]
	}
	out := alloc(ts[0].be, mem, l.Packed())
	at := 0
	for _, t := range ts {
		part := out.Slice(a, at, at+t.view.Shape[a])
		part.be.Copy(&part.view, &t.view)
		part.Release()
		at += t.view.Shape[a]
	}
	return out
}

// joinable panics unless t, the i-th operand, fits behind the first along axis a.
func joinable(axis, a, i int, first, t *Tensor) {
	if first.view.Rank != t.view.Rank {
		mistake("concat", fmt.Sprintf("operands 0 and %d have %d and %d axes", i, first.view.Rank, t.view.Rank),
			"as many axes each; Stack makes a new one", first, t)
	}
	for k, m := range first.Shape() {
		if n := t.view.Shape[k]; m != n && k != a {
			clash("concat", fmt.Sprintf("operands 0 and %d have sizes %d and %d outside axis %d", i, m, n, axis),
				"equal sizes in every other axis", []int{k - t.view.Rank, k - t.view.Rank}, first, t)
		}
	}
}

// Stack returns tensors of one shape [...] joined along a new axis. It panics with
// a [*ShapeError] if there is none or their shapes differ.
func Stack(axis int, ts ...*Tensor) *Tensor {
	if len(ts) == 0 {
		mistake("stack", "nothing to join", "at least one tensor")
	}
	for i, t := range ts {
		if !t.SameShape(ts[0]) {
			mistake("stack", fmt.Sprintf("the shapes of operands 0 and %d differ", i), "equal shapes; Concat joins along an axis they have", ts[0], t)
		}
	}
	mem := home("stack", ts...)
	one := ts[0].Unsqueeze(axis) // checks the axis
	a, l := one.axis("stack", axis), one.view.Layout
	one.Release()
	l.Shape[a] = len(ts)
	out := alloc(ts[0].be, mem, l.Packed())
	for i, t := range ts {
		part := out.Select(a, i)
		part.be.Copy(&part.view, &t.view)
		part.Release()
	}
	return out
}

// Split returns n equal parts of an axis of x [...], as views.
// It panics with a [*ShapeError] unless n divides the axis.
func (x *Tensor) Split(axis, n int) []*Tensor {
	a := x.axis("split", axis)
	size := x.view.Shape[a]
	if n < 1 || size%n != 0 {
		clash("split", fmt.Sprintf("axis %d of size %d does not split into %d", axis, size, n), "a number of parts that divides it", []int{a - x.view.Rank}, x)
	}
	parts := make([]*Tensor, n)
	for i := range parts {
		parts[i] = x.Slice(a, i*size/n, (i+1)*size/n)
	}
	return parts
}

// Repeat returns x [...] laid n times behind itself along an axis. It panics with
// a [*ShapeError] if n is negative.
func (x *Tensor) Repeat(axis, n int) *Tensor {
	a := x.axis("repeat", axis)
	if n < 0 {
		mistake("repeat", fmt.Sprintf("%d times", n), "0 times or more", x)
	}
	l := x.view.Packed()
	l.Shape[a] *= n
	out := x.beside(l.Packed())
	for i := range n {
		part := out.Slice(a, i*x.view.Shape[a], (i+1)*x.view.Shape[a])
		part.be.Copy(&part.view, &x.view)
		part.Release()
	}
	return out
}
