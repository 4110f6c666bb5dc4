package autograd

import (
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// LayerNorm returns x normalised to mean 0 and variance 1 along its last axis:
//
//	(x - mean)/√(variance + eps)
//
// x is [..., D], and so is the result. It panics with a [*tensor.ShapeError] if x has no
// axis or none of its elements to take a mean of (Ba, Kiros and Hinton, 2016).
func (x Var) LayerNorm(eps float64) Var {
	if x.Rank() == 0 || x.Dim(-1) == 0 {
		panic(&tensor.ShapeError{Op: "layerNorm", Shapes: [][]int{append([]int{}, x.Shape()...)},
			Problem: "there is no mean along the last axis", Want: "[..., D] with D of 1 or more"})
	}
	shape := dimsOf(x.Shape())
	d := x.Dim(-1)
	return Apply(layerNorm{eps}, x.Reshape(x.Len()/d, d)).Reshape(shape.slice()...)
}

// layerNorm takes [N, D].
type layerNorm struct{ Eps float64 }

func (*layerNorm) Name() string { return "layerNorm" }

func (*layerNorm) Fused(be backend.Backend) bool { _, ok := be.(backend.LayerNormer); return ok }

func (o *layerNorm) Forward(f *Fwd) *tensor.Tensor {
	y, scale := tensor.LayerNorm(f.In(0), o.Eps)
	f.Save(scale)
	return y
}

func (o *layerNorm) VJP(b *Bwd) {
	b.Add(0, b.Temp(tensor.LayerNormGrad(b.Grad().val(), b.Out().val(), b.TakeSaved(0))))
}

// Composed is the definition.
func (o *layerNorm) Composed(in []Var) Var {
	centred := in[0].Sub(in[0].MeanKeep(-1))
	return centred.Mul(centred.Square().MeanKeep(-1).Scale(1, o.Eps).Rsqrt())
}
