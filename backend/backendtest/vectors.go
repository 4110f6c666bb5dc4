package backendtest

import (
	"fmt"

	"github.com/wengert-ml/wengert/backend"
)

// vectors are the operands of a backend that takes several elements at once: dst, x and
// y are matrices, a row long enough for many vectors. Each begins at an offset of its
// own, and its rows are apart by a number of elements, which is 0 where one repeats.
var vectors = []struct {
	name       string
	rows, cols int
	off, apart [3]int
	column     bool // y has one column, which repeats
}{
	{name: "aligned", rows: 1, cols: 4096},
	{name: "one-less", rows: 1, cols: 4095},
	{name: "one-more", rows: 1, cols: 4097, off: [3]int{4, 8, 12}},
	{name: "two-more", rows: 1, cols: 4098},
	{name: "all-off-by-1", rows: 1, cols: 4099, off: [3]int{1, 1, 1}},
	{name: "dst-off-by-2", rows: 1, cols: 4096, off: [3]int{2, 0, 0}},
	{name: "x-off-by-3", rows: 1, cols: 4096, off: [3]int{0, 3, 0}},
	{name: "y-off-by-1", rows: 1, cols: 4096, off: [3]int{0, 0, 1}},
	{name: "scalar", rows: 1, cols: 4095, column: true},
	{name: "scalar-off-by-1", rows: 1, cols: 4096, off: [3]int{0, 0, 1}, column: true},
	{name: "row", rows: 21, cols: 196, apart: [3]int{196, 196, 0}},
	{name: "odd-row", rows: 21, cols: 195, apart: [3]int{196, 200, 0}},
	{name: "odd-rows", rows: 21, cols: 195, apart: [3]int{195, 195, 0}},
	{name: "column", rows: 21, cols: 194, apart: [3]int{194, 196, 1}, column: true},
	{name: "column-of-aligned", rows: 21, cols: 196, apart: [3]int{200, 196, 3}, column: true},
	{name: "narrow-rows", rows: 301, cols: 5, apart: [3]int{8, 12, 0}},
	{name: "rows-off-by-2", rows: 21, cols: 196, off: [3]int{0, 2, 0}, apart: [3]int{196, 196, 0}},
}

func vectorChecks() []check {
	var trials []*trial
	rng := newRand("vectors")
	for _, c := range vectors {
		at := func(i int) place {
			l := backend.Contiguous(c.rows, c.cols)
			l.Off, l.Stride[0] = c.off[i], c.apart[i]
			if c.column && i == 2 {
				l.Stride[1] = 0
			}
			return place{l, l.At(l.Len()-1) + 1 + margin}
		}
		dst := func() *operand { return output(at(0), nil) }
		in := func(i int) *operand { return input(at(i), uniform(rng, -4, 4)) }
		add := func(name string, call func(be backend.Backend, v []*backend.View), tol tolerance, args ...*operand) {
			trials = append(trials, &trial{name: fmt.Sprintf("%s/%s", c.name, name), args: args, call: call, tol: tol})
		}
		add("tanh", callUnary(backend.Tanh), unaryTolerances[backend.Tanh], dst(), in(1))
		add("neg", callUnary(backend.Neg), exact, dst(), in(2))
		add("sub", callBinary(backend.Sub), exact, dst(), in(1), in(2))
		add("less", callBinary(backend.Less), exact, dst(), in(2), in(1))
		same := output(at(0), uniform(rng, -4, 4))
		add("sub-in-place", callBinary(backend.Sub), exact, same, in(2), same)
		add("where", func(be backend.Backend, v []*backend.View) { be.Where(v[0], v[1], v[2], v[3]) }, exact,
			dst(), input(at(2), listed(0.0, 1, 2, 0, -1, 0, 0)), in(1), in(2))
		add("copy", callCopy, exact, dst(), in(2))
		add("fill", func(be backend.Backend, v []*backend.View) { be.Fill(v[0], 0.3) }, exact, dst())
	}
	// Time and batch change places, as in a recurrent layer, and each time step has a row.
	swapped := packed(5, 6, 52)
	swapped.Stride[0], swapped.Stride[1] = 52, 5*52
	for _, c := range []struct {
		name string
		call func(be backend.Backend, v []*backend.View)
		args []*operand
	}{
		{"copy", callCopy, []*operand{output(packed(5, 6, 52), nil), input(swapped, uniform(rng, -4, 4))}},
		{"copy-back", callCopy, []*operand{output(swapped, nil), input(packed(5, 6, 52), uniform(rng, -4, 4))}},
		{"sub", callBinary(backend.Sub), []*operand{output(packed(5, 6, 52), nil), input(swapped, uniform(rng, -4, 4)), input(packed(6, 52), uniform(rng, -4, 4))}},
		{"sub-column", callBinary(backend.Sub), []*operand{output(swapped, nil), input(packed(5, 6, 1), uniform(rng, -4, 4)), input(swapped, uniform(rng, -4, 4))}},
	} {
		trials = append(trials, &trial{name: "swapped/" + c.name, args: c.args, call: c.call, tol: exact})
	}
	return checksOf(trials)
}
