package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu/isa"
)

// eachISA runs a test for every instruction set that the machine has.
func eachISA(t *testing.T, f func(t *testing.T, k *Kernels)) {
	for _, set := range isa.Supported() {
		t.Run(set.String(), func(t *testing.T) { f(t, For(set)) })
	}
}

func normals(n int, scale float64, seed uint64) []float32 {
	random := rand.New(rand.NewPCG(seed, 0))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(random.NormFloat64() * scale)
	}
	return x
}

// refSoftmax is the softmax in float64, and the logarithm of its denominator.
func refSoftmax(x []float32) (p []float64, logSum float64) {
	m, s := math.Inf(-1), 0.0
	for _, v := range x {
		m = max(m, float64(v))
	}
	p = make([]float64, len(x))
	for i, v := range x {
		p[i] = math.Exp(float64(v) - m)
		s += p[i]
	}
	for i := range p {
		p[i] /= s
	}
	return p, m + math.Log(s)
}

func TestSoftmax(t *testing.T) {
	eachISA(t, func(t *testing.T, k *Kernels) {
		for _, n := range []int{1, 2, 13, 59, 1000, 10000, 2*chunk + 5} {
			for _, scale := range []float64{0.1, 1, 30} {
				x := normals(n, scale, uint64(n))
				for i := range x {
					x[i] += 50
				}
				want, logSum := refSoftmax(x)
				p, l := make([]float32, n), make([]float32, n)
				k.Softmax(p, x, n, false, new(Scratch))
				k.LogSoftmax(l, x)
				m := k.Max(x)
				for i := range p {
					// The rounding of x - max x grows with it, and is part of the result.
					rounding := spacing(float64(m-x[i])) / 2
					if math.Abs(float64(p[i])-want[i]) > rounding*want[i]+3*spacing(want[i])+0x1p-126 {
						t.Fatalf("softmax n=%d scale=%g element %d is %g, want %g", n, scale, i, p[i], want[i])
					}
					exact := float64(x[i]) - logSum
					if math.Abs(float64(l[i])-exact) > spacing(exact)+2*rounding+0x1p-21 {
						t.Fatalf("log-softmax n=%d scale=%g element %d is %g, want %g", n, scale, i, l[i], exact)
					}
				}
			}
		}
	})
}

// The terms of ExpSum, over all arguments that it may have.
func TestExpSumTerms(t *testing.T) {
	eachISA(t, func(t *testing.T, k *Kernels) {
		worst, at := 0.0, float32(0)
		x, dst := make([]float32, 0, 1<<12), make([]float32, 1<<12)
		flush := func() {
			k.ExpSum(dst[:len(x)], x, 0)
			for i, v := range x {
				want := math.Exp(float64(v))
				if want < 0x1p-126 && dst[i] == 0 {
					continue
				}
				if u := ulps(dst[i], want); u > worst {
					worst, at = u, v
				}
			}
			x = x[:0]
		}
		add := func(v float32) {
			if x = append(x, v); len(x) == cap(x) {
				flush()
			}
		}
		for bits := uint64(1 << 31); bits <= 0xff800000; bits += *sweepStep/16*2 + 1 {
			add(math.Float32frombits(uint32(bits)))
		}
		for v := float32(-87.34); v < -87.33; v = math.Nextafter32(v, 0) { // where denormals begin
			add(v)
		}
		add(float32(math.Inf(-1)))
		add(-math.MaxFloat32)
		flush()
		t.Logf("%.3f ulp at %g", worst, at)
		assert.LessOrEqual(t, worst, 1.1, "at %g", at)
	})
}

// Rows one by one, together, and past the caches: the same bits, wherever they start.
func TestSoftmaxOfRows(t *testing.T) {
	eachISA(t, func(t *testing.T, k *Kernels) {
		s := new(Scratch)
		for _, v := range []int{1, 7, 70, 255, 256, 257, 271, 1000, 4095, 4096, 4097, 8200, 10000} {
			for offset := range 5 {
				const n = 4
				label := fmt.Sprintf("v=%d offset=%d", v, offset)
				x := normals(n*v, 30, uint64(v))
				x[v/2] = 200 // the rest of the row is below the normal numbers
				if v > 1 {
					x[2*v] = float32(math.Inf(-1))
				}
				whole := make([]float32, guard+offset+n*v+guard)
				for i := range whole {
					whole[i] = math.Float32frombits(poison)
				}
				past := whole[guard+offset:][:n*v]
				one, all, probs := make([]float32, n*v), make([]float32, n*v), make([]float32, n*v)
				loss, labels := make([]float32, n), []int32{0, -1, int32(v - 1), int32(v / 2)}
				for i := range n {
					k.Softmax(one[i*v:(i+1)*v], x[i*v:], v, false, s)
				}
				k.Softmax(all, x, v, false, s)
				require.Equal(t, one, all, label)
				k.Softmax(past, x, v, true, s)
				require.Equal(t, one, past, label)
				checkGuards(t, label, [][]float32{past}, [][]float32{whole})
				for _, past := range []bool{false, true} {
					clear(probs)
					k.CrossEntropy(loss, probs, x, labels, 0, v, past, s)
					require.Equal(t, one, probs, label)
					for i, l := range labels {
						want := float32(0)
						if l >= 0 {
							_, logSum := refSoftmax(x[i*v : (i+1)*v])
							want = float32(logSum - float64(x[i*v+int(l)]))
						}
						require.InDelta(t, want, loss[i], 1e-6*float64(1+want), "%s row %d", label, i)
					}
				}
				k.Softmax(x, x, v, false, s)
				require.Equal(t, one, x, label)
			}
		}
	})
}

// A NaN in one row stays there, though the row before has looked for its maximum.
func TestSoftmaxKeepsNaN(t *testing.T) {
	eachISA(t, func(t *testing.T, k *Kernels) {
		const v, n = 300, 4
		for _, special := range []float32{float32(math.NaN()), float32(math.Inf(1))} {
			for at := range v {
				x, y := normals(n*v, 1, 1), make([]float32, n*v)
				x[2*v+at] = special
				k.Softmax(y, x, v, at%2 == 0, new(Scratch))
				for i, p := range y {
					require.Equal(t, i/v == 2, p != p, "%g at %d, element %d of row %d is %g", special, at, i%v, i/v, p)
				}
			}
		}
	})
}

// The kernel that does three things at once against those that do one.
func TestExpSumMaxPast(t *testing.T) {
	eachISA(t, func(t *testing.T, k *Kernels) {
		for _, n := range append(lengths(), expChunk-1, expChunk, expChunk+1, 2*expChunk+100) {
			for offset := range 17 {
				for _, outs := range []int{0, n / 2, n} {
					label := fmt.Sprintf("n=%d offset=%d outs=%d", n, offset, outs)
					cut := func(x []float32, m int) []float32 { return x[offset : offset+m : offset+m] }
					x, next, y := cut(normals(n+offset, 1, 1), n), cut(normals(n+offset, 1, 2), n), cut(normals(n+offset, 1, 3), outs)
					want, wantOut := make([]float32, n), make([]float32, outs)
					wantSum := k.ExpSum(want, x, 6)
					k.mulFlushed(wantOut, y, 0.3)
					whole := make([]float32, guard+offset+outs+guard)
					for i := range whole {
						whole[i] = math.Float32frombits(poison)
					}
					dst, out := make([]float32, n), whole[guard+offset:][:outs]
					tops := normals(16, 0, 1)
					for i := range tops {
						tops[i] = float32(math.Inf(-1))
					}
					sum := k.expSumMaxPast(dst, x, next, 6, tops, n, out, y, 0.3)
					require.Equal(t, want, dst, label)
					require.Equal(t, wantOut, append([]float32{}, out...), label)
					require.Equal(t, wantSum, sum, label)
					require.Equal(t, k.Max(next), k.Max(tops), label)
					checkGuards(t, label, [][]float32{out}, [][]float32{whole})
					sum = k.expSumMax(dst, x, next, 6, tops)
					require.Equal(t, wantSum, sum, label)
					require.Equal(t, k.Max(next), k.Max(tops), label)
				}
			}
		}
	})
}

func TestSoftmaxOfInfinities(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	eachISA(t, func(t *testing.T, k *Kernels) {
		for _, c := range []struct {
			name string
			x    []float32
			want []float32
		}{
			{"masked", []float32{0, -inf, 0, -inf}, []float32{0.5, 0, 0.5, 0}},
			{"all masked", []float32{-inf, -inf}, []float32{nan, nan}},
			{"NaN", []float32{0, nan, 1}, []float32{nan, nan, nan}},
			{"far apart", []float32{0, -1e30, -200}, []float32{1, 0, 0}},
			{"empty", nil, nil},
		} {
			t.Run(c.name, func(t *testing.T) {
				dst := make([]float32, len(c.x))
				k.Softmax(dst, c.x, max(1, len(c.x)), false, new(Scratch))
				for i := range dst {
					require.Zero(t, ulps(dst[i], float64(c.want[i])), "%v", dst)
				}
			})
		}
	})
}

var oneLoss, oneScratch = make([]float32, 1), new(Scratch)

// crossEntropy is CrossEntropy of one row.
func crossEntropy(k *Kernels, probs, logits []float32, label int32, smoothing float64) float64 {
	k.CrossEntropy(oneLoss, probs, logits, []int32{label}, smoothing, len(probs), false, oneScratch)
	return float64(oneLoss[0])
}

func TestCrossEntropy(t *testing.T) {
	eachISA(t, func(t *testing.T, k *Kernels) {
		for _, n := range []int{2, 13, 59, 10000} {
			for _, smoothing := range []float64{0, 0.1} {
				for _, label := range []int32{0, int32(n - 1), -1} {
					x := normals(n, 3, uint64(n))
					want, logSum := refSoftmax(x)
					loss := 0.0
					q := func(i int) float64 {
						switch {
						case label < 0:
							return 0
						case i == int(label):
							return 1 - smoothing + smoothing/float64(n)
						}
						return smoothing / float64(n)
					}
					for i := range x {
						loss -= q(i) * (float64(x[i]) - logSum)
					}
					p, d := make([]float32, n), make([]float32, n)
					got := crossEntropy(k, p, x, label, smoothing)
					require.InDelta(t, loss, got, 1e-6*(1+loss), "n=%d smoothing=%g label=%d", n, smoothing, label)
					k.CrossEntropyGrad(d, p, -0.5, label, smoothing)
					for i := range d {
						g := -0.5 * (want[i] - q(i))
						if label < 0 {
							g = 0
						}
						require.InDelta(t, want[i], p[i], 2e-6*want[i]+0x1p-126)
						require.InDelta(t, g, d[i], 1e-6*math.Abs(g)+3e-7*(want[i]+q(i)), "n=%d smoothing=%g label=%d element %d", n, smoothing, label, i)
					}
				}
			}
		}
	})
}

// The cell against float64, its gradient against a central difference of that.
func TestLSTMCell(t *testing.T) {
	const n = 37
	z64, c64 := make([]float64, 4*n), make([]float64, n)
	z, c := normals(4*n, 2, 1), normals(n, 1, 2)
	for i, v := range z {
		z64[i] = float64(v)
	}
	for i, v := range c {
		c64[i] = float64(v)
	}
	cell := func(z, c []float64, j int) (h, cNew float64) {
		f, g, i, o := refSigmoid(z[j]), math.Tanh(z[n+j]), refSigmoid(z[2*n+j]), refSigmoid(z[3*n+j])
		cNew = f*c[j] + i*g
		return o * math.Tanh(cNew), cNew
	}
	dh, dcNew := normals(n, 1, 3), normals(n, 1, 4)
	slope := func(x *float64, j int) float64 {
		loss := func() float64 {
			h, cNew := cell(z64, c64, j)
			return float64(dh[j])*h + float64(dcNew[j])*cNew
		}
		const step = 1e-5
		keep := *x
		*x = keep + step
		up := loss()
		*x = keep - step
		down := loss()
		*x = keep
		return (up - down) / (2 * step)
	}
	eachISA(t, func(t *testing.T, k *Kernels) {
		h, cNew, gates := make([]float32, n), make([]float32, n), make([]float32, 4*n)
		k.LSTMCell(h, cNew, gates, z, c)

		// A cell of z + x has the bits of one of the sum.
		x, sum := normals(4*n, 1, 9), make([]float32, 4*n)
		k.Add(sum, z, x)
		want, got := [3][]float32{}, [3][]float32{}
		for i, size := range []int{n, n, 4 * n} {
			want[i], got[i] = make([]float32, size), make([]float32, size)
		}
		k.LSTMCell(want[0], want[1], want[2], sum, c)
		k.LSTMCellPlus(got[0], got[1], got[2], z, x, c)
		assert.Equal(t, want, got)

		dz, dc := make([]float32, 4*n), slices.Clone(dcNew)
		k.LSTMCellGrad(dz, dc, dh, gates, cNew, c)
		for j := range n {
			wantH, wantC := cell(z64, c64, j)
			assert.InDelta(t, wantH, h[j], 1e-6)
			assert.InDelta(t, wantC, cNew[j], 1e-6)
			for q := range 4 {
				assert.InDelta(t, slope(&z64[q*n+j], j), dz[q*n+j], 2e-6, "dz[%d]", q*n+j)
			}
			assert.InDelta(t, slope(&c64[j], j), dc[j], 2e-6, "dc[%d]", j)
		}
	})
}

// The cell's halves against float64, their gradients against a central difference of
// that: the loss is gy·y + ds·s, a₂ being there when s is.
func TestGRUCell(t *testing.T) {
	const n = 37
	a, h, gy, ds := normals(3*n, 2, 1), normals(n, 1, 2), normals(n, 1, 3), normals(n, 1, 4)
	loss := func(j int, z, r, c, h float64) float64 {
		z, r, c = refSigmoid(z), refSigmoid(r), math.Tanh(c)
		return float64(gy[j])*((1-z)*h+z*c) + float64(ds[j])*r*h
	}
	eachISA(t, func(t *testing.T, k *Kernels) {
		s, y, gates := make([]float32, n), make([]float32, n), append([]float32(nil), a...)
		k.GRUGates(s, gates, h)
		k.GRUState(y, gates, h)
		dh, back := make([]float32, n), append([]float32(nil), ds...)
		k.GRUStateGrad(dh, gates, gy, h)
		k.GRUGatesGrad(dh, gates, back, h)
		for j := range n {
			in := [4]float64{float64(a[j]), float64(a[n+j]), float64(a[2*n+j]), float64(h[j])}
			z, r, c := refSigmoid(in[0]), refSigmoid(in[1]), math.Tanh(in[2])
			assert.InDelta(t, r*in[3], s[j], 1e-6)
			assert.InDelta(t, (1-z)*in[3]+z*c, y[j], 1e-6)
			assert.Equal(t, s[j], back[j], "s again")
			for i, got := range []float32{gates[j], gates[n+j], gates[2*n+j], dh[j]} {
				const step = 1e-5
				up, down := in, in
				up[i] += step
				down[i] -= step
				want := (loss(j, up[0], up[1], up[2], up[3]) - loss(j, down[0], down[1], down[2], down[3])) / (2 * step)
				assert.InDelta(t, want, got, 2e-6, "gradient %d of cell %d", i, j)
			}
		}
	})
}

// The updates against their formulas in float64 over a few steps.
func TestOptimisers(t *testing.T) {
	const n, steps = 50, 20
	eachISA(t, func(t *testing.T, k *Kernels) {
		w := normals(n, 1, 1)
		ws := [4][]float32{}
		for i := range ws {
			ws[i] = append([]float32(nil), w...)
		}
		v, h, m1, m2 := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
		for s := range steps {
			g := normals(n, 1, uint64(2+s))
			k.SGD(ws[0], g, 0.1)
			k.Momentum(ws[1], v, g, 0.1, 0.9)
			k.AdaGrad(ws[2], h, g, 0.1, 1e-7)
			rate := float32(0.01 * math.Sqrt(1-math.Pow(0.999, float64(s+1))) / (1 - math.Pow(0.9, float64(s+1))))
			k.Adam(ws[3], m1, m2, g, rate, 0.1, 0.001, 1e-7)
		}
		for i := range n {
			var sgd, mom, ada, adam = float64(w[i]), float64(w[i]), float64(w[i]), float64(w[i])
			var v, h, m1, m2 float64
			for s := range steps {
				g := float64(normals(n, 1, uint64(2+s))[i])
				sgd -= 0.1 * g
				v = 0.9*v - 0.1*g
				mom += v
				h += g * g
				ada -= 0.1 * g / (math.Sqrt(h) + 1e-7)
				m1 += 0.1 * (g - m1)
				m2 += 0.001 * (g*g - m2)
				adam -= 0.01 * math.Sqrt(1-math.Pow(0.999, float64(s+1))) / (1 - math.Pow(0.9, float64(s+1))) * m1 / (math.Sqrt(m2) + 1e-7)
			}
			for j, want := range []float64{sgd, mom, ada, adam} {
				require.InDelta(t, want, ws[j][i], 5e-6, "%s of parameter %d", []string{"SGD", "Momentum", "AdaGrad", "Adam"}[j], i)
			}
		}
	})
}

// AdamRows has the bits of Adam, row by row, and leaves other rows alone.
func TestAdamRows(t *testing.T) {
	eachISA(t, func(t *testing.T, k *Kernels) {
		for _, n := range append(lengths(), chunk+21) {
			for _, ids := range [][]int32{nil, {3}, {4, 0}, {4, 0, 3, 1}, {4, 0, 3, 1, 2, 6, 5}} {
				const rows = 7
				label := fmt.Sprintf("n=%d ids=%v", n, ids)
				c := call{slices: 3, unit: true}
				got, whole := c.arena(rows*n, 1)
				want, _ := c.arena(rows*n, 0)
				g := normals(len(ids)*n, 1, 1)
				for i, id := range ids {
					row := func(x []float32) []float32 { return x[int(id)*n:][:n] }
					k.Adam(row(want[0]), row(want[1]), row(want[2]), g[i*n:], 0.01, 0.1, 0.001, 1e-7)
				}
				k.AdamRows(got[0], got[1], got[2], g, ids, 0.01, 0.1, 0.001, 1e-7)
				checkGuards(t, label, got, whole)
				mustEqual(t, label, c, got, want, 0, 0, true)
				if len(g) == 0 {
					continue
				}
				for _, id := range []int32{rows, -1} {
					wrong := append(append([]int32{}, ids[1:]...), id)
					require.Panics(t, func() { k.AdamRows(got[0], got[1], got[2], g, wrong, 0.01, 0.1, 0.001, 1e-7) }, "row %d", id)
				}
				require.Panics(t, func() { k.AdamRows(got[0], got[1][1:], got[2][:0:0], g, ids, 0.01, 0.1, 0.001, 1e-7) })
			}
		}
	})
}

// The assembly flushes denormals in the optimisers, and nowhere pointwise.
func TestDenormals(t *testing.T) {
	for _, set := range isa.Supported()[1:] {
		k := For(set)
		t.Run(set.String(), func(t *testing.T) {
			tiny := make([]float32, 40)
			for i := range tiny {
				tiny[i] = 0x1p-130
			}
			v, w, g := append([]float32(nil), tiny...), make([]float32, 40), make([]float32, 40)
			k.Momentum(w, v, g, 0.1, 0.9)
			assert.Equal(t, make([]float32, 40), v)
			dst := make([]float32, 40)
			k.MulScalar(dst, tiny, 0.5)
			for _, x := range dst {
				require.Equal(t, float32(0x1p-131), x)
			}
			one := tiny[0] // the mode is restored: Go code still has denormals
			require.NotZero(t, one*2)
		})
	}
}

// The draws are those of backend.Philox, with carries into the upper word, and
// dropout keeps exactly the elements whose number is at least p.
func TestDropoutDraws(t *testing.T) {
	eachISA(t, func(t *testing.T, k *Kernels) {
		for _, counter := range []uint64{0, 1, 0xfffffffd, 0xfffffffffffffffe} {
			for _, p := range []float64{0, 0.25, 0.5, 1.0 / 3, 0.999} {
				n := 203
				x := normals(n, 1, 1)
				dst, u := make([]float32, n), make([]float32, n)
				const key = 0x9e3779b97f4a7c15
				k.Uniform(u, key, counter)
				k.Dropout(dst, x, p, key, counter)
				for i := range n {
					want := backend.Unit(backend.Philox(counter+uint64(i/4), key)[i%4])
					require.Equal(t, want, float64(u[i]), "element %d", i)
					if want < p {
						require.Zero(t, dst[i], "element %d", i)
						continue
					}
					require.LessOrEqual(t, ulps(dst[i], float64(x[i])/(1-p)), 1.1, "element %d", i)
				}
			}
		}
	})
}

func TestSumError(t *testing.T) {
	eachISA(t, func(t *testing.T, k *Kernels) {
		for _, n := range []int{10, 1000, 100_000} {
			x, y := normals(n, 1, 1), normals(n, 1, 2)
			var s, sAbs, d, dAbs float64
			for i := range x {
				s, sAbs = s+float64(x[i]), sAbs+math.Abs(float64(x[i]))
				p := float64(x[i]) * float64(y[i])
				d, dAbs = d+p, dAbs+math.Abs(p)
			}
			bound := (float64(min(n, chunk))/64 + 12) * 0x1p-24
			assert.LessOrEqual(t, math.Abs(float64(k.Sum(x))-s), bound*sAbs, "sum of %d", n)
			assert.LessOrEqual(t, math.Abs(float64(k.Dot(x, y))-d), bound*dAbs, "dot of %d", n)
		}
	})
}

// Dots, AddRows and AddToRows have the bits of Dot and Axpy, row by row, and stay within
// the table.
func TestTableRows(t *testing.T) {
	eachISA(t, func(t *testing.T, k *Kernels) {
		for _, n := range append(lengths(), chunk/2+3, chunk+21) {
			for offset := range 3 {
				const rows = 5
				ids, stride := []int32{4, 0, 0, 2, 3, 1, 4}, n+2
				label := fmt.Sprintf("n=%d offset=%d", n, offset)
				arena := func(m int, seed uint64) (x, whole []float32) {
					whole = make([]float32, guard+offset+m+guard)
					for i := range whole {
						whole[i] = math.Float32frombits(poison)
					}
					x = whole[guard+offset:][:m:m]
					copy(x, normals(m, 1, seed))
					return x, whole
				}
				check := func(want, got, whole []float32) {
					t.Helper()
					require.Equal(t, want, append([]float32{}, got...), label)
					checkGuards(t, label, [][]float32{got}, [][]float32{whole})
				}
				table, _ := arena(rows*n, 1)
				x, _ := arena(n, 2)
				a := normals(len(ids), 1, 3)

				dst, whole := arena(len(ids), 4)
				want := make([]float32, len(ids))
				for i, id := range ids {
					want[i] = k.Dot(table[int(id)*n:][:n], x)
				}
				k.Dots(dst, table, ids, x)
				check(want, dst, whole)

				sum, whole := arena(n, 5)
				want = append([]float32{}, sum...)
				for i, id := range ids {
					k.Axpy(want, table[int(id)*n:][:n], a[i])
				}
				k.AddRows(sum, table, ids, a)
				check(want, sum, whole)

				spaced, whole := arena(rows*stride-2, 6)
				want = append([]float32{}, spaced...)
				for i, id := range ids {
					k.Axpy(want[int(id)*stride:][:n], x, a[i])
				}
				k.AddToRows(spaced, stride, ids, x, a)
				check(want, spaced, whole)

				if n == 0 {
					continue
				}
				for _, wrong := range [][]int32{{0, 0, 0, 0, 0, 0, rows}, {0, 0, 0, 0, 0, 0, -1}, ids[1:]} {
					require.Panics(t, func() { k.Dots(dst, table, wrong, x) }, "%v", wrong)
					require.Panics(t, func() { k.AddRows(sum, table, wrong, a) }, "%v", wrong)
					require.Panics(t, func() { k.AddToRows(spaced, stride, wrong, x, a) }, "%v", wrong)
				}
			}
		}
	})
}

func TestMaxSeesNaN(t *testing.T) {
	eachISA(t, func(t *testing.T, k *Kernels) {
		for _, n := range []int{1, 15, 16, 17, 64, 100, 200} {
			for at := range n {
				x := normals(n, 1, 1)
				x[at] = float32(math.NaN())
				if hi, lo := k.Max(x), k.Min(x); hi == hi || lo == lo {
					t.Fatalf("n=%d, NaN at %d: max %g, min %g", n, at, hi, lo)
				}
				x[at] = 100
				require.Equal(t, float32(100), k.Max(x))
				x[at] = -100
				require.Equal(t, float32(-100), k.Min(x))
			}
		}
		assert.Equal(t, float32(math.Inf(-1)), k.Max(nil))
		assert.Equal(t, float32(math.Inf(1)), k.Min(nil))
	})
}

func TestBest(t *testing.T) {
	for _, set := range isa.Supported() {
		t.Setenv(isa.Env, set.String())
		k, err := Best()
		require.NoError(t, err)
		assert.Equal(t, set, k.ISA)
	}
	t.Setenv(isa.Env, "sse")
	_, err := Best()
	require.Error(t, err)
}

func ExampleKernels() {
	k := For(isa.Generic)
	x := []float32{1, 2, 3}
	k.Axpy(x, []float32{1, 1, 1}, 0.5)
	fmt.Println(x, k.Sum(x))
	k.Softmax(x, x, 3, false, new(Scratch))
	fmt.Printf("%.4f\n", x)
	// Output:
	// [1.5 2.5 3.5] 7.5
	// [0.0900 0.2447 0.6652]
}
