package tensor

import "github.com/wengert-ml/wengert/backend"

// LSTMCell returns h' and c' packed as [2, N, H] and the activated gates [N, 4H]
// from z [N, 4H] and c [N, H], by the backend's fused kernel: see
// [backend.LSTMCeller], which the backend must offer.
func LSTMCell(z, c *Tensor) (out, gates *Tensor) {
	be := z.be.(backend.LSTMCeller)
	n, width := c.view.Shape[0], c.view.Shape[1]
	mem := home("lstmCell", z, c)
	out, gates = alloc(z.be, mem, backend.Contiguous(2, n, width)), alloc(z.be, mem, backend.Contiguous(n, 4*width))
	h, next, pz, pc := out.Select(0, 0), out.Select(0, 1), z.packed(), c.packed()
	be.LSTMCell(&h.view, &next.view, &gates.view, &pz.view, &pc.view)
	h.Release()
	next.Release()
	z.drop(pz)
	c.drop(pc)
	return out, gates
}

// LSTMCellGrad returns the gradients of z [N, 4H] and c [N, H] from that of the
// output, gy [2, N, H], and what LSTMCell read and returned. It overwrites gates.
func LSTMCellGrad(gy, out, gates, c *Tensor) (dz, dc *Tensor) {
	be := gates.be.(backend.LSTMCeller)
	gh, gc, next := gy.Select(0, 0), gy.Select(0, 1), out.Select(0, 1)
	dc = gc.Clone()
	dh, pc := gh.packed(), c.packed()
	be.LSTMCellGrad(&gates.view, &dc.view, &dh.view, &next.view, &gates.view, &pc.view)
	gh.drop(dh)
	c.drop(pc)
	for _, view := range [3]*Tensor{gh, gc, next} {
		view.Release()
	}
	return gates, dc
}

// LSTM runs an LSTM over time by the backend's fused cell, which the backend must
// offer. It is given what the input adds to the gates, x [T, N, 4H], or a matrix x [V, 4H]
// of whose rows it consists, which ids [T, N] name; the weights wh [H, 4H], what is added
// to the gates at every step, b [4H] or [N, 4H], or nil, and the state before the first
// step, h and c [N, H] each, both nil for zeros; reverse makes the last step the first. It
// returns the hidden states of all steps and behind them the cell after the last one,
// [T+1, N, H], the cells of all steps, [T, N, H], and the activated gates [T, N, 4H], which
// take the place of x where there are no ids. It is meant for an op's Forward: on a tape,
// its temporaries go back with it.
func LSTM(x *Tensor, ids Ints, wh, b, h, c *Tensor, reverse bool) (out, cells, gates *Tensor) {
	mem := home("lstm", x, wh)
	be := x.be.(backend.LSTMCeller)
	whole, ok := x.be.(backend.LSTMer)
	gates = x
	switch {
	case ids.IsZero():
	case ok:
		gates = x.beside(backend.Contiguous(ids.Shape()[0], ids.Shape()[1], x.view.Shape[1]))
	default:
		gates, ids = x.Gather(ids), Ints{}
	}
	steps, n, width := gates.view.Shape[0], gates.view.Shape[1], wh.view.Shape[0]
	out, cells = alloc(gates.be, mem, backend.Contiguous(steps+1, n, width)), alloc(gates.be, mem, backend.Contiguous(steps, n, width))
	c = stateBefore(c, cells)
	if ok {
		if h != nil {
			h = h.packed()
		}
		var table, rows *backend.View
		if !ids.IsZero() {
			table, rows = &x.view, ids.onto(x.be)
			defer ids.off(x.be, rows)
		}
		hs := out.Slice(0, 0, steps)
		whole.LSTM(&hs.view, &cells.view, &gates.view, table, rows, &wh.view, viewOf(b), viewOf(h), &c.view, reverse)
	} else {
		if b != nil {
			gates.AddInPlace(b)
		}
		for i := range steps {
			t := inOrder(i, steps, reverse)
			a, y, next := gates.Select(0, t), out.Select(0, t), cells.Select(0, t)
			if h != nil {
				a.AddMatMul(h, wh)
			}
			be.LSTMCell(&y.view, &next.view, &a.view, &a.view, &c.view)
			h, c = y, next
		}
	}
	out.Select(0, steps).CopyFrom(cells.Select(0, inOrder(steps-1, steps, reverse)))
	return out, cells, gates
}

// LSTMGrad returns the gradients of the gates before activation, dz [T, N, 4H], of
// the bias, of b's shape, and of the state before the first step, each [N, H], from that
// of the output, gy [T+1, N, H], and what LSTM was given and returned. That of b is nil
// where b is, and that of h where there was no state. It overwrites gates and may
// overwrite gy.
func LSTMGrad(gy, cells, gates, wh, b, c *Tensor, reverse bool) (dz, db, dh, dc *Tensor) {
	be := gates.be.(backend.LSTMCeller)
	steps := gates.view.Shape[0]
	if mem := home("lstm", gates, cells); mem != nil {
		mem.Begin()
		defer func() { mem.End(db, dh, dc) }()
	}
	if !gy.Exclusive() || !gy.IsContiguous() { // the gradient of a step is added to that of the step before
		gy = gy.Clone()
	}
	before, back := stateBefore(c, cells), wh.T()
	dc = gy.Select(0, steps)
	if whole, ok := gates.be.(backend.LSTMer); ok {
		if b != nil {
			db = gates.beside(b.view.Packed())
		}
		if c != nil {
			dh = before.like()
		}
		dhs := gy.Slice(0, 0, steps)
		whole.LSTMGrad(&gates.view, viewOf(db), viewOf(dh), &dc.view, &dhs.view, &cells.view, &wh.view, &before.view, reverse)
		return gates, db, dh, dc
	}
	for i := steps - 1; i >= 0; i-- {
		t, u, cell := inOrder(i, steps, reverse), inOrder(i-1, steps, reverse), before
		if i > 0 {
			cell = cells.Select(0, u)
		}
		a, g, next := gates.Select(0, t), gy.Select(0, t), cells.Select(0, t)
		be.LSTMCellGrad(&a.view, &dc.view, &g.view, &next.view, &a.view, &cell.view)
		switch {
		case i > 0:
			gy.Select(0, u).AddMatMul(a, back)
		case c != nil:
			dh = a.MatMul(back)
		}
	}
	if b != nil {
		db = gates.SumTo(b.Shape()...)
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
