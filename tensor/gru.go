package tensor

import "github.com/wengert-ml/wengert/backend"

// GRU runs a GRU over time by the backend's fused kernels, see [backend.GRUCeller],
// which the backend must offer. It is given x [T, N, D], the weights wx [D, 3H] and wh
// [H, 3H], the bias b [3H] and the state before the first step h [N, H], nil for
// zeros; reverse makes the last step the first. It returns the hidden states of all
// steps [T, N, H] and the activated gates z, r, ĥ [T, N, 3H]. It is meant for an op's
// Forward: on a tape, its temporaries go back with it.
func GRU(x, wx, wh, b, h *Tensor, reverse bool) (out, gates *Tensor) {
	mem := home("gru", x, wx, wh, b)
	be := x.be.(backend.GRUCeller)
	steps, n, width := x.view.Shape[0], x.view.Shape[1], wh.view.Shape[0]
	out = alloc(x.be, mem, backend.Contiguous(steps, n, width))
	gates = alloc(x.be, mem, backend.Contiguous(steps, n, 3*width))
	all := gates.Reshape(-1, 3*width) // what the input adds, of all steps at once
	be.MatMul(&all.view, &x.Reshape(-1, x.view.Shape[2]).view, &wx.view, false)
	all.AddInPlace(b)
	forGates, forCandidate := wh.Slice(1, 0, 2*width), wh.Slice(1, 2*width, 3*width)
	zeros := h == nil
	h = stateBefore(h, out)
	s := h.like()
	for i := range steps {
		t := inOrder(i, steps, reverse)
		a, y := gates.Select(0, t), out.Select(0, t)
		if !zeros {
			a.Slice(1, 0, 2*width).AddMatMul(h, forGates)
		}
		be.GRUGates(&s.view, &a.view, &h.view)
		if !zeros {
			a.Slice(1, 2*width, 3*width).AddMatMul(s, forCandidate)
		}
		be.GRUState(&y.view, &a.view, &h.view)
		h, zeros = y, false
	}
	return out, gates
}

// GRUGrad returns the gradients of the gates before activation, da [T, N, 3H], of the
// bias [3H] and of the state before the first step [N, H], from that of the output, gy
// [T, N, H], and what GRU was given and returned. It also returns s = r ⊙ h of all
// steps [T, N, H], which the gradient of wh is made of. That of the state is nil where
// there was none. It overwrites gates and may overwrite gy.
func GRUGrad(gy, out, gates, wh, h *Tensor, reverse bool) (da, s, db, dh *Tensor) {
	s = out.like()
	dh = gruBack(s, gy, out, gates, wh, h, reverse)
	return gates, s, gates.SumTo(gates.view.Shape[2]), dh
}

// gruBack overwrites gates by their gradients and writes s.
func gruBack(s, gy, out, gates, wh, h *Tensor, reverse bool) (dh *Tensor) {
	be := gates.be.(backend.GRUCeller)
	steps, width := out.view.Shape[0], out.view.Shape[2]
	if mem := home("gru", gates, out); mem != nil {
		mem.Begin()
		defer func() { mem.End(dh) }()
	}
	if !gy.Exclusive() || !gy.IsContiguous() { // the gradient of a step is added to that of the step before
		gy = gy.Clone()
	}
	first := stateBefore(h, out)
	dh = first.like()
	dh.Fill(0)
	throughGates, throughCandidate := wh.Slice(1, 0, 2*width).T(), wh.Slice(1, 2*width, 3*width).T()
	for i := steps - 1; i >= 0; i-- {
		t, before, to := inOrder(i, steps, reverse), first, dh
		if i > 0 {
			u := inOrder(i-1, steps, reverse)
			before, to = out.Select(0, u), gy.Select(0, u)
		}
		a, g, reset := gates.Select(0, t), gy.Select(0, t), s.Select(0, t)
		be.GRUStateGrad(&to.view, &a.view, &g.view, &before.view)
		if i == 0 && h == nil { // r has nothing to reset
			a.Slice(1, width, 2*width).Fill(0)
			reset.Fill(0)
			return nil
		}
		be.MatMul(&reset.view, &a.Slice(1, 2*width, 3*width).view, &throughCandidate.view, false)
		be.GRUGatesGrad(&to.view, &a.view, &reset.view, &before.view)
		to.AddMatMul(a.Slice(1, 0, 2*width), throughGates)
	}
	return dh
}
