package autograd

import (
	"slices"

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

// LSTM returns the hidden states and the cells of an LSTM at all time steps, each
// [T, N, H], from z [T, N, 4H], which is x Wx + b, the weights wh [H, 4H] of the
// hidden state, and the state before the first step, h and c [N, H] each:
//
//	h[t], c[t] = LSTMCell(z[t] + h[t-1] wh, c[t-1])
//
// A zero h or c stands for zeros. The last step comes first where reverse is set. It
// panics with a [*tensor.ShapeError] if the shapes do not match.
func LSTM(z Var, wh Operand, h, c Var, reverse bool) (hs, cs Var) {
	w := z.on(wh)
	n, width := z.checkLSTM(w, h, c)
	if h.IsZero() && c.IsZero() {
		y := Apply2(lstm{reverse}, z, w)
		return y.Select(0, 0), y.Select(0, 1)
	}
	in := z.t.List(4)
	in[0], in[1], in[2], in[3] = z, w, h, c
	for i, s := range in[2:] {
		if s.IsZero() {
			in[2+i] = z.t.Zeros(n, width)
		}
	}
	y := ApplyN(lstm{reverse}, in)
	return y.Select(0, 0), y.Select(0, 1)
}

// checkLSTM panics unless the operands of LSTM fit, and returns N and H.
func (z Var) checkLSTM(wh, h, c Var) (n, width int) {
	fits := z.Rank() == 3 && z.Dim(0) > 0 && wh.Rank() == 2 && wh.Dim(1) == 4*wh.Dim(0) && z.Dim(2) == wh.Dim(1)
	for _, s := range [2]Var{h, c} {
		fits = fits && (s.IsZero() || s.Rank() == 2 && s.Dim(0) == z.Dim(1) && s.Dim(1) == wh.Dim(0))
	}
	if fits {
		return z.Dim(1), wh.Dim(0)
	}
	var shapes [][]int
	for _, s := range [4]Var{z, wh, h, c} {
		if !s.IsZero() {
			shapes = append(shapes, slices.Clone(s.Shape()))
		}
	}
	panic(&tensor.ShapeError{Op: "lstm", Shapes: shapes,
		Problem: "the steps do not match the weights or the state", Want: "[T, N, 4H] × [H, 4H] × [N, H] × [N, H] with at least one step"})
}

// lstm takes z, wh and, where there is one, the state h and c; it returns the hidden
// states and the cells packed as [2, T, N, H].
type lstm struct{ Reverse bool }

func (*lstm) Name() string { return "lstm" }

func (*lstm) Fused(be backend.Backend) bool { _, ok := be.(backend.LSTMCeller); return ok }

func (o *lstm) Forward(f *Fwd) *tensor.Tensor {
	var h, c *tensor.Tensor
	if f.NumIn() == 4 {
		h, c = f.In(2), f.In(3)
	}
	out, gates := tensor.LSTM(f.In(0), f.In(1), h, c, o.Reverse)
	f.Save(gates)
	return out
}

// VJP: dz step by step, dwh = Σ h[t-1]ᵀ dz[t] as one product.
func (o *lstm) VJP(b *Bwd) {
	var c *tensor.Tensor
	if b.NumIn() == 4 {
		c = b.In(3).val()
	}
	dz, dh, dc := tensor.LSTMGrad(b.Grad().val(), b.Out().val(), b.TakeSaved(), b.In(1).val(), c, o.Reverse)
	z := b.Temp(dz)
	if b.Needs(1) {
		o.weights(b, z)
	}
	b.Add(0, z)
	if b.NumIn() == 4 {
		b.Add(2, b.Temp(dh))
		b.Add(3, b.Temp(dc))
	}
}

// weights adds to the gradient of wh, from that of z [T, N, 4H].
func (o *lstm) weights(b *Bwd, dz Var) {
	steps, width := dz.Dim(0), b.In(1).Dim(0)
	first, from, before := 0, 1, 0 // the steps that have one before them, and those
	if o.Reverse {
		first, from, before = steps-1, 0, 1
	}
	if b.NumIn() == 4 {
		b.AddMatMul(1, b.In(2).T(), dz.Select(0, first))
	}
	if steps > 1 {
		h := b.Out().Select(0, 0).Slice(0, before, before+steps-1).Reshape(-1, width)
		b.AddMatMul(1, h.T(), dz.Slice(0, from, from+steps-1).Reshape(-1, 4*width))
	}
}

// Composed is the definition.
func (o *lstm) Composed(in []Var) Var {
	z, wh := in[0], in[1]
	var h, c Var
	if len(in) == 4 {
		h, c = in[2], in[3]
	}
	steps := z.Dim(0)
	hs, cs := z.t.List(steps), z.t.List(steps)
	for i := range steps {
		t := i
		if o.Reverse {
			t = steps - 1 - i
		}
		a := z.Select(0, t)
		if !h.IsZero() {
			a = a.AddMatMul(h, wh)
		}
		if c.IsZero() {
			c = z.t.Zeros(z.Dim(1), wh.Dim(0))
		}
		h, c = LSTMCell(a, c)
		hs[t], cs[t] = h, c
	}
	return Stack(0, Stack(0, hs...), Stack(0, cs...))
}
