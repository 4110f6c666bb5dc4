package cpu

import "github.com/wengert-ml/wengert/backend"

// CrossEntropy writes the loss of each row of logits [N, V] to loss [N] and its
// softmax to probs [N, V].
func (b *Backend) CrossEntropy(loss, probs, logits, labels *backend.View, smoothing float64) {
	n, v := logits.Shape[0], logits.Shape[1]
	if n*v == 0 {
		return
	}
	j := entropyJob{
		k: &b.kernels, loss: run(loss), probs: run(probs), logits: run(logits),
		labels: ints(labels)[labels.Off : labels.Off+n], smoothing: smoothing, softmaxRows: b.softmaxRows(n, v),
	}
	if &j.probs[0] == &j.logits[0] {
		j.past = false
	}
	if !spread(b.pool, &b.jobs.entropy, &j, j.parts()) {
		j.rowsAPart = j.n
		j.Do(0)
	}
}

type entropyJob struct {
	softmaxRows
	k                   *kernels
	loss, probs, logits []float32
	labels              []int32
	smoothing           float64
}

func (j *entropyJob) Do(part int) {
	from, to := j.part(part)
	s := j.scratch.get()
	j.k.CrossEntropy(j.loss[from:to], j.probs[from*j.v:to*j.v], j.logits[from*j.v:], j.labels[from:], j.smoothing, j.v, j.past, s)
	j.scratch.put(s)
}

// CrossEntropyGrad writes gy·(probs - q) to dst [N, V].
func (b *Backend) CrossEntropyGrad(dst, probs, gy, labels *backend.View, smoothing float64) {
	n, v := probs.Shape[0], probs.Shape[1]
	if n*v == 0 {
		return
	}
	j := entropyGradJob{
		k: &b.kernels, dst: run(dst), probs: run(probs), gy: floats(gy)[gy.Off:], step: gy.Stride[0],
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
	k              *kernels
	dst, probs, gy []float32
	step           int // of gy
	labels         []int32
	v              int
	smoothing      float64
	rowsAPart      int
}

func (j *entropyGradJob) Do(part int) {
	for i := part * j.rowsAPart; i < min((part+1)*j.rowsAPart, len(j.labels)); i++ {
		at := i * j.v
		j.k.CrossEntropyGrad(j.dst[at:at+j.v], j.probs[at:at+j.v], j.gy[i*j.step], j.labels[i], j.smoothing)
	}
}
