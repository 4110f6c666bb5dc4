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
				misjoin(axis, a, ts)
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

// misjoin panics because ts differ outside the axis that they are to be joined
// along, and marks the first other axis where they do.
func misjoin(axis, a int, ts []*Tensor) {
	const want = "equal sizes in every other axis"
	for _, t := range ts {
		if t.view.Rank != ts[0].view.Rank {
			mistake("concat", fmt.Sprintf("%d axes and %d", ts[0].view.Rank, t.view.Rank), "as many axes each; Stack makes a new one", ts...)
		}
	}
	axes := make([]int, len(ts))
	for i := range ts[0].view.Rank {
		for _, t := range ts {
			if i == a || t.view.Shape[i] == ts[0].view.Shape[i] {
				continue
			}
			for k := range axes {
				axes[k] = i - t.view.Rank
			}
			clash("concat", fmt.Sprintf("sizes %d and %d differ outside axis %d", ts[0].view.Shape[i], t.view.Shape[i], axis), want, axes, ts...)
		}
	}
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
