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

// LSTM returns the hidden states and the cells of an LSTM at all time steps, each
// [T, N, H], from x [T, N, D], the weights wx [D, 4H] and wh [H, 4H], the bias b
// [4H], or [N, 4H] for each row, and the state before the first step, h and c [N, H]
// each:
//
//	h[t], c[t] = LSTMCell(x[t] wx + h[t-1] wh + b, c[t-1])
//
// A zero h or c stands for zeros. The last step comes first where reverse is set. It
// panics with a [*tensor.ShapeError] if the shapes do not match.
func LSTM(x Var, wx, wh, b Operand, h, c Var, reverse bool) (hs, cs Var) {
	in := x.tape().List(6)
	in[0], in[1], in[2], in[3], in[4], in[5] = x, x.on(wx), x.on(wh), x.on(b), h, c
	checkLSTM(in)
	switch {
	case h.IsZero() && c.IsZero():
		in = in[:4]
	case h.IsZero():
		in[4] = x.t.Zeros(c.Shape()...)
	case c.IsZero():
		in[5] = x.t.Zeros(h.Shape()...)
	}
	y := ApplyN(lstm{reverse}, in)
	return y.Select(0, 0), y.Select(0, 1)
}

// checkLSTM panics unless the operands of LSTM fit.
func checkLSTM(in []Var) {
	x, wx, wh, b := in[0], in[1], in[2], in[3]
	fits := x.Rank() == 3 && x.Dim(0) > 0 && wx.Rank() == 2 && wh.Rank() == 2 &&
		x.Dim(2) == wx.Dim(0) && wh.Dim(1) == 4*wh.Dim(0) && wx.Dim(1) == wh.Dim(1) &&
		(b.Rank() == 1 || b.Rank() == 2 && b.Dim(0) == x.Dim(1)) && b.Dim(-1) == wh.Dim(1)
	for _, s := range in[4:] {
		fits = fits && (s.IsZero() || s.Rank() == 2 && s.Dim(0) == x.Dim(1) && s.Dim(1) == wh.Dim(0))
	}
	if !fits {
		misfit("lstm", "[T, N, D] × [D, 4H] × [H, 4H] × [4H] × [N, H] × [N, H]", in)
	}
}

// lstm takes x, wx, wh, b and, where there is one, the state h and c; it returns the
// hidden states and the cells packed as [2, T, N, H].
type lstm struct{ Reverse bool }

func (*lstm) Name() string { return "lstm" }

func (*lstm) Fused(be backend.Backend) bool { _, ok := be.(backend.LSTMCeller); return ok }

func (o *lstm) Forward(f *Fwd) *tensor.Tensor {
	var h, c *tensor.Tensor
	if f.NumIn() == 6 {
		h, c = f.In(4), f.In(5)
	}
	out, gates := tensor.LSTM(f.In(0), f.In(1), f.In(2), f.In(3), h, c, o.Reverse)
	f.Save(gates)
	return out
}

// VJP: dz step by step; dx, dwx and dwh are products over some steps at once.
func (o *lstm) VJP(b *Bwd) {
	var c *tensor.Tensor
	if b.NumIn() == 6 {
		c = b.In(5).val()
	}
	dz, db, dh, dc := tensor.LSTMGrad(b.Grad().val(), b.Out().val(), b.TakeSaved(), b.In(2).val(), b.In(3).val(), c, o.Reverse)
	steps := b.Temp(dz)
	o.initial(b, steps)
	for from := 0; from < steps.Dim(0); {
		to := blockEnd(steps, from)
		inputGrads(b, steps, from, to)
		o.recurrent(b, steps, from, to)
		from = to
	}
	b.Add(3, b.Temp(db))
	if b.NumIn() == 6 {
		b.Add(4, b.Temp(dh))
		b.Add(5, b.Temp(dc))
	}
}

// initial adds to dwh what the state before the first step has a part in.
func (o *lstm) initial(b *Bwd, dz Var) {
	if b.NumIn() == 6 && b.Needs(2) {
		first, _ := order(dz.Dim(0), o.Reverse)
		b.AddMatMul(2, b.In(4).T(), dz.Select(0, first))
	}
}

// recurrent is dwh += Σ h[t-1]ᵀ dz[t] over time steps [from, to), those that have a step
// before them.
func (o *lstm) recurrent(b *Bwd, dz Var, from, to int) {
	first, before := order(dz.Dim(0), o.Reverse)
	from, to = without(first, from, to)
	if from == to || !b.Needs(2) {
		return
	}
	width := b.In(2).Dim(0)
	h := b.Out().Select(0, 0).Slice(0, from+before, to+before).Reshape(-1, width)
	b.AddMatMul(2, h.T(), dz.Slice(0, from, to).Reshape(-1, 4*width))
}

// Composed is the definition.
func (o *lstm) Composed(in []Var) Var {
	z, wh := in[0].MatMul(in[1]).Add(in[3]), in[2]
	var h, c Var
	if len(in) == 6 {
		h, c = in[4], in[5]
	}
	n := z.Dim(0)
	hs, cs := z.t.List(n), z.t.List(n)
	for i := range n {
		t := inOrder(i, n, o.Reverse)
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
