package cpu

import "github.com/wengert-ml/wengert/backend"

// gruGrain is the number of cells that are worth a part: two exponentials each at most.
const gruGrain = costly / 2

// GRUGates writes s to s [N, H], and z and r over the first two thirds of gates [N, 3H].
func (b *Backend) GRUGates(s, gates, h *backend.View) {
	b.gru(&gruJob{do: b.kernels.GRUGates, y: run(s), gates: run(gates), h: run(h), width: h.Shape[1]})
}

// GRUState writes h' to out [N, H], and ĥ over the last third of gates [N, 3H].
func (b *Backend) GRUState(out, gates, h *backend.View) {
	b.gru(&gruJob{do: b.kernels.GRUState, y: run(out), gates: run(gates), h: run(h), width: h.Shape[1]})
}

type gruJob struct {
	do          func(y, gates, h []float32) // a row
	y, gates, h []float32
	width       int
}

func (b *Backend) gru(j *gruJob) {
	if len(j.h) == 0 {
		return
	}
	parts := gruParts(len(j.h), j.width)
	if !spread(b.pool, &b.jobs.gru, j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

func (j *gruJob) Do(part int) {
	n := j.width
	from, to := gruPart(part, len(j.h), n)
	for at := from; at < to; at += n {
		j.do(j.y[at:at+n], j.gates[3*at:3*at+3*n], j.h[at:at+n])
	}
}

// GRUStateGrad takes the gradient gy [N, H] of h'; it writes the gradients of a₀ and a₂
// over z and ĥ in gates [N, 3H] and adds to dh [N, H].
func (b *Backend) GRUStateGrad(dh, gates, gy, h *backend.View) {
	b.gruGrad(&gruGradJob{do: b.kernels.GRUStateGrad, dh: run(dh), gates: run(gates), g: run(gy), h: run(h), width: h.Shape[1]})
}

// GRUGatesGrad takes the gradient of s in s [N, H] and writes s over it; it writes the
// gradient of a₁ over r in gates [N, 3H] and adds to dh [N, H].
func (b *Backend) GRUGatesGrad(dh, gates, s, h *backend.View) {
	b.gruGrad(&gruGradJob{do: b.kernels.GRUGatesGrad, dh: run(dh), gates: run(gates), g: run(s), h: run(h), width: h.Shape[1]})
}

type gruGradJob struct {
	do              func(dh, gates, g, h []float32) // a row
	dh, gates, g, h []float32
	width           int
}

func (b *Backend) gruGrad(j *gruGradJob) {
	if len(j.h) == 0 {
		return
	}
	parts := gruParts(len(j.h), j.width)
	if !spread(b.pool, &b.jobs.gruGrad, j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

func (j *gruGradJob) Do(part int) {
	n := j.width
	from, to := gruPart(part, len(j.h), n)
	for at := from; at < to; at += n {
		j.do(j.dh[at:at+n], j.gates[3*at:3*at+3*n], j.g[at:at+n], j.h[at:at+n])
	}
}

// gruParts returns into how many parts of whole rows n elements are cut.
func gruParts(n, width int) int {
	size := max(1, gruGrain/width) * width
	return (n + size - 1) / size
}

// gruPart returns where a part begins and ends.
func gruPart(part, n, width int) (from, to int) {
	size := max(1, gruGrain/width) * width
	return part * size, min((part+1)*size, n)
}
