package gradtest

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// subject is a loss as a function of Params: what every check comes down to.
type subject struct {
	rule   Config
	tape   *autograd.Tape
	names  []string // of the params, for messages
	params []*autograd.Param
	loss   func(tape *autograd.Tape) autograd.Var
	draw   *tensor.Rand // of directions

	base  [][]float64      // the params' values, to return to
	mixed []*tensor.Tensor // random numbers in the shapes of params: see slope
	value float64          // of the loss at base

	largest float64 // of the errors so far: see CheckModel
}

// newSubject checks that params are where numbers are float64.
func (c Config) newSubject(names []string, params []*autograd.Param, loss func(*autograd.Tape) autograd.Var) (*subject, error) {
	be := params[0].Data.Backend()
	s := &subject{rule: c, names: names, params: params, loss: loss, draw: tensor.NewRand(c.Seed, 1)}
	for i, p := range params {
		if _, ok := p.Data.Backend().(backend.Float64); !ok {
			return nil, fmt.Errorf("%s lies on backend %s, which rounds to float32; gradients are checked on backend/reference", names[i], be.Name())
		}
		s.base = append(s.base, p.Data.Float64s())
		s.mixed = append(s.mixed, tensor.FromFloat64(be, s.direction(p.Data.Len()), p.Data.Shape()...))
	}
	s.tape = autograd.Config{Seed: c.Seed}.NewTape(be)
	return s, nil
}

// close gives the tape's memory back to the backend and restores the params.
func (s *subject) close() {
	for i, p := range s.params {
		p.Data.SetFloat64(s.base[i])
		p.Grad.Zero()
	}
	s.tape.Reset()
	s.tape.Trim()
}

// check runs every comparison. Params that are frozen must get no gradient.
func (s *subject) check() error {
	if err := s.repeatable(); err != nil {
		return err
	}
	first := s.grad(s.run)
	if err := s.directions("first", s.run, first); err != nil {
		return err
	}
	if err := s.backward("Backward", s.run, first); err != nil {
		return err
	}
	second := s.grad(s.slope)
	if err := s.directions("second", s.slope, second); err != nil {
		return err
	}
	return s.backward("Backward of a derivative", s.slope, second)
}

// run computes the loss on an empty tape, its random stream at the beginning.
func (s *subject) run() autograd.Var {
	s.tape.Reset()
	s.tape.Rand().Pos = 0
	y := s.loss(s.tape)
	if y.Len() != 1 {
		panic(&tensor.ShapeError{Op: "gradtest", Shapes: [][]int{append([]int{}, y.Shape()...)},
			Problem: fmt.Sprintf("a loss of %d elements", y.Len()), Want: "one element"})
	}
	return y
}

// slope computes the derivative of the loss along the direction mixed, recorded:
// its gradient is a product of the Hessian.
func (s *subject) slope() autograd.Var {
	loss := s.run()
	total := s.tape.Zeros()
	for i, g := range s.tape.Grad([]autograd.Var{loss}, s.vars()) {
		total = total.Add(g.Mul(s.tape.Const(s.mixed[i])).Sum())
	}
	return total
}

// vars returns the params on the tape, a stand-in for those that are frozen.
func (s *subject) vars() []autograd.Var {
	vars := make([]autograd.Var, len(s.params))
	for i, p := range s.params {
		if vars[i] = p.On(s.tape); p.Frozen {
			vars[i] = s.tape.Leaf(p.Data)
		}
	}
	return vars
}

// grad returns the gradients of what f computes.
func (s *subject) grad(f func() autograd.Var) [][]float64 {
	y := f()
	var out [][]float64
	for _, g := range s.tape.Grad([]autograd.Var{y}, s.vars()) {
		out = append(out, g.Float64s())
	}
	return out
}

// repeatable fails if the loss is no number, or another one when run again.
func (s *subject) repeatable() error {
	s.value = s.run().Item()
	again := s.run().Item()
	switch {
	case math.IsNaN(s.value) || math.IsInf(s.value, 0):
		return fmt.Errorf("the value is %v: choose inputs where the function is finite", s.value)
	case again != s.value:
		return fmt.Errorf("the value is %v and, run again, %v: it must be a function of its inputs and the tape's random stream alone", s.value, again)
	}
	return nil
}

// directions compares the gradients of what f computes with its differences,
// moving one param at a time, so that the message names the one that is wrong.
func (s *subject) directions(order string, f func() autograd.Var, grads [][]float64) error {
	for i, p := range s.params {
		if p.Frozen {
			continue
		}
		for range s.rule.Directions {
			u := s.direction(p.Data.Len())
			want := s.difference(i, u, func() []float64 { return []float64{f().Item()} })[0]
			got, scale := dot(grads[i], u)
			if bad := s.differ(got, want, scale, s.value); bad != "" {
				return fmt.Errorf("%s derivative by %s %v along a direction: %s", order, s.names[i], p.Data.Shape(), bad)
			}
		}
	}
	return nil
}

// difference returns (f(x + hu) - f(x - hu)) / 2h, where x is param i.
func (s *subject) difference(i int, u []float64, f func() []float64) []float64 {
	h := s.rule.Step
	s.move(i, u, -h)
	low := f()
	s.move(i, u, h)
	high := f()
	s.move(i, u, 0)
	for k := range high {
		high[k] = (high[k] - low[k]) / (2 * h)
	}
	return high
}

// move sets param i to its own values plus h times u.
func (s *subject) move(i int, u []float64, h float64) {
	x := append([]float64(nil), s.base[i]...)
	for k := range x {
		x[k] += h * u[k]
	}
	s.params[i].Data.SetFloat64(x)
}

// backward checks that Backward of what f computes adds grads to Param.Grad, and
// a second Backward over the same record once more.
func (s *subject) backward(what string, f func() autograd.Var, grads [][]float64) error {
	for _, p := range s.params {
		p.Grad.Zero()
	}
	y := f()
	for pass := 1.0; pass <= 2; pass++ {
		s.tape.Backward(y)
		for i, p := range s.params {
			if p.Frozen {
				if !p.Grad.IsZero() {
					return fmt.Errorf("%s: %s is frozen and got a gradient", what, s.names[i])
				}
				continue
			}
			got := dense(p)
			for k := range got {
				got[k] /= pass
			}
			if k, bad := unequal(got, grads[i]); bad {
				return fmt.Errorf("%s, pass %g: the gradient of %s %v at element %d is %v, Grad says %v", what, pass, s.names[i], p.Data.Shape(), k, got[k], grads[i][k])
			}
		}
	}
	return nil
}

// direction draws n numbers from [-1, 1).
func (s *subject) direction(n int) []float64 {
	u := make([]float64, n)
	for i := range u {
		u[i] = 2*s.draw.Float64() - 1
	}
	return u
}

// dense returns a Param's gradient as a full array, whatever its form.
func dense(p *autograd.Param) []float64 {
	switch g := &p.Grad; {
	case g.Dense != nil:
		return g.Dense.Float64s()
	case g.Rows != nil:
		out := make([]float64, p.Data.Len())
		width := p.Data.Dim(1)
		for i, v := range g.Rows.Float64s() {
			out[int(g.IDs[i/width])*width+i%width] += v
		}
		return out
	}
	return make([]float64, p.Data.Len())
}

// dot returns Σ xu and Σ |xu|.
func dot(x, u []float64) (sum, scale float64) {
	for i := range x {
		sum += x[i] * u[i]
		scale += math.Abs(x[i] * u[i])
	}
	return sum, scale
}

// rounding bounds what float64 rounding of a value does to a difference of it: 32
// units in the last place, over the default step.
const rounding = 1e-9

// differ says how got and want differ, where terms of size scale were summed and
// the values that the difference was formed of have the given size.
func (s *subject) differ(got, want, scale, value float64) string {
	s.largest = max(s.largest, math.Abs(got-want)/max(1, scale, math.Abs(value)))
	allowed := s.rule.Tolerance*scale + rounding*max(1, math.Abs(value))
	if err := math.Abs(got - want); !(err <= allowed) { // a NaN is no agreement
		return fmt.Sprintf("the tape says %.10g, differences say %.10g; they differ by %.2g, allowed are %.2g", got, want, err, allowed)
	}
	return ""
}

// unequal finds an element in which two gradients of one function differ by more
// than float64 rounding.
func unequal(x, y []float64) (int, bool) {
	scale := 0.0
	for i := range x {
		scale = max(scale, math.Abs(x[i]), math.Abs(y[i]))
	}
	for i := range x {
		if !(math.Abs(x[i]-y[i]) <= 1e-11*scale+1e-14) { // the floor: what is 0 in theory is rarely 0 in sums
			return i, true
		}
	}
	return 0, false
}
