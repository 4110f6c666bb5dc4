package backendtest

import (
	"fmt"
	"math"

	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/backend"
)

// unaryTolerances gives each row of [backend.Unaries] its tolerance. A row that
// is missing is compared exactly: it selects, negates or rounds once.
var unaryTolerances = map[backend.UnaryOp]tolerance{
	backend.Neg:        exact,
	backend.Abs:        exact,
	backend.Square:     {signed: true},
	backend.Sqrt:       {ulps: 1, signed: true}, // IEEE asks for the nearest; one step lets Newton's method pass
	backend.Reciprocal: {ulps: 1, signed: true},
	backend.Rsqrt:      {ulps: 4, signed: true},
	backend.Exp:        {ulps: 4},
	backend.Expm1:      {ulps: 4},
	backend.Log:        {ulps: 4},
	backend.Log1p:      {ulps: 4},
	backend.Sin:        {ulps: 4, abs: 4 * unit}, // near a multiple of π the reduction's error is one of x
	backend.Cos:        {ulps: 4, abs: 4 * unit},
	backend.Erf:        {ulps: 4},
	backend.Tanh:       {ulps: 8}, // an exponential, a sum and a quotient
	backend.Sigmoid:    {ulps: 8},
	backend.Softplus:   {ulps: 8},
	backend.SiLU:       {ulps: 8},
	backend.GELU:       {ulps: 8, abs: 16 * unit}, // 1 + erf cancels in the left tail
	backend.Scale:      {ulps: 1, abs: 8 * unit},  // x·mul may be rounded before add cancels it
	backend.Pow:        {ulps: 16},                // exp(p ln x) multiplies the error of ln by p ln x
	backend.LeakyReLU:  {ulps: 2},                 // slope may be rounded to float32
}

func callUnary(op backend.UnaryOp) func(backend.Backend, []*backend.View) {
	row := backend.Unaries[op]
	return func(be backend.Backend, v []*backend.View) { be.Unary(op, v[0], v[1], row.A, row.B) }
}

func unaryChecks() []check {
	var trials []*trial
	for op := range backend.NumUnary {
		row := backend.Unaries[op]
		rng := newRand("unary " + row.Name)
		domain := func() values { return uniform(rng, row.Lo, row.Hi) }
		add := func(name string, args ...*operand) {
			trials = append(trials, &trial{
				name: op.String() + "/" + name, args: args, call: callUnary(op), tol: unaryTolerances[op],
			})
		}
		add("domain", output(packed(1027), nil), input(packed(1027), domain()))
		add("special", output(packed(len(specials)), nil), input(packed(len(specials)), listed(unarySpecials(op)...)))
		add("strided", output(padded(5, 7), nil), input(transposed(5, 7), domain()))
		add("repeated", output(offset(5, 7), nil), input(repeated(5, 7), domain()))
		inPlace := output(stepped(3, 19), domain())
		add("in-place", inPlace, inPlace)
		for n := range 20 { // every remainder of a vector's length
			add(fmt.Sprintf("n=%d", n), output(offset(n), nil), input(offset(n), domain()))
		}
	}
	rng := newRand("unary layouts")
	for _, shape := range shapes {
		for _, to := range outputForms {
			for _, from := range inputForms {
				trials = append(trials, &trial{
					name: fmt.Sprintf("layout/%s/%s-from-%s", shapeName(shape), to.name, from.name),
					args: []*operand{output(to.lay(shape...), nil), input(from.lay(shape...), whole(rng))},
					call: callUnary(backend.Square), tol: exact,
				})
			}
		}
	}
	for _, shape := range largeShapes {
		for _, op := range []backend.UnaryOp{backend.Neg, backend.Exp} {
			trials = append(trials, &trial{
				name: fmt.Sprintf("large/%s/%s", op, shapeName(shape)),
				args: []*operand{output(packed(shape...), nil), input(packed(shape...), uniform(rng, -4, 4))},
				call: callUnary(op), tol: unaryTolerances[op],
			})
		}
	}
	return append(checksOf(trials), check{name: "attributes", run: attributesCheck})
}

// unarySpecials returns specials, without those where the formula of op leaves
// the value open: as many numbers, so that buffers keep their size.
func unarySpecials(op backend.UnaryOp) []float64 {
	list := append([]float64(nil), specials...)
	for i, x := range list {
		open := false
		switch op {
		case backend.GELU, backend.SiLU:
			open = math.IsInf(x, -1) // -Inf times 0, or its limit
		case backend.Sin, backend.Cos:
			open = math.Abs(x) > 1000 && !math.IsInf(x, 0) // neighbouring float32 numbers are radians apart
		case backend.Scale:
			open = math.Abs(x) > 1<<20 // abs of the tolerance is for the domain
		}
		if open {
			list[i] = 0.25
		}
	}
	return list
}

// attributesCheck calls every row that has attributes with others than the table's.
func attributesCheck(be backend.Backend) error {
	for _, c := range []struct {
		op   backend.UnaryOp
		a, b float64
		tol  tolerance
	}{
		{backend.Scale, 1, 0, exact},
		{backend.Scale, 0, 3, tolerance{}},
		{backend.Scale, 2, -1, tolerance{}}, // powers of two: no rounding before the sum
		{backend.Pow, 0, 0, tolerance{}},
		{backend.Pow, 1, 0, tolerance{}},
		{backend.Pow, 2, 0, tolerance{ulps: 2}},
		{backend.Pow, 3, 0, tolerance{ulps: 4}},
		{backend.Pow, -1, 0, tolerance{ulps: 2}},
		{backend.Pow, 0.5, 0, tolerance{ulps: 4}},
		{backend.Clamp, 0, 1, tolerance{}},
		{backend.Clamp, math.Inf(-1), 2, tolerance{}},
		{backend.Clamp, -2, math.Inf(1), tolerance{}},
		{backend.LeakyReLU, 0, 0, tolerance{}},
		{backend.LeakyReLU, 1, 0, tolerance{}},
	} {
		x := []float64{-3, -2, -1.5, -0.25, 0, 0.25, 1, 1.5, 2, 3}
		if c.op == backend.Pow && c.a == 0.5 {
			x = x[4:]
		}
		tr := &trial{
			name: fmt.Sprintf("%s(%v, %v)", c.op, c.a, c.b),
			args: []*operand{output(packed(len(x)), nil), input(packed(len(x)), listed(x...))},
			call: func(be backend.Backend, v []*backend.View) { be.Unary(c.op, v[0], v[1], c.a, c.b) },
			tol:  c.tol,
		}
		if err := tr.check(be); err != nil {
			return err
		}
	}
	return nil
}

// binaryTolerances gives each row of [backend.Binaries] its tolerance; a row
// that is missing is compared exactly.
var binaryTolerances = map[backend.BinaryOp]tolerance{
	backend.Add:         {signed: true},
	backend.Sub:         {signed: true},
	backend.Mul:         {signed: true},
	backend.Div:         {ulps: 1, signed: true},
	backend.TanhGrad:    {ulps: 4, abs: 16 * unit}, // 1 - y² cancels; x is up to 4
	backend.SigmoidGrad: {ulps: 8, abs: 16 * unit},
	backend.GELUGrad:    {ulps: 8, abs: 64 * unit}, // two terms of opposite sign in the left tail
}

// yRange is where the second argument of the derivatives lies: they are given
// the function's value.
func yRange(op backend.BinaryOp) (lo, hi float64) {
	switch op {
	case backend.TanhGrad:
		return -1, 1
	case backend.SigmoidGrad:
		return 0, 1
	}
	return -4, 4
}

func callBinary(op backend.BinaryOp) func(backend.Backend, []*backend.View) {
	return func(be backend.Backend, v []*backend.View) { be.Binary(op, v[0], v[1], v[2]) }
}

func binaryChecks() []check {
	var trials []*trial
	for op := range backend.NumBinary {
		rng := newRand("binary " + backend.Binaries[op].Name)
		lo, hi := yRange(op)
		xs, ys := func() values { return uniform(rng, -4, 4) }, func() values { return uniform(rng, lo, hi) }
		add := func(name string, args ...*operand) {
			trials = append(trials, &trial{
				name: op.String() + "/" + name, args: args, call: callBinary(op), tol: binaryTolerances[op],
			})
		}
		add("domain", output(packed(1027), nil), input(packed(1027), xs()), input(packed(1027), ys()))
		add("equal-values", output(packed(99), nil), input(packed(99), listed(3.0, -2, 0)), input(packed(99), listed(3.0, -2, 0, 1)))
		add("strided", output(padded(5, 7), nil), input(transposed(5, 7), xs()), input(stepped(5, 7), ys()))
		add("row", output(packed(5, 7), nil), input(packed(5, 7), xs()), input(packed(7), ys()))
		add("column", output(packed(5, 7), nil), input(packed(5, 1), xs()), input(packed(5, 7), ys()))
		add("scalar", output(packed(5, 7), nil), input(packed(), xs()), input(packed(5, 7), ys()))
		x, y := pairs(op)
		add("special", output(packed(len(x)), nil), input(packed(len(x)), listed(x...)), input(packed(len(y)), listed(y...)))
		for n := range 20 {
			add(fmt.Sprintf("n=%d", n), output(offset(n), nil), input(offset(n), xs()), input(offset(n), ys()))
		}
		in := output(stepped(3, 19), ys())
		add("x-in-place", in, in, input(offset(3, 19), ys()))
		in = output(stepped(3, 19), ys())
		add("y-in-place", in, input(offset(3, 19), xs()), in)
		in = output(offset(3, 19), ys())
		add("both-in-place", in, in, in)
		in = output(packed(4, 33), ys())
		add("x-in-place-row", in, in, input(packed(33), ys()))
		in = input(offset(3, 19), ys())
		add("x-is-y", output(offset(3, 19), nil), in, in)
	}
	rng := newRand("binary layouts")
	for _, shape := range shapes {
		for _, to := range outputForms {
			for _, xf := range inputForms {
				yf := inputForms[rng.IntN(len(inputForms))]
				trials = append(trials, &trial{
					name: fmt.Sprintf("layout/%s/%s-from-%s-and-%s", shapeName(shape), to.name, xf.name, yf.name),
					args: []*operand{output(to.lay(shape...), nil), input(xf.lay(shape...), whole(rng)), input(yf.lay(shape...), whole(rng))},
					call: callBinary(backend.Sub), tol: exact,
				})
			}
		}
	}
	for _, b := range broadcasts {
		for _, swap := range []bool{false, true} {
			x, y := b.x, b.y
			if swap {
				x, y = y, x
			}
			trials = append(trials, &trial{
				name: fmt.Sprintf("broadcast/%s-and-%s-to-%s", shapeName(x), shapeName(y), shapeName(b.out)),
				args: []*operand{output(offset(b.out...), nil), input(offset(x...), whole(rng)), input(offset(y...), whole(rng))},
				call: callBinary(backend.Sub), tol: exact,
			})
		}
	}
	for _, shape := range largeShapes {
		trials = append(trials, &trial{
			name: "large/" + shapeName(shape),
			args: []*operand{output(packed(shape...), nil), input(packed(shape...), whole(rng)), input(packed(shape...), whole(rng))},
			call: callBinary(backend.Sub), tol: exact,
		})
	}
	// x and y are different windows of one sequence.
	x := input(offset(40), whole(rng))
	y := &operand{mem: x.mem, Layout: x.Layout}
	x.Shape[0], y.Shape[0] = 38, 38
	y.Off += 2
	trials = append(trials, &trial{
		name: "overlapping-inputs", args: []*operand{output(packed(38), nil), x, y}, call: callBinary(backend.Sub), tol: exact,
	})
	return checksOf(trials)
}

// pairs returns every pair of special values at which the row op is defined.
func pairs(op backend.BinaryOp) (x, y []float64) {
	xs, ys := moved, moved
	switch op {
	case backend.TanhGrad, backend.SigmoidGrad:
		xs, ys = []float64{0, 1, -4, math.NaN()}, []float64{0, 1, 0.5, 1 - unit, math.NaN()}
	case backend.GELUGrad:
		xs, ys = []float64{0, 1, -4, math.NaN()}, []float64{0, 1, -1, 10, -10, math.NaN()}
	case backend.Div: // quotients below the smallest normal number: with it
		xs = specials
	}
	for _, a := range xs {
		for _, b := range ys {
			x, y = append(x, a), append(y, b)
		}
	}
	return x, y
}

func drawBinary(t *rapid.T) *trial {
	shape, rng := drawShape(t, backend.MaxRank), drawRand(t)
	op := rapid.SampledFrom([]backend.BinaryOp{backend.Sub, backend.Mul, backend.Less, backend.Maximum}).Draw(t, "op")
	tr := &trial{
		name: "Binary " + op.String(),
		args: []*operand{
			output(drawOutput(t, shape), nil),
			input(drawInput(t, drawNarrower(t, shape)), whole(rng)),
			input(drawInput(t, drawNarrower(t, shape)), whole(rng)),
		},
		call: callBinary(op),
	}
	if rapid.Bool().Draw(t, "in place") {
		dst := output(drawOutput(t, shape), whole(rng))
		tr.args[0] = dst
		tr.args[rapid.IntRange(1, 2).Draw(t, "argument")] = dst
	}
	return tr
}

func whereChecks() []check {
	var trials []*trial
	rng := newRand("where")
	truths := func() values {
		return listed(0, 1, math.NaN(), math.Copysign(0, -1), -2, math.Inf(1), math.SmallestNonzeroFloat32)
	}
	add := func(name string, args ...*operand) {
		trials = append(trials, &trial{
			name: name, args: args, tol: exact,
			call: func(be backend.Backend, v []*backend.View) { be.Where(v[0], v[1], v[2], v[3]) },
		})
	}
	for _, shape := range allShapes() {
		for _, to := range outputForms {
			form := func() form { return inputForms[rng.IntN(len(inputForms))] }
			c, x, y := form(), form(), form()
			add(fmt.Sprintf("%s/%s-from-%s-%s-%s", shapeName(shape), to.name, c.name, x.name, y.name),
				output(to.lay(shape...), nil), input(c.lay(shape...), truths()),
				input(x.lay(shape...), listed(moved...)), input(y.lay(shape...), uniform(rng, -4, 4)))
		}
	}
	for _, b := range broadcasts {
		s := [][]int{b.x, b.y, b.out}
		for i := range 3 {
			c, x, y := s[i], s[(i+1)%3], s[(i+2)%3]
			add(fmt.Sprintf("broadcast/%s-%s-%s", shapeName(c), shapeName(x), shapeName(y)),
				output(offset(b.out...), nil), input(offset(c...), truths()), input(offset(x...), whole(rng)), input(offset(y...), whole(rng)))
		}
	}
	for i, name := range []string{"cond", "x", "y"} {
		args := []*operand{output(stepped(3, 19), truths()), input(offset(3, 19), truths()), input(offset(3, 19), whole(rng)), input(offset(3, 19), whole(rng))}
		args[i+1] = args[0]
		add(name+"-in-place", args...)
	}
	return checksOf(trials)
}
