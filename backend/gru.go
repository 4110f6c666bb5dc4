package backend

// GRUCeller is offered by a backend with the fused kernels of a GRU cell whose reset
// gate comes before the product with the weights: two kernels around that product,
// each way. Views do not overlap and are contiguous. gates [N, 3H] changes from kernel
// to kernel; its thirds hold a = x Wx + h Wh + b at first, the last one without h Wh:
//
//	z, r = σ(a₀), σ(a₁)
//	s = r ⊙ h               the caller adds s Wh to a₂
//	ĥ = tanh(a₂)
//	h' = h + z ⊙ (ĥ - h)
type GRUCeller interface {
	Backend

	// GRUGates takes h [N, H]; it writes s to s [N, H] and z and r over a₀ and a₁.
	GRUGates(s, gates, h *View)

	// GRUState takes h and what GRUGates wrote; it writes h' to out [N, H] and ĥ over a₂.
	GRUState(out, gates, h *View)

	// GRUStateGrad takes the gradient gy [N, H] of h' and what GRUState read and
	// wrote; it writes the gradients of a₀ and a₂ over z and ĥ, and adds to dh [N, H]
	// that of h, but for what s and the products pass on.
	GRUStateGrad(dh, gates, gy, h *View)

	// GRUGatesGrad takes the gradient of s in s [N, H]; it writes the gradient of a₁
	// over r and s itself over its gradient, and adds to dh that of h by way of s.
	GRUGatesGrad(dh, gates, s, h *View)
}
