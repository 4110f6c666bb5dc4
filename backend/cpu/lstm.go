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
	o := run(out)
	j := lstmJob{
		k: &b.kernels, h1: o[:n*h], c1: o[n*h:], gates: run(gates), z: run(z), c: run(c),
		n: n, h: h, rowsAPart: max(1, lstmGrain/h),
	}
	parts := (n + j.rowsAPart - 1) / j.rowsAPart
	if !spread(b.pool, &b.jobs.lstm, &j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

type lstmJob struct {
	k                   *kernels
	h1, c1, gates, z, c []float32
	n, h                int
	rowsAPart           int
}

func (j *lstmJob) Do(part int) {
	h := j.h
	sigmoid, tanh := j.k.unary[backend.Sigmoid].f, j.k.unary[backend.Tanh].f
	for r := part * j.rowsAPart; r < min((part+1)*j.rowsAPart, j.n); r++ {
		z, gates := j.z[r*4*h:(r+1)*4*h], j.gates[r*4*h:(r+1)*4*h]
		sigmoid(gates[:h], z[:h], 0, 0)
		tanh(gates[h:2*h], z[h:2*h], 0, 0)
		sigmoid(gates[2*h:], z[2*h:], 0, 0)

		f, g, i, o := gates[:h], gates[h:2*h], gates[2*h:3*h], gates[3*h:]
		c, c1, h1 := j.c[r*h:(r+1)*h], j.c1[r*h:(r+1)*h], j.h1[r*h:(r+1)*h]
		for k := range c {
			c1[k] = f[k]*c[k] + i[k]*g[k]
		}
		tanh(h1, c1, 0, 0)
		for k := range h1 {
			h1[k] *= o[k]
		}
	}
}

// LSTMCellGrad takes the gradient gy [2, N, H] of out and what LSTMCell read and
// wrote; it writes the gradients of z and c to dz [N, 4H] and dc [N, H].
func (b *Backend) LSTMCellGrad(dz, dc, gy, out, gates, c *backend.View) {
	n, h := c.Shape[0], c.Shape[1]
	if n*h == 0 {
		return
	}
	g := run(gy)
	j := lstmGradJob{
		tanh: b.kernels.unary[backend.Tanh].f, dz: run(dz), dc: run(dc), gh: g[:n*h], gc: g[n*h:],
		c1: run(out)[n*h:], gates: run(gates), c: run(c), n: n, h: h, rowsAPart: max(1, lstmGrain/h),
	}
	parts := (n + j.rowsAPart - 1) / j.rowsAPart
	if !spread(b.pool, &b.jobs.lstmGrad, &j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

type lstmGradJob struct {
	tanh                         func(dst, x []float32, a, b float32)
	dz, dc, gh, gc, c1, gates, c []float32
	n, h                         int
	rowsAPart                    int
}

func (j *lstmGradJob) Do(part int) {
	h := j.h
	for r := part * j.rowsAPart; r < min((part+1)*j.rowsAPart, j.n); r++ {
		at := r * h
		c, c1, gh, gc, dc := j.c[at:at+h], j.c1[at:at+h], j.gh[at:at+h], j.gc[at:at+h], j.dc[at:at+h]
		a, dz := j.gates[4*at:4*at+4*h], j.dz[4*at:4*at+4*h]
		f, g, i, o := a[:h], a[h:2*h], a[2*h:3*h], a[3*h:]
		df, dg, di, do := dz[:h], dz[h:2*h], dz[2*h:3*h], dz[3*h:]
		j.tanh(dc, c1, 0, 0) // dc is free until its element is written
		for k, t := range dc {
			f, g, i, o := f[k], g[k], i[k], o[k] // read before dz, which may be gates, is written
			dc1 := gc[k] + gh[k]*o*(1-t*t)
			df[k] = dc1 * c[k] * f * (1 - f)
			dg[k] = dc1 * i * (1 - g*g)
			di[k] = dc1 * g * i * (1 - i)
			do[k] = gh[k] * t * o * (1 - o)
			dc[k] = dc1 * f
		}
	}
}
