package cpu

import (
	"math"

	"github.com/wengert-ml/wengert/backend"
)

// Dropout writes src/(1-p) to dst where the number of the element is at least p,
// else 0.
func (b *Backend) Dropout(dst, src *backend.View, p float64, key, counter uint64) {
	j := dropoutJob{
		dst: run(dst), src: run(src), key: key, counter: counter, scale: float32(1 / (1 - p)),
		least: uint32(math.Ceil(p * (1 << 24))), // w>>8 >= p·2²⁴ is Unit(w) >= p, exactly
	}
	parts := (len(j.dst) + costly - 1) / costly
	if !spread(b.pool, &b.jobs.dropout, &j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

type dropoutJob struct {
	dst, src     []float32
	key, counter uint64
	scale        float32
	least        uint32
}

func (j *dropoutJob) Do(part int) {
	for i := part * costly; i < min((part+1)*costly, len(j.dst)); i += 4 {
		w := backend.Philox(j.counter+uint64(i/4), j.key)
		dst, src := j.dst[i:min(i+4, len(j.dst))], j.src[i:]
		for k := range dst {
			var keep uint32 // no branch: what is dropped cannot be predicted
			if w[k]>>8 >= j.least {
				keep = 1
			}
			dst[k] = math.Float32frombits(math.Float32bits(src[k]*j.scale) & -keep)
		}
	}
}
