package backend

// LayerNormer is offered by a backend that normalises rows in one pass.
type LayerNormer interface {
	Backend

	// LayerNorm writes (src - mean)·scale to dst [N, D], row by row, with
	// scale = 1/√(variance + eps), and the scales to scale [N]. All are contiguous; dst
	// may be src. D is at least 1.
	LayerNorm(dst, scale, src *View, eps float64)

	// LayerNormGrad takes the gradient gy [N, D] of dst and what LayerNorm wrote, and
	// writes that of src to dx [N, D]:
	//
	//	dx = scale·(gy - mean(gy) - y·mean(gy·y))
	//
	// All are contiguous; dx may be gy.
	LayerNormGrad(dx, gy, y, scale *View)
}
