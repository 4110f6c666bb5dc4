package backend

// LSTMCeller is offered by a backend with a fused LSTM cell: what comes after
// the products with the weights. Views do not overlap and are contiguous.
//
//	f, g, i, o = σ(z₀), tanh(z₁), σ(z₂), σ(z₃)   the quarters of z
//	c' = f ⊙ c + i ⊙ g
//	h' = o ⊙ tanh(c')
type LSTMCeller interface {
	Backend

	// LSTMCell takes z [N, 4H] and c [N, H]; it writes h' and c' to h and cNext [N, H]
	// and the activated gates to gates [N, 4H], which may be z.
	LSTMCell(h, cNext, gates, z, c *View)

	// LSTMCellGrad takes the gradients of h' in dh [N, H] and of c' in dc [N, H], and what
	// LSTMCell read and wrote; it writes the gradients of z to dz [N, 4H] and of c to dc.
	// dz may be gates.
	LSTMCellGrad(dz, dc, dh, cNext, gates, c *View)
}

// LSTMer is offered by a backend that runs an LSTM over all steps of time in one call:
//
//	z[t] = x[t] wx + b + h[t-1] wh
//	h[t], c[t] = LSTMCell(z[t], c[t-1])
//
// Views do not overlap and are contiguous, wh and b excepted. The last step comes first
// where reverse is set.
type LSTMer interface {
	LSTMCeller

	// LSTM takes x wx of all steps in gates [T, N, 4H], or, where there are ids [T, N], in
	// those rows of x [V, 4H], which is nil otherwise; the weights wh [H, 4H], the bias b
	// [4H] or [N, 4H], nil where x wx has it already, and the state before the first step,
	// h and c [N, H] each, h being nil for zeros. It writes the hidden states to hs and the
	// cells to cs, [T, N, H] each, and the activated gates to gates.
	LSTM(hs, cs, gates, x, ids, wh, b, h, c *View, reverse bool)

	// LSTMGrad takes the gradients of the hidden states, dhs [T, N, H], and of the last
	// cell, in dc [N, H], and what LSTM was given and wrote. It writes the gradients of z
	// to gates, of b to db, unless that is nil, of h to dh, which is nil where h was, and of
	// c to dc. It adds to dhs what the hidden state of a step gets from the one after it.
	LSTMGrad(gates, db, dh, dc, dhs, cs, wh, c *View, reverse bool)
}
