package cuda

import "github.com/wengert-ml/wengert/backend"

// Softmax writes the softmax of src along its last axis, or its logarithm, to dst.
func (b *Backend) Softmax(dst, src *backend.View, log bool) {
	width := src.Shape[src.Rank-1]
	if src.Len() == 0 {
		return
	}
	l := startRows(kernelSoftmax, src.Len()/width, width)
	l.pointers(b.at("softmax", dst), b.at("softmax", src))
	l.ints(width)
	l.flag(log)
	b.launch(&l)
}

// CrossEntropy writes the loss of each row of logits to loss and its softmax to probs.
func (b *Backend) CrossEntropy(loss, probs, logits, labels *backend.View, smoothing float64) {
	width := logits.Shape[1]
	l := startRows(kernelCrossEntropy, logits.Shape[0], width)
	l.pointers(b.at("crossEntropy", loss), b.at("crossEntropy", probs), b.at("crossEntropy", logits), b.at("crossEntropy", labels))
	l.ints(width)
	l.floats(smoothing)
	b.launch(&l)
}

// CrossEntropyGrad writes gy·(probs - q) to dst, row by row.
func (b *Backend) CrossEntropyGrad(dst, probs, gy, labels *backend.View, smoothing float64) {
	rows, width := probs.Shape[0], probs.Shape[1]
	l := start(kernelCrossEntropyGrad, rows*((width+3)/4))
	l.pointers(b.at("crossEntropyGrad", dst), b.at("crossEntropyGrad", probs), b.at("crossEntropyGrad", gy), b.at("crossEntropyGrad", labels))
	l.ints(rows, width, gy.Stride[0])
	l.floats(smoothing)
	b.launch(&l)
}

// LayerNorm writes (src - mean)·scale to dst, row by row, and the scales to scale.
func (b *Backend) LayerNorm(dst, scale, src *backend.View, eps float64) {
	l := startRows(kernelLayerNorm, src.Shape[0], src.Shape[1])
	l.pointers(b.at("layerNorm", dst), b.at("layerNorm", scale), b.at("layerNorm", src))
	l.ints(src.Shape[1])
	l.floats(eps)
	b.launch(&l)
}

// LayerNormGrad writes the gradient of what LayerNorm took to dx.
func (b *Backend) LayerNormGrad(dx, gy, y, scale *backend.View) {
	l := startRows(kernelLayerNormGrad, gy.Shape[0], gy.Shape[1])
	l.pointers(b.at("layerNormGrad", dx), b.at("layerNormGrad", gy), b.at("layerNormGrad", y), b.at("layerNormGrad", scale))
	l.ints(gy.Shape[1])
	b.launch(&l)
}

// LSTMCell writes h', c' and the activated gates.
func (b *Backend) LSTMCell(h, cNext, gates, z, c *backend.View) {
	all := c.Len()
	l := start(kernelLSTM, all)
	l.pointers(b.at("lstm", h), b.at("lstm", cNext), b.at("lstm", gates), b.at("lstm", z), b.at("lstm", c))
	l.ints(all, c.Shape[1])
	b.launch(&l)
}

// LSTMCellGrad writes the gradients of z and, over that of c', of c.
func (b *Backend) LSTMCellGrad(dz, dc, dh, cNext, gates, c *backend.View) {
	all := c.Len()
	l := start(kernelLSTMGrad, all)
	l.pointers(b.at("lstm", dz), b.at("lstm", dc), b.at("lstm", dh), b.at("lstm", dc), b.at("lstm", cNext), b.at("lstm", gates), b.at("lstm", c))
	l.ints(all, c.Shape[1])
	b.launch(&l)
}

// GRUGates writes s, and z and r over the first two thirds of gates.
func (b *Backend) GRUGates(s, gates, h *backend.View) { b.gru(kernelGRUGates, s, gates, h) }

// GRUState writes h', and ĥ over the last third of gates.
func (b *Backend) GRUState(out, gates, h *backend.View) { b.gru(kernelGRUState, out, gates, h) }

// GRUStateGrad writes the gradients of the first and the last third of gates over them
// and adds to dh.
func (b *Backend) GRUStateGrad(dh, gates, gy, h *backend.View) {
	b.gru(kernelGRUStateGrad, dh, gates, gy, h)
}

// GRUGatesGrad writes the gradient of the second third of gates over it, s over its
// gradient, and adds to dh.
func (b *Backend) GRUGatesGrad(dh, gates, s, h *backend.View) {
	b.gru(kernelGRUGatesGrad, dh, gates, s, h)
}

// gru queues a kernel of the cell with its operands, the last of which is h.
func (b *Backend) gru(k kernel, views ...*backend.View) {
	h := views[len(views)-1]
	l := start(k, h.Len())
	for _, v := range views {
		l.pointers(b.at("gru", v))
	}
	l.ints(h.Len(), h.Shape[1])
	b.launch(&l)
}
