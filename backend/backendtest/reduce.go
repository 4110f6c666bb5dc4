package backendtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/backend"
)

var reductions = []backend.ReduceOp{backend.ReduceSum, backend.ReduceMax, backend.ReduceMin}

func callReduce(op backend.ReduceOp) func(backend.Backend, []*backend.View) {
	return func(be backend.Backend, v []*backend.View) { be.Reduce(op, v[0], v[1]) }
}

func reduceChecks() []check {
	var trials []*trial
	rng := newRand("reduce")
	add := func(op backend.ReduceOp, name string, tol tolerance, dst, src *operand) {
		trials = append(trials, &trial{
			name: op.String() + "/" + name, args: []*operand{dst, src}, call: callReduce(op), tol: tol,
		})
	}
	for _, op := range reductions {
		for _, shape := range shapes {
			for axes := range 1 << len(shape) { // every subset
				kept := reduced(shape, axes)
				from, to := inputForms[rng.IntN(len(inputForms))], outputForms[rng.IntN(len(outputForms))]
				name := fmt.Sprintf("%s/axes=%s", shapeName(shape), axesName(axes))
				add(op, name+"/packed", tolerance{}, output(packed(kept...), nil), input(packed(shape...), whole(rng)))
				add(op, fmt.Sprintf("%s/%s-from-%s", name, to.name, from.name), tolerance{},
					output(to.lay(kept...), nil), input(from.lay(shape...), whole(rng)))
			}
		}
		for _, from := range inputForms {
			for _, to := range outputForms {
				for axes := range 8 {
					shape := []int{3, 4, 5}
					add(op, fmt.Sprintf("layout/axes=%s/%s-from-%s", axesName(axes), to.name, from.name), tolerance{},
						output(to.lay(reduced(shape, axes)...), nil), input(from.lay(shape...), whole(rng)))
				}
			}
		}
		for _, shape := range largeShapes {
			for axes := range 1 << len(shape) {
				add(op, fmt.Sprintf("large/%s/axes=%s", shapeName(shape), axesName(axes)), tolerance{},
					output(packed(reduced(shape, axes)...), nil), input(packed(shape...), whole(rng)))
			}
		}
		for n := range 36 {
			add(op, fmt.Sprintf("n=%d", n), tolerance{}, output(packed(1), nil), input(offset(n), whole(rng)))
			add(op, fmt.Sprintf("n=%d/rows", n), tolerance{}, output(packed(1, 5), nil), input(offset(n, 5), whole(rng)))
			add(op, fmt.Sprintf("n=%d/columns", n), tolerance{}, output(packed(5, 1), nil), input(offset(5, n), whole(rng)))
		}
		nan, inf := math.NaN(), math.Inf(1)
		for _, c := range []struct {
			name string
			x    []float64
		}{
			{"nan-first", []float64{nan, 1, 2}},
			{"nan-last", []float64{3, 1, nan}},
			{"nan-between", []float64{3, nan, 7}},
			{"nan-after-inf", []float64{inf, nan, -inf}},
			{"nan-before-inf", []float64{nan, inf}},
			{"nan-before-negative-inf", []float64{nan, -inf}},
			{"inf", []float64{1, inf, -3}},
			{"negative-inf", []float64{1, -inf, -3}},
			{"both-infs", []float64{inf, -inf}},
			{"all-negative-inf", []float64{-inf, -inf}},
			{"all-inf", []float64{inf, inf, inf}},
			{"all-negative", []float64{-5, -3, -4}},
			{"largest", []float64{math.MaxFloat32, -math.MaxFloat32}},
		} {
			for _, pad := range []int{0, 1, 29} { // a NaN in a vector's body and in its rest
				x := c.x
				for range pad {
					x = append(x[:len(x):len(x)], x[0])
				}
				n := len(x)
				add(op, fmt.Sprintf("%s/n=%d", c.name, n), tolerance{}, output(packed(1), nil), input(packed(n), listed(x...)))
				add(op, fmt.Sprintf("%s/n=%d/rows", c.name, n), tolerance{}, output(packed(1, 3), nil),
					input(transposed(n, 3), listed(repeatEach(x, 3)...)))
			}
		}
	}
	for _, n := range []int{100, 1000, 65_537} {
		for _, v := range []struct {
			name string
			v    values
		}{{"signed", uniform(rng, -1, 1)}, {"positive", uniform(rng, 0, 1)}} {
			add(backend.ReduceSum, fmt.Sprintf("rounding/%s/n=%d", v.name, n), summed(n),
				output(packed(1), nil), input(packed(n), v.v))
			add(backend.ReduceSum, fmt.Sprintf("rounding/%s/n=%d/rows", v.name, n), summed(n),
				output(packed(1, 3), nil), input(packed(n, 3), v.v))
		}
	}
	return checksOf(trials)
}

// reduced returns shape with size 1 along the axes whose bits are set.
func reduced(shape []int, axes int) []int {
	s := append([]int(nil), shape...)
	for i := range s {
		if axes>>i&1 == 1 {
			s[i] = 1
		}
	}
	return s
}

// axesName writes the axes whose bits are set: "none", "0,2".
func axesName(axes int) string {
	var s []string
	for i := range backend.MaxRank {
		if axes>>i&1 == 1 {
			s = append(s, fmt.Sprint(i))
		}
	}
	if s == nil {
		return "none"
	}
	return strings.Join(s, ",")
}

// repeatEach returns every element of x n times.
func repeatEach(x []float64, n int) []float64 {
	var s []float64
	for _, v := range x {
		for range n {
			s = append(s, v)
		}
	}
	return s
}

func drawReduce(t *rapid.T) *trial {
	shape, rng := drawShape(t, backend.MaxRank), drawRand(t)
	op := rapid.SampledFrom(reductions).Draw(t, "op")
	axes := rapid.IntRange(0, 1<<len(shape)-1).Draw(t, "axes")
	return &trial{
		name: "Reduce " + op.String(),
		args: []*operand{
			output(drawOutput(t, reduced(shape, axes)), nil),
			input(drawInput(t, shape), whole(rng)),
		},
		call: callReduce(op),
	}
}

func callMatMul(accumulate bool) func(backend.Backend, []*backend.View) {
	return func(be backend.Backend, v []*backend.View) { be.MatMul(v[0], v[1], v[2], accumulate) }
}

// product returns a trial of dst [..., M, N] = x [..., M, K] y [..., K, N], with
// junk in dst where it is not added to.
func product(name string, tol tolerance, accumulate bool, dst place, x, y *operand, v values) *trial {
	if !accumulate {
		v = nil
	}
	return &trial{name: name, args: []*operand{output(dst, v), x, y}, call: callMatMul(accumulate), tol: tol}
}

func matMulChecks() []check {
	rng := newRand("matmul")
	return checksOf(append(append(append(
		matMulSizes(rng), matMulLayouts(rng)...), matMulBatches(rng)...), matMulValues(rng)...))
}

// mode names the value of accumulate.
func mode(accumulate bool) string {
	if accumulate {
		return "accumulate"
	}
	return "write"
}

// matMulSizes tries sizes around those of blocks and vectors, in the four
// combinations of transposed operands.
func matMulSizes(rng *rand.Rand) (trials []*trial) {
	for _, s := range [][3]int{ // M, K, N
		{1, 1, 1}, {1, 7, 1}, {1, 7, 9}, {9, 7, 1}, {2, 3, 4}, {3, 5, 7}, {4, 8, 16}, {8, 16, 32}, {5, 1, 6},
		{5, 0, 6}, {1, 0, 1}, {0, 3, 4}, {3, 4, 0}, {0, 0, 0},
		{17, 33, 19}, {31, 64, 15}, {65, 63, 66}, {6, 300, 40}, {1, 130, 257}, {130, 257, 1}, {140, 70, 90},
	} {
		m, k, n := s[0], s[1], s[2]
		for _, xt := range []bool{false, true} {
			for _, yt := range []bool{false, true} {
				for _, acc := range []bool{false, true} {
					name := fmt.Sprintf("size/m=%d,k=%d,n=%d/xT=%t,yT=%t/%s", m, k, n, xt, yt, mode(acc))
					trials = append(trials, product(name, tolerance{}, acc,
						offset(m, n), matrix(xt, whole(rng), m, k), matrix(yt, whole(rng), k, n), whole(rng)))
				}
			}
		}
	}
	return trials
}

// matrix returns an operand that is row-major or, transposed, column-major.
func matrix(transpose bool, v values, shape ...int) *operand {
	p := packed(shape...)
	if transpose {
		r := p.Rank
		p.Stride[r-2], p.Stride[r-1] = 1, shape[r-2]
	}
	return input(p, v)
}

// matMulLayouts tries every form of every operand.
func matMulLayouts(rng *rand.Rand) (trials []*trial) {
	for _, xf := range inputForms {
		for _, yf := range inputForms {
			for i, to := range outputForms {
				acc := i%2 == 0
				name := fmt.Sprintf("layout/%s-from-%s-and-%s/%s", to.name, xf.name, yf.name, mode(acc))
				trials = append(trials, product(name, tolerance{}, acc,
					to.lay(5, 7), input(xf.lay(5, 6), whole(rng)), input(yf.lay(6, 7), whole(rng)), whole(rng)))
			}
		}
	}
	// A vector times its own transpose: x and y are views of one buffer.
	x := input(offset(9, 1), whole(rng))
	y := &operand{mem: x.mem, Layout: x.Layout}
	y.Shape[0], y.Shape[1] = 1, 9
	y.Stride[0], y.Stride[1] = x.Stride[1], x.Stride[0]
	return append(trials, product("x-times-its-transpose", tolerance{}, false, packed(9, 9), x, y, nil))
}

// matMulBatches tries leading axes that are equal, missing, of size 1, of
// stride 0 and empty.
func matMulBatches(rng *rand.Rand) (trials []*trial) {
	for _, b := range []struct{ out, x, y []int }{
		{[]int{3}, []int{3}, []int{3}},
		{[]int{3}, []int{3}, nil},
		{[]int{3}, nil, []int{3}},
		{[]int{3}, nil, nil},
		{[]int{3}, []int{1}, []int{3}},
		{[]int{1}, []int{1}, nil},
		{[]int{0}, []int{0}, nil},
		{[]int{2, 3}, []int{2, 3}, []int{2, 3}},
		{[]int{2, 3}, []int{3}, []int{2, 1}},
		{[]int{2, 3}, []int{2, 1}, []int{1, 3}},
		{[]int{2, 3}, []int{2, 3}, []int{3}},
		{[]int{2, 0}, []int{2, 1}, []int{1, 0}},
		{[]int{2, 1, 2, 2}, []int{2, 2}, []int{2, 1, 1, 2}},
		{[]int{2, 2, 1, 3}, []int{2, 2, 1, 3}, nil},
	} {
		for _, f := range inputForms {
			for _, acc := range []bool{false, true} {
				lay := func(f form, batch []int, m, n int) place {
					return f.lay(append(append([]int(nil), batch...), m, n)...)
				}
				to := outputForms[rng.IntN(len(outputForms))]
				name := fmt.Sprintf("batch/%s-and-%s-to-%s/%s-from-%s/%s",
					shapeName(b.x), shapeName(b.y), shapeName(b.out), to.name, f.name, mode(acc))
				trials = append(trials, product(name, tolerance{}, acc, lay(to, b.out, 3, 4),
					input(lay(f, b.x, 3, 5), whole(rng)), input(lay(f, b.y, 5, 4), whole(rng)), whole(rng)))
			}
		}
	}
	// Many small products, and a few large ones: backends split them differently.
	for _, s := range [][4]int{{64, 1, 8, 1}, {40, 5, 6, 7}, {3, 40, 70, 50}} {
		b, m, k, n := s[0], s[1], s[2], s[3]
		for _, yt := range []bool{false, true} {
			trials = append(trials, product(fmt.Sprintf("batch/%d-of-%dx%dx%d/yT=%t", b, m, k, n, yt), tolerance{}, false,
				packed(b, m, n), matrix(false, whole(rng), b, m, k), matrix(yt, whole(rng), b, k, n), nil))
		}
	}
	return trials
}

// matMulValues tries rounding, NaN and infinities. No factor is 0 where another
// is NaN or infinite: the contract lets kernels skip zeros.
func matMulValues(rng *rand.Rand) (trials []*trial) {
	for _, k := range []int{7, 64, 1000} {
		for _, acc := range []bool{false, true} {
			for _, xt := range []bool{false, true} {
				trials = append(trials, product(fmt.Sprintf("rounding/k=%d/xT=%t/%s", k, xt, mode(acc)), summed(k), acc,
					packed(9, 18), matrix(xt, uniform(rng, -1, 1), 9, k), matrix(false, uniform(rng, -1, 1), k, 18), uniform(rng, -1, 1)))
			}
		}
	}
	for _, special := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, acc := range []bool{false, true} {
			x := input(packed(9, 11), nonzero(rng))
			x.mem.value[4*11+3] = special
			y := input(packed(11, 18), nonzero(rng))
			y.mem.value[5*18+7] = special
			trials = append(trials, product(fmt.Sprintf("special/%v/%s", special, mode(acc)), tolerance{}, acc,
				offset(9, 18), x, y, nonzero(rng)))
		}
	}
	return trials
}

func drawMatMul(t *rapid.T) *trial {
	batch, rng := drawShape(t, backend.MaxRank-2), drawRand(t)
	size := func(name string) int { return rapid.SampledFrom([]int{1, 2, 3, 5, 8, 9, 17, 0}).Draw(t, name) }
	m, k, n := size("M"), size("K"), size("N")
	out := append(append([]int(nil), batch...), m, n)
	acc := rapid.Bool().Draw(t, "accumulate")
	return product("MatMul "+mode(acc), tolerance{}, acc,
		drawOutput(t, out),
		input(drawInput(t, append(drawNarrower(t, batch), m, k)), whole(rng)),
		input(drawInput(t, append(drawNarrower(t, batch), k, n)), whole(rng)), whole(rng))
}
