package cpu

import "github.com/wengert-ml/wengert/backend"

// GatherDots writes the products of rows of table [V, D] with x [N, D] to dst [N, K].
func (b *Backend) GatherDots(dst, table, x, ids *backend.View) {
	b.mix(mixJob{dst: run(dst), x: run(x), k: dst.Shape[1]}, table, ids)
}

// GatherSums writes sums of rows of table [V, D], weighted by w [N, K], to dst [N, D].
func (b *Backend) GatherSums(dst, table, w, ids *backend.View) {
	b.mix(mixJob{sums: true, dst: run(dst), x: run(w), k: w.Shape[1]}, table, ids)
}

// mix runs a job whose operands but the table and ids are set.
func (b *Backend) mix(j mixJob, table, ids *backend.View) {
	j.kernels, j.table, j.ids, j.d = &b.kernels, run(table), ints(ids)[ids.Off:ids.Off+ids.Len()], table.Shape[1]
	if len(j.dst) == 0 {
		return
	}
	if j.k*j.d == 0 {
		clear(j.dst)
		return
	}
	n := len(j.ids) / j.k
	j.rowsAPart = max(1, cheap/(j.k*j.d))
	parts := (n + j.rowsAPart - 1) / j.rowsAPart
	if !spread(b.pool, &b.jobs.mix, &j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

// mixJob multiplies rows by vectors, or adds them up.
type mixJob struct {
	kernels       *kernels
	sums          bool
	dst, table, x []float32
	ids           []int32
	k, d          int // rows of a vector, and their length
	rowsAPart     int
}

func (j *mixJob) Do(part int) {
	for n := part * j.rowsAPart; n < min((part+1)*j.rowsAPart, len(j.ids)/j.k); n++ {
		if j.sums {
			j.sum(n)
		} else {
			j.dots(n)
		}
	}
}

// row returns the row of the table that is number k of vector n.
func (j *mixJob) row(n, k int) []float32 {
	at := int(j.ids[n*j.k+k]) * j.d
	return j.table[at : at+j.d]
}

func (j *mixJob) dots(n int) {
	from, to := n*j.k, (n+1)*j.k
	j.kernels.Dots(j.dst[from:to], j.table, j.ids[from:to], j.x[n*j.d:(n+1)*j.d])
}

func (j *mixJob) sum(n int) {
	y, from, to := j.dst[n*j.d:(n+1)*j.d], n*j.k+1, (n+1)*j.k
	j.kernels.MulScalar(y, j.row(n, 0), j.x[n*j.k])
	j.kernels.AddRows(y, j.table, j.ids[from:to], j.x[from:to])
}

// ScatterProducts adds w[n, k] x[n] to the rows of dst [V, D] that ids name. It is spread
// over columns, as ScatterAdd is.
func (b *Backend) ScatterProducts(dst, w, x, ids *backend.View) {
	j := productsJob{
		columns: columns{d: x.Shape[1]}, dst: run(dst), w: run(w), x: run(x), k: w.Shape[1],
		ids: ints(ids)[ids.Off : ids.Off+ids.Len()], add: b.kernels.AddToRows,
	}
	if len(j.ids)*j.d == 0 {
		return
	}
	parts := j.deal(len(j.ids), b.pool.workers.Threads())
	if !spread(b.pool, &b.jobs.products, &j, parts) {
		j.colsAPart = j.d
		j.Do(0)
	}
}

type productsJob struct {
	columns
	dst, w, x []float32
	ids       []int32
	k         int // ids of a vector
	add       func(table []float32, stride int, ids []int32, x, a []float32)
}

func (j *productsJob) Do(part int) {
	col, n := j.part(part)
	for from, v := 0, 0; from < len(j.ids); from, v = from+j.k, v+1 {
		to := from + j.k
		j.add(j.dst[col:], j.d, j.ids[from:to], j.x[v*j.d+col:][:n], j.w[from:to])
	}
}
