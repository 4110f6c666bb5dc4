package vec

import "math"

// Softmax writes exp(x - max x) / Σ exp(x - max x) to each row of dst [N, v], N being
// len(dst)/v. The error is 3 ulp, besides the rounding of x - max x; what is below
// 2^-126 may be 0. A row that is -Inf throughout, or has +Inf or NaN in it, is NaN.
//
// With past, dst is written past the caches, which is faster where they would not hold
// it, and gives the same bits. It must not be x then.
func (k *Kernels) Softmax(dst, x []float32, v int, past bool, s *Scratch) {
	x = x[:len(dst)]
	p := probabilities{Kernels: k, Scratch: s.of(v, past), past: past}
	for at := 0; at < len(dst); at += v {
		p.row(dst, x, at, v)
	}
	p.finish()
}

// LogSoftmax writes x - max x - ln Σ exp(x - max x) to dst [V]. The error is 1
// ulp of x - max x, 1 of the result and 2^-21, which is the sum's. NaN is as in
// [Kernels.Softmax].
func (k *Kernels) LogSoftmax(dst, x []float32) {
	x = x[:len(dst)]
	m := k.Max(x)
	k.Shift(dst, x, m, float32(math.Log(k.ExpSum(nil, x, m))))
}

// CrossEntropy writes the softmax of each row of logits [N, v] to probs [N, v], which
// may be logits, and -Σ q ln probs, in nats, to loss [N], where
// q = (1-smoothing)·onehot(label) + smoothing/v. A label below 0 makes that 0. past is as
// in [Kernels.Softmax].
func (k *Kernels) CrossEntropy(loss, probs, logits []float32, labels []int32, smoothing float64, v int, past bool, s *Scratch) {
	labels, probs = labels[:len(loss)], probs[:len(loss)*v]
	logits = logits[:len(probs)]
	p := probabilities{Kernels: k, Scratch: s.of(v, past), past: past}
	for i, label := range labels {
		at := i * v
		// probs may be logits: what the loss needs of them is read first.
		expected := 0.0 // Σ q logits
		if label >= 0 {
			expected = (1 - smoothing) * float64(logits[at+int(label)])
		}
		if label >= 0 && smoothing != 0 {
			expected += smoothing * float64(k.Sum(logits[at:at+v])) / float64(v)
		}
		m, sum := p.row(probs, logits, at, v)
		loss[i] = 0
		if label >= 0 {
			loss[i] = float32(math.Log(sum) + (float64(m) - expected))
		}
	}
	p.finish()
}

// rowsAhead is how many rows are prefetched before they are looked at for their maximum,
// which is too late to ask memory for them.
const rowsAhead = 1

// shortRow is the length from which the maximum of a row is looked for beside the
// exponentials of the row before, and denormals are flushed: for less, what that saves is
// not worth its beginning.
const shortRow = 256

// Scratch is what softmax works in, for one call at a time. Its zero value is ready.
type Scratch struct {
	tops [16]float32 // the largest is the maximum of the row, unless that has a NaN
	rows []float32   // exponentials of two rows
}

// of makes room for rows of v elements where they are needed.
func (s *Scratch) of(v int, past bool) *Scratch {
	if past && len(s.rows) < 2*v {
		s.rows = make([]float32, 2*v)
	}
	return s
}

// probabilities makes softmaxes of rows, one after the other. While it makes the
// exponentials of a row it looks for the maximum of the next one and, past the caches,
// divides the one before by its sum: the processor is busy with the exponentials, and
// memory with the row that is fetched and the one that is written.
type probabilities struct {
	*Kernels
	*Scratch
	past   bool
	out, y []float32 // the row that is to be written, and its exponentials
	factor float32
}

// row takes the v elements from at on, and returns their maximum and Σ exp(x - max).
// Where one is NaN, so is the sum.
func (p *probabilities) row(dst, x []float32, at, v int) (m float32, sum float64) {
	if v < shortRow {
		dst, x = dst[at:at+v], x[at:at+v]
		m = p.Max(x)
		sum = p.ExpSum(dst, x, m)
		p.MulScalar(dst, dst, float32(1/sum))
		return m, sum
	}
	tops := p.tops[:]
	if at == 0 {
		m = p.Max(x[:v])
	} else {
		m = p.Max(tops)
	}
	for i := range tops {
		tops[i] = float32(math.Inf(-1))
	}
	last := at+v == len(x)
	next, ahead := x[at:], 0
	if !last {
		next = next[v:]
	}
	if len(next) > rowsAhead*v {
		ahead = rowsAhead * v
	}
	dst, x = dst[at:at+v], x[at:at+v]
	switch {
	case p.past:
		y := p.rows[at/v%2*v:][:v]
		sum = p.expSumMaxPast(y, x, next, m, tops, ahead, p.out, p.y, p.factor)
		p.out, p.y, p.factor = dst, y, float32(1/sum)
		return m, sum
	case last:
		sum = p.ExpSum(dst, x, m)
	default:
		sum = p.expSumMax(dst, x, next, m, tops)
	}
	p.mulFlushed(dst, dst, float32(1/sum))
	return m, sum
}

// finish writes the last row.
func (p *probabilities) finish() { p.mulFlushedPast(p.out, p.y, p.factor) }

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
