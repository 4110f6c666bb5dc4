package tensor

import (
	"fmt"

	"github.com/wengert-ml/wengert/backend"
)

// Gather returns rows of a table x [V, ...] by number: ids [S...] in [0, V) give
// [S..., ...]. It panics with a [*ShapeError] if an id is out of range.
func (x *Tensor) Gather(ids Ints) *Tensor {
	table := x.table("gather")
	ids.Within("gather", 0, x.view.Shape[0])
	var d [2 * backend.MaxRank]int
	n := copy(d[:], ids.Shape())
	n += copy(d[n:], x.Shape()[1:])
	l := layout("gather", d[:n])
	y := x.beside(backend.Contiguous(ids.Len(), table.view.Shape[1]))
	v := ids.onto(x.be)
	x.be.Gather(&y.view, &table.view, v)
	ids.off(x.be, v)
	x.drop(table)
	y.view.Layout = l
	return y
}

// ScatterAdd adds rows [S..., ...] to the rows of x [V, ...] that ids [S...] name,
// in place and in order where ids repeat: the adjoint of [Tensor.Gather].
func (x *Tensor) ScatterAdd(ids Ints, rows *Tensor) {
	home("scatterAdd", x, rows)
	ids.Within("scatterAdd", 0, x.Dim(0))
	if x.view.Rank > 2 && !x.IsContiguous() {
		mistake("scatterAdd", "the table's rows have gaps", "a contiguous table", x)
	}
	n, d := ids.Len(), 1
	for _, k := range x.Shape()[1:] {
		d *= k
	}
	if rows.Len() != n*d {
		mistake("scatterAdd", fmt.Sprintf("%d ids want %d rows of %d elements", n, n, d), fmt.Sprintf("[%d %d]", n, d), x, rows)
	}
	x.writable("scatterAdd")
	table, flat := x.table("scatterAdd"), rows.Reshape(n, d)
	from, v := flat.apart(x), ids.onto(x.be)
	x.be.ScatterAdd(&table.view, &from.view, v)
	ids.off(x.be, v)
	flat.drop(from)
	flat.Release()
	x.drop(table)
}

// table is a view of x [V, ...] as [V, D], or x itself: pass it to drop.
func (x *Tensor) table(op string) *Tensor {
	if x.view.Rank == 0 {
		mistake(op, "a number has no rows", "a table [V, ...]", x)
	}
	if x.view.Rank == 2 {
		return x
	}
	d := 1
	for _, n := range x.Shape()[1:] {
		d *= n
	}
	return x.Reshape(x.view.Shape[0], d)
}

// Take returns slices of an axis of x [...] by number: the axis of the result
// has one element for each of ids [n]. With axis 0 it is [Tensor.Gather]. It panics
// with a [*ShapeError] if an id is out of range.
func (x *Tensor) Take(axis int, ids Ints) *Tensor {
	a := x.axis("take", axis)
	if h := ids.get(); h.shape.Rank != 1 {
		panic(&ShapeError{Op: "take", Shapes: [][]int{append([]int{}, x.Shape()...), append([]int{}, ids.Shape()...)},
			Problem: fmt.Sprintf("ids of %d axes", h.shape.Rank), Want: "ids [n]; Gather takes any shape, TakeAlong one id an element"})
	}
	front := x.Transpose(0, a)
	rows := front.Gather(ids)
	y := rows.Transpose(0, a)
	front.Release()
	rows.Release()
	return y
}

// OneHot returns rows of n with a 1 at the place that ids [...] names and 0
// elsewhere: [..., n]. An id below 0 gives a row of zeros. It panics with a
// [*ShapeError] if an id is n or more.
func OneHot(be backend.Backend, ids Ints, n int) *Tensor { return oneHot(be, nil, ids, n) }

// OneHot is the function of that name with its result [..., n] in the arena.
func (a *Arena) OneHot(ids Ints, n int) *Tensor { return oneHot(a.be, a, ids, n) }

func oneHot(be backend.Backend, mem *Arena, ids Ints, n int) *Tensor {
	var d [backend.MaxRank + 1]int
	r := copy(d[:], ids.Shape())
	d[r] = n
	l := layout("oneHot", d[:r+1])
	y := alloc(be, mem, l)
	data := make([]float32, l.Len())
	for i, id := range ids.Data() {
		if int(id) >= n {
			panic(&ShapeError{Op: "oneHot", Shapes: [][]int{append([]int{}, ids.Shape()...)},
				Problem: fmt.Sprintf("id %d at position %d has no place in %d", id, i, n), Want: fmt.Sprintf("ids below %d", n)})
		}
		if id >= 0 {
			data[i*n+int(id)] = 1
		}
	}
	y.Set(data)
	return y
}
