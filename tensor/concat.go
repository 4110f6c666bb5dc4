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
	for _, t := range ts {
		for i := range max(l.Rank, t.view.Rank) {
			if t.view.Rank != l.Rank || i != a && t.view.Shape[i] != l.Shape[i] {
				mistake("concat", fmt.Sprintf("shapes differ outside axis %d", axis), "equal sizes in every other axis", ts...)
			}
		}
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

// Stack returns tensors of one shape [...] joined along a new axis.
func Stack(axis int, ts ...*Tensor) *Tensor {
	parts := make([]*Tensor, len(ts))
	for i, t := range ts {
		parts[i] = t.Unsqueeze(axis)
	}
	out := Concat(axis, parts...)
	for _, p := range parts {
		p.Release()
	}
	return out
}

// Split returns n equal parts of an axis of x [...], as views.
// It panics with a [*ShapeError] unless n divides the axis.
func (x *Tensor) Split(axis, n int) []*Tensor {
	a := x.axis("split", axis)
	size := x.view.Shape[a]
	if n < 1 || size%n != 0 {
		mistake("split", fmt.Sprintf("axis %d of size %d does not split into %d", axis, size, n), "a number of parts that divides it", x)
	}
	parts := make([]*Tensor, n)
	for i := range parts {
		parts[i] = x.Slice(a, i*size/n, (i+1)*size/n)
	}
	return parts
}

// Repeat returns x [...] laid n times behind itself along an axis.
func (x *Tensor) Repeat(axis, n int) *Tensor {
	a := x.axis("repeat", axis)
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
