package cpu

import "github.com/wengert-ml/wengert/backend"

// SGD is w -= lr·g, of all elements or of the rows ids.
func (b *Backend) SGD(w, g, ids *backend.View, lr float64) {
	b.update(updateJob{f: sgd, w: run(w), g: run(g), c: [4]float32{float32(lr)}}, w, ids)
}

// Momentum is v = momentum·v - lr·g; w += v, of all elements or of the rows ids.
func (b *Backend) Momentum(w, v, g, ids *backend.View, lr, momentum float64) {
	b.update(updateJob{f: speed, w: run(w), s: run(v), g: run(g), c: [4]float32{float32(lr), float32(momentum)}}, w, ids)
}

// AdaGrad is h += g²; w -= lr·g/(√h + eps), of all elements or of the rows ids.
func (b *Backend) AdaGrad(w, h, g, ids *backend.View, lr, eps float64) {
	b.update(updateJob{f: adaGrad, w: run(w), s: run(h), g: run(g), c: [4]float32{float32(lr), float32(eps)}}, w, ids)
}

// Adam is m += rate1·(g - m); v += rate2·(g² - v); w -= lr·m/(√v + eps), of all
// elements or of the rows ids.
func (b *Backend) Adam(w, m, v, g, ids *backend.View, lr, rate1, rate2, eps float64) {
	c := [4]float32{float32(lr), float32(rate1), float32(rate2), float32(eps)}
	b.update(updateJob{f: adam, rows: adamRows, w: run(w), s: run(m), s2: run(v), g: run(g), c: c}, w, ids)
}

// update runs a job whose views are set. Without ids, all of w is one piece.
func (b *Backend) update(j updateJob, w, ids *backend.View) {
	j.k = &b.kernels
	j.n, j.width = 1, len(j.w)
	if ids != nil {
		j.n, j.width = ids.Len(), w.Shape[1]
		j.ids = ints(ids)[ids.Off : ids.Off+j.n]
	}
	if j.n*j.width == 0 {
		return
	}
	j.plan()
	if !spread(b.pool, &b.jobs.update, &j, j.parts) {
		for p := range j.parts {
			j.Do(p)
		}
	}
}

// updateJob applies a formula to rows, or to pieces of a single long one.
type updateJob struct {
	k *kernels
	f func(k *kernels, w, s, s2, g []float32, c [4]float32)
	// rows is f of the rows ids; nil: one by one.
	rows        func(k *kernels, w, s, s2, g []float32, ids []int32, c [4]float32)
	w, s, s2, g []float32  // s and s2 are what the formula keeps, nil where it keeps less
	c           [4]float32 // its constants
	ids         []int32    // nil: one row
	n, width    int

	parts, rowsAPart int
}

func (j *updateJob) plan() {
	if j.ids == nil {
		j.parts = (j.width + cheap - 1) / cheap
		return
	}
	j.rowsAPart = max(1, cheap/j.width)
	j.parts = (j.n + j.rowsAPart - 1) / j.rowsAPart
}

func (j *updateJob) Do(part int) {
	if j.ids == nil {
		from := part * cheap
		j.piece(from, from, min(cheap, j.width-from))
		return
	}
	from, to := part*j.rowsAPart, min((part+1)*j.rowsAPart, j.n)
	if j.rows != nil {
		j.rows(j.k, j.w, j.s, j.s2, j.g[from*j.width:to*j.width], j.ids[from:to], j.c)
		return
	}
	for i := from; i < to; i++ {
		j.piece(int(j.ids[i])*j.width, i*j.width, j.width)
	}
}

// piece updates n elements from at on, by the gradient from g on.
func (j *updateJob) piece(at, g, n int) {
	cut := func(x []float32) []float32 {
		if x == nil {
			return nil
		}
		return x[at : at+n]
	}
	j.f(j.k, cut(j.w), cut(j.s), cut(j.s2), j.g[g:g+n], j.c)
}

func sgd(k *kernels, w, _, _, g []float32, c [4]float32)     { k.SGD(w, g, c[0]) }
func speed(k *kernels, w, v, _, g []float32, c [4]float32)   { k.Momentum(w, v, g, c[0], c[1]) }
func adaGrad(k *kernels, w, h, _, g []float32, c [4]float32) { k.AdaGrad(w, h, g, c[0], c[1]) }
func adam(k *kernels, w, m, v, g []float32, c [4]float32) {
	k.Adam(w, m, v, g, c[0], c[1], c[2], c[3])
}
func adamRows(k *kernels, w, m, v, g []float32, ids []int32, c [4]float32) {
	k.AdamRows(w, m, v, g, ids, c[0], c[1], c[2], c[3])
}
