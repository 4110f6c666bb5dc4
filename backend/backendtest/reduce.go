package backendtest

import (
	"fmt"
	"math"
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
