package autograd

import (
	"slices"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// CrossEntropy returns -Σ q ln softmax(x) along the last axis of x [..., V], in
// nats: [...], one loss for each position. The target is
// q = (1-smoothing)·onehot(label) + smoothing/V. labels is [...], each below V; a
// label below 0 leaves its position out: loss and gradient are 0 there.
// It panics with a [*tensor.ShapeError] if shapes or labels do not fit.
func (x Var) CrossEntropy(labels tensor.Ints, smoothing float64) Var {
	shape := dimsOf(x.Shape())
	v := x.Dim(-1)
	checkLabels(x, labels, v)
	labels = x.t.Ints(labels.Data(), labels.Len())
	loss := Apply(crossEntropy{labels, smoothing}, x.Reshape(labels.Len(), v))
	return loss.Reshape(shape.d[:shape.n-1]...)
}

func checkLabels(x Var, labels tensor.Ints, v int) {
	if !slices.Equal(x.Shape()[:x.Rank()-1], labels.Shape()) {
		panic(&tensor.ShapeError{Op: "crossEntropy", Shapes: [][]int{append([]int{}, x.Shape()...), append([]int{}, labels.Shape()...)},
			Problem: "labels do not match the positions", Want: "logits [..., V] and labels [...]"})
	}
	labels.Within("crossEntropy", -1<<31, v)
}

type crossEntropy struct {
	Labels    tensor.Ints // [N]
	Smoothing float64
}

func (*crossEntropy) Name() string { return "crossEntropy" }

func (*crossEntropy) Fused(be backend.Backend) bool { _, ok := be.(backend.CrossEntropyer); return ok }

func (o *crossEntropy) Forward(f *Fwd) *tensor.Tensor {
	loss, probs := tensor.CrossEntropy(f.In(0), o.Labels, o.Smoothing)
	f.Save(probs)
	return loss
}

// VJP turns the saved softmax into the gradient, in place.
func (o *crossEntropy) VJP(b *Bwd) {
	b.Add(0, b.Temp(tensor.CrossEntropyGrad(b.TakeSaved(0), b.Grad().val(), o.Labels, o.Smoothing)))
}

// Composed is the definition: -Σ q ln softmax(x).
func (o *crossEntropy) Composed(in []Var) Var {
	x := in[0]
	v := x.Dim(1)
	target := x.t.OneHot(o.Labels, v).Scale(1-o.Smoothing, 0)
	if o.Smoothing > 0 {
		kept := make([]float32, o.Labels.Len())
		for i, l := range o.Labels.Data() {
			if l >= 0 {
				kept[i] = 1
			}
		}
		target = target.Add(x.t.Input(kept, len(kept), 1).Scale(o.Smoothing/float64(v), 0))
	}
	return x.LogSoftmax().Mul(target).Sum(1).Neg()
}
