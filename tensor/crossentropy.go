package tensor

import "github.com/wengert-ml/wengert/backend"

// CrossEntropy returns the loss [N] of each row of logits [N, V] and the softmax
// [N, V] that its gradient needs, by the backend's one-pass kernel: see
// [backend.CrossEntropyer], which the backend must offer. labels is [N].
func CrossEntropy(logits *Tensor, labels Ints, smoothing float64) (loss, probs *Tensor) {
	be := logits.be.(backend.CrossEntropyer)
	loss, probs = logits.beside(backend.Contiguous(labels.Len())), logits.like()
	p, v := logits.packed(), labels.onto(be)
	be.CrossEntropy(&loss.view, &probs.view, &p.view, v, smoothing)
	labels.off(be, v)
	logits.drop(p)
	return loss, probs
}

// CrossEntropyGrad returns the gradient [N, V] of the logits from the softmax
// probs [N, V], which it overwrites, and the gradient gy [N] of the loss.
func CrossEntropyGrad(probs, gy *Tensor, labels Ints, smoothing float64) *Tensor {
	be := probs.be.(backend.CrossEntropyer)
	v := labels.onto(be)
	be.CrossEntropyGrad(&probs.view, &probs.view, &gy.view, v, smoothing)
	labels.off(be, v)
	return probs
}
