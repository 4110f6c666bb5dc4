package backendtest

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/backend"
)

// lstmTolerance: sums and differences of numbers up to 4.
var lstmTolerance = tolerance{ulps: 8, abs: 32 * unit}

// logistic is 1/(1 + e⁻ˣ).
func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// cell is an element of an LSTM cell: from z and c, the gates f, g, i, o and the h and
// c that follow.
func cell(z [4]float64, c float64) (gates [4]float64, h, next float64) {
	gates = [4]float64{logistic(z[0]), math.Tanh(z[1]), logistic(z[2]), logistic(z[3])}
	next = gates[0]*c + gates[2]*gates[1]
	return gates, gates[3] * math.Tanh(next), next
}

// cellGrad is its derivative: the gradients of z and c from those of h and next.
func cellGrad(gates [4]float64, c, next, gh, gc float64) (dz [4]float64, dc float64) {
	f, g, i, o := gates[0], gates[1], gates[2], gates[3]
	tanh := math.Tanh(next)
	d := gc + gh*o*(1-tanh*tanh) // what reaches next
	return [4]float64{d * c * f * (1 - f), d * i * (1 - g*g), d * g * i * (1 - i), gh * tanh * o * (1 - o)}, d * f
}

// quarters are the elements of gates [rows, 4H] that belong to element j of row i.
type quarters struct {
	v []float64
	h int
}

func (q quarters) at(i, j int) (v [4]float64) {
	for k := range v {
		v[k] = q.v[(4*i+k)*q.h+j]
	}
	return v
}

func (q quarters) set(i, j int, v [4]float64) {
	for k, x := range v {
		q.v[(4*i+k)*q.h+j] = x
	}
}

func lstmCellChecks() []check {
	var trials []*trial
	rng := newRand("lstm")
	for _, s := range [][2]int{{1, 1}, {2, 3}, {5, 16}, {3, 33}, {0, 4}, {20, 100}, {130, 65}} {
		n, h := s[0], s[1]
		forward := func(name string, gates, z *operand) {
			trials = append(trials, &trial{
				name: fmt.Sprintf("forward%s/%dx%d", name, n, h),
				args: []*operand{output(offset(n, h), nil), output(offset(n, h), nil), gates, z, input(offset(n, h), uniform(rng, -2, 2))},
				call: func(be backend.Backend, v []*backend.View) {
					be.(backend.LSTMCeller).LSTMCell(v[0], v[1], v[2], v[3], v[4])
				},
				define: func(a [][]float64) {
					hs, cs, gates, z, c := a[0], a[1], quarters{a[2], h}, quarters{a[3], h}, a[4]
					for i := range n {
						for j := range h {
							g, y, next := cell(z.at(i, j), c[i*h+j])
							gates.set(i, j, g)
							hs[i*h+j], cs[i*h+j] = y, next
						}
					}
				},
				tol: lstmTolerance,
			})
		}
		forward("", output(offset(n, 4*h), nil), input(offset(n, 4*h), uniform(rng, -4, 4)))
		z := output(offset(n, 4*h), uniform(rng, -4, 4))
		forward("/gates-in-z", z, z)
		for _, inPlace := range []bool{false, true} {
			gates := input(offset(n, 4*h), uniform(rng, 0.05, 0.95)) // any numbers of that range are gates of some z
			dz, name := output(offset(n, 4*h), nil), "grad"
			if inPlace {
				gates.out = true
				dz, name = gates, "grad/dz-in-gates"
			}
			trials = append(trials, &trial{
				name: fmt.Sprintf("%s/%dx%d", name, n, h),
				args: []*operand{
					dz, output(offset(n, h), uniform(rng, -2, 2)), input(offset(n, h), uniform(rng, -2, 2)),
					input(offset(n, h), uniform(rng, -1, 1)), gates, input(offset(n, h), uniform(rng, -2, 2)),
				},
				call: func(be backend.Backend, v []*backend.View) {
					be.(backend.LSTMCeller).LSTMCellGrad(v[0], v[1], v[2], v[3], v[4], v[5])
				},
				define: func(a [][]float64) {
					dz, dc, dh, next, gates, c := quarters{a[0], h}, a[1], a[2], a[3], quarters{a[4], h}, a[5]
					for i := range n {
						for j := range h {
							at := i*h + j
							d, before := cellGrad(gates.at(i, j), c[at], next[at], dh[at], dc[at])
							dz.set(i, j, d)
							dc[at] = before
						}
					}
				},
				tol: lstmTolerance,
			})
		}
	}
	return checksOf(trials)
}

// lstmTrial is the sizes of an LSTM over time and what it is given.
type lstmTrial struct {
	steps, n, h    int
	state, reverse bool
	biases         bool // one for each row
	bare           bool // the gates have the bias, and nobody asks for its gradient
	looked         bool // what the input adds is rows of a table
}

// at is the position of step i.
func (s lstmTrial) at(i int) int {
	if s.reverse {
		return s.steps - 1 - i
	}
	return i
}

// tableRows is how many rows a table has that the input is looked up in.
const tableRows = 7

// forward is the definition: a holds hs, cs, gates, x, ids, wh, b, h and c.
func (s lstmTrial) forward(a [][]float64) {
	x, ids, wh, b, h, c := a[3], a[4], a[5], a[6], a[7], a[8]
	size := s.n * s.h
	for i := range s.steps {
		t := s.at(i)
		z := a[2][t*4*size:][:4*size]
		if s.looked {
			for i := range s.n {
				copy(z[4*i*s.h:][:4*s.h], x[4*s.h*int(ids[t*s.n+i]):])
			}
		}
		for k := range z {
			if !s.bare {
				z[k] += b[k%len(b)]
			}
		}
		if i > 0 || s.state {
			addProduct(z, h, wh, s.n, s.h, 4*s.h)
		}
		hs, cs := a[0][t*size:][:size], a[1][t*size:][:size]
		gates := quarters{z, s.h}
		for k := range hs {
			row, j := k/s.h, k%s.h
			var g [4]float64
			g, hs[k], cs[k] = cell(gates.at(row, j), c[k])
			gates.set(row, j, g)
		}
		h, c = hs, cs
	}
}

// backward is the gradient: a holds gates, db, dh, dc, dhs, cs, wh and c.
func (s lstmTrial) backward(a [][]float64) {
	gates, db, dh, dc, dhs, cs, wh, c := a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]
	size := s.n * s.h
	back := make([]float64, len(wh))
	for k, w := range wh {
		i, j := k/(4*s.h), k%(4*s.h)
		back[j*s.h+i] = w
	}
	clear(db)
	clear(dh)
	for i := s.steps - 1; i >= 0; i-- {
		t := s.at(i)
		before, gh := c, dh
		if i > 0 {
			u := s.at(i - 1)
			before, gh = cs[u*size:], dhs[u*size:]
		}
		dz := quarters{gates[t*4*size:][:4*size], s.h}
		for k := range size {
			row, j := k/s.h, k%s.h
			var d [4]float64
			d, dc[k] = cellGrad(dz.at(row, j), before[k], cs[t*size+k], dhs[t*size+k], dc[k])
			dz.set(row, j, d)
		}
		for k, d := range dz.v {
			if !s.bare {
				db[k%len(db)] += d
			}
		}
		if i > 0 || s.state {
			addProduct(gh, dz.v, back, s.n, 4*s.h, s.h)
		}
	}
}

// addProduct adds x y to dst, x being [m, k] and y [k, n].
func addProduct(dst, x, y []float64, m, k, n int) {
	for i := range m {
		for l := range k {
			for j := range n {
				dst[i*n+j] += x[i*k+l] * y[l*n+j]
			}
		}
	}
}

// lstmChecks run layers of few rows and of many, with weights as they are stored and
// transposed.
func lstmChecks() []check {
	var trials []*trial
	rng := newRand("lstm over time")
	for _, s := range []lstmTrial{
		{steps: 1, n: 1, h: 1},
		{steps: 1, n: 2, h: 3, state: true, reverse: true},
		{steps: 3, n: 5, h: 16, state: true},
		{steps: 4, n: 20, h: 33, reverse: true},
		{steps: 2, n: 0, h: 4, state: true},
		{steps: 3, n: 57, h: 20, state: true, reverse: true},
		{steps: 5, n: 130, h: 24},
		{steps: 2, n: 100, h: 70, state: true},
		{steps: 2, n: 9, h: 5, biases: true},
		{steps: 2, n: 6, h: 8, bare: true},
		{steps: 3, n: 61, h: 18, state: true, bare: true},
		{steps: 3, n: 70, h: 17, state: true, reverse: true, biases: true},
		{steps: 3, n: 9, h: 6, looked: true, bare: true},
		{steps: 2, n: 75, h: 19, looked: true, state: true, reverse: true, biases: true},
	} {
		// The sums have so many terms of about a half, and the errors of a step go through all that follow.
		tol := tolerance{ulps: 8, abs: 32 * unit * math.Sqrt(float64(4*s.h)) * float64(s.steps)}
		name := fmt.Sprintf("%dx%dx%d/state=%t/reverse=%t/biases=%t/bare=%t/looked=%t", s.steps, s.n, s.h, s.state, s.reverse, s.biases, s.bare, s.looked)
		bias := offset(4 * s.h)
		if s.biases {
			bias = offset(s.n, 4*s.h)
		}
		weights := func() *operand {
			return matrix(s.reverse, uniform(rng, -0.5, 0.5), s.h, 4*s.h)
		}
		given := func(is bool, v *backend.View) *backend.View {
			if is {
				return v
			}
			return nil
		}
		trials = append(trials, &trial{
			name: "forward/" + name,
			args: []*operand{
				output(offset(s.steps, s.n, s.h), nil), output(offset(s.steps, s.n, s.h), nil),
				output(offset(s.steps, s.n, 4*s.h), uniform(rng, -2, 2)),
				input(offset(tableRows, 4*s.h), uniform(rng, -2, 2)), ids(manyIDs(s.steps*s.n, tableRows)...), weights(),
				input(bias, uniform(rng, -1, 1)), input(offset(s.n, s.h), uniform(rng, -1, 1)), input(offset(s.n, s.h), uniform(rng, -2, 2)),
			},
			call: func(be backend.Backend, v []*backend.View) {
				be.(backend.LSTMer).LSTM(v[0], v[1], v[2], given(s.looked, v[3]), given(s.looked, v[4]), v[5], given(!s.bare, v[6]), given(s.state, v[7]), v[8], s.reverse)
			},
			define: s.forward,
			tol:    tol,
		})
		dh, db := input(offset(s.n, s.h), listed(0.0)), input(bias, listed(0.0))
		if s.state {
			dh = output(offset(s.n, s.h), nil)
		}
		if !s.bare {
			db = output(bias, nil)
		}
		tol.abs *= math.Sqrt(float64(max(1, s.n))) // of the bias's gradient
		trials = append(trials, &trial{
			name: "grad/" + name,
			args: []*operand{
				output(offset(s.steps, s.n, 4*s.h), uniform(rng, 0.05, 0.95)), db, dh, output(offset(s.n, s.h), uniform(rng, -1, 1)),
				output(offset(s.steps, s.n, s.h), uniform(rng, -1, 1)), input(offset(s.steps, s.n, s.h), uniform(rng, -1, 1)),
				weights(), input(offset(s.n, s.h), uniform(rng, -2, 2)),
			},
			call: func(be backend.Backend, v []*backend.View) {
				be.(backend.LSTMer).LSTMGrad(v[0], given(!s.bare, v[1]), given(s.state, v[2]), v[3], v[4], v[5], v[6], v[7], s.reverse)
			},
			define: s.backward,
			tol:    tol,
		})
	}
	return checksOf(trials)
}
