package backend

// CrossEntropyer is offered by a backend with a one-pass softmax cross entropy.
//
// A row's target is q = (1-smoothing)·onehot(label) + smoothing/V; its loss is
// -Σ q log softmax(logits). A label below 0 leaves its row out: the row's loss
// and gradient are 0.
type CrossEntropyer interface {
	Backend

	// CrossEntropy writes the loss of each row of logits [N, V] to loss [N] and its
	// softmax to probs [N, V]. labels is [N] of dtype I32, each below V. All are
	// contiguous; probs may be logits.
	CrossEntropy(loss, probs, logits, labels *View, smoothing float64)

	// CrossEntropyGrad writes gy·(probs - q) to dst [N, V], row by row. gy is [N]
	// with any stride; the others are contiguous; dst may be probs.
	CrossEntropyGrad(dst, probs, gy, labels *View, smoothing float64)
}
