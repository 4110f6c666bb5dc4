package backendtest

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/backend"
)

func callCopy(be backend.Backend, v []*backend.View) { be.Copy(v[0], v[1]) }

func copyChecks() []check {
	var trials []*trial
	rng := newRand("copy")
	for _, shape := range shapes {
		for _, to := range outputForms {
			for _, from := range inputForms {
				trials = append(trials, &trial{
					name: fmt.Sprintf("%s/%s-from-%s", shapeName(shape), to.name, from.name),
					args: []*operand{output(to.lay(shape...), nil), input(from.lay(shape...), uniform(rng, -4, 4))},
					call: callCopy, tol: exact,
				})
			}
		}
	}
	for _, shape := range largeShapes {
		for _, from := range inputForms {
			trials = append(trials, &trial{
				name: fmt.Sprintf("%s/packed-from-%s", shapeName(shape), from.name),
				args: []*operand{output(packed(shape...), nil), input(from.lay(shape...), uniform(rng, -4, 4))},
				call: callCopy, tol: exact,
			})
		}
	}
	for _, dtype := range []backend.DType{backend.F32, backend.I32, backend.F16, backend.BF16} {
		for _, to := range outputForms {
			dst := operandOf(dtype, to.lay(5, 7), nil)
			dst.out = true
			trials = append(trials, &trial{
				name: fmt.Sprintf("dtype=%s/%s", dtype, to.name),
				args: []*operand{dst, operandOf(dtype, transposed(5, 7), whole(rng))},
				call: callCopy, tol: exact,
			})
		}
	}
	for _, b := range broadcasts {
		trials = append(trials, &trial{
			name: fmt.Sprintf("broadcast/%s-to-%s", shapeName(b.x), shapeName(b.out)),
			args: []*operand{output(offset(b.out...), nil), input(offset(b.x...), whole(rng))},
			call: callCopy, tol: exact,
		})
	}
	// What the gradient of Select writes: one part of a larger array.
	both := operandOf(backend.F32, packed(4, 6), whole(rng))
	part := &operand{mem: both.mem, Layout: backend.Layout{Rank: 1, Shape: [6]int{4}, Stride: [6]int{6}, Off: 2}, out: true}
	column := &operand{mem: both.mem, Layout: backend.Layout{Rank: 1, Shape: [6]int{4}, Stride: [6]int{6}, Off: 3}}
	trials = append(trials,
		&trial{name: "special-values", args: []*operand{output(stepped(len(moved)), nil), input(offset(len(moved)), listed(moved...))}, call: callCopy, tol: exact},
		&trial{name: "column-to-column-of-one-buffer", args: []*operand{part, column}, call: callCopy, tol: exact},
	)
	return checksOf(trials)
}

// broadcasts are pairs of shapes that broadcast to a third. A backend that
// takes shortcuts for rows, columns and scalars meets each of them here.
var broadcasts = []struct{ out, x, y []int }{
	{[]int{3, 5}, []int{5}, []int{3, 1}},
	{[]int{3, 5}, []int{}, []int{3, 5}},
	{[]int{3, 5}, []int{1, 1}, []int{1}},
	{[]int{3, 5}, []int{1, 5}, []int{3, 5}},
	{[]int{3, 5}, []int{3, 1}, []int{3, 5}},
	{[]int{2, 3, 5}, []int{3, 1}, []int{2, 1, 5}},
	{[]int{2, 3, 5}, []int{5}, []int{2, 1, 1}},
	{[]int{2, 3, 5}, []int{1, 3, 1}, []int{1}},
	{[]int{2, 0, 5}, []int{5}, []int{2, 1, 1}},
	{[]int{2, 1, 3, 2}, []int{3, 1}, []int{2, 1, 1, 2}},
	{[]int{2, 2, 1, 3, 2, 2}, []int{2, 1, 1, 1, 1, 2}, []int{1, 3, 2, 1}},
	{[]int{301, 259}, []int{259}, []int{301, 1}},
	{[]int{301, 259}, []int{1}, []int{301, 259}},
}

func drawCopy(t *rapid.T) *trial {
	shape, rng := drawShape(t, backend.MaxRank), drawRand(t)
	return &trial{
		name: "Copy",
		args: []*operand{
			output(drawOutput(t, shape), nil),
			input(drawInput(t, drawNarrower(t, shape)), whole(rng)),
		},
		call: callCopy, tol: exact,
	}
}

func fillChecks() []check {
	var trials []*trial
	for _, shape := range allShapes() {
		for _, to := range outputForms {
			trials = append(trials, &trial{
				name: fmt.Sprintf("%s/%s", shapeName(shape), to.name),
				args: []*operand{output(to.lay(shape...), nil)},
				call: func(be backend.Backend, v []*backend.View) { be.Fill(v[0], -2.5) },
				tol:  exact,
			})
		}
	}
	for _, x := range append([]float64{0.1, 1e-3}, specials...) { // 0.1 rounds to the nearest float32
		trials = append(trials, &trial{
			name: fmt.Sprintf("value=%v", x),
			args: []*operand{output(offset(9), nil)},
			call: func(be backend.Backend, v []*backend.View) { be.Fill(v[0], x) },
			tol:  exact,
		})
	}
	return checksOf(trials)
}
