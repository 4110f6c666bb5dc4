package vec

import "math"

// Softmax writes exp(x - max x) / Σ exp(x - max x) to dst [V]. The error is 3
// ulp, besides the rounding of x - max x; what is below 2^-126 may be 0. A row
// that is -Inf throughout, or has +Inf or NaN in it, is NaN.
func (k *Kernels) Softmax(dst, x []float32) {
	x = x[:len(dst)]
	s := k.ExpSum(dst, x, k.Max(x))
	k.MulScalar(dst, dst, float32(1/s))
}

// LogSoftmax writes x - max x - ln Σ exp(x - max x) to dst [V]. The error is 1
// ulp of x - max x, 1 of the result and 2^-21, which is the sum's. NaN is as in
// [Kernels.Softmax].
func (k *Kernels) LogSoftmax(dst, x []float32) {
	x = x[:len(dst)]
	m := k.Max(x)
	k.Shift(dst, x, m, float32(math.Log(k.ExpSum(nil, x, m))))
}

// CrossEntropy writes the softmax of logits [V] to probs [V], which may be
// logits, and returns -Σ q ln probs in nats, where
// q = (1-smoothing)·onehot(label) + smoothing/V. A label below 0 makes that 0.
func (k *Kernels) CrossEntropy(probs, logits []float32, label int32, smoothing float64) float32 {
	logits = logits[:len(probs)]
	m := k.Max(logits)
	// probs may be logits: what the loss needs of them is read first.
	below := 0.0 // Σ q (m - logits)
	if label >= 0 {
		below = (1 - smoothing) * (float64(m) - float64(logits[label]))
	}
	if label >= 0 && smoothing != 0 {
		below += smoothing * (float64(m) - float64(k.Sum(logits))/float64(len(logits)))
	}
	s := k.ExpSum(probs, logits, m)
	k.MulScalar(probs, probs, float32(1/s))
	if label < 0 {
		return 0
	}
	return float32(math.Log(s) + below)
}

// CrossEntropyGrad writes gy·(probs - q) to dst [V], which may be probs: the
// gradient of [Kernels.CrossEntropy] times gy. A label below 0 makes it 0.
func (k *Kernels) CrossEntropyGrad(dst, probs []float32, gy float32, label int32, smoothing float64) {
	if label < 0 {
		clear(dst)
		return
	}
	even := smoothing / float64(len(dst))
	p := float64(probs[label])
	k.Scale(dst, probs, gy, -float32(float64(gy)*even))
	dst[label] = float32(float64(gy) * (p - (1 - smoothing) - even))
}

// LayerNorm writes (x - mean)·scale to dst [D], which may be x, with
// scale = 1/√(variance + eps), and returns the scale. Mean and variance are sums as in
// [Kernels.Sum] and [Kernels.Dot], the deviations from the mean being squared.
func (k *Kernels) LayerNorm(dst, x []float32, eps float64) (scale float32) {
	x = x[:len(dst)]
	if len(dst) == 0 {
		return 0
	}
	n := float64(len(dst))
	k.AddScalar(dst, x, -float32(float64(k.Sum(x))/n))
	scale = float32(1 / math.Sqrt(float64(k.SumSquares(dst))/n+eps))
	k.MulScalar(dst, dst, scale)
	return scale
}

// LayerNormGrad writes scale·(gy - mean(gy) - y·mean(gy·y)) to dx [D], which may be gy:
// the gradient of [Kernels.LayerNorm], whose results y and scale are, times gy.
func (k *Kernels) LayerNormGrad(dx, gy, y []float32, scale float32) {
	gy, y = gy[:len(dx)], y[:len(dx)]
	if len(dx) == 0 {
		return
	}
	n := float64(len(dx))
	mean, slope := float64(k.Sum(gy))/n, float64(k.Dot(gy, y))/n
	k.AddScalar(dx, gy, -float32(mean))
	k.Axpy(dx, y, -float32(slope))
	k.MulScalar(dx, dx, scale)
}
