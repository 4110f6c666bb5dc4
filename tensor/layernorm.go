package tensor

import "github.com/wengert-ml/wengert/backend"

// LayerNorm returns the rows of x [N, D] normalised to mean 0 and variance 1, and
// their scales 1/√(variance + eps), [N], by the backend's one-pass kernel: see
// [backend.LayerNormer], which the backend must offer.
func LayerNorm(x *Tensor, eps float64) (y, scale *Tensor) {
	be := x.be.(backend.LayerNormer)
	y, scale = x.like(), x.beside(backend.Contiguous(x.view.Shape[0]))
	p := x.packed()
	be.LayerNorm(&y.view, &scale.view, &p.view, eps)
	x.drop(p)
	return y, scale
}

// LayerNormGrad returns the gradient [N, D] of what LayerNorm was given, from that of
// y, gy [N, D], and what it returned.
func LayerNormGrad(gy, y, scale *Tensor) *Tensor {
	be := gy.be.(backend.LayerNormer)
	dx, p := gy.like(), gy.packed()
	be.LayerNormGrad(&dx.view, &p.view, &y.view, &scale.view)
	gy.drop(p)
	return dx
}
