package optim_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/internal/remote"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/tensor"
)

// settings are the fields that all optimisers share.
type settings struct {
	params []*autograd.Param
	groups []optim.Group
	lr     float64
	decay  float64
	dense  bool
}

// rule is an optimiser and its formula for one number, in float64: the state s is
// changed and the next w returned.
type rule struct {
	name   string
	arrays int // of state
	exact  bool
	make   func(s settings) optim.Optimizer
	scalar func(t int, lr, decay, w, g float64, s *[2]float64) float64
}

func rules() []rule {
	return []rule{
		{"SGD", 0, true,
			func(s settings) optim.Optimizer {
				return &optim.SGD{Params: s.params, Groups: s.groups, LR: s.lr, WeightDecay: s.decay, Dense: s.dense}
			},
			func(_ int, lr, decay, w, g float64, _ *[2]float64) float64 {
				return w - lr*(g+decay*w)
			}},
		{"Adam", 2, false,
			func(s settings) optim.Optimizer {
				return &optim.Adam{Params: s.params, Groups: s.groups, LR: s.lr, WeightDecay: s.decay, Dense: s.dense}
			},
			func(t int, lr, decay, w, g float64, s *[2]float64) float64 {
				return w - adam(t, lr, g+decay*w, s)
			}},
	}
}

func adam(t int, lr, g float64, s *[2]float64) float64 {
	s[0] = 0.9*s[0] + 0.1*g
	s[1] = 0.999*s[1] + 0.001*g*g
	lr *= math.Sqrt(1-math.Pow(0.999, float64(t))) / (1 - math.Pow(0.9, float64(t)))
	return lr * s[0] / (math.Sqrt(s[1]) + 1e-7)
}

// backends are where every optimiser must give the same numbers. The reference
// computes in float64 and must be as good as that.
func backends(t *testing.T) map[string]backend.Backend {
	t.Helper()
	dev := remote.NewFloat64(reference.New(), 1<<20)
	t.Cleanup(dev.Close)
	return map[string]backend.Backend{"cpu": cpu.New(), "reference": reference.New(), "remote": dev}
}

func tolerance(be backend.Backend) float64 {
	if _, ok := be.(backend.Float64); ok {
		return 1e-12
	}
	return 1e-5
}

func normals(r *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = r.NormFloat64()
	}
	return out
}

func param(be backend.Backend, name string, values []float64, shape ...int) *autograd.Param {
	p := autograd.NewParam(tensor.FromFloat64(be, values, shape...))
	p.Name = name
	return p
}

// setGrad gives p the gradient g.
func setGrad(p *autograd.Param, g []float64) {
	tape := autograd.NewTape(p.Data.Backend())
	tape.Backward(p.On(tape).Mul(tape.Const(tensor.FromFloat64(p.Data.Backend(), g, p.Data.Shape()...))).Sum())
}

// setRows gives p a row-sparse gradient: g is [len(ids), D]. Repeated ids add up.
func setRows(p *autograd.Param, ids []int32, g []float64) {
	be := p.Data.Backend()
	tape := autograd.NewTape(be)
	tape.Backward(p.On(tape).Gather(tape.Ints(ids, len(ids))).
		Mul(tape.Const(tensor.FromFloat64(be, g, len(ids), p.Data.Dim(1)))).Sum())
}

// each runs f for every optimiser on every backend.
func each(t *testing.T, f func(t *testing.T, be backend.Backend, r rule)) {
	for name, be := range backends(t) {
		for _, r := range rules() {
			t.Run(fmt.Sprintf("backend=%s/%s", name, r.name), func(t *testing.T) { f(t, be, r) })
		}
	}
}

// expected runs r's formula on float64 numbers.
type expected struct {
	rule  rule
	w     []float64
	state [][2]float64
}

func expect(r rule, w []float64) *expected {
	return &expected{r, append([]float64(nil), w...), make([][2]float64, len(w))}
}

func (e *expected) step(t int, lr, decay float64, g []float64) {
	for i := range e.w {
		e.w[i] = e.rule.scalar(t, lr, decay, e.w[i], g[i], &e.state[i])
	}
}

func TestFormulas(t *testing.T) {
	each(t, func(t *testing.T, be backend.Backend, r rule) {
		for _, decay := range []float64{0, 0.1} {
			random := rand.New(rand.NewPCG(1, 2))
			p := param(be, "p", normals(random, 12), 3, 4)
			opt := r.make(settings{params: []*autograd.Param{p}, lr: 0.05, decay: decay})
			want := expect(r, p.Data.Float64s())
			for step := 1; step <= 6; step++ {
				if step == 4 {
					opt.SetRate(0.01)
				}
				g := normals(random, 12)
				setGrad(p, g)
				want.step(step, opt.Rate(), decay, tensor.FromFloat64(be, g, 12).Float64s())
				opt.Step()
				require.True(t, p.Grad.IsZero(), "the gradient is cleared")
				require.InDeltaSlice(t, want.w, p.Data.Float64s(), tolerance(be), "step %d, decay %v", step, decay)
			}
		}
	})
}

func TestClipNorm(t *testing.T) {
	for name, be := range backends(t) {
		t.Run("backend="+name, func(t *testing.T) {
			table := param(be, "table", make([]float64, 10), 5, 2)
			bias := param(be, "bias", make([]float64, 1), 1)
			none := param(be, "none", make([]float64, 3), 3)
			params := []*autograd.Param{table, bias, none}
			setRows(table, []int32{3, 0, 3}, []float64{1, 1, 2, 2, 2, 1}) // row 3: 3 2, row 0: 2 2
			setGrad(bias, []float64{-2})
			var clip optim.Clipper
			assert.InDelta(t, 5, clip.Norm(params), 1e-6)
			assert.InDelta(t, 5, clip.ClipNorm(params, 6), 1e-6)
			assert.InDeltaSlice(t, []float64{-2}, bias.Grad.Dense.Float64s(), 0)
			assert.InDelta(t, 5, clip.ClipNorm(params, 2.5), 1e-6)
			assert.InDelta(t, 2.5, clip.Norm(params), 1e-6)
			require.NotNil(t, table.Grad.Rows, "it stays row-sparse")
			assert.InDeltaSlice(t, []float64{1.5, 1, 1, 1}, table.Grad.Rows.Float64s(), 1e-6)
			assert.InDeltaSlice(t, []float64{-1}, bias.Grad.Dense.Float64s(), 1e-6)
		})
	}
}
