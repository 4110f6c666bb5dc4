package cpu

import "github.com/wengert-ml/wengert/backend"

// lstmGrain is the number of cells that are worth a part: five exponentials each.
const lstmGrain = costly / 4

// LSTMCell takes z [N, 4H] and c [N, H]; it writes h' and c' to h and cNext and the
// activated gates to gates [N, 4H].
func (b *Backend) LSTMCell(h, cNext, gates, z, c *backend.View) {
	b.lstmCell(h, cNext, gates, z, c, nil, nil)
}

// lstmCell is LSTMCell of z plus rows ids [N] of x [V, 4H], unless ids is nil.
func (b *Backend) lstmCell(h, cNext, gates, z, c *backend.View, x []float32, ids []int32) {
	n, width := c.Shape[0], c.Shape[1]
	if n*width == 0 {
		return
	}
	j := lstmJob{
		k: &b.kernels, h: run(h), cNext: run(cNext), gates: run(gates), z: run(z), c: run(c),
		x: x, ids: ids, n: n, width: width, rowsAPart: max(1, lstmGrain/width),
	}
	parts := (n + j.rowsAPart - 1) / j.rowsAPart
	if !spread(b.pool, &b.jobs.lstm, &j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

type lstmJob struct {
	k                     *kernels
	h, cNext, gates, z, c []float32
	x                     []float32
	ids                   []int32 // of the rows of x to add, or nil
	n, width              int
	rowsAPart             int
}

func (j *lstmJob) Do(part int) {
	w := j.width
	for r := part * j.rowsAPart; r < min((part+1)*j.rowsAPart, j.n); r++ {
		at := r * w
		h, next, gates, z, c := j.h[at:at+w], j.cNext[at:at+w], j.gates[4*at:4*at+4*w], j.z[4*at:4*at+4*w], j.c[at:at+w]
		if j.ids == nil {
			j.k.LSTMCell(h, next, gates, z, c)
			continue
		}
		j.k.LSTMCellPlus(h, next, gates, z, j.x[int(j.ids[r])*4*w:][:4*w], c)
	}
}

// LSTMCellGrad takes the gradients of h' and c' in dh and dc [N, H] and what LSTMCell read
// and wrote; it writes the gradients of z and c to dz [N, 4H] and dc.
func (b *Backend) LSTMCellGrad(dz, dc, dh, cNext, gates, c *backend.View) {
	n, width := c.Shape[0], c.Shape[1]
	if n*width == 0 {
		return
	}
	j := lstmGradJob{
		k: &b.kernels, dz: run(dz), dc: run(dc), dh: run(dh), cNext: run(cNext), gates: run(gates), c: run(c),
		n: n, width: width, rowsAPart: max(1, lstmGrain/width),
	}
	parts := (n + j.rowsAPart - 1) / j.rowsAPart
	if !spread(b.pool, &b.jobs.lstmGrad, &j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

type lstmGradJob struct {
	k                           *kernels
	dz, dc, dh, cNext, gates, c []float32
	n, width                    int
	rowsAPart                   int
}

func (j *lstmGradJob) Do(part int) {
	w := j.width
	for r := part * j.rowsAPart; r < min((part+1)*j.rowsAPart, j.n); r++ {
		at := r * w
		j.k.LSTMCellGrad(j.dz[4*at:4*at+4*w], j.dc[at:at+w], j.dh[at:at+w], j.gates[4*at:4*at+4*w], j.cNext[at:at+w], j.c[at:at+w])
	}
}
