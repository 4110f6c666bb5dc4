package cpu

import "github.com/wengert-ml/wengert/backend"

// Dropout writes src/(1-p) to dst where the number of the element is at least p,
// else 0.
func (b *Backend) Dropout(dst, src *backend.View, p float64, key, counter uint64) {
	j := dropoutJob{k: &b.kernels, dst: run(dst), src: run(src), p: p, key: key, counter: counter}
	parts := (len(j.dst) + costly - 1) / costly
	if !spread(b.pool, &b.jobs.dropout, &j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

type dropoutJob struct {
	k            *kernels
	dst, src     []float32
	p            float64
	key, counter uint64
}

func (j *dropoutJob) Do(part int) {
	from, to := part*costly, min((part+1)*costly, len(j.dst))
	j.k.Dropout(j.dst[from:to], j.src[from:to], j.p, j.key, j.counter+uint64(from/4))
}
