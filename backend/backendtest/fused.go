package backendtest

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/backend"
)

// The definitions in this file are the formulas of the optional interfaces, row
// by row in float64. They are written for the reader, not for speed.

// rowShapes are shapes [..., V] whose last axis a kernel works along.
var rowShapes = [][]int{{1}, {7}, {3, 5}, {0, 4}, {4, 1}, {2, 3, 17}, {2, 1, 2, 1, 2, 3}, {9, 1000}, {301, 259}}

// softmaxTolerance: exp(x - m) doubles an error of x - m, which is up to 16
// here, so 16 steps; the sum of V terms adds to it.
func softmaxTolerance(v int, log bool) tolerance {
	if log {
		return tolerance{ulps: 8, abs: 64 * unit}
	}
	return tolerance{ulps: 32 + math.Sqrt(float64(v))}
}

// softmaxRow returns the softmax of a row, and the logarithm of its denominator
// including the maximum.
func softmaxRow(x []float64) (p []float64, logSum float64) {
	m := math.Inf(-1)
	for _, v := range x {
		m = max(m, v)
	}
	p = make([]float64, len(x))
	var sum float64
	for i, v := range x {
		p[i] = math.Exp(v - m)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p, m + math.Log(sum)
}

func softmaxChecks() []check {
	var trials []*trial
	rng := newRand("softmax")
	add := func(name string, shape []int, dst, src *operand) {
		v := shape[len(shape)-1]
		for _, log := range []bool{false, true} {
			trials = append(trials, &trial{
				name: fmt.Sprintf("log=%t/%s", log, name),
				args: []*operand{dst, src},
				call: func(be backend.Backend, v []*backend.View) {
					be.(backend.Softmaxer).Softmax(v[0], v[1], log)
				},
				define: func(a [][]float64) {
					for i := 0; i < len(a[0]); i += v {
						x := a[1][i : i+v]
						p, logSum := softmaxRow(x)
						for j := range p {
							if log {
								p[j] = x[j] - logSum
							}
						}
						copy(a[0][i:], p)
					}
				},
				tol: softmaxTolerance(v, log),
			})
		}
	}
	for _, shape := range rowShapes {
		add(shapeName(shape), shape, output(offset(shape...), nil), input(offset(shape...), uniform(rng, -8, 8)))
		add(shapeName(shape)+"/packed", shape, output(packed(shape...), nil), input(packed(shape...), uniform(rng, -8, 8)))
		in := output(offset(shape...), uniform(rng, -8, 8))
		add(shapeName(shape)+"/in-place", shape, in, in)
	}
	inf := math.Inf(1)
	for _, c := range []struct {
		name string
		row  []float64
	}{
		{"masked", []float64{-inf, 1, -inf, 2, 0.5}},
		{"masked-but-one", []float64{-inf, -inf, 3, -inf, -inf}},
		{"large", []float64{1000, 1001, 999, 1000, 998}},
		{"very-negative", []float64{-1000, -1001, -999, -1000, -998}},
		{"far-apart", []float64{0, -500, 500, 1, -1}},
		{"equal", []float64{2, 2, 2, 2, 2}},
		{"nan", []float64{0, 1, math.NaN(), 2, 3}},
	} {
		shape := []int{3, 5}
		add(c.name, shape, output(offset(shape...), nil), input(offset(shape...), listed(c.row...)))
	}
	return checksOf(trials)
}

// layerNormRow returns a row normalised, and its scale.
func layerNormRow(x []float64, eps float64) (y []float64, scale float64) {
	n := float64(len(x))
	var mean, variance float64
	for _, v := range x {
		mean += v / n
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / n
	}
	scale = 1 / math.Sqrt(variance+eps)
	y = make([]float64, len(x))
	for i, v := range x {
		y[i] = (v - mean) * scale
	}
	return y, scale
}

func layerNormChecks() []check {
	const eps = 1e-3
	var trials []*trial
	rng := newRand("layerNorm")
	for _, shape := range [][]int{{1, 7}, {3, 5}, {0, 4}, {2, 1}, {5, 17}, {9, 1000}, {301, 259}} {
		n, d := shape[0], shape[1]
		forward := func(name string, dst, src *operand) {
			trials = append(trials, &trial{
				name: "forward/" + name,
				args: []*operand{dst, output(offset(n), nil), src},
				call: func(be backend.Backend, v []*backend.View) {
					be.(backend.LayerNormer).LayerNorm(v[0], v[1], v[2], eps)
				},
				define: func(a [][]float64) {
					for i := range n {
						y, scale := layerNormRow(a[2][i*d:(i+1)*d], eps)
						copy(a[0][i*d:], y)
						a[1][i] = scale
					}
				},
				tol: tolerance{ulps: 32 + math.Sqrt(float64(d)), abs: 64 * unit},
			})
		}
		forward(shapeName(shape), output(offset(shape...), nil), input(offset(shape...), uniform(rng, -3, 5)))
		forward(shapeName(shape)+"/packed", output(packed(shape...), nil), input(packed(shape...), uniform(rng, -3, 5)))
		in := output(offset(shape...), uniform(rng, -3, 5))
		forward(shapeName(shape)+"/in-place", in, in)

		backward := func(name string, dx, gy *operand) {
			trials = append(trials, &trial{
				name: "gradient/" + name,
				args: []*operand{dx, gy, input(place{dx.Layout, len(dx.mem.value)}, uniform(rng, -2, 2)), input(offset(n), uniform(rng, 0.5, 2))},
				call: func(be backend.Backend, v []*backend.View) {
					be.(backend.LayerNormer).LayerNormGrad(v[0], v[1], v[2], v[3])
				},
				define: func(a [][]float64) {
					for i := range n {
						gy, y := a[1][i*d:(i+1)*d], a[2][i*d:(i+1)*d]
						var mean, slope float64
						for j, g := range gy {
							mean += g / float64(d)
							slope += g * y[j] / float64(d)
						}
						for j := range y {
							a[0][i*d+j] = a[3][i] * (gy[j] - mean - y[j]*slope)
						}
					}
				},
				tol: tolerance{ulps: 32 + math.Sqrt(float64(d)), abs: 64 * unit},
			})
		}
		backward(shapeName(shape), output(offset(shape...), nil), input(offset(shape...), uniform(rng, -1, 1)))
		backward(shapeName(shape)+"/packed", output(packed(shape...), nil), input(packed(shape...), uniform(rng, -1, 1)))
		g := output(offset(shape...), uniform(rng, -1, 1))
		backward(shapeName(shape)+"/in-place", g, g)
	}
	return checksOf(trials)
}

// target returns the distribution that the label of a row stands for.
func target(label, v int, smoothing float64) []float64 {
	q := make([]float64, v)
	for j := range q {
		q[j] = smoothing / float64(v)
	}
	q[label] += 1 - smoothing
	return q
}

// labelsFor returns n labels below v; every fourth row is left out.
func labelsFor(n, v int) []int32 {
	labels := manyIDs(n, v)
	for i := range labels {
		if i%4 == 1 {
			labels[i] = -1
		}
	}
	return labels
}

func crossEntropyChecks() []check {
	var trials []*trial
	rng := newRand("cross entropy")
	for _, s := range [][2]int{{1, 1}, {1, 7}, {5, 3}, {6, 33}, {0, 4}, {9, 1000}, {301, 59}} {
		n, v := s[0], s[1]
		for _, smoothing := range []float64{0, 0.1} {
			labels := labelsFor(n, v)
			// Logits are up to 8, their log-sum-exp up to 8 + ln V.
			tol := tolerance{ulps: 32 + math.Sqrt(float64(v)), abs: 64 * unit}
			forward := func(name string, probs, logits *operand) {
				trials = append(trials, &trial{
					name: fmt.Sprintf("forward/%dx%d/smoothing=%v%s", n, v, smoothing, name),
					args: []*operand{output(offset(n), nil), probs, logits, ids(labels...)},
					call: func(be backend.Backend, a []*backend.View) {
						be.(backend.CrossEntropyer).CrossEntropy(a[0], a[1], a[2], a[3], smoothing)
					},
					define: func(a [][]float64) {
						for i := range n {
							x := a[2][i*v : i*v+v]
							p, logSum := softmaxRow(x)
							a[0][i] = 0
							if labels[i] >= 0 {
								for j, q := range target(int(labels[i]), v, smoothing) {
									a[0][i] -= q * (x[j] - logSum)
								}
							}
							copy(a[1][i*v:], p)
						}
					},
					tol: tol,
				})
			}
			forward("", output(offset(n, v), nil), input(offset(n, v), uniform(rng, -8, 8)))
			forward("/packed", output(packed(n, v), nil), input(packed(n, v), uniform(rng, -8, 8)))
			in := output(offset(n, v), uniform(rng, -8, 8))
			forward("/probs-in-place", in, in)

			backward := func(name string, dst, probs *operand, gy place) {
				trials = append(trials, &trial{
					name: fmt.Sprintf("grad/%dx%d/smoothing=%v/%s", n, v, smoothing, name),
					args: []*operand{dst, probs, input(gy, uniform(rng, -2, 2)), ids(labels...)},
					call: func(be backend.Backend, a []*backend.View) {
						be.(backend.CrossEntropyer).CrossEntropyGrad(a[0], a[1], a[2], a[3], smoothing)
					},
					define: func(a [][]float64) {
						for i := range n {
							for j := range v {
								g := 0.0
								if labels[i] >= 0 {
									q := target(int(labels[i]), v, smoothing)[j]
									g = a[2][i] * (a[1][i*v+j] - q)
								}
								a[0][i*v+j] = g
							}
						}
					},
					tol: tolerance{ulps: 4, abs: 8 * unit}, // probs - q cancels; gy is up to 2
				})
			}
			backward("packed", output(packed(n, v), nil), input(packed(n, v), uniform(rng, 0, 1)), packed(n))
			backward("gy-packed", output(offset(n, v), nil), input(offset(n, v), uniform(rng, 0, 1)), packed(n))
			backward("gy-repeated", output(offset(n, v), nil), input(offset(n, v), uniform(rng, 0, 1)), repeated(n))
			backward("gy-stepped", output(offset(n, v), nil), input(offset(n, v), uniform(rng, 0, 1)), stepped(n))
			in = output(offset(n, v), uniform(rng, 0, 1))
			backward("in-place", in, in, repeated(n))
		}
	}
	return checksOf(trials)
}

func dropoutChecks() []check {
	var trials []*trial
	rng := newRand("dropout")
	for _, shape := range allShapes() {
		for _, p := range []float64{0, 0.1, 0.5, 0.9} {
			add := func(name string, dst, src *operand) {
				const key, counter = 1984, 1<<32 - 2
				trials = append(trials, &trial{
					name: fmt.Sprintf("%s/p=%v%s", shapeName(shape), p, name),
					args: []*operand{dst, src},
					call: func(be backend.Backend, v []*backend.View) {
						be.(backend.Dropouter).Dropout(v[0], v[1], p, key, counter)
					},
					define: func(v [][]float64) {
						for i, x := range v[1] {
							v[0][i] = 0
							if backend.Unit(backend.Philox(counter+uint64(i)/4, key)[i%4]) >= p {
								v[0][i] = x / (1 - p)
							}
						}
					},
					tol: tolerance{ulps: 2}, // 1/(1-p) may be rounded before the product
				})
			}
			add("", output(offset(shape...), nil), input(offset(shape...), uniform(rng, -4, 4)))
			add("/packed", output(packed(shape...), nil), input(packed(shape...), uniform(rng, -4, 4)))
			in := output(offset(shape...), uniform(rng, -4, 4))
			add("/in-place", in, in)
		}
	}
	return checksOf(trials)
}

func gruChecks() []check {
	var trials []*trial
	rng := newRand("gru")
	add := func(name string, call func(be backend.GRUCeller, v []*backend.View), define func(a [][]float64), args ...*operand) {
		trials = append(trials, &trial{
			name: name, args: args, define: define,
			call: func(be backend.Backend, v []*backend.View) { call(be.(backend.GRUCeller), v) },
			tol:  tolerance{ulps: 8, abs: 32 * unit}, // sums and differences of numbers up to 4
		})
	}
	for _, s := range [][2]int{{1, 1}, {2, 3}, {5, 16}, {3, 33}, {0, 4}, {20, 100}, {130, 65}} {
		n, h := s[0], s[1]
		size := fmt.Sprintf("/%dx%d", n, h)
		one := func(lo, hi float64) *operand { return input(offset(n, h), uniform(rng, lo, hi)) }
		changed := func(width int, lo, hi float64) *operand { return output(offset(n, width), uniform(rng, lo, hi)) }
		// each calls f with an element's place among [N, H] and that of its z among gates.
		each := func(f func(at, z int)) {
			for i := range n * h {
				f(i, i/h*3*h+i%h)
			}
		}
		add("gates"+size, func(be backend.GRUCeller, v []*backend.View) { be.GRUGates(v[0], v[1], v[2]) }, func(a [][]float64) {
			s, gates, hs := a[0], a[1], a[2]
			each(func(at, z int) {
				gates[z], gates[z+h] = logistic(gates[z]), logistic(gates[z+h])
				s[at] = gates[z+h] * hs[at]
			})
		}, output(offset(n, h), nil), changed(3*h, -4, 4), one(-2, 2))
		add("state"+size, func(be backend.GRUCeller, v []*backend.View) { be.GRUState(v[0], v[1], v[2]) }, func(a [][]float64) {
			out, gates, hs := a[0], a[1], a[2]
			each(func(at, z int) {
				gates[z+2*h] = math.Tanh(gates[z+2*h])
				out[at] = (1-gates[z])*hs[at] + gates[z]*gates[z+2*h]
			})
		}, output(offset(n, h), nil), changed(3*h, 0.05, 0.95), one(-2, 2))
		add("state-grad"+size, func(be backend.GRUCeller, v []*backend.View) { be.GRUStateGrad(v[0], v[1], v[2], v[3]) }, func(a [][]float64) {
			dh, gates, gy, hs := a[0], a[1], a[2], a[3]
			each(func(at, i int) {
				z, c := gates[i], gates[i+2*h]
				dh[at] += gy[at] * (1 - z)
				gates[i] = gy[at] * (c - hs[at]) * z * (1 - z)
				gates[i+2*h] = gy[at] * z * (1 - c*c)
			})
		}, changed(h, -1, 1), changed(3*h, 0.05, 0.95), one(-2, 2), one(-2, 2))
		add("gates-grad"+size, func(be backend.GRUCeller, v []*backend.View) { be.GRUGatesGrad(v[0], v[1], v[2], v[3]) }, func(a [][]float64) {
			dh, gates, s, hs := a[0], a[1], a[2], a[3]
			each(func(at, z int) {
				r, ds := gates[z+h], s[at]
				dh[at] += ds * r
				gates[z+h] = ds * hs[at] * r * (1 - r)
				s[at] = r * hs[at]
			})
		}, changed(h, -1, 1), changed(3*h, 0.05, 0.95), changed(h, -2, 2), one(-2, 2))
	}
	return checksOf(trials)
}
