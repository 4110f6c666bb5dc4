package cpu

import "github.com/wengert-ml/wengert/backend"

// gruGrain is the number of cells that are worth a part: two exponentials each at most.
const gruGrain = costly / 2

// GRUGates writes s to s [N, H], and z and r over the first two thirds of gates [N, 3H].
func (b *Backend) GRUGates(s, gates, h *backend.View) {
	b.gru(&gruJob{ahead: b.kernels.GRUGates, y: run(s), gates: run(gates), h: run(h), width: h.Shape[1]})
}

// GRUState writes h' to out [N, H], and ĥ over the last third of gates [N, 3H].
func (b *Backend) GRUState(out, gates, h *backend.View) {
	b.gru(&gruJob{ahead: b.kernels.GRUState, y: run(out), gates: run(gates), h: run(h), width: h.Shape[1]})
}

// GRUStateGrad takes the gradient gy [N, H] of h'; it writes the gradients of a₀ and a₂
// over z and ĥ in gates [N, 3H] and adds to dh [N, H].
func (b *Backend) GRUStateGrad(dh, gates, gy, h *backend.View) {
	b.gru(&gruJob{back: b.kernels.GRUStateGrad, dh: run(dh), gates: run(gates), y: run(gy), h: run(h), width: h.Shape[1]})
}

// GRUGatesGrad takes the gradient of s in s [N, H] and writes s over it; it writes the
// gradient of a₁ over r in gates [N, 3H] and adds to dh [N, H].
func (b *Backend) GRUGatesGrad(dh, gates, s, h *backend.View) {
	b.gru(&gruJob{back: b.kernels.GRUGatesGrad, dh: run(dh), gates: run(gates), y: run(s), h: run(h), width: h.Shape[1]})
}

// gruJob does a row at a time: ahead, or where that is nil, back.
type gruJob struct {
	ahead           func(y, gates, h []float32)
	back            func(dh, gates, y, h []float32)
	dh, gates, y, h []float32
	width           int
}

func (b *Backend) gru(j *gruJob) {
	if len(j.h) == 0 {
		return
	}
	parts := (len(j.h) + j.part() - 1) / j.part()
	if !spread(b.pool, &b.jobs.gru, j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

// part returns how many elements a part has: those of whole rows.
func (j *gruJob) part() int { return max(1, gruGrain/j.width) * j.width }

func (j *gruJob) Do(part int) {
	n := j.width
	for at := part * j.part(); at < min((part+1)*j.part(), len(j.h)); at += n {
		gates, y, h := j.gates[3*at:3*at+3*n], j.y[at:at+n], j.h[at:at+n]
		if j.ahead != nil {
			j.ahead(y, gates, h)
			continue
		}
		j.back(j.dh[at:at+n], gates, y, h)
	}
}
