package gradtest

import (
	"fmt"
	"math"
	"testing"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

// Func is what is checked: a function of Vars [...] with a result of any shape
// [...].
type Func = func(tape *autograd.Tape, in []autograd.Var) autograd.Var

// Config says how gradients are checked. The zero value is what the functions of
// the package use.
type Config struct {
	// Backend is where the function runs; nil means backend/reference. It must
	// offer [backend.Float64].
	Backend backend.Backend

	// Tolerance is the error allowed, relative to the size of the terms summed;
	// 0 means 1e-7 ([Config.Fused]: 1e-5).
	Tolerance float64

	// Step is the h of (f(x+hu) - f(x-hu)) / 2h; 0 means 1e-5. Its error grows with
	// h² and with 1/h.
	Step float64

	// Directions is how many random directions are tried for each input; 0 means 2.
	Directions int

	// Jacobian is up to how many entries the whole Jacobian is checked; 0 means 400,
	// a negative number never.
	Jacobian int

	// Seed draws inputs, weights and directions, and starts the tape's stream.
	Seed uint64
}

func (c Config) filled() Config {
	if c.Backend == nil {
		c.Backend = reference.New()
	}
	if c.Tolerance == 0 {
		c.Tolerance = 1e-7
	}
	if c.Step == 0 {
		c.Step = 1e-5
	}
	if c.Directions == 0 {
		c.Directions = 2
	}
	if c.Jacobian == 0 {
		c.Jacobian = 400
	}
	return c
}

// Run fails t if a derivative of f, of first or second order, is wrong at the
// inputs.
func Run(t testing.TB, f Func, in ...Input) {
	t.Helper()
	Config{}.Run(t, f, in...)
}

// Run is the function of that name under c.
func (c Config) Run(t testing.TB, f Func, in ...Input) {
	t.Helper()
	if err := c.Check(f, in...); err != nil {
		t.Error(err)
	}
}

// Check returns an error that says which derivative of f is wrong at the inputs,
// and by how much, or nil.
func Check(f Func, in ...Input) error { return Config{}.Check(f, in...) }

// Check is the function of that name under c.
func (c Config) Check(f Func, in ...Input) error {
	c = c.filled()
	if len(in) == 0 {
		return fmt.Errorf("gradtest: no inputs: there is nothing to differentiate by")
	}
	for _, contiguous := range []bool{true, false} {
		if err := c.checkLayout(f, in, contiguous); err != nil {
			what := "gradtest"
			if !contiguous {
				what = "gradtest: inputs that are not contiguous"
			}
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}

// checkLayout checks f at the inputs laid out one way in memory.
func (c Config) checkLayout(f Func, in []Input, contiguous bool) (err error) {
	names, params := c.place(in, contiguous)
	var weights *tensor.Tensor // made when the shape of the result is known
	loss := func(tape *autograd.Tape, in []autograd.Var) autograd.Var {
		y := f(tape, in)
		if weights == nil {
			weights = c.weights(y.Shape())
		}
		return y.Mul(tape.Const(weights)).Sum()
	}
	s, err := c.newSubject(names, params, func(tape *autograd.Tape) autograd.Var { return loss(tape, on(tape, params)) })
	if err != nil {
		return err
	}
	defer s.close()
	failed := autograd.Try(func() {
		if err = s.check(); err != nil {
			return
		}
		if err = s.leaves(loss); err != nil || !contiguous {
			return
		}
		err = s.jacobian(f)
	})
	if failed != nil {
		return failed
	}
	return err
}

// place draws the inputs and makes Params of them.
func (c Config) place(in []Input, contiguous bool) (names []string, params []*autograd.Param) {
	r := tensor.NewRand(c.Seed, 0)
	for i, x := range in {
		data := tensor.FromFloat64(c.Backend, x.draw(r), x.shape...)
		if !contiguous {
			data = scattered(c.Backend, data.Float64s(), x.shape)
		}
		names = append(names, fmt.Sprintf("input %d", i))
		params = append(params, autograd.NewParam(data))
	}
	return names, params
}

// weights draws the numbers that a result is reduced with. None is near 0, which
// would hide an element.
func (c Config) weights(shape []int) *tensor.Tensor {
	r := tensor.NewRand(c.Seed, 2)
	w := make([]float64, size(shape))
	for i := range w {
		w[i] = 0.5 + r.Float64()
		if r.Uint64()&1 == 0 {
			w[i] = -w[i]
		}
	}
	return tensor.FromFloat64(c.Backend, w, shape...)
}

func on(tape *autograd.Tape, params []*autograd.Param) []autograd.Var {
	vars := make([]autograd.Var, len(params))
	for i, p := range params {
		vars[i] = p.On(tape)
	}
	return vars
}

// leaves checks that Backward leaves the same at Vars made by Leaf, twice.
func (s *subject) leaves(loss Func) error {
	want := s.grad(s.run)
	s.tape.Reset()
	s.tape.Rand().Pos = 0
	vars := make([]autograd.Var, len(s.params))
	for i, p := range s.params {
		vars[i] = s.tape.Leaf(p.Data)
	}
	y := loss(s.tape, vars)
	for pass := 1.0; pass <= 2; pass++ {
		s.tape.Backward(y)
		for i, v := range vars {
			got := make([]float64, v.Len())
			if g, ok := v.Grad(); ok {
				got = g.Float64s()
			}
			for k := range got {
				got[k] /= pass
			}
			if k, bad := unequal(got, want[i]); bad {
				return fmt.Errorf("after Backward to a leaf, pass %g: the gradient of %s %v at element %d is %v, Grad says %v", pass, s.names[i], v.Shape(), k, got[k], want[i][k])
			}
		}
	}
	return nil
}

// jacobian compares every derivative of an element of the result by an element of
// an input, where they are few.
func (s *subject) jacobian(f Func) error {
	run := func() autograd.Var {
		s.tape.Reset()
		s.tape.Rand().Pos = 0
		return f(s.tape, on(s.tape, s.params))
	}
	values := run().Float64s()
	m, n := len(values), 0
	for _, p := range s.params {
		n += p.Data.Len()
	}
	if m*n > s.rule.Jacobian {
		return nil
	}
	rows := make([][][]float64, m) // by element of the result, input, element of the input
	for j := range rows {
		rows[j] = s.grad(func() autograd.Var { return run().Reshape(m).Select(0, j) })
	}
	for i, p := range s.params {
		for k := range p.Data.Len() {
			u := make([]float64, p.Data.Len())
			u[k] = 1
			for j, want := range s.difference(i, u, func() []float64 { return run().Float64s() }) {
				got := rows[j][i][k]
				if bad := s.differ(got, want, math.Abs(got), values[j]); bad != "" {
					return fmt.Errorf("derivative of element %d of the result by element %d of %s %v: %s", j, k, s.names[i], p.Data.Shape(), bad)
				}
			}
		}
	}
	return nil
}
