package cpu

import (
	"gonum.org/v1/gonum/blas"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu/sgemm"
)

// lstmRows is the unit in which the rows of a batch are dealt out. With fewer, a core
// would read the weights more often than what it computes with them is worth.
const lstmRows = 16

// lstmPart is how many rows go through all steps of time together: their gates stay in
// the second cache beside the weights that pass by. There are a few parts for a thread, so
// that one that is late holds nobody up for long.
const lstmPart = 2 * lstmRows

// packer is a BLAS that can lay a matrix out for many products, as package sgemm does.
type packer interface {
	Packs(m int) bool
	Pack(dst *sgemm.Packed, tB blas.Transpose, n, k int, b []float32, ldb int)
	SgemmPacked(tA blas.Transpose, m int, alpha float32, a []float32, lda int, w *sgemm.Packed, beta float32, c []float32, ldc int)
}

// LSTM takes what the input adds in gates [T, N, 4H], or in rows ids [T, N] of x [V, 4H];
// it writes the activated gates to gates, and the hidden states and cells to hs and cs
// [T, N, H].
func (b *Backend) LSTM(hs, cs, gates, x, ids, wh, bias, h, c *backend.View, reverse bool) {
	if gates.Len() == 0 {
		return
	}
	j := lstmSteps{b: b, gates: *gates, hs: *hs, cs: *cs, wh: *wh, c: *c, reverse: reverse}
	if ids != nil {
		j.x, j.ids = run(x), ints(ids)[ids.Off:][:ids.Len()]
	}
	if bias != nil {
		j.bias = *bias
	}
	if h != nil {
		j.h, j.state = *h, true
	}
	j.run()
}

// LSTMGrad takes the gradients dhs of the hidden states and dc of the last cell, and what
// LSTM read and wrote; it writes the gradients of what the gates come from to gates and
// adds to dhs what a step hands to the hidden state of the step before.
func (b *Backend) LSTMGrad(gates, db, dh, dc, dhs, cs, wh, c *backend.View, reverse bool) {
	if gates.Len() == 0 {
		if db != nil {
			b.Fill(db, 0)
		}
		return
	}
	j := lstmSteps{b: b, gates: *gates, hs: *dhs, cs: *cs, wh: *wh, c: *c, dc: *dc, reverse: reverse, backward: true}
	j.wh.Shape[0], j.wh.Shape[1] = wh.Shape[1], wh.Shape[0]
	j.wh.Stride[0], j.wh.Stride[1] = wh.Stride[1], wh.Stride[0]
	if dh != nil {
		j.h, j.state = *dh, true
	}
	if db != nil {
		j.bias = *db
	}
	if j.bias.Rank != 1 {
		j.run()
		return
	}
	units, width := (gates.Shape[1]+lstmRows-1)/lstmRows, gates.Shape[2]
	m := b.borrow(2 * units * width)
	defer b.buffers.put(m)
	j.sums, j.sum = m.f32[:units*width], m.f32[units*width:]
	clear(j.sums)
	j.run()
	total := *db
	total.Rank, total.Shape, total.Stride = 2, [backend.MaxRank]int{1, width}, [backend.MaxRank]int{width, db.Stride[0]}
	b.Reduce(backend.ReduceSum, &total, &backend.View{Buf: m, Layout: backend.Contiguous(units, width)})
}

// lstmSteps runs all steps of time. A part is some rows of the batch, which have
// nothing to do with the others: threads meet once, and not several times a step.
//
// Where the products do not pack the weights, there is one part, and each step is
// shared out; so it is where there are more threads than units of rows. The bits are
// the same: a row of a product depends on no other, and the bias's gradient is added up
// unit by unit.
type lstmSteps struct {
	b            *Backend
	gates, cs    backend.View
	hs           backend.View // on the way back, their gradients
	x            []float32    // [V, 4H]: what the input adds to the gates, row ids[t, n] of it,
	ids          []int32      // unless that is nil
	wh           backend.View // as the products have it: transposed on the way back
	w            *sgemm.Packed
	bias         backend.View // if any; on the way back, its gradient
	h            backend.View // before the first step; on the way back, its gradient
	state        bool         // there is h
	c            backend.View // before the first step
	dc           backend.View // of a step after the other
	sums, sum    []float32    // [units, 4H]: of the gradients of the rows so far, and of a step
	reverse      bool
	backward     bool
	n, rowsAPart int
}

func (j *lstmSteps) run() {
	b, parts := j.b, 1
	j.n = j.gates.Shape[1]
	j.rowsAPart = j.n
	if p, ok := b.blas.(packer); ok && p.Packs(j.n) {
		if m, ok := newMatrix(&j.wh, &j.wh); ok {
			j.w = b.packs.get()
			defer b.packs.put(j.w)
			p.Pack(j.w, m.flag(), m.cols, m.rows, m.data[m.off:], m.ld)
			parts = j.deal(b.pool.workers.Threads())
		}
	}
	if !spread(b.pool, &b.jobs.lstmSteps, j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

// deal sets how many rows a part has, and returns the number of parts.
func (j *lstmSteps) deal(threads int) (parts int) {
	switch {
	case j.n < lstmRows*threads:
		return 1
	case j.n < lstmPart*threads:
		j.rowsAPart = lstmRows
	default:
		j.rowsAPart = lstmPart
	}
	return (j.n + j.rowsAPart - 1) / j.rowsAPart
}

func (j *lstmSteps) Do(part int) {
	from := part * j.rowsAPart
	to := min(from+j.rowsAPart, j.n)
	if j.backward {
		j.back(from, to)
		return
	}
	j.ahead(from, to)
}

// ahead runs rows [from, to) of the batch.
func (j *lstmSteps) ahead(from, to int) {
	h, c, state, bias := rows(&j.h, from, to), rows(&j.c, from, to), j.state, j.bias
	if bias.Rank == 2 {
		bias = rows(&bias, from, to)
	}
	for i := range j.gates.Shape[0] {
		t := j.at(i)
		z, y, next := step(&j.gates, t, from, to), step(&j.hs, t, from, to), step(&j.cs, t, from, to)
		var ids []int32
		if j.ids != nil { // the cell adds what the input does, and nothing is written twice
			ids = j.ids[t*j.n+from : t*j.n+to]
		}
		switch {
		case state && ids != nil:
			j.product(&z, &h, 0)
		case state:
			j.product(&z, &h, 1)
		case ids != nil:
			clear(run(&z))
		}
		if bias.Rank > 0 {
			j.b.Binary(backend.Add, &z, &z, &bias) // not before the loop: here the step is in the cache
		}
		j.b.lstmCell(&y, &next, &z, &z, &c, j.x, ids)
		h, c, state = y, next, true
	}
}

// back is the way back of rows [from, to).
func (j *lstmSteps) back(from, to int) {
	dc := rows(&j.dc, from, to)
	for i := j.gates.Shape[0] - 1; i >= 0; i-- {
		t, u := j.at(i), j.at(i-1)
		z, gh, next := step(&j.gates, t, from, to), step(&j.hs, t, from, to), step(&j.cs, t, from, to)
		c := rows(&j.c, from, to)
		if i > 0 {
			c = step(&j.cs, u, from, to)
		}
		j.b.LSTMCellGrad(&z, &dc, &gh, &next, &z, &c)
		j.addUp(&z, i, from, to)
		switch {
		case i > 0:
			gh = step(&j.hs, u, from, to)
			j.product(&gh, &z, 1)
		case j.state:
			dh := rows(&j.h, from, to)
			j.product(&dh, &z, 0)
		}
	}
}

// addUp adds the gradient dz of rows [from, to) at step i to that of the bias: to the sums
// of their units, or row by row. Here it is in the cache.
func (j *lstmSteps) addUp(dz *backend.View, i, from, to int) {
	switch {
	case j.sums != nil:
		j.addUnits(run(dz), from, dz.Shape[1])
	case j.bias.Rank == 0:
	case i == j.gates.Shape[0]-1:
		db := rows(&j.bias, from, to)
		j.b.Copy(&db, dz)
	default:
		db := rows(&j.bias, from, to)
		j.b.Binary(backend.Add, &db, &db, dz)
	}
}

// addUnits adds rows of a width, of which the first is row from of the batch, to the sums
// of their units.
func (j *lstmSteps) addUnits(rows []float32, from, width int) {
	add, four := j.b.kernels.binary[backend.Add].f, j.b.kernels.AddFour
	for at := from / lstmRows * width; len(rows) > 0; at += width {
		unit := rows[:min(len(rows), lstmRows*width)]
		rows = rows[len(unit):]
		sum, total := j.sum[at:at+width], j.sums[at:at+width]
		copy(sum, unit)
		unit = unit[width:]
		for ; len(unit) >= 4*width; unit = unit[4*width:] {
			four(sum, unit[:width], unit[width:2*width], unit[2*width:3*width], unit[3*width:4*width])
		}
		for ; len(unit) > 0; unit = unit[width:] {
			add(sum, sum, unit[:width])
		}
		add(total, total, sum)
	}
}

// product is dst = x wh + beta dst.
func (j *lstmSteps) product(dst, x *backend.View, beta float32) {
	if j.w == nil {
		j.b.MatMul(dst, x, &j.wh, beta == 1)
		return
	}
	j.b.blas.(packer).SgemmPacked(blas.NoTrans, x.Shape[0], 1, run(x), x.Shape[1], j.w, beta, run(dst), dst.Shape[1])
}

// at is the position of step i.
func (j *lstmSteps) at(i int) int {
	if j.reverse {
		return j.gates.Shape[0] - 1 - i
	}
	return i
}

// rows returns rows of v [N, W].
func rows(v *backend.View, from, to int) backend.View {
	r := *v
	r.Off += from * v.Stride[0]
	r.Shape[0] = to - from
	return r
}

// step returns rows of step t of v [T, N, W].
func step(v *backend.View, t, from, to int) backend.View {
	r := backend.View{Buf: v.Buf, Layout: backend.Contiguous(to-from, v.Shape[2])}
	r.Off = v.Off + t*v.Stride[0] + from*v.Stride[1]
	return r
}
