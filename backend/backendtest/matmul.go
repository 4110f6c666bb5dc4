package backendtest

import (
	"fmt"
	"math"
	"math/rand/v2"

	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/backend"
)

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
	trials = append(trials, product("rounding/large", summed(190), false, // enough work to be split
		packed(200, 210), matrix(false, uniform(rng, -1, 1), 200, 190), matrix(false, uniform(rng, -1, 1), 190, 210), nil))
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
