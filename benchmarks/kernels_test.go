package benchmarks

import (
	"fmt"
	"testing"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/tensor"
)

// kernel is a call and what it does: how many elements it is about, how many bytes
// its operands have, how many additions and multiplications it makes.
type kernel struct {
	name                  string
	elements, bytes, flop int
	make                  func(d device) (call func()) // nil where the backend lacks it
}

func bench(b *testing.B, kernels []kernel, devices ...device) {
	for _, d := range devices {
		for _, k := range kernels {
			b.Run(k.name+"/"+d.name, func(b *testing.B) {
				call := k.make(d)
				if call == nil {
					b.Skip("composed of others on this backend")
				}
				call() // makes scratch
				b.ReportAllocs()
				b.ResetTimer()
				for range b.N { // not b.Loop: the last wait counts
					call()
				}
				d.sync(b)
				ns := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
				if k.flop > 0 {
					b.ReportMetric(float64(k.flop)/ns, "GFLOP/s")
				}
				if k.elements > 0 {
					b.ReportMetric(ns/float64(k.elements), "ns/element")
					b.ReportMetric(float64(k.bytes)/ns, "GB/s")
				}
			})
		}
	}
}

// form says which operand of a product is transposed.
type form string

const (
	plain  form = "NN"
	leftT  form = "TN" // xᵀ, the gradient of a weight, which is added to what is there
	rightT form = "NT" // yᵀ, the gradient of an input
)

// product is [m, k] × [k, n], batch times over.
func product(f form, m, n, k, batch int) kernel {
	return kernel{
		name: fmt.Sprintf("form=%s/m=%d/n=%d/k=%d/batch=%d", f, m, n, k, batch),
		flop: 2 * m * n * k * batch,
		make: func(d device) func() {
			shape := func(rows, cols int) []int {
				if batch == 1 {
					return []int{rows, cols}
				}
				return []int{batch, rows, cols}
			}
			x, y, out := d.random(shape(m, k)...), d.random(shape(k, n)...), d.random(shape(m, n)...)
			if f == leftT {
				x = d.random(shape(k, m)...).T()
			}
			if f == rightT {
				y = d.random(shape(n, k)...).T()
			}
			return func() { d.MatMul(out.View(), x.View(), y.View(), f == leftT) }
		},
	}
}

func BenchmarkMatMul(b *testing.B) {
	var ks []kernel
	for _, size := range []int{512, 1024, 2048} {
		for _, f := range []form{plain, leftT, rightT} {
			ks = append(ks, product(f, size, size, size, 1))
		}
	}
	ks = append(ks,
		// The scores of a language model over 10,000 words, and their gradients.
		product(plain, 700, 10000, 100, 1), product(leftT, 100, 10000, 700, 1), product(rightT, 700, 100, 10000, 1),
		product(plain, 700, 10000, 650, 1), product(leftT, 650, 10000, 700, 1), product(rightT, 700, 650, 10000, 1),
		// A time step of BetterRnnlm's LSTM, and of Rnnlm's.
		product(plain, 20, 2600, 650, 1), product(leftT, 650, 2600, 20, 1), product(rightT, 20, 650, 2600, 1),
		product(plain, 20, 400, 100, 1), product(leftT, 100, 400, 20, 1), product(rightT, 20, 100, 400, 1),
		// Addition: a time step.
		product(plain, 128, 512, 128, 1), product(leftT, 128, 512, 128, 1), product(rightT, 128, 128, 512, 1),
		// Dates: all inputs of the encoder, a time step, attention, the scores.
		product(plain, 3712, 1024, 16, 1), product(leftT, 16, 1024, 3712, 1),
		product(plain, 128, 1024, 256, 1), product(leftT, 256, 1024, 128, 1), product(rightT, 128, 256, 1024, 1),
		product(rightT, 10, 29, 256, 128), product(plain, 10, 256, 29, 128), product(leftT, 29, 256, 10, 128),
		product(plain, 1280, 59, 512, 1),
		// CBOW and skip-gram: six words, and sixty, against each hidden vector.
		product(plain, 5, 1, 100, 100), product(plain, 50, 1, 100, 100),
		// Generation.
		product(plain, 1, 2600, 650, 1), product(plain, 1, 10000, 650, 1), product(plain, 4, 2600, 650, 1), product(plain, 4, 10000, 650, 1),
	)
	bench(b, ks, append(devices(b), multipliers(b)...)...)
}

// small fits the first-level cache, large does not fit the second.
const small, large = 2000, 1 << 20

func BenchmarkPointwise(b *testing.B) {
	var ks []kernel
	for _, n := range []int{small, large} {
		for _, op := range []backend.UnaryOp{backend.Exp, backend.Log, backend.Tanh, backend.Sigmoid, backend.Softplus, backend.ReLU, backend.GELU, backend.Square, backend.Scale} {
			ks = append(ks, kernel{
				name: fmt.Sprintf("op=%s/n=%d", op, n), elements: n, bytes: 8 * n,
				make: func(d device) func() {
					x, out := tensor.Uniform(d.Backend, tensor.NewRand(1, 1), 0.1, 4, n), d.random(n)
					return func() { d.Unary(op, out.View(), x.View(), 0.5, 0.5) }
				},
			})
		}
		for _, op := range []backend.BinaryOp{backend.Add, backend.Mul, backend.Div, backend.TanhGrad, backend.SigmoidGrad} {
			ks = append(ks, kernel{
				name: fmt.Sprintf("op=%s/n=%d", op, n), elements: n, bytes: 12 * n,
				make: func(d device) func() {
					x, y, out := d.random(n), d.random(n), d.random(n)
					return func() { d.Binary(op, out.View(), x.View(), y.View()) }
				},
			})
		}
	}
	ks = append(ks, kernel{
		name: "op=addRow/n=131072", elements: 128 * 1024, bytes: 8*128*1024 + 4*1024,
		make: func(d device) func() {
			x, row, out := d.random(128, 1024), d.random(1024), d.random(128, 1024)
			return func() { d.Binary(backend.Add, out.View(), x.View(), row.View()) }
		},
	})
	bench(b, ks, devices(b)...)
}

// rowsByWidth are scores: of a language model, and of attention in the date model.
var rowsByWidth = [][2]int{{20, 10000}, {700, 10000}, {1280, 29}}

func BenchmarkSoftmax(b *testing.B) {
	var ks []kernel
	for _, s := range rowsByWidth {
		n, v := s[0], s[1]
		ks = append(ks,
			kernel{
				name: fmt.Sprintf("op=softmax/rows=%d/width=%d", n, v), elements: n * v, bytes: 8 * n * v,
				make: func(d device) func() {
					x, out := d.random(n, v), d.random(n, v)
					be, ok := d.Backend.(backend.Softmaxer)
					if !ok {
						return nil
					}
					return func() { be.Softmax(out.View(), x.View(), false) }
				},
			},
			// Forward and backward. The gradient overwrites the softmax.
			kernel{
				name: fmt.Sprintf("op=crossEntropy/rows=%d/width=%d", n, v), elements: n * v, bytes: 16 * n * v,
				make: func(d device) func() {
					x, y, loss, labels := d.random(n, v), d.random(n, v), d.random(n), d.ids(n, v)
					be, ok := d.Backend.(backend.CrossEntropyer)
					if !ok {
						return nil
					}
					return func() {
						be.CrossEntropy(loss.View(), y.View(), x.View(), labels, 0)
						be.CrossEntropyGrad(y.View(), y.View(), loss.View(), labels, 0)
					}
				},
			})
	}
	bench(b, ks, devices(b)...)
}

// BenchmarkLSTMCell is what an LSTM does after its products, forward and backward.
func BenchmarkLSTMCell(b *testing.B) {
	var ks []kernel
	for _, s := range [][2]int{{20, 100}, {20, 650}, {128, 256}} {
		n, h := s[0], s[1]
		ks = append(ks, kernel{
			name: fmt.Sprintf("batch=%d/hidden=%d", n, h), elements: n * h, bytes: 4 * 23 * n * h,
			make: func(d device) func() {
				z, c, next, gates := d.random(n, 4*h), d.random(n, h), d.random(n, h), d.random(n, 4*h)
				y, dh, dc := d.random(n, h), d.random(n, h), d.random(n, h)
				be, ok := d.Backend.(backend.LSTMCeller)
				if !ok {
					return nil
				}
				return func() {
					be.LSTMCell(y.View(), next.View(), gates.View(), z.View(), c.View())
					be.LSTMCellGrad(gates.View(), dc.View(), dh.View(), next.View(), gates.View(), c.View())
				}
			},
		})
	}
	bench(b, ks, devices(b)...)
}

func BenchmarkReduce(b *testing.B) {
	var ks []kernel
	for _, s := range [][2]int{{700, 10000}, {1280, 1024}} {
		n, v := s[0], s[1]
		for _, to := range []struct {
			name  string
			shape [2]int
		}{{"column-sums", [2]int{1, v}}, {"row-sums", [2]int{n, 1}}, {"sum", [2]int{1, 1}}} {
			ks = append(ks, kernel{
				name: fmt.Sprintf("op=%s/rows=%d/width=%d", to.name, n, v), elements: n * v, bytes: 4 * n * v,
				make: func(d device) func() {
					x, out := d.random(n, v), d.random(to.shape[:]...)
					return func() { d.Reduce(backend.ReduceSum, out.View(), x.View()) }
				},
			})
		}
	}
	bench(b, ks, devices(b)...)
}

// BenchmarkRows looks rows up, and adds to them, as an embedding does: of a language
// model, CBOW's contexts and negatives, characters of dates.
func BenchmarkRows(b *testing.B) {
	var ks []kernel
	for _, s := range [][3]int{{700, 10000, 100}, {700, 10000, 650}, {1000, 10000, 100}, {3712, 59, 16}} {
		n, v, w := s[0], s[1], s[2]
		size := fmt.Sprintf("ids=%d/rows=%d/width=%d", n, v, w)
		ks = append(ks,
			kernel{
				name: "op=gather/" + size, elements: n * w, bytes: 8 * n * w,
				make: func(d device) func() {
					table, ids, out := d.random(v, w), d.ids(n, v), d.random(n, w)
					return func() { d.Gather(out.View(), table.View(), ids) }
				},
			},
			kernel{
				name: "op=scatterAdd/" + size, elements: n * w, bytes: 12 * n * w,
				make: func(d device) func() {
					table, ids, rows := d.random(v, w), d.ids(n, v), d.random(n, w)
					return func() { d.ScatterAdd(table.View(), rows.View(), ids) }
				},
			})
	}
	bench(b, ks, devices(b)...)
}

func BenchmarkRandom(b *testing.B) {
	const n = 20 * 35 * 650 // what BetterRnnlm drops from, three times a step
	ks := []kernel{
		{
			name: "op=dropout", elements: n, bytes: 8 * n,
			make: func(d device) func() {
				x, out := d.random(n), d.random(n)
				be, ok := d.Backend.(backend.Dropouter)
				if !ok {
					return nil
				}
				return func() { be.Dropout(out.View(), x.View(), 0.5, 1, 2) }
			},
		},
		{
			name: "op=uniform", elements: n, bytes: 4 * n,
			make: func(d device) func() {
				out := d.random(n)
				return func() { d.Random(out.View(), backend.Uniform, 1, 2) }
			},
		},
		{
			name: "op=normal", elements: n, bytes: 4 * n,
			make: func(d device) func() {
				out := d.random(n)
				return func() { d.Random(out.View(), backend.Normal, 1, 2) }
			},
		},
	}
	bench(b, ks, devices(b)...)
}

// BenchmarkOptimizer applies a dense gradient to one matrix, and clips it.
func BenchmarkOptimizer(b *testing.B) {
	apply := func(make func(p []*autograd.Param) optim.Optimizer) func(d device) func() {
		return func(d device) func() {
			p, g := autograd.NewParam(d.random(1024, 1024)), d.random(1024, 1024)
			opt := make([]*autograd.Param{p})
			return func() {
				p.Grad.Dense = g
				opt.Step()
			}
		}
	}
	n := 1024 * 1024
	bench(b, []kernel{
		{name: "op=sgd", elements: n, bytes: 12 * n, make: apply(func(p []*autograd.Param) optim.Optimizer {
			return &optim.SGD{Params: p, LR: 1e-3}
		})},
		{name: "op=momentum", elements: n, bytes: 20 * n, make: apply(func(p []*autograd.Param) optim.Optimizer {
			return &optim.Momentum{Params: p, LR: 1e-3}
		})},
		{name: "op=adam", elements: n, bytes: 28 * n, make: apply(func(p []*autograd.Param) optim.Optimizer {
			return &optim.Adam{Params: p, LR: 1e-3}
		})},
		{name: "op=clipNorm", elements: n, bytes: 12 * n, make: func(d device) func() {
			p, g, clip := autograd.NewParam(d.random(1024, 1024)), d.random(1024, 1024), new(optim.Clipper)
			params := []*autograd.Param{p}
			p.Grad.Dense = g
			limit := 1e3
			return func() {
				clip.ClipNorm(params, limit)
				limit *= 0.999 // so that it always scales
			}
		}},
	})
}
