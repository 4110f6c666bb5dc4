package backend

// Updater is offered by a backend that applies an optimiser's formula to parameters
// in one pass. Values w, what is kept for them and the gradient g are contiguous
// and do not overlap.
//
// Where ids is nil, all of them have one shape [...]. Otherwise g [R, D] is the
// gradient of the rows ids [R] of w [V, D], which alone are changed, as are those
// of what is kept, [V, D] too. ids is of dtype I32, contiguous, each in [0, V) and
// none there twice.
type Updater interface {
	Backend

	// SGD is w -= lr·g.
	SGD(w, g, ids *View, lr float64)

	// Momentum is v = momentum·v - lr·g; w += v.
	Momentum(w, v, g, ids *View, lr, momentum float64)

	// AdaGrad is h += g²; w -= lr·g/(√h + eps).
	AdaGrad(w, h, g, ids *View, lr, eps float64)

	// Adam is m += rate1·(g - m); v += rate2·(g² - v); w -= lr·m/(√v + eps): rate1
	// and rate2 are 1-β₁ and 1-β₂, and lr has the correction of the start in it.
	Adam(w, m, v, g, ids *View, lr, rate1, rate2, eps float64)
}
