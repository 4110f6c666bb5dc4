package cpu

import (
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu/vec"
)

// Softmax writes the softmax of src along the last axis to dst, or its logarithm.
func (b *Backend) Softmax(dst, src *backend.View, log bool) {
	v := src.Shape[src.Rank-1]
	if src.Len() == 0 {
		return
	}
	j := softmaxJob{k: &b.kernels, log: log, dst: run(dst), src: run(src), softmaxRows: b.softmaxRows(src.Len()/v, v)}
	if log || &j.dst[0] == &j.src[0] {
		j.past = false
	}
	if !spread(b.pool, &b.jobs.softmax, &j, j.parts()) {
		j.rowsAPart = j.n
		j.Do(0)
	}
}

type softmaxJob struct {
	softmaxRows
	k        *kernels
	log      bool
	dst, src []float32
}

func (j *softmaxJob) Do(part int) {
	from, to := j.part(part)
	dst, src := j.dst[from*j.v:to*j.v], j.src[from*j.v:to*j.v]
	if !j.log {
		s := j.scratch.get()
		j.k.Softmax(dst, src, j.v, j.past, s)
		j.scratch.put(s)
		return
	}
	for ; len(dst) > 0; dst, src = dst[j.v:], src[j.v:] {
		j.k.LogSoftmax(dst[:j.v], src)
	}
}

// softmaxRows says how n rows of v elements are shared out and written.
type softmaxRows struct {
	n, v, rowsAPart int
	past            bool // whether past the caches
	scratch         *shelf[vec.Scratch]
}

// Results of 16 MiB and more are written past the caches, which would lose what was
// written first before anyone reads it. Two rows that are worked on stay in the second
// level. It depends on the shape alone, and the bits are the same.
const (
	pastFrom    = 4 << 20 // elements
	shortestRow = 1 << 10
	longestRow  = 1 << 15
)

// softmaxRows gives a part several rows where there are enough for everyone: the first of
// a part cannot begin beside the one before, and the last not end beside the next.
func (b *Backend) softmaxRows(n, v int) softmaxRows {
	r := softmaxRows{n: n, v: v, scratch: &b.rows}
	r.past = n*v >= pastFrom && v >= shortestRow && v <= longestRow
	several := min(n/b.pool.workers.Threads(), 16)
	if r.past {
		several = min(n/32, 32)
	}
	r.rowsAPart = max(1, costly/v, several)
	return r
}

func (r *softmaxRows) parts() int { return (r.n + r.rowsAPart - 1) / r.rowsAPart }

// part returns the first row of a part and the one after its last.
func (r *softmaxRows) part(i int) (from, to int) {
	return i * r.rowsAPart, min((i+1)*r.rowsAPart, r.n)
}
