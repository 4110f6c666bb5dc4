package tensor

import (
	"fmt"

	"github.com/wengert-ml/wengert/backend"
)

// MatMul returns the matrix product of x [..., M, K] and y [..., K, N]:
// [..., M, N], the leading axes broadcast. A vector on the left counts as [1, K],
// one on the right as [K, 1], and the axis of size 1 vanishes from the result.
// It panics with a [*ShapeError] if the inner sizes differ.
func (x *Tensor) MatMul(y *Tensor) *Tensor {
	if x.view.Rank == 0 || y.view.Rank == 0 {
		mistake("matmul", "a number is no matrix", "at least one axis each; Mul multiplies by a number", x, y)
	}
	mem := home("matmul", x, y)
	if x.view.Rank == 1 || y.view.Rank == 1 {
		return x.vectors(y)
	}
	l := product("matmul", x, y)
	z := alloc(x.be, mem, l)
	x.be.MatMul(&z.view, &x.view, &y.view, false)
	return z
}

// vectors is MatMul where x, y or both are vectors.
func (x *Tensor) vectors(y *Tensor) *Tensor {
	row, column := x, y
	if x.view.Rank == 1 {
		row = x.Unsqueeze(0)
		defer row.Release()
	}
	if y.view.Rank == 1 {
		column = y.Unsqueeze(1)
		defer column.Release()
	}
	if k, k2 := row.Dim(-1), column.Dim(-2); k != k2 { // speak of the vectors as they were given
		clash("matmul", fmt.Sprintf("inner sizes %d and %d differ", k, k2), matmulWant(x, y, k), []int{-1, -min(2, y.view.Rank)}, x, y)
	}
	z := row.MatMul(column)
	l := &z.view.Layout
	if x.view.Rank == 1 {
		*l = without(*l, l.Rank-2)
	}
	if y.view.Rank == 1 {
		*l = without(*l, l.Rank-1)
	}
	return z
}

// product checks the operands of a product of rank 2 or more and returns the
// layout of its result.
func product(op string, x, y *Tensor) backend.Layout {
	r, s := x.view.Rank, y.view.Rank
	m, k := x.view.Shape[r-2], x.view.Shape[r-1]
	k2, n := y.view.Shape[s-2], y.view.Shape[s-1]
	if k != k2 {
		clash(op, fmt.Sprintf("inner sizes %d and %d differ", k, k2), matmulWant(x, y, k), []int{-1, -2}, x, y)
	}
	if r == 2 && s == 2 {
		return backend.Contiguous(m, n)
	}
	rank := max(r, s)
	var d [backend.MaxRank]int
	for i := 3; i <= rank; i++ {
		a, b := 1, 1
		if i <= r {
			a = x.view.Shape[r-i]
		}
		if i <= s {
			b = y.view.Shape[s-i]
		}
		if a != b && a != 1 && b != 1 {
			clash(op, fmt.Sprintf("batch sizes %d and %d of axis %d differ", a, b, -i),
				"equal batch sizes, or one of them 1", []int{-i, -i}, x, y)
		}
		d[rank-i] = a
		if a == 1 {
			d[rank-i] = b
		}
	}
	d[rank-2], d[rank-1] = m, n
	return backend.Contiguous(d[:rank]...)
}

// matmulWant says what would fit x, in the rank of y.
func matmulWant(x, y *Tensor, k int) string {
	shape := append([]int{}, x.Shape()...)
	switch y.view.Rank {
	case 1:
		return fmt.Sprintf("%v × [%d]", shape, k)
	case 2:
		return fmt.Sprintf("%v × [%d n]", shape, k)
	}
	return fmt.Sprintf("%v × [... %d n]", shape, k)
}

// AddMatMul adds the product of y [..., M, K] and z [..., K, N] to x [..., M, N]
// in place. It panics with a [*ShapeError] if they do not fit.
func (x *Tensor) AddMatMul(y, z *Tensor) {
	home("matmul", x, y, z)
	if l := product("matmul", y, z); !x.view.SameShape(&l) {
		mistake("matmul", "the sum has another shape than the product", fmt.Sprint(append([]int{}, l.Dims()...)), x, y, z)
	}
	x.writable("matmul")
	left, right := y.apart(x), z.apart(x)
	x.be.MatMul(&x.view, &left.view, &right.view, true)
	y.drop(left)
	z.drop(right)
}

// Affine returns b + x·w for x [..., M, K], w [..., K, N] and b that broadcasts to
// the product's shape [..., M, N]. The product begins with b or is added to it, so
// nothing of that size is made twice.
func Affine(b, x, w *Tensor) *Tensor {
	if x.view.Rank < 2 || w.view.Rank < 2 {
		mistake("affine", "a product of fewer than two axes", "[..., M, K] × [..., K, N]", b, x, w)
	}
	mem := home("affine", b, x, w)
	l := product("affine", x, w)
	if !b.view.Fits(&l) {
		mistake("affine", fmt.Sprintf("the first operand does not broadcast to %v", append([]int{}, l.Dims()...)), fmt.Sprintf("%v or what repeats to it, such as [%d]", append([]int{}, l.Dims()...), l.Shape[l.Rank-1]), b, x, w)
	}
	z := alloc(x.be, mem, l)
	if one, ok := x.be.(backend.Affiner); ok {
		one.Affine(&z.view, &b.view, &x.view, &w.view)
		return z
	}
	x.be.Copy(&z.view, &b.view)
	x.be.MatMul(&z.view, &x.view, &w.view, true)
	return z
}
