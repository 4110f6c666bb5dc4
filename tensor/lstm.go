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
