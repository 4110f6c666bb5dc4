package backend

// LSTMCeller is offered by a backend with a fused LSTM cell: what comes after
// the products with the weights. Views do not overlap and are contiguous, but for
// the first axis of out and gy: h' and c' may be far apart, as the steps of all
// hidden states and of all cells are.
//
//	f, g, i, o = σ(z₀), tanh(z₁), σ(z₂), σ(z₃)   the quarters of z
//	c' = f ⊙ c + i ⊙ g
//	h' = o ⊙ tanh(c')
type LSTMCeller interface {
	Backend

	// LSTMCell takes z [N, 4H] and c [N, H]; it writes h' and c' to out [2, N, H]
	// and the activated gates to gates [N, 4H], which may be z.
	LSTMCell(out, gates, z, c *View)

	// LSTMCellGrad takes the gradient gy [2, N, H] of out and what LSTMCell read and
	// wrote; it writes the gradients of z and c to dz [N, 4H] and dc [N, H]. dz may
	// be gates.
	LSTMCellGrad(dz, dc, gy, out, gates, c *View)
}
