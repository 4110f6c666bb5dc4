package gradtest

import (
	"fmt"
	"math"
	"testing"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
)

// Fused fails t unless f gives the same value and gradients on be, with its fused
// kernels, as on [backend.Basic] of it, where everything runs composed: to 1e-5
// of each element, or 1e-6. The gradients are those of Backward, of a second
// Backward over the same record, and of Grad.
func Fused(t testing.TB, be backend.Backend, f Func, in ...Input) {
	t.Helper()
	Config{}.Fused(t, be, f, in...)
}

// Fused is the function of that name under c: Tolerance is the relative error
// allowed, and a tenth of it the absolute one.
func (c Config) Fused(t testing.TB, be backend.Backend, f Func, in ...Input) {
	t.Helper()
	if c.Tolerance == 0 {
		c.Tolerance = 1e-5
	}
	if err := c.filled().checkFused(be, f, in); err != nil {
		t.Error(fmt.Errorf("gradtest: fused kernels of %s: %w", be.Name(), err))
	}
}

// quantity is something computed twice.
type quantity struct {
	name   string
	values []float64
}

func (c Config) checkFused(be backend.Backend, f Func, in []Input) (err error) {
	var fused, composed []quantity
	failed := autograd.Try(func() {
		fused = c.quantities(be, f, in)
		composed = c.quantities(backend.Basic(be), f, in)
	})
	if failed != nil {
		return failed
	}
	for i, q := range fused {
		want := composed[i].values
		if len(q.values) != len(want) {
			return fmt.Errorf("%s has %d elements, composed %d", q.name, len(q.values), len(want))
		}
		for k, v := range q.values {
			allowed := c.Tolerance * (0.1 + max(math.Abs(v), math.Abs(want[k])))
			if !(math.Abs(v-want[k]) <= allowed) && !(math.IsNaN(v) && math.IsNaN(want[k])) && v != want[k] {
				return fmt.Errorf("%s: element %d is %v, composed %v", q.name, k, v, want[k])
			}
		}
	}
	return nil
}

// quantities computes value and gradients of f on a backend.
func (c Config) quantities(be backend.Backend, f Func, in []Input) (all []quantity) {
	c.Backend = be
	names, params := c.place(in, true)
	tape := autograd.Config{Seed: c.Seed}.NewTape(be)
	defer func() {
		tape.Reset()
		tape.Trim()
	}()
	vars := on(tape, params)
	y := f(tape, vars)
	all = append(all, quantity{"value", y.Float64s()})
	loss := y.Mul(tape.Const(c.weights(y.Shape()))).Sum()
	for i, g := range tape.Grad([]autograd.Var{loss}, vars) {
		all = append(all, quantity{"Grad by " + names[i], g.Float64s()})
	}
	for _, pass := range []string{"Backward", "second Backward"} {
		tape.Backward(loss)
		for i, p := range params {
			all = append(all, quantity{pass + " to " + names[i], dense(p)})
			p.Grad.Zero()
		}
	}
	return all
}
