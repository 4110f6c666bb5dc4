package cpu

import "github.com/wengert-ml/wengert/backend"

// SumSquares writes the sum of the squares of src to dst. The parts' sums are added
// in float64, in order.
func (b *Backend) SumSquares(dst, src *backend.View) {
	j := normJob{k: &b.kernels, src: run(src)}
	parts := (len(j.src) + cheap - 1) / cheap
	p := b.doubles.get()
	defer b.doubles.put(p)
	if cap(*p) < parts {
		*p = make([]float64, parts)
	}
	j.partial = (*p)[:parts]
	if !spread(b.pool, &b.jobs.norm, &j, parts) {
		for i := range parts {
			j.Do(i)
		}
	}
	total := 0.0
	for _, s := range j.partial {
		total += s
	}
	floats(dst)[dst.Off] = float32(total)
}

type normJob struct {
	k       *kernels
	src     []float32
	partial []float64
}

func (j *normJob) Do(part int) {
	x := j.src[part*cheap : min((part+1)*cheap, len(j.src))]
	total := 0.0
	for len(x) > 0 {
		n := min(len(x), foldLength)
		total += squares(j.k.Kernels, x[:n])
		x = x[n:]
	}
	j.partial[part] = total
}
