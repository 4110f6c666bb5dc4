package autograd

import (
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// LSTMCell returns the hidden state and the cell of one LSTM step, each [N, H],
// from z = x Wx + h Wh + b [N, 4H] and the cell c [N, H] of the step before:
//
//	f, g, i, o = split(z)
//	c' = σ(f) ⊙ c + σ(i) ⊙ tanh(g)
//	h' = σ(o) ⊙ tanh(c')
//
// The order of the gates is that of Deep Learning from Scratch 2, chapter 6. It
// panics with a [*tensor.ShapeError] if z is not four times as wide as c.
func LSTMCell(z, c Var) (h, cNext Var) {
	if z.Rank() != 2 || c.Rank() != 2 || z.Dim(0) != c.Dim(0) || z.Dim(1) != 4*c.Dim(1) {
		panic(&tensor.ShapeError{Op: "lstmCell", Shapes: [][]int{append([]int{}, z.Shape()...), append([]int{}, c.Shape()...)},
			Problem: "the gates do not match the cell", Want: "[N, 4H] × [N, H]"})
	}
	y := Apply2(lstmCell{}, z, c)
	return y.Select(0, 0), y.Select(0, 1)
}

// lstmCell returns h and c packed as [2, N, H].
type lstmCell struct{}

func (*lstmCell) Name() string { return "lstmCell" }

func (*lstmCell) Fused(be backend.Backend) bool { _, ok := be.(backend.LSTMCeller); return ok }

func (*lstmCell) Forward(f *Fwd) *tensor.Tensor {
	out, gates := tensor.LSTMCell(f.In(0), f.In(1))
	f.Save(gates)
	return out
}

func (*lstmCell) VJP(b *Bwd) {
	dz, dc := tensor.LSTMCellGrad(b.Grad().val(), b.Out().val(), b.TakeSaved(), b.In(1).val())
	b.Add(0, b.Temp(dz))
	b.Add(1, b.Temp(dc))
}

// Composed is the definition.
func (*lstmCell) Composed(in []Var) Var {
	z, c := in[0], in[1]
	gates := z.Split(1, 4)
	f, g, i, o := gates[0].Sigmoid(), gates[1].Tanh(), gates[2].Sigmoid(), gates[3].Sigmoid()
	c = f.Mul(c).Add(i.Mul(g))
	return Stack(0, o.Mul(c.Tanh()), c)
}
