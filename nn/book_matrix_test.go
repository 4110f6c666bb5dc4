package nn_test

import "math"

// What the formulas of the suite are written in: float64 in plain slices, so that
// rounding is the tape's alone and nothing is shared with the code under test.
type (
	number float64
	vector []float64   // [N]
	matrix [][]float64 // [N, D]
	steps  []matrix    // one [N, D] for each time step: [N, T, D] as the formulas see it
)

func zeros(rows, cols int) matrix {
	m := make(matrix, rows)
	for i := range m {
		m[i] = make([]float64, cols)
	}
	return m
}

func (m matrix) rows() int { return len(m) }
func (m matrix) cols() int { return len(m[0]) }

// zip combines two matrices of one shape element by element.
func (m matrix) zip(n matrix, f func(a, b float64) float64) matrix {
	out := zeros(m.rows(), m.cols())
	for i, row := range m {
		for j, a := range row {
			out[i][j] = f(a, n[i][j])
		}
	}
	return out
}

// apply returns f of each element.
func (m matrix) apply(f func(a float64) float64) matrix {
	return m.zip(m, func(a, _ float64) float64 { return f(a) })
}

func (m matrix) add(n matrix) matrix {
	return m.zip(n, func(a, b float64) float64 { return a + b })
}

func (m matrix) sub(n matrix) matrix {
	return m.zip(n, func(a, b float64) float64 { return a - b })
}

// mul is the product element by element, ⊙ in the formulas.
func (m matrix) mul(n matrix) matrix {
	return m.zip(n, func(a, b float64) float64 { return a * b })
}

func (m matrix) scale(k float64) matrix { return m.apply(func(a float64) float64 { return k * a }) }

// one returns 1 - m.
func (m matrix) one() matrix { return m.apply(func(a float64) float64 { return 1 - a }) }

// dot is the matrix product.
func dot(m, n matrix) matrix {
	out := zeros(m.rows(), n.cols())
	for i := range m {
		for j := range n.cols() {
			for k := range n {
				out[i][j] += m[i][k] * n[k][j]
			}
		}
	}
	return out
}

// T is the transpose.
func (m matrix) T() matrix {
	out := zeros(m.cols(), m.rows())
	for i, row := range m {
		for j, a := range row {
			out[j][i] = a
		}
	}
	return out
}

// plus adds b to every row.
func (m matrix) plus(b vector) matrix {
	out := zeros(m.rows(), m.cols())
	for i, row := range m {
		for j, a := range row {
			out[i][j] = a + b[j]
		}
	}
	return out
}

// sum adds the rows up: the gradient of a bias, which every row was given.
func (m matrix) sum() vector {
	out := make(vector, m.cols())
	for _, row := range m {
		for j, a := range row {
			out[j] += a
		}
	}
	return out
}

// part returns the p-th of n equal groups of columns: a gate.
func (m matrix) part(p, n int) matrix {
	w := m.cols() / n
	out := make(matrix, m.rows())
	for i, row := range m {
		out[i] = row[p*w : (p+1)*w]
	}
	return out
}

// beside joins matrices column-wise.
func beside(ms ...matrix) matrix {
	out := make(matrix, ms[0].rows())
	for _, m := range ms {
		for i, row := range m {
			out[i] = append(out[i], row...)
		}
	}
	return out
}

// pick returns the rows of m that ids name.
func (m matrix) pick(ids []int) matrix {
	out := make(matrix, len(ids))
	for i, id := range ids {
		out[i] = m[id]
	}
	return out
}

// scatter adds row i of g to row ids[i] of zeros in m's shape: where an id repeats,
// its gradients add up.
func (m matrix) scatter(ids []int, g matrix) matrix {
	out := zeros(m.rows(), m.cols())
	for i, id := range ids {
		for j, a := range g[i] {
			out[id][j] += a
		}
	}
	return out
}

// products returns Σ_j m[i][j] n[i][j] for each row i.
func products(m, n matrix) vector {
	out := make(vector, m.rows())
	for i, row := range m.mul(n) {
		for _, a := range row {
			out[i] += a
		}
	}
	return out
}

// times multiplies row i by v[i].
func (m matrix) times(v vector) matrix {
	out := zeros(m.rows(), m.cols())
	for i, row := range m {
		for j, a := range row {
			out[i][j] = v[i] * a
		}
	}
	return out
}

func (v vector) add(w vector) vector {
	out := make(vector, len(v))
	for i := range v {
		out[i] = v[i] + w[i]
	}
	return out
}

func (v vector) apply(f func(a float64) float64) vector {
	out := make(vector, len(v))
	for i, a := range v {
		out[i] = f(a)
	}
	return out
}

// reversed returns the time steps from the last to the first.
func (s steps) reversed() steps {
	out := make(steps, len(s))
	for t := range s {
		out[t] = s[len(s)-1-t]
	}
	return out
}

func (s steps) add(r steps) steps {
	out := make(steps, len(s))
	for t := range s {
		out[t] = s[t].add(r[t])
	}
	return out
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// softmax along each row.
func softmax(m matrix) matrix {
	out := m.apply(math.Exp)
	for i, row := range out {
		sum := 0.0
		for _, a := range row {
			sum += a
		}
		for j := range row {
			out[i][j] /= sum
		}
	}
	return out
}
