package cpu

import (
	"math"

	"github.com/wengert-ml/wengert/backend"
)

// CrossEntropy writes the loss of each row of logits [N, V] to loss [N] and its
// softmax to probs [N, V]. With d = logits - max and s = Σ eᵈ, the loss is
// ln s - (1-smoothing) d[label] - smoothing/V Σ d: no exponential is lost.
func (b *Backend) CrossEntropy(loss, probs, logits, labels *backend.View, smoothing float64) {
	n, v := logits.Shape[0], logits.Shape[1]
	if n*v == 0 {
		return
	}
	j := entropyJob{
		k: &b.kernels, loss: run(loss), probs: run(probs), logits: run(logits),
		labels: ints(labels)[labels.Off : labels.Off+n], v: v, smoothing: smoothing, rowsAPart: max(1, costly/v),
	}
	parts := (n + j.rowsAPart - 1) / j.rowsAPart
	if !spread(b.pool, &b.jobs.entropy, &j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

type entropyJob struct {
	k                   *kernels
	loss, probs, logits []float32
	labels              []int32
	v                   int
	smoothing           float64
	rowsAPart           int
}

func (j *entropyJob) Do(part int) {
	for i := part * j.rowsAPart; i < min((part+1)*j.rowsAPart, len(j.labels)); i++ {
		y := j.probs[i*j.v : (i+1)*j.v]
		j.k.subMax(y, j.logits[i*j.v:(i+1)*j.v])
		label := j.labels[i]
		if label < 0 {
			j.k.normalise(y)
			j.loss[i] = 0
			continue
		}
		loss := -(1 - j.smoothing) * float64(y[label])
		if j.smoothing != 0 {
			loss -= j.smoothing / float64(j.v) * j.k.sum(y)
		}
		j.loss[i] = float32(loss + math.Log(j.k.normalise(y)))
	}
}

// CrossEntropyGrad writes gy·(probs - q) to dst [N, V].
func (b *Backend) CrossEntropyGrad(dst, probs, gy, labels *backend.View, smoothing float64) {
	n, v := probs.Shape[0], probs.Shape[1]
	if n*v == 0 {
		return
	}
	j := entropyGradJob{
		scale: b.kernels.unary[backend.Scale].f, dst: run(dst), probs: run(probs), gy: floats(gy)[gy.Off:], step: gy.Stride[0],
		labels: ints(labels)[labels.Off : labels.Off+n], v: v, smoothing: smoothing, rowsAPart: max(1, cheap/v),
	}
	parts := (n + j.rowsAPart - 1) / j.rowsAPart
	if !spread(b.pool, &b.jobs.entropyGrad, &j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

type entropyGradJob struct {
	scale          func(dst, x []float32, mul, add float32)
	dst, probs, gy []float32
	step           int // of gy
	labels         []int32
	v              int
	smoothing      float64
	rowsAPart      int
}

func (j *entropyGradJob) Do(part int) {
	rest := j.smoothing / float64(j.v)
	for i := part * j.rowsAPart; i < min((part+1)*j.rowsAPart, len(j.labels)); i++ {
		dst, p := j.dst[i*j.v:(i+1)*j.v], j.probs[i*j.v:(i+1)*j.v]
		label := j.labels[i]
		if label < 0 {
			fill(dst, 0)
			continue
		}
		gy := float64(j.gy[i*j.step])
		right := gy * (float64(p[label]) - rest - (1 - j.smoothing))
		j.scale(dst, p, float32(gy), float32(-gy*rest))
		dst[label] = float32(right)
	}
}
