package tensor

import "github.com/wengert-ml/wengert/backend"

// Dropout returns x/(1-p) where the uniform number of the element is at least p,
// else 0, in x's shape [...]. The numbers are those of the stream (key, counter)
// in row-major order, so calling it again draws the same mask.
func (x *Tensor) Dropout(p float64, key, counter uint64) *Tensor {
	if be, ok := x.be.(backend.Dropouter); ok {
		src, y := x.packed(), x.like()
		be.Dropout(&y.view, &src.view, p, key, counter)
		x.drop(src)
		return y
	}
	y := x.like()
	x.be.Random(&y.view, backend.Uniform, key, counter)
	limit := x.beside(backend.Contiguous())
	limit.Fill(p)
	x.be.Binary(backend.GreaterEqual, &y.view, &y.view, &limit.view)
	limit.Release()
	zero := x.beside(backend.Contiguous())
	zero.Fill(0)
	x.be.Where(&y.view, &y.view, &x.view, &zero.view)
	zero.Release()
	y.ScaleInPlace(1 / (1 - p))
	return y
}
