package cpu

import (
	"math"

	"github.com/wengert-ml/wengert/backend"
)

// Softmax writes the softmax of src along the last axis to dst, or its logarithm.
// A row passes through the first-level cache four times; the kernels do it all.
func (b *Backend) Softmax(dst, src *backend.View, log bool) {
	n := src.Shape[src.Rank-1]
	if src.Len() == 0 {
		return
	}
	j := softmaxJob{k: &b.kernels, blocks: &b.blocks, dst: run(dst), src: run(src), n: n, log: log, rowsAPart: max(1, costly/n)}
	parts := (len(j.dst)/n + j.rowsAPart - 1) / j.rowsAPart
	if !spread(b.pool, &b.jobs.softmax, &j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

type softmaxJob struct {
	k         *kernels
	blocks    *shelf[scratch]
	dst, src  []float32
	n         int
	log       bool
	rowsAPart int
}

func (j *softmaxJob) Do(part int) {
	s := j.blocks.get()
	defer j.blocks.put(s)
	size := j.rowsAPart * j.n
	for at := part * size; at < min((part+1)*size, len(j.dst)); at += j.n {
		y, x := j.dst[at:at+j.n], j.src[at:at+j.n]
		j.k.subMax(y, x)
		if j.log {
			sum := j.k.sumExp(y, &s.f[0])
			j.k.unary[backend.Scale].f(y, y, 1, float32(-math.Log(sum)))
			continue
		}
		j.k.normalise(y)
	}
}

// subMax writes x minus its maximum to y: exponentials of it do not overflow.
func (k *kernels) subMax(y, x []float32) {
	m := k.fold[backend.ReduceMax](x)
	k.unary[backend.Scale].f(y, x, 1, -m)
}

// normalise replaces y by its exponentials divided by their sum, and returns the
// sum.
func (k *kernels) normalise(y []float32) float64 {
	k.unary[backend.Exp].f(y, y, 0, 0)
	sum := k.sum(y)
	k.unary[backend.Scale].f(y, y, float32(1/sum), 0)
	return sum
}

// sumExp returns the sum of the exponentials of x.
func (k *kernels) sumExp(x []float32, buf *[block]float32) float64 {
	var total float64
	for len(x) > 0 {
		n := min(len(x), block)
		k.unary[backend.Exp].f(buf[:n], x[:n], 0, 0)
		total += float64(k.fold[backend.ReduceSum](buf[:n]))
		x = x[n:]
	}
	return total
}

// sum adds a row in the order that Reduce has.
func (k *kernels) sum(x []float32) float64 {
	var total float64
	for len(x) > foldLength {
		total += float64(k.fold[backend.ReduceSum](x[:foldLength]))
		x = x[foldLength:]
	}
	return total + float64(k.fold[backend.ReduceSum](x))
}
