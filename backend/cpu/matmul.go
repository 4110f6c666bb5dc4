package cpu

import (
	"gonum.org/v1/gonum/blas"

	"github.com/wengert-ml/wengert/backend"
)

// tile is how a product is cut before it goes to the BLAS: rows and columns of
// dst, and the stretch of K that is added at a time. Zeros cut nothing.
type tile struct{ m, n, k int }

// gonumTile keeps every call of gonum's Sgemm below four of its blocks of 64x64,
// where it starts goroutines of its own and allocates. The tiles are then spread
// over the pool, at the speed of gonum's own division: 14 to 15 GFLOP/s a core of
// an EPYC at 2.6 GHz, where blocks of 64 in k reach 12 if y is transposed
// (BenchmarkMatMul).
var gonumTile = tile{m: 64, n: 128, k: 256}

// matmulGrain is the number of multiplications that are worth a part: about
// 20 µs of gonum's Sgemm.
const matmulGrain = 128 << 10

// MatMul writes x·y to dst, or adds it where accumulate is set.
//
// Transposed operands go to the BLAS as they are. One without a contiguous axis
// (a stride of 0, a step) is copied first; a dst without is computed aside.
func (b *Backend) MatMul(dst, x, y *backend.View, accumulate bool) {
	k := x.Shape[x.Rank-1]
	switch {
	case dst.Len() == 0:
		return
	case k == 0:
		if !accumulate {
			b.Fill(dst, 0)
		}
		return
	}
	j := matmulJob{blas: b.blas, tile: b.tile, k: k, beta: 0}
	if accumulate {
		j.beta = 1
	}
	c, okc := newMatrix(dst, dst)
	l, okl := newMatrix(x, dst)
	r, okr := newMatrix(y, dst)
	// gonum's product of two transposes runs at a sixth of the speed of its others.
	if b.tile != (tile{}) && okc && okl && okr && l.trans != c.trans && r.trans != c.trans {
		if c.trans {
			okc = false
		} else {
			okr = false
		}
	}
	if !okc {
		m := b.borrow(dst.Len())
		defer b.buffers.put(m)
		aside := backend.View{Buf: m, Layout: dst.Packed()}
		b.MatMul(&aside, x, y, false)
		if accumulate {
			b.Binary(backend.Add, dst, dst, &aside)
			return
		}
		b.Copy(dst, &aside)
		return
	}
	if !okl {
		m := b.borrow(x.Len())
		defer b.buffers.put(m)
		l = b.packed(m, x, dst)
	}
	if !okr {
		m := b.borrow(y.Len())
		defer b.buffers.put(m)
		r = b.packed(m, y, dst)
	}
	if c.trans { // dstᵀ = yᵀ xᵀ
		c, l, r = c.t(), r.t(), l.t()
	}
	j.c, j.l, j.r = c, l, r
	if b.batch != nil {
		j.all(b.batch, dst)
		return
	}
	j.plan(dst)
	if !spread(b.pool, &b.jobs.matmul, &j, j.parts) {
		for p := range j.parts {
			j.Do(p)
		}
	}
}

// borrow returns memory for n floats, to be given back to b.buffers.
func (b *Backend) borrow(n int) *memory {
	m := b.buffers.get()
	if len(m.f32) < n {
		m.alloc(backend.F32, n)
	}
	return m
}

// packed copies x to m and returns it as a matrix. What a stride of 0 repeats in
// the leading axes is copied once.
func (b *Backend) packed(m *memory, x, dst *backend.View) matrix {
	once := *x
	for i := range x.Rank - 2 {
		if x.Stride[i] == 0 {
			once.Shape[i] = 1
		}
	}
	to := backend.View{Buf: m, Layout: once.Packed()}
	b.Copy(&to, &once)
	p, _ := newMatrix(&to, dst)
	return p
}

// matrix is an operand as a BLAS sees it, with the strides of its leading axes,
// innermost first.
type matrix struct {
	data       []float32
	off        int
	rows, cols int
	ld         int  // from row to row, or from column to column
	trans      bool // stored column by column
	batch      [backend.MaxRank]int
}

// newMatrix returns v as an operand of a product with the leading axes of dst,
// and whether a BLAS can take it: one stride must be 1, the other long enough.
func newMatrix(v, dst *backend.View) (m matrix, ok bool) {
	s := v.BroadcastTo(&dst.Layout)
	m = matrix{data: floats(v), off: v.Off, rows: v.Shape[v.Rank-2], cols: v.Shape[v.Rank-1]}
	for i := range dst.Rank - 2 {
		m.batch[i] = s[dst.Rank-3-i]
	}
	down, right := v.Stride[v.Rank-2], v.Stride[v.Rank-1]
	if right == 1 || m.cols == 1 {
		m.ld = down
		if m.rows == 1 {
			m.ld = m.cols
		}
		if m.ld >= m.cols {
			return m, true
		}
	}
	if down == 1 || m.rows == 1 {
		m.ld, m.trans = right, true
		if m.cols == 1 {
			m.ld = m.rows
		}
		return m, m.ld >= m.rows
	}
	return m, false
}

// t returns the transpose.
func (m matrix) t() matrix {
	m.rows, m.cols, m.trans = m.cols, m.rows, !m.trans
	return m
}

// at returns the elements from [i, j] on.
func (m *matrix) at(off, i, j int) []float32 {
	if m.trans {
		i, j = j, i
	}
	return m.data[off+i*m.ld+j:]
}

func (m *matrix) flag() blas.Transpose {
	if m.trans {
		return blas.Trans
	}
	return blas.NoTrans
}

// batcher is a BLAS that multiplies many matrices of one shape in one call: those
// of product i begin i times a stride after the first. As in package sgemm.
type batcher interface {
	SgemmBatch(batch int, tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda, strideA int,
		b []float32, ldb, strideB int, beta float32, c []float32, ldc, strideC int)
}

// all computes all products, those along the innermost leading axis in one call.
func (j *matmulJob) all(impl batcher, dst *backend.View) {
	total := j.batches(dst)
	n := max(1, j.batch[0])
	for i := 0; i < total; i += n {
		offC, offL, offR := j.offsets(i)
		impl.SgemmBatch(n, j.l.flag(), j.r.flag(), j.c.rows, j.c.cols, j.k,
			1, j.l.data[offL:], j.l.ld, j.l.batch[0], j.r.data[offR:], j.r.ld, j.r.batch[0],
			j.beta, j.c.data[offC:], j.c.ld, j.c.batch[0])
	}
}

// matmulJob computes tiles of c = l·r, for each element of the leading axes.
type matmulJob struct {
	blas    blas.Float32
	tile    tile
	c, l, r matrix
	k       int
	beta    float32

	batch        [backend.MaxRank]int // sizes of the leading axes, innermost first
	high, across int                  // tiles of c down and across
	units        int
	unitsAPart   int
	parts        int
}

func (j *matmulJob) plan(dst *backend.View) {
	batches := j.batches(dst)
	whole := j.tile == tile{}
	if whole {
		j.tile = tile{j.c.rows, j.c.cols, j.k}
	}
	j.high = (j.c.rows + j.tile.m - 1) / j.tile.m
	j.across = (j.c.cols + j.tile.n - 1) / j.tile.n
	j.units = batches * j.high * j.across
	work := min(j.tile.m, j.c.rows) * min(j.tile.n, j.c.cols) * j.k
	j.unitsAPart = max(1, matmulGrain/work)
	j.parts = (j.units + j.unitsAPart - 1) / j.unitsAPart
	if whole && work >= matmulGrain {
		j.unitsAPart, j.parts = j.units, 1 // the BLAS has its own threads
	}
}

// batches sets the leading axes and returns the number of products.
func (j *matmulJob) batches(dst *backend.View) int {
	n := 1
	for i := range dst.Rank - 2 {
		j.batch[i] = dst.Shape[dst.Rank-3-i]
		n *= j.batch[i]
	}
	j.fold(&n)
	return n
}

// fold makes the innermost leading axis more rows of one product where r is the
// same for all of it, as a layer's weights are: [N, T, D]·[D, H].
func (j *matmulJob) fold(batches *int) {
	for j.batch[0] > 1 && j.r.batch[0] == 0 && !j.c.trans && !j.l.trans &&
		j.c.batch[0] == j.c.rows*j.c.ld && j.l.batch[0] == j.l.rows*j.l.ld {
		n := j.batch[0]
		*batches /= n
		j.c.rows *= n
		j.l.rows *= n
		for _, s := range []*[backend.MaxRank]int{&j.batch, &j.c.batch, &j.l.batch, &j.r.batch} {
			copy(s[:], s[1:])
		}
	}
}

func (j *matmulJob) Do(part int) {
	for u := part * j.unitsAPart; u < min((part+1)*j.unitsAPart, j.units); u++ {
		col := u % j.across * j.tile.n
		row := u / j.across % j.high * j.tile.m
		j.product(u/j.across/j.high, row, col)
	}
}

// product computes the tile of c at [row, col] of a batch.
func (j *matmulJob) product(batch, row, col int) {
	offC, offL, offR := j.offsets(batch)
	m, n := min(j.tile.m, j.c.rows-row), min(j.tile.n, j.c.cols-col)
	beta := j.beta
	for k := 0; k < j.k; k += j.tile.k {
		j.blas.Sgemm(j.l.flag(), j.r.flag(), m, n, min(j.tile.k, j.k-k),
			1, j.l.at(offL, row, k), j.l.ld, j.r.at(offR, k, col), j.r.ld,
			beta, j.c.at(offC, row, col), j.c.ld)
		beta = 1
	}
}

// offsets returns where the operands of a product of the batch start.
func (j *matmulJob) offsets(batch int) (c, l, r int) {
	c, l, r = j.c.off, j.l.off, j.r.off
	for a := 0; batch > 0; a++ {
		i := batch % j.batch[a]
		batch /= j.batch[a]
		c += i * j.c.batch[a]
		l += i * j.l.batch[a]
		r += i * j.r.batch[a]
	}
	return c, l, r
}
