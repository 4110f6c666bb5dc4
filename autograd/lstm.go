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
	dz, dc := tensor.LSTMCellGrad(b.Grad().val(), b.Out().val(), b.TakeSaved(0), b.In(1).val())
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

// LSTM returns the hidden states of an LSTM at all time steps, [T, N, H], and the state
// after the last one, [N, H] each, from x [T, N, D], the weights wx [D, 4H] and wh
// [H, 4H], the bias b [4H], or [N, 4H] for each row, and the state before the first step,
// h and c [N, H] each:
//
//	h[t], c[t] = LSTMCell(x[t] wx + h[t-1] wh + b, c[t-1])
//
// A zero h or c stands for zeros. The last step comes first where reverse is set. It
// panics with a [*tensor.ShapeError] if the shapes do not match.
func LSTM(x Var, wx, wh, b Operand, h, c Var, reverse bool) (hs, hLast, cLast Var) {
	steps, n := 0, 0
	if x.Rank() == 3 {
		steps, n = x.Dim(0), x.Dim(1)
	}
	return lstm{Reverse: reverse}.run(steps, n, x, wx, wh, b, h, c)
}

// LSTMRows is [LSTM] of rows of a table [V, D], whose ids are [T, N]:
//
//	x = table.Gather(ids)
//
// It multiplies the table by wx, and not x: that is less where V is below T N. The
// gradient of a Param that is a matrix stays row-sparse.
func LSTMRows(table Var, ids tensor.Ints, wx, wh, b Operand, h, c Var, reverse bool) (hs, hLast, cLast Var) {
	steps, n := 0, 0
	if s := ids.Shape(); len(s) == 2 && table.Rank() == 2 {
		steps, n = s[0], s[1]
		ids.Within("lstm", 0, table.Dim(0))
	}
	return lstm{reverse, table.tape().arena.PutInts(ids)}.run(steps, n, table, wx, wh, b, h, c)
}

// run records the op on T and N of the input, 0 where it is none.
func (o lstm) run(steps, n int, x Var, wx, wh, b Operand, h, c Var) (hs, hLast, cLast Var) {
	in := x.tape().List(6)
	in[0], in[1], in[2], in[3], in[4], in[5] = x, x.on(wx), x.on(wh), x.on(b), h, c
	o.check(in, steps, n)
	switch {
	case h.IsZero() && c.IsZero():
		in = in[:4]
	case h.IsZero():
		in[4] = x.t.Zeros(c.Shape()...)
	case c.IsZero():
		in[5] = x.t.Zeros(h.Shape()...)
	}
	y := ApplyN(o, in)
	// The gradient of what is taken last comes first, and all others are added to it.
	hLast, cLast = y.Select(0, inOrder(steps-1, steps, o.Reverse)), y.Select(0, steps)
	return y.Slice(0, 0, steps), hLast, cLast
}

// check panics unless the operands fit.
func (o lstm) check(in []Var, steps, n int) {
	x, wx, wh, b := in[0], in[1], in[2], in[3]
	fits := steps > 0 && wx.Rank() == 2 && wh.Rank() == 2 &&
		x.Dim(-1) == wx.Dim(0) && wh.Dim(1) == 4*wh.Dim(0) && wx.Dim(1) == wh.Dim(1) &&
		(b.Rank() == 1 || b.Rank() == 2 && b.Dim(0) == n) && b.Dim(-1) == wh.Dim(1)
	for _, s := range in[4:] {
		fits = fits && (s.IsZero() || s.Rank() == 2 && s.Dim(0) == n && s.Dim(1) == wh.Dim(0))
	}
	if !fits {
		input := "[T, N, D]"
		if !o.IDs.IsZero() {
			input = "ids [T, N] of [V, D]"
		}
		misfit("lstm", input+" × [D, 4H] × [H, 4H] × [4H] × [N, H] × [N, H]", in)
	}
}

// lstm takes x, wx, wh, b and, where there is one, the state h and c; it returns the
// hidden states of all steps and behind them the cell after the last one, [T+1, N, H].
// Where there are IDs [T, N], its input is a table of whose rows x consists.
type lstm struct {
	Reverse bool
	IDs     tensor.Ints
}

func (*lstm) Name() string { return "lstm" }

func (*lstm) Fused(be backend.Backend) bool { _, ok := be.(backend.LSTMCeller); return ok }

func (o *lstm) Forward(f *Fwd) *tensor.Tensor {
	var b, h, c *tensor.Tensor
	if f.In(3).Rank() == 2 {
		b = f.In(3)
	}
	if f.NumIn() == 6 {
		h, c = f.In(4), f.In(5)
	}
	out, cells, gates := tensor.LSTM(o.input(f), o.IDs, f.In(2), b, h, c, o.Reverse)
	f.Save(gates, cells)
	return out
}

// input returns what the input adds to the gates, [T, N, 4H] or of each row [V, 4H], and b
// if it is one row.
func (o *lstm) input(f *Fwd) *tensor.Tensor {
	x, wx, b := f.In(0), f.In(1), f.In(3)
	var z *tensor.Tensor
	rows := x.Reshape(-1, x.Dim(-1))
	if b.Rank() == 1 {
		z = tensor.Affine(b, rows, wx)
	} else {
		z = rows.MatMul(wx)
	}
	if !o.IDs.IsZero() {
		return z
	}
	return z.Reshape(x.Dim(0), x.Dim(1), z.Dim(1))
}

// VJP: dz step by step; dx, dwx and dwh are products over some steps at once.
func (o *lstm) VJP(b *Bwd) {
	var c *tensor.Tensor
	if b.NumIn() == 6 {
		c = b.In(5).val()
	}
	bias := b.In(3).val()
	ofRows := !o.IDs.IsZero() && bias.Rank() == 1 // the rows' gradients add up to the bias's
	if ofRows {
		bias = nil
	}
	dz, db, dh, dc := tensor.LSTMGrad(b.Grad().val(), b.Saved(1), b.TakeSaved(0), b.In(2).val(), bias, c, o.Reverse)
	steps, hs := b.Temp(dz), b.Out().Slice(0, 0, dz.Dim(0))
	if b.NumIn() == 6 {
		initialGrad(b, b.In(4), steps, steps.Dim(2), o.Reverse)
	}
	var rows Var // the gradient of the table's product with wx
	if !o.IDs.IsZero() {
		rows = b.t.Zeros(b.In(0).Dim(0), dz.Dim(2))
	}
	for from := 0; from < steps.Dim(0); {
		to := blockEnd(steps, from)
		if rows.IsZero() {
			inputGrads(b, steps, from, to)
		} else {
			rows.val().ScatterAdd(o.idsOf(b, from, to), steps.Slice(0, from, to).val())
		}
		recurrentGrad(b, hs, steps, steps.Dim(2), o.Reverse, from, to)
		from = to
	}
	if !rows.IsZero() {
		o.tableGrads(b, rows)
	}
	if ofRows {
		b.Add(3, rows.SumLike(b.In(3)))
	} else {
		b.Add(3, b.Temp(db))
	}
	if b.NumIn() == 6 {
		b.Add(4, b.Temp(dh))
		b.Add(5, b.Temp(dc))
	}
}

// tableGrads adds the gradients of the table, of whose rows only those in IDs get one, and
// of wx, from that of their product, d [V, 4H].
func (o *lstm) tableGrads(b *Bwd, d Var) {
	if b.Needs(0) {
		ids := b.t.arena.DistinctInts(o.IDs, d.Dim(0))
		b.AddRows(0, ids, d.Gather(ids).MatMul(b.In(1).T()))
	}
	if b.Needs(1) {
		b.AddMatMul(1, b.In(0).T(), d)
	}
}

// idsOf returns the ids of time steps [from, to); those of all steps are on the backend
// already.
func (o *lstm) idsOf(b *Bwd, from, to int) tensor.Ints {
	steps, n := o.IDs.Shape()[0], o.IDs.Shape()[1]
	if to-from == steps {
		return o.IDs
	}
	return b.t.Ints(o.IDs.Data()[from*n:to*n], to-from, n)
}

// Composed is the definition.
func (o *lstm) Composed(in []Var) Var {
	x, wh := in[0], in[2]
	if !o.IDs.IsZero() {
		x = x.Gather(o.IDs)
	}
	z := x.MatMul(in[1]).Add(in[3])
	var h, c Var
	if len(in) == 6 {
		h, c = in[4], in[5]
	}
	n := z.Dim(0)
	hs := z.t.List(n + 1)
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
		hs[t] = h
	}
	hs[n] = c
	return Stack(0, hs...)
}
