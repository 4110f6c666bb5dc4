package autograd

import "github.com/wengert-ml/wengert/tensor"

// MatMul returns the matrix product of x [..., M, K] and y [..., K, N]:
// [..., M, N], the leading axes broadcast. A vector on the left counts as [1, K],
// one on the right as [K, 1], and the axis of size 1 vanishes from the result.
// It panics with a [*tensor.ShapeError] if the inner sizes differ.
func (x Var) MatMul(y Operand) Var {
	z := x.on(y)
	switch r, s := x.Rank(), z.Rank(); {
	case r == 1 && s == 1:
		return Apply2(matmul{}, x.Unsqueeze(0), z.Unsqueeze(1)).Reshape()
	case r == 1:
		return Apply2(matmul{}, x.Unsqueeze(0), z).Squeeze(-2)
	case s == 1:
		return Apply2(matmul{}, x, z.Unsqueeze(1)).Squeeze(-1)
	case r > 2 && s == 2: // one large product instead of a batch: [N, T, D] × [D, H]
		return x.rows(func(x Var) Var { return Apply2(matmul{}, x, z) })
	}
	return Apply2(matmul{}, x, z)
}

// rows runs f on x [..., D] seen as a matrix [M, D] and gives the result [M, H]
// its leading axes back.
func (x Var) rows(f func(Var) Var) Var {
	shape := dimsOf(x.Shape())
	y := f(x.Reshape(-1, shape.d[shape.n-1]))
	shape.d[shape.n-1] = y.Dim(-1)
	return y.Reshape(shape.slice()...)
}

type matmul struct{}

func (*matmul) Name() string { return "matmul" }

func (*matmul) Forward(f *Fwd) *tensor.Tensor { return f.In(0).MatMul(f.In(1)) }

// VJP: dx = dy yᵀ, dy = xᵀ dy; a transpose is a view.
func (*matmul) VJP(b *Bwd) {
	if b.Needs(0) {
		b.AddMatMul(0, b.Grad(), b.In(1).T())
	}
	if b.Needs(1) {
		b.AddMatMul(1, b.In(0).T(), b.Grad())
	}
}

// Affine returns x·w + b for x [..., K], w [K, N] and b [N]: [..., N], the book's
// Affine. The bias is laid down first and the product added to it.
// It panics with a [*tensor.ShapeError] if they do not fit.
func (x Var) Affine(w, b Operand) Var {
	weight, bias := x.on(w), x.on(b)
	if x.Rank() == 2 {
		return Apply3(affine{}, bias, x, weight)
	}
	return x.rows(func(x Var) Var { return Apply3(affine{}, bias, x, weight) })
}

// AddMatMul returns x + y·w for x [M, N] or what broadcasts to it, y [M, K] and
// w [K, N]: [M, N].
func (x Var) AddMatMul(y Var, w Operand) Var { return Apply3(affine{}, x, y, x.on(w)) }

type affine struct{}

func (*affine) Name() string { return "affine" }

func (*affine) Forward(f *Fwd) *tensor.Tensor { return tensor.Affine(f.In(0), f.In(1), f.In(2)) }

// VJP: db sums dy over what b repeats along; dx and dw are matmul's.
func (*affine) VJP(b *Bwd) {
	if b.Needs(0) {
		b.Add(0, b.Grad().SumLike(b.In(0)))
	}
	if b.Needs(1) {
		b.AddMatMul(1, b.Grad(), b.In(2).T())
	}
	if b.Needs(2) {
		b.AddMatMul(2, b.In(1).T(), b.Grad())
	}
}
