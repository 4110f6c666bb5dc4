package tensor

import "github.com/wengert-ml/wengert/backend"

// LSTMCell returns h' and c' packed as [2, N, H] and the activated gates [N, 4H]
// from z [N, 4H] and c [N, H], by the backend's fused kernel: see
// [backend.LSTMCeller], which the backend must offer.
func LSTMCell(z, c *Tensor) (out, gates *Tensor) {
	be := z.be.(backend.LSTMCeller)
	n, h := c.view.Shape[0], c.view.Shape[1]
	mem := home("lstmCell", z, c)
	out, gates = alloc(z.be, mem, backend.Contiguous(2, n, h)), alloc(z.be, mem, backend.Contiguous(n, 4*h))
	pz, pc := z.packed(), c.packed()
	be.LSTMCell(&out.view, &gates.view, &pz.view, &pc.view)
	z.drop(pz)
	c.drop(pc)
	return out, gates
}

// LSTMCellGrad returns the gradients of z [N, 4H] and c [N, H] from that of the
// output, gy [2, N, H], and what LSTMCell read and returned. It overwrites gates.
func LSTMCellGrad(gy, out, gates, c *Tensor) (dz, dc *Tensor) {
	be := gates.be.(backend.LSTMCeller)
	dc = gates.beside(c.view.Packed())
	pg, pc := gy.packed(), c.packed()
	be.LSTMCellGrad(&gates.view, &dc.view, &pg.view, &out.view, &gates.view, &pc.view)
	gy.drop(pg)
	c.drop(pc)
	return gates, dc
}

// LSTM runs an LSTM over time by the backend's fused cell, which the backend must
// offer. It is given what the input adds to the gates, gates [T, N, 4H], the weights wh
// [H, 4H], what is added to the gates at every step, b [4H] or [N, 4H], or nil, and the
// state before the first step, h and c [N, H] each, both nil for zeros; reverse makes the
// last step the first. It returns the hidden states and the cells of all steps packed as
// [2, T, N, H], and overwrites gates by the activated ones. It is meant for an op's
// Forward: on a tape, its temporaries go back with it.
func LSTM(gates, wh, b, h, c *Tensor, reverse bool) (out *Tensor) {
	mem := home("lstm", gates, wh)
	be := gates.be.(backend.LSTMCeller)
	steps, n, width := gates.view.Shape[0], gates.view.Shape[1], wh.view.Shape[0]
	out = alloc(gates.be, mem, backend.Contiguous(2, steps, n, width))
	c = stateBefore(c, out)
	if whole, ok := gates.be.(backend.LSTMer); ok {
		if h != nil {
			h = h.packed()
		}
		whole.LSTM(&out.view, &gates.view, &wh.view, viewOf(b), viewOf(h), &c.view, reverse)
		return out
	}
	for i := range steps {
		t := inOrder(i, steps, reverse)
		a, y := gates.Select(0, t), out.Select(1, t)
		if b != nil {
			a.AddInPlace(b) // not before the loop: here the step is in the cache
		}
		if h != nil {
			a.AddMatMul(h, wh)
		}
		be.LSTMCell(&y.view, &a.view, &a.view, &c.view)
		h, c = y.Select(0, 0), y.Select(0, 1)
	}
	return out
}

// LSTMGrad returns the gradients of the gates before activation, dz [T, N, 4H], of
// the bias, of b's shape, and of the state before the first step, each [N, H], from that
// of the output, gy [2, T, N, H], and what LSTM was given and returned. That of h is nil
// where there was no state. It overwrites gates and may overwrite gy.
func LSTMGrad(gy, out, gates, wh, b, c *Tensor, reverse bool) (dz, db, dh, dc *Tensor) {
	be := gates.be.(backend.LSTMCeller)
	steps := gates.view.Shape[0]
	db = gates.beside(b.view.Packed())
	db.Fill(0)
	if mem := home("lstm", gates, out); mem != nil {
		mem.Begin()
		defer func() { mem.End(dh, dc) }()
	}
	if !gy.Exclusive() || !gy.IsContiguous() { // the gradient of a step is added to that of the step before
		gy = gy.Clone()
	}
	before, back := stateBefore(c, out), wh.T()
	dc = before.like()
	if whole, ok := gates.be.(backend.LSTMer); ok {
		if c != nil {
			dh = before.like()
		}
		whole.LSTMGrad(&gates.view, &db.view, viewOf(dh), &dc.view, &gy.view, &out.view, &wh.view, &before.view, reverse)
		return gates, db, dh, dc
	}
	for i := steps - 1; i >= 0; i-- {
		t, cell := inOrder(i, steps, reverse), before
		u := inOrder(i-1, steps, reverse)
		if i > 0 {
			cell = out.Select(0, 1).Select(0, u)
		}
		a, y, g := gates.Select(0, t), out.Select(1, t), gy.Select(1, t)
		be.LSTMCellGrad(&a.view, &dc.view, &g.view, &y.view, &a.view, &cell.view)
		db.AddInPlace(a.SumTo(b.Shape()...)) // here the step is in the cache
		switch {
		case i > 0:
			gy.Select(0, 0).Select(0, u).AddMatMul(a, back)
			gy.Select(0, 1).Select(0, u).AddInPlace(dc)
		case c != nil:
			dh = a.MatMul(back)
		}
	}
	return gates, db, dh, dc
}

// viewOf returns nil for nil.
func viewOf(t *Tensor) *backend.View {
	if t == nil {
		return nil
	}
	return &t.view
}

// stateBefore returns the state x [N, H] before the first step for a kernel: packed,
// and zeros for nil. out is [..., N, H].
func stateBefore(x, out *Tensor) *Tensor {
	if x != nil {
		return x.packed()
	}
	r := out.view.Rank
	zero := out.beside(backend.Contiguous(out.view.Shape[r-2], out.view.Shape[r-1]))
	zero.Fill(0)
	return zero
}

// inOrder returns the position of step i of n.
func inOrder(i, n int, reverse bool) int {
	if reverse {
		return n - 1 - i
	}
	return i
}
