package autograd

import (
	"slices"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// GatherDot returns the products of rows of a table x [V, D] with vectors h [N, D]:
//
//	y[n, k] = x[ids[n, k]] · h[n]
//
// ids is [N, K], or [N] for one row a vector, in [0, V); the result is [N, K], or [N, 1].
// The gradient of a Param stays row-sparse. It panics with a [*tensor.ShapeError] if the
// shapes do not match or an id is out of range.
func (x Var) GatherDot(h Var, ids tensor.Ints) Var {
	if s := ids.Shape(); x.Rank() != 2 || h.Rank() != 2 || x.Dim(1) != h.Dim(1) || len(s) < 1 || len(s) > 2 || s[0] != h.Dim(0) {
		panic(&tensor.ShapeError{Op: "gatherDot", Shapes: [][]int{slices.Clone(x.Shape()), slices.Clone(h.Shape()), slices.Clone(s)},
			Problem: "the table, the vectors and the ids do not match", Want: "[V, D] × [N, D] × [N, K]"})
	}
	ids.Within("gatherDot", 0, x.Dim(0))
	return Apply2(gatherDot{x.tape().arena.PutInts(ids)}, x, h)
}

type gatherDot struct{ IDs tensor.Ints }

func (*gatherDot) Name() string { return "gatherDot" }

func (*gatherDot) Fused(be backend.Backend) bool { _, ok := be.(backend.RowMixer); return ok }

func (o *gatherDot) Forward(f *Fwd) *tensor.Tensor {
	return tensor.GatherDots(f.In(0), f.In(1), o.IDs)
}

func (o *gatherDot) VJP(b *Bwd) {
	b.addProducts(0, o.IDs, b.Grad(), b.In(1))
	if b.Needs(1) {
		b.Add(1, b.Temp(tensor.GatherSums(b.In(0).val(), b.Grad().val(), o.IDs)))
	}
}

// Composed is the definition.
func (o *gatherDot) Composed(in []Var) Var {
	n, d, k := in[1].Dim(0), in[1].Dim(1), 1
	if s := o.IDs.Shape(); len(s) == 2 {
		k = s[1]
	}
	return in[0].Gather(o.IDs).Reshape(n, k, d).MatMul(in[1].Reshape(n, d, 1)).Reshape(n, k)
}

// GatherMean returns the means of rows of a table x [V, D]:
//
//	y[n] = 1/C Σ x[ids[n, c]]
//
// ids is [N, C] with C of 1 or more, in [0, V); the result is [N, D]. The gradient of a
// Param stays row-sparse. It panics with a [*tensor.ShapeError] if the shapes do not match
// or an id is out of range.
func (x Var) GatherMean(ids tensor.Ints) Var {
	if s := ids.Shape(); x.Rank() != 2 || len(s) != 2 || s[1] == 0 {
		panic(&tensor.ShapeError{Op: "gatherMean", Shapes: [][]int{slices.Clone(x.Shape()), slices.Clone(s)},
			Problem: "there are no rows to take means of", Want: "[V, D] × [N, C] with C of 1 or more"})
	}
	ids.Within("gatherMean", 0, x.Dim(0))
	return Apply(gatherMean{x.tape().arena.PutInts(ids)}, x)
}

type gatherMean struct{ IDs tensor.Ints }

func (*gatherMean) Name() string { return "gatherMean" }

func (*gatherMean) Fused(be backend.Backend) bool { _, ok := be.(backend.RowMixer); return ok }

// weights returns 1/C for each of the ids [N, C].
func (o *gatherMean) weights(t *Tape) *tensor.Tensor {
	w := t.arena.New(o.IDs.Shape()...)
	w.Fill(1 / float64(w.Dim(1)))
	return w
}

func (o *gatherMean) Forward(f *Fwd) *tensor.Tensor {
	return tensor.GatherSums(f.In(0), o.weights(f.t), o.IDs)
}

func (o *gatherMean) VJP(b *Bwd) {
	if b.Needs(0) {
		b.addProducts(0, o.IDs, b.Temp(o.weights(b.t)), b.Grad())
	}
}

// Composed is the definition.
func (o *gatherMean) Composed(in []Var) Var { return in[0].Gather(o.IDs).Mean(1) }

// addProducts adds w[n, k] x[n] to the rows ids [N, K] of the gradient of input i, for
// w [N, K] and x [N, D]. A Param receives them as a row-sparse gradient.
func (b *Bwd) addProducts(i int, ids tensor.Ints, w, x Var) {
	id := b.in(i)
	s := &b.t.slots[id]
	switch {
	case !b.Needs(i):
	case b.t.nodes[id].param != nil && s.sum == nil:
		s.rows = append(s.rows, rowBlock{ids, x.val().Alias(), w.val().Alias()})
	default:
		tensor.ScatterProducts(b.t.own(id), w.val(), x.val(), ids)
	}
}
