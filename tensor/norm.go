package tensor

import "github.com/wengert-ml/wengert/backend"

// SumSquares returns the sum of the squares of x [...]: []. Where the backend offers
// that, nothing of x's size is written on the way.
func (x *Tensor) SumSquares() *Tensor {
	if be, ok := x.be.(backend.Normer); ok {
		p, y := x.packed(), x.beside(backend.Contiguous())
		be.SumSquares(&y.view, &p.view)
		x.drop(p)
		return y
	}
	squares := x.Square()
	defer squares.Release()
	return squares.Sum()
}
