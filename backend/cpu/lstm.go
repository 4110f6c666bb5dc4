package cpu

import "github.com/wengert-ml/wengert/backend"

// lstmGrain is the number of cells that are worth a part: five exponentials each.
const lstmGrain = costly / 4

// LSTMCell takes z [N, 4H] and c [N, H]; it writes h' and c' to out [2, N, H] and
// the activated gates to gates [N, 4H].
func (b *Backend) LSTMCell(out, gates, z, c *backend.View) {
	n, h := c.Shape[0], c.Shape[1]
	if n*h == 0 {
		return
	}
	h1, c1 := pair(out)
	j := lstmJob{
		k: &b.kernels, h1: h1, c1: c1, gates: run(gates), z: run(z), c: run(c),
		n: n, h: h, rowsAPart: max(1, lstmGrain/h),
	}
	parts := (n + j.rowsAPart - 1) / j.rowsAPart
	if !spread(b.pool, &b.jobs.lstm, &j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

// pair returns the two matrices of v [2, N, H].
func pair(v *backend.View) (first, second []float32) {
	n := v.Shape[1] * v.Shape[2]
	x := floats(v)[v.Off:]
	return x[:n], x[v.Stride[0]:][:n]
}

type lstmJob struct {
	k                   *kernels
	h1, c1, gates, z, c []float32
	n, h                int
	rowsAPart           int
}

func (j *lstmJob) Do(part int) {
	h := j.h
	for r := part * j.rowsAPart; r < min((part+1)*j.rowsAPart, j.n); r++ {
		at := r * h
		j.k.LSTMCell(j.h1[at:at+h], j.c1[at:at+h], j.gates[4*at:4*at+4*h], j.z[4*at:4*at+4*h], j.c[at:at+h])
	}
}

// LSTMCellGrad takes the gradient gy [2, N, H] of out and what LSTMCell read and
// wrote; it writes the gradients of z and c to dz [N, 4H] and dc [N, H].
func (b *Backend) LSTMCellGrad(dz, dc, gy, out, gates, c *backend.View) {
	if c.Shape[0]*c.Shape[1] == 0 {
		return
	}
	clear(run(dc))
	b.lstmCellGrad(dz, dc, gy, out, gates, c)
}

// lstmCellGrad is LSTMCellGrad of a step whose dc has what the step after handed back.
func (b *Backend) lstmCellGrad(dz, dc, gy, out, gates, c *backend.View) {
	n, h := c.Shape[0], c.Shape[1]
	gh, gc := pair(gy)
	_, c1 := pair(out)
	j := lstmGradJob{
		k: &b.kernels, dz: run(dz), dc: run(dc), gh: gh, gc: gc,
		c1: c1, gates: run(gates), c: run(c), n: n, h: h, rowsAPart: max(1, lstmGrain/h),
	}
	parts := (n + j.rowsAPart - 1) / j.rowsAPart
	if !spread(b.pool, &b.jobs.lstmGrad, &j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

type lstmGradJob struct {
	k                            *kernels
	dz, dc, gh, gc, c1, gates, c []float32
	n, h                         int
	rowsAPart                    int
}

func (j *lstmGradJob) Do(part int) {
	h := j.h
	for r := part * j.rowsAPart; r < min((part+1)*j.rowsAPart, j.n); r++ {
		at := r * h
		j.k.LSTMCellGrad(j.dz[4*at:4*at+4*h], j.dc[at:at+h], j.gh[at:at+h], j.gc[at:at+h], j.gates[4*at:4*at+4*h], j.c1[at:at+h], j.c[at:at+h])
	}
}
