package backend

// Affiner is offered by a backend whose matrix product can begin with a bias, so that
// nothing of the result's size is written twice.
type Affiner interface {
	Backend

	// Affine writes b + x·w to dst [..., M, N] for x [..., M, K], w [..., K, N] and b that
	// broadcasts to dst. dst overlaps none of them.
	Affine(dst, b, x, w *View)
}
