package autograd

import (
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// GRU returns the hidden states of a GRU at all time steps, [T, N, H], from x
// [T, N, D], the weights wx [D, 3H] and wh [H, 3H], the bias b [3H] and the state
// before the first step, h [N, H] or zero for zeros:
//
//	z, r = σ(split(x[t] wx + h[t-1] wh + b))       the first two thirds
//	ĥ = tanh(x[t] wx + (r ⊙ h[t-1]) wh + b)        the last third
//	h[t] = h[t-1] + z ⊙ (ĥ - h[t-1])
//
// The last step comes first where reverse is set. It panics with a
// [*tensor.ShapeError] if the shapes do not match. As in Deep Learning from Scratch 2,
// appendix C.
func GRU(x Var, wx, wh, b Operand, h Var, reverse bool) Var {
	in := x.tape().List(5)
	in[0], in[1], in[2], in[3], in[4] = x, x.on(wx), x.on(wh), x.on(b), h
	checkGRU(in)
	if h.IsZero() {
		in = in[:4]
	}
	return ApplyN(gru{reverse}, in)
}

// checkGRU panics unless the operands of GRU fit.
func checkGRU(in []Var) {
	x, wx, wh, b, h := in[0], in[1], in[2], in[3], in[4]
	fits := x.Rank() == 3 && x.Dim(0) > 0 && wx.Rank() == 2 && wh.Rank() == 2 && b.Rank() == 1 &&
		x.Dim(2) == wx.Dim(0) && wh.Dim(1) == 3*wh.Dim(0) && wx.Dim(1) == wh.Dim(1) && b.Dim(0) == wh.Dim(1) &&
		(h.IsZero() || h.Rank() == 2 && h.Dim(0) == x.Dim(1) && h.Dim(1) == wh.Dim(0))
	if !fits {
		misfit("gru", "[T, N, D] × [D, 3H] × [H, 3H] × [3H] × [N, H]", in)
	}
}

// gru takes x, wx, wh, b and, where there is one, the state h.
type gru struct{ Reverse bool }

func (*gru) Name() string { return "gru" }

func (*gru) Fused(be backend.Backend) bool { _, ok := be.(backend.GRUCeller); return ok }

func (o *gru) Forward(f *Fwd) *tensor.Tensor {
	var h *tensor.Tensor
	if f.NumIn() == 5 {
		h = f.In(4)
	}
	out, gates := tensor.GRU(f.In(0), f.In(1), f.In(2), f.In(3), h, o.Reverse)
	f.Save(gates)
	return out
}

// VJP: da step by step; dx, dwx and dwh are products over all steps at once.
func (o *gru) VJP(b *Bwd) {
	var h *tensor.Tensor
	if b.NumIn() == 5 {
		h = b.In(4).val()
	}
	da, s, db, dh := tensor.GRUGrad(b.Grad().val(), b.Out().val(), b.TakeSaved(0), b.In(2).val(), h, o.Reverse)
	steps, resets := b.Temp(da), b.Temp(s)
	gates := 2 * b.In(2).Dim(0) // columns of wh that h meets; s meets those of the candidate
	if b.NumIn() == 5 {
		initialGrad(b, b.In(4), steps, gates, o.Reverse)
	}
	for from := 0; from < steps.Dim(0); {
		to := blockEnd(steps, from)
		inputGrads(b, steps, from, to)
		o.candidateGrad(b, steps, resets, from, to)
		recurrentGrad(b, b.Out(), steps, gates, o.Reverse, from, to)
		from = to
	}
	b.Add(3, b.Temp(db))
	if dh != nil {
		b.Add(4, b.Temp(dh))
	}
}

// candidateGrad is dwh += Σ s[t]ᵀ da[t] of the candidate over time steps [from, to).
func (o *gru) candidateGrad(b *Bwd, da, s Var, from, to int) {
	width := b.In(2).Dim(0)
	candidate := da.Slice(0, from, to).Reshape(-1, 3*width).Slice(1, 2*width, 3*width)
	b.accumulate(2, 1, 2*width, 3*width, s.Slice(0, from, to).Reshape(-1, width).T(), candidate)
}

// Composed is the definition.
func (o *gru) Composed(in []Var) Var {
	x, wh := in[0].Affine(in[1], in[3]), in[2]
	width := wh.Dim(0)
	// Sliced once, not in each step: the gradient of a slice is added to the whole.
	forGates, forCandidate := wh.Slice(1, 0, 2*width), wh.Slice(1, 2*width, 3*width)
	var h Var
	if len(in) == 5 {
		h = in[4]
	}
	n := x.Dim(0)
	hs := x.t.List(n)
	for i := range n {
		t := inOrder(i, n, o.Reverse)
		a := x.Select(0, t)
		gates, candidate := a.Slice(1, 0, 2*width), a.Slice(1, 2*width, 3*width)
		if h.IsZero() {
			h = gates.Slice(1, 0, width).Sigmoid().Mul(candidate.Tanh())
		} else {
			zr := gates.AddMatMul(h, forGates).Sigmoid().Split(1, 2)
			candidate = candidate.AddMatMul(zr[1].Mul(h), forCandidate).Tanh()
			h = h.Add(zr[0].Mul(candidate.Sub(h)))
		}
		hs[t] = h
	}
	return Stack(0, hs...)
}
