package cpu

import "github.com/wengert-ml/wengert/backend"

// Softmax writes the softmax of src along the last axis to dst, or its logarithm.
func (b *Backend) Softmax(dst, src *backend.View, log bool) {
	n := src.Shape[src.Rank-1]
	if src.Len() == 0 {
		return
	}
	j := softmaxJob{row: b.kernels.softmax, dst: run(dst), src: run(src), n: n, rowsAPart: max(1, costly/n)}
	if log {
		j.row = b.kernels.logSoftmax
	}
	parts := (len(j.dst)/n + j.rowsAPart - 1) / j.rowsAPart
	if !spread(b.pool, &b.jobs.softmax, &j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

type softmaxJob struct {
	row       func(dst, x []float32)
	dst, src  []float32
	n         int
	rowsAPart int
}

func (j *softmaxJob) Do(part int) {
	size := j.rowsAPart * j.n
	for at := part * size; at < min((part+1)*size, len(j.dst)); at += j.n {
		j.row(j.dst[at:at+j.n], j.src[at:at+j.n])
	}
}
