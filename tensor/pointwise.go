package tensor

import (
	"fmt"

	"github.com/wengert-ml/wengert/backend"
)

// Unary returns row op of [backend.Unaries] of every element of x, in x's shape
// [...]. a and b are the row's attributes, 0 where it has fewer.
func Unary(op backend.UnaryOp, x *Tensor, a, b float64) *Tensor {
	y := x.like()
	x.be.Unary(op, &y.view, &x.view, a, b)
	return y
}

// UnaryInto is Unary with its result written to dst [...], which may be x.
func UnaryInto(dst *Tensor, op backend.UnaryOp, x *Tensor, a, b float64) {
	if !dst.SameShape(x) {
		mistake(op.String(), "the shapes of destination and operand differ", "equal shapes", dst, x)
	}
	dst.writable(op.String())
	from := x.beyond(dst)
	x.be.Unary(op, &dst.view, &from.view, a, b)
	x.drop(from)
}

// Binary returns row op of [backend.Binaries] of the elements of x and y [...],
// broadcast to one shape. It panics with a [*ShapeError] if they do not fit.
func Binary(op backend.BinaryOp, x, y *Tensor) *Tensor {
	mem := home(op.String(), x, y)
	l := x.view.Packed()
	if !x.SameShape(y) {
		l = broadcast(op.String(), x, y)
	}
	z := alloc(x.be, mem, l)
	x.be.Binary(op, &z.view, &x.view, &y.view)
	return z
}

// BinaryInto is Binary with its result written to dst [...], which may be x or y.
func BinaryInto(dst *Tensor, op backend.BinaryOp, x, y *Tensor) {
	home(op.String(), dst, x, y)
	if l := broadcast(op.String(), x, y); !dst.view.SameShape(&l) {
		mistake(op.String(), "the destination has another shape than the result", fmt.Sprint(append([]int{}, l.Dims()...)), dst, x, y)
	}
	dst.writable(op.String())
	from, with := x.beyond(dst), y.beyond(dst)
	x.be.Binary(op, &dst.view, &from.view, &with.view)
	x.drop(from)
	y.drop(with)
}

// Where returns x where cond is not 0 and y elsewhere, all three [...] broadcast
// to one shape. NaN counts as true.
func Where(cond, x, y *Tensor) *Tensor {
	mem := home("where", cond, x, y)
	z := alloc(x.be, mem, broadcast("where", cond, x, y))
	x.be.Where(&z.view, &cond.view, &x.view, &y.view)
	return z
}

// broadcast returns the row-major layout that tensors broadcast to.
func broadcast(op string, ts ...*Tensor) backend.Layout {
	var s [backend.MaxRank]int
	r := 0
	for _, t := range ts {
		r = max(r, t.view.Rank)
	}
	for i := 1; i <= r; i++ {
		s[r-i] = 1
		for _, t := range ts {
			if i > t.view.Rank {
				continue
			}
			switch n, m := t.view.Shape[t.view.Rank-i], s[r-i]; {
			case n == m || n == 1:
			case m == 1:
				s[r-i] = n
			default:
				misfit(op, i, m, n, ts)
			}
		}
	}
	return backend.Contiguous(s[:r]...)
}

// misfit panics because sizes m and n of the i-th axis from the right differ, and
// marks every operand that has one of the two.
func misfit(op string, i, m, n int, ts []*Tensor) {
	axes := make([]int, len(ts))
	for k, t := range ts {
		if i <= t.view.Rank && t.view.Shape[t.view.Rank-i] != 1 {
			axes[k] = -i
		}
	}
	clash(op, fmt.Sprintf("sizes %d and %d of axis %d differ", m, n, -i),
		"equal sizes, or one of them 1, counted from the last axis", axes, ts...)
}

// writable panics if an element of x stands in several places: what is written to
// one of them would appear in all.
func (x *Tensor) writable(op string) {
	for i, n := range x.view.Dims() {
		if n > 1 && x.view.Stride[i] == 0 && x.Len() > 0 { // strides of an empty array are 0 as well
			mistake(op, "the destination repeats its elements along an axis, as Expand does", "a tensor of its own: take Clone first", x)
		}
	}
}

// Fill writes v to every element of x [...]. It panics with a [*ShapeError] if x
// repeats elements, as [Tensor.Expand] does.
func (x *Tensor) Fill(v float64) {
	x.writable("fill")
	x.be.Fill(&x.view, v)
}

// CopyFrom writes y, broadcast to x's shape [...], to x. y may be another view of
// x's memory. It panics with a [*ShapeError] if y does not broadcast to x, or x
// repeats elements.
func (x *Tensor) CopyFrom(y *Tensor) {
	x.writable("copy")
	home("copy", x, y)
	if !y.view.Fits(&x.view.Layout) {
		unfit("copy", &y.view.Layout, &x.view.Layout)
	}
	from := y.beyond(x)
	x.be.Copy(&x.view, &from.view)
	y.drop(from)
}

// AddInPlace adds y, broadcast to x's shape [...], to x. y may be another view of
// x's memory. It panics with a [*ShapeError] if y does not broadcast to x, or x
// repeats elements.
func (x *Tensor) AddInPlace(y *Tensor) {
	x.writable("addInPlace")
	home("add", x, y)
	if !y.view.Fits(&x.view.Layout) {
		unfit("addInPlace", &y.view.Layout, &x.view.Layout)
	}
	from := y.beyond(x)
	x.be.Binary(backend.Add, &x.view, &x.view, &from.view)
	y.drop(from)
}

// ScaleInPlace multiplies every element of x [...] by f. It panics with a
// [*ShapeError] if x repeats elements.
func (x *Tensor) ScaleInPlace(f float64) {
	x.writable("scaleInPlace")
	x.be.Unary(backend.Scale, &x.view, &x.view, f, 0)
}
