package backend

// Softmaxer is offered by a backend with a one-pass softmax.
type Softmaxer interface {
	Backend

	// Softmax writes exp(src - m) / Σ exp(src - m) along the last axis to dst, m
	// being the maximum along it, or the logarithm of that where log is set. dst
	// and src are contiguous, of one shape and of rank 1 or more; dst may be src.
	Softmax(dst, src *View, log bool)
}
