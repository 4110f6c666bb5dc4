package tensor_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

func ExampleTensor_Softmax() {
	x := tensor.FromSlice(reference.New(), []float32{0, 0, 1000, 1000}, 2, 2)
	fmt.Println(x.Softmax())
	// Output:
	// [[0.5 0.5]
	//  [0.5 0.5]]
}

// softmax is the definition along the last axis.
func softmax(a array, log bool) array {
	last := []int{len(a.shape) - 1}
	top := a.reduced(func(v []float64) float64 {
		m := math.Inf(-1)
		for _, x := range v {
			m = max(m, x)
		}
		return m
	}, last)
	e := joined(a, top, func(x, m float64) float64 { return math.Exp(x - m) })
	sum := e.reduced(total, last)
	if log {
		return joined(joined(a, top, func(x, m float64) float64 { return x - m }), sum, func(x, s float64) float64 { return x - math.Log(s) })
	}
	return joined(e, sum, func(x, s float64) float64 { return x / s })
}

func TestSoftmax(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	tests := []struct {
		name string
		x    array
	}{
		{"random", randoms(seeded(11), -5, 5, 3, 2, 7)},
		{"one class", randoms(seeded(12), -5, 5, 3, 1)},
		{"vector", randoms(seeded(13), -5, 5, 9)},
		{"no rows", array{[]int{0, 4}, nil}},
		{"no classes", array{[]int{2, 0}, nil}},
		{"large", array{[]int{2, 3}, []float64{0x1p99, 0x1p99, 0, -0x1p99, -0x1p99, -0x1p99}}},
		{"far apart", array{[]int{1, 3}, []float64{0x1p126, -0x1p126, 0}}},
		{"a hundred apart", array{[]int{1, 2}, []float64{0, 100}}},
		{"masked", array{[]int{1, 3}, []float64{1, -inf, 1}}},
		{"all masked", array{[]int{1, 2}, []float64{-inf, -inf}}},
		{"infinite", array{[]int{1, 2}, []float64{inf, 0}}},
		{"NaN", array{[]int{2, 2}, []float64{nan, 0, 1, 1}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, w world) {
				x := w.put(tt.x)
				assertArray(t, softmax(tt.x, false), x.Softmax(), nearly, "softmax")
				assertArray(t, softmax(tt.x, true), x.LogSoftmax(), nearly, "logSoftmax")
				assertArray(t, tt.x, x, exactly, "the operand")
				if len(tt.x.shape) == 2 {
					assertArray(t, softmax(transposed(tt.x), false), x.T().Softmax(), nearly, "softmax of a view")
					assertArray(t, softmax(transposed(tt.x), true), x.T().LogSoftmax(), nearly, "logSoftmax of a view")
				}
			})
		})
	}
}

func TestDropout(t *testing.T) {
	const p, n = 0.25, 4096
	key, counter := uint64(7), uint64(9)
	var first []float32
	everywhere(t, func(t *testing.T, w world) {
		a := randoms(seeded(14), 1, 2, n/64, 64)
		x := w.put(a)
		y := x.Dropout(p, key, counter)

		i := -1
		want := build(a.shape, func(at []int) float64 { // element by element from the stream
			i++
			if backend.Unit(backend.Philox(counter+uint64(i/4), key)[i%4]) < p {
				return 0
			}
			return a.at(at...) / (1 - p)
		})
		assertArray(t, want, y, nearly)
		assert.Equal(t, y.Floats(), x.Dropout(p, key, counter).Floats(), "drawn again")
		assert.NotEqual(t, y.Floats(), x.Dropout(p, key, counter+1).Floats(), "another place of the stream")
		assertArray(t, want, w.put(transposed(a)).T().Dropout(p, key, counter), nearly, "of a view: counted in row-major order")
		assertArray(t, a, x.Dropout(0, key, counter), exactly, "p = 0")
		at := backend.Unit(backend.Philox(counter+1, key)[2])
		assert.NotZero(t, x.Dropout(at, key, counter).Floats()[6], "u = p is kept")

		kept := x.Dropout(p, key, counter).Greater(tensor.Scalar(w.be, 0))
		if first == nil {
			first = kept.Floats()
		}
		assert.Equal(t, first, kept.Floats(), "the same mask on every backend")
		assert.InDelta(t, 1-p, kept.Mean().Item(), 4*math.Sqrt(p*(1-p)/n), "fraction kept")
	})
}

// crossEntropy is the definition: loss and softmax of every row, and the gradient.
func crossEntropy(logits array, labels []int32, smoothing float64, gy []float64) (loss []float64, probs, grad array) {
	v := logits.shape[1]
	probs, logp := softmax(logits, false), softmax(logits, true)
	loss = make([]float64, len(labels))
	grad = build(logits.shape, func(at []int) float64 {
		label := labels[at[0]]
		if label < 0 {
			return 0
		}
		q := smoothing / float64(v)
		if int(label) == at[1] {
			q += 1 - smoothing
		}
		loss[at[0]] -= q * logp.at(at...)
		return gy[at[0]] * (probs.at(at...) - q)
	})
	return loss, probs, grad
}

// The one-pass kernels of a backend that has them.
func TestCrossEntropy(t *testing.T) {
	be := cpu.New()
	for _, w := range []world{{be: be}, {be, tensor.NewArena(be)}} {
		for _, smoothing := range []float64{0, 0.1} {
			logits := randoms(seeded(15), -4, 4, 5, 7)
			labels := []int32{3, -1, 0, 6, 3}
			gy := array{[]int{5}, []float64{1, 1, -2, 0.5, 0}}
			loss, probs, grad := crossEntropy(logits, labels, smoothing, gy.data)
			for _, x := range []*tensor.Tensor{w.put(logits), w.put(transposed(logits)).T()} {
				gotLoss, gotProbs := tensor.CrossEntropy(x, w.ids(labels, 5), smoothing)
				assertArray(t, array{[]int{5}, loss}, gotLoss, nearly, "loss")
				assertArray(t, probs, gotProbs, nearly, "softmax")
				assertArray(t, logits, x, exactly, "the operand")
				assertArray(t, grad, tensor.CrossEntropyGrad(gotProbs, w.put(gy), w.ids(labels, 5), smoothing), nearly, "gradient")
			}
			same := w.put(array{nil, []float64{0.5}}).Expand(5) // the gradient of a sum
			_, _, grad = crossEntropy(logits, labels, smoothing, []float64{0.5, 0.5, 0.5, 0.5, 0.5})
			_, p := tensor.CrossEntropy(w.put(logits), w.ids(labels, 5), smoothing)
			assertArray(t, grad, tensor.CrossEntropyGrad(p, same, w.ids(labels, 5), smoothing), nearly, "gradient of the mean")
		}
	}
}

// lstmCell is the definition, on an array: out [2, N, H].
func lstmCell(z, c array) array {
	h := c.shape[1]
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	return build([]int{2, c.shape[0], h}, func(at []int) float64 {
		gate := func(k int) float64 { return z.at(at[1], k*h+at[2]) }
		next := sigmoid(gate(0))*c.at(at[1], at[2]) + sigmoid(gate(2))*math.Tanh(gate(1))
		if at[0] == 1 {
			return next
		}
		return sigmoid(gate(3)) * math.Tanh(next)
	})
}

func TestLSTMCell(t *testing.T) {
	be := cpu.New()
	for _, w := range []world{{be: be}, {be, tensor.NewArena(be)}} {
		r := seeded(16)
		z, c, gy := randoms(r, -2, 2, 3, 20), randoms(r, -1, 1, 3, 5), randoms(r, -1, 1, 2, 3, 5)
		tz, tc := w.put(transposed(z)).T(), w.put(transposed(c)).T()
		out, gates := tensor.LSTMCell(tz, tc)
		assertArray(t, lstmCell(z, c), out, nearly, "h' and c'")
		assert.Equal(t, []int{3, 20}, gates.Shape())

		dz, dc := tensor.LSTMCellGrad(w.put(gy), out, gates, tc)
		slope := tensor.Tolerance{Rel: 1e-4, Abs: 1e-5}
		assertArray(t, difference(z, func(z array) float64 { return dot(gy, lstmCell(z, c)) }), dz, slope, "gradient of z")
		assertArray(t, difference(c, func(c array) float64 { return dot(gy, lstmCell(z, c)) }), dc, slope, "gradient of c")
	}
}

func dot(a, b array) float64 {
	return total(joined(a, b, func(x, y float64) float64 { return x * y }).data)
}

// difference is the central difference of f in float64.
func difference(a array, f func(array) float64) array {
	const h = 1e-5
	i := -1
	return build(a.shape, func([]int) float64 {
		i++
		shifted := func(d float64) float64 {
			b := array{a.shape, append([]float64{}, a.data...)}
			b.data[i] += d
			return f(b)
		}
		return (shifted(h) - shifted(-h)) / (2 * h)
	})
}
