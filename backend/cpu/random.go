package cpu

import "github.com/wengert-ml/wengert/backend"

// Random fills dst from the stream (key, counter).
func (b *Backend) Random(dst *backend.View, dist backend.Dist, key, counter uint64) {
	if dst.Len() == 0 {
		return
	}
	packed := dst.Packed()
	j := randomJob{w: newWalk(&dst.Layout), k: &b.kernels, dst: floats(dst), dist: dist, key: key, counter: counter}
	j.w.add(&packed, &dst.Layout) // has no memory: its offsets are the row-major numbers of the elements
	j.w.plan(costly)
	if !spread(b.pool, &b.jobs.random, &j, j.w.parts) {
		for p := range j.w.parts {
			j.Do(p)
		}
	}
}

type randomJob struct {
	w            walk
	k            *kernels
	dst          []float32
	dist         backend.Dist
	key, counter uint64
}

func (j *randomJob) Do(part int) {
	d, number := &j.w.s[0], &j.w.s[1]
	for t := j.w.tiles(part); t.next(); {
		for i := range t.rows {
			j.row(t.off[0]+i*d[1], d[0], t.off[1]+i*number[1], number[0], t.cols)
		}
	}
}

// row draws n elements: the first is at offset to and has number i; step and di
// lead to the next.
func (j *randomJob) row(to, step, i, di, n int) {
	for n > 0 {
		if j.dist == backend.Uniform && step == 1 && di == 1 && i%4 == 0 {
			j.k.Uniform(j.dst[to:to+n], j.key, j.counter+uint64(i/4))
			return
		}
		four := j.block(i / 4)
		if di != 1 {
			j.dst[to] = four[i%4]
			to, i, n = to+step, i+di, n-1
			continue
		}
		for k := i % 4; k < 4 && n > 0; k++ {
			j.dst[to] = four[k]
			to, i, n = to+step, i+1, n-1
		}
	}
}

// block draws elements 4i to 4i+3.
func (j *randomJob) block(i int) [4]float32 {
	w := backend.Philox(j.counter+uint64(i), j.key)
	if j.dist == backend.Uniform {
		return [4]float32{
			float32(backend.Unit(w[0])), float32(backend.Unit(w[1])),
			float32(backend.Unit(w[2])), float32(backend.Unit(w[3])),
		}
	}
	a, b := backend.NormalPair(w[0], w[1])
	c, d := backend.NormalPair(w[2], w[3])
	return [4]float32{float32(a), float32(b), float32(c), float32(d)}
}
