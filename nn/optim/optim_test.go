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
	arrays int  // how many the optimiser keeps for a parameter
	exact  bool // on row-sparse gradients, without weight decay
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
		{"Momentum", 1, false,
			func(s settings) optim.Optimizer {
				return &optim.Momentum{Params: s.params, Groups: s.groups, LR: s.lr, WeightDecay: s.decay, Dense: s.dense}
			},
			func(_ int, lr, decay, w, g float64, s *[2]float64) float64 {
				s[0] = 0.9*s[0] - lr*(g+decay*w)
				return w + s[0]
			}},
		{"Nesterov", 1, false,
			func(s settings) optim.Optimizer {
				return &optim.Nesterov{Params: s.params, Groups: s.groups, LR: s.lr, WeightDecay: s.decay, Dense: s.dense}
			},
			func(_ int, lr, decay, w, g float64, s *[2]float64) float64 {
				g += decay * w
				s[0] = 0.9*s[0] - lr*g
				return w + 0.81*s[0] - 1.9*lr*g
			}},
		{"AdaGrad", 1, true,
			func(s settings) optim.Optimizer {
				return &optim.AdaGrad{Params: s.params, Groups: s.groups, LR: s.lr, WeightDecay: s.decay, Dense: s.dense}
			},
			func(_ int, lr, decay, w, g float64, s *[2]float64) float64 {
				g += decay * w
				s[0] += g * g
				return w - lr*g/(math.Sqrt(s[0])+1e-7)
			}},
		{"RMSprop", 1, false,
			func(s settings) optim.Optimizer {
				return &optim.RMSprop{Params: s.params, Groups: s.groups, LR: s.lr, WeightDecay: s.decay, Dense: s.dense}
			},
			func(_ int, lr, decay, w, g float64, s *[2]float64) float64 {
				g += decay * w
				s[0] = 0.99*s[0] + 0.01*g*g
				return w - lr*g/(math.Sqrt(s[0])+1e-7)
			}},
		{"Adam", 2, false,
			func(s settings) optim.Optimizer {
				return &optim.Adam{Params: s.params, Groups: s.groups, LR: s.lr, WeightDecay: s.decay, Dense: s.dense}
			},
			func(t int, lr, decay, w, g float64, s *[2]float64) float64 {
				return w - adam(t, lr, g+decay*w, s)
			}},
		{"AdamW", 2, false,
			func(s settings) optim.Optimizer {
				return &optim.AdamW{Params: s.params, Groups: s.groups, LR: s.lr, WeightDecay: s.decay, Dense: s.dense}
			},
			func(t int, lr, decay, w, g float64, s *[2]float64) float64 {
				return w - lr*decay*w - adam(t, lr, g, s)
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
	return map[string]backend.Backend{"cpu": cpu.New(), "composed": backend.Basic(cpu.New()), "reference": reference.New(), "remote": dev}
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

// TestLazyRows pins what a row-sparse gradient does: the rows that it names take a
// step, with weight decay, and all others and their state stay.
func TestLazyRows(t *testing.T) {
	each(t, func(t *testing.T, be backend.Backend, r rule) {
		random := rand.New(rand.NewPCG(3, 4))
		p := param(be, "p", normals(random, 12), 6, 2)
		opt := r.make(settings{params: []*autograd.Param{p}, lr: 0.05, decay: 0.1})
		want := expect(r, p.Data.Float64s())
		for step := 1; step <= 6; step++ {
			ids := []int32{int32(random.IntN(6)), int32(random.IntN(6)), 5, 5}
			g := tensor.FromFloat64(be, normals(random, 8), 4, 2).Float64s()
			sum := map[int][]float64{}
			for i, id := range ids {
				if sum[int(id)] == nil {
					sum[int(id)] = make([]float64, 2)
				}
				sum[int(id)][0] += g[2*i]
				sum[int(id)][1] += g[2*i+1]
			}
			for id, row := range sum {
				for k, v := range row {
					i := 2*id + k
					want.w[i] = r.scalar(step, 0.05, 0.1, want.w[i], v, &want.state[i])
				}
			}
			setRows(p, ids, g)
			require.NotNil(t, p.Grad.Rows, "the gradient is row-sparse")
			opt.Step()
			require.True(t, p.Grad.IsZero(), "the gradient is cleared")
			require.InDeltaSlice(t, want.w, p.Data.Float64s(), tolerance(be), "step %d", step)
		}
	})
}

// TestRowsHaveDenseBits compares row-sparse gradients with the same ones made
// dense, bit for bit: with Dense set, for every optimiser; without it, for those
// that are exact on rows, and for all where every row has a gradient.
func TestRowsHaveDenseBits(t *testing.T) {
	each(t, func(t *testing.T, be backend.Backend, r rule) {
		cases := []struct {
			name    string
			dense   bool
			decay   float64
			allRows bool
			skip    bool
		}{
			{name: "dense", dense: true, decay: 0.1},
			{name: "exact", skip: !r.exact},
			{name: "every row", decay: 0.1, allRows: true},
		}
		for _, c := range cases {
			if c.skip {
				continue
			}
			random := rand.New(rand.NewPCG(5, 6))
			start := normals(random, 15)
			sparse, dense := param(be, "p", start, 5, 3), param(be, "p", start, 5, 3)
			one := r.make(settings{params: []*autograd.Param{sparse}, lr: 0.05, decay: c.decay, dense: c.dense})
			two := r.make(settings{params: []*autograd.Param{dense}, lr: 0.05, decay: c.decay})
			for range 8 {
				ids := []int32{int32(random.IntN(5)), 2, int32(random.IntN(5)), 2}
				if c.allRows {
					ids = []int32{4, 1, 2, 3, 0, 4}
				}
				setRows(sparse, ids, normals(random, 3*len(ids)))
				g := make([]float64, 15)
				for i, v := range sparse.Grad.Rows.Float64s() {
					g[int(sparse.Grad.IDs[i/3])*3+i%3] = v
				}
				setGrad(dense, g)
				one.Step()
				two.Step()
				require.Equal(t, dense.Data.Float64s(), sparse.Data.Float64s(), c.name)
			}
		}
	})
}

// TestWeightTying trains a table that is looked up and multiplied by: its gradient
// is dense, the sum of both.
func TestWeightTying(t *testing.T) {
	each(t, func(t *testing.T, be backend.Backend, r rule) {
		random := rand.New(rand.NewPCG(7, 8))
		table := param(be, "table", normals(random, 8), 4, 2)
		opt := r.make(settings{params: []*autograd.Param{table}, lr: 0.01})
		want := expect(r, table.Data.Float64s())
		for step := 1; step <= 4; step++ {
			// The sum of all products of row 1 with the rows of the table: its derivative
			// by every row is row 1, and by row 1 the sum of all rows besides.
			g := make([]float64, 8)
			for i := range g {
				g[i] += want.w[2+i%2]
				g[2+i%2] += want.w[i]
			}
			tape := autograd.NewTape(be)
			h := table.On(tape).Gather(tape.Ints([]int32{1}, 1))
			tape.Backward(h.MatMul(table.On(tape).T()).Sum())
			require.NotNil(t, table.Grad.Dense)
			opt.Step()
			want.step(step, 0.01, 0, g)
			require.InDeltaSlice(t, want.w, table.Data.Float64s(), 10*tolerance(be), "step %d", step)
		}
	})
}

func TestGroups(t *testing.T) {
	each(t, func(t *testing.T, be backend.Backend, r rule) {
		w, bias, slow := param(be, "w", []float64{1, 2}, 2), param(be, "bias", []float64{3}, 1), param(be, "slow", []float64{4}, 1)
		opt := r.make(settings{
			params: []*autograd.Param{w, bias, slow}, // a group has the last word on those in it
			groups: []optim.Group{{Params: []*autograd.Param{bias}}, {Params: []*autograd.Param{slow}, RateFactor: 0.1, WeightDecay: 0.5}},
			lr:     0.01, decay: 0.2,
		})
		wants := []*expected{expect(r, []float64{1, 2}), expect(r, []float64{3}), expect(r, []float64{4})}
		for step := 1; step <= 3; step++ {
			opt.SetRate(0.01 * float64(step))
			setGrad(w, []float64{1, -1})
			setGrad(bias, []float64{2})
			setGrad(slow, []float64{3})
			opt.Step()
			wants[0].step(step, opt.Rate(), 0.2, []float64{1, -1})
			wants[1].step(step, opt.Rate(), 0, []float64{2})
			wants[2].step(step, opt.Rate()*0.1, 0.5, []float64{3})
			for i, p := range []*autograd.Param{w, bias, slow} {
				require.InDeltaSlice(t, wants[i].w, p.Data.Float64s(), tolerance(be), "%s, step %d", p.Name, step)
			}
		}
	})
}

func TestLeavesAlone(t *testing.T) {
	each(t, func(t *testing.T, be backend.Backend, r rule) {
		frozen, idle, moving := param(be, "frozen", []float64{1}, 1), param(be, "idle", []float64{2}, 1), param(be, "moving", []float64{3}, 1)
		opt := r.make(settings{params: []*autograd.Param{frozen, idle, moving}, lr: 0.1, decay: 0.1})
		opt.Step() // no gradients at all
		assert.Zero(t, opt.State().Steps)
		setGrad(frozen, []float64{1})
		frozen.Frozen = true
		setGrad(moving, []float64{1})
		opt.Step()
		assert.Equal(t, []float64{1}, frozen.Data.Float64s())
		assert.Equal(t, []float64{2}, idle.Data.Float64s())
		assert.NotEqual(t, []float64{3}, moving.Data.Float64s())
		assert.Len(t, opt.State().Arrays, r.arrays)
	})
}

// TestFault breaks a kernel between Backward and Step.
func TestFault(t *testing.T) {
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			dev := remote.NewFloat64(reference.New(), 1<<20)
			defer dev.Close()
			p, table := param(dev, "p", []float64{1, 2}, 2), param(dev, "table", []float64{1, 2, 3, 4}, 2, 2)
			params := []*autograd.Param{p, table}
			opt := r.make(settings{params: params, lr: 0.1})
			grads := func() {
				setGrad(p, []float64{1, -1})
				setRows(table, []int32{1}, []float64{3, 4})
			}
			grads()
			opt.Step()
			before, rows, state := p.Data.Float64s(), table.Data.Float64s(), floats(opt.State())

			grads()
			dev.Break()
			setRows(table, []int32{0}, []float64{3, 4})
			err := autograd.Try(opt.Step)
			require.ErrorIs(t, err, remote.ErrInjected)
			assert.Equal(t, before, p.Data.Float64s(), "nothing is written")
			assert.Equal(t, rows, table.Data.Float64s(), "nothing is written")
			assert.Equal(t, state, floats(opt.State()))
			assert.Equal(t, 1, opt.State().Steps)

			p.Grad.Zero()
			table.Grad.Zero()
			grads()
			require.NoError(t, autograd.Try(opt.Step), "the fault was told")
			want := expect(r, []float64{1, 2})
			want.step(1, 0.1, 0, []float64{1, -1})
			want.step(2, 0.1, 0, []float64{1, -1})
			assert.InDeltaSlice(t, want.w, p.Data.Float64s(), 1e-12)
		})
	}
}

func floats(s optim.State) map[string][]float64 {
	out := map[string][]float64{}
	for name, x := range s.Arrays {
		out[name] = x.Float64s()
	}
	return out
}

// TestOutOfMemory has the first Step run out of memory for its state.
func TestOutOfMemory(t *testing.T) {
	dev := remote.New(reference.New(), 6000)
	defer dev.Close()
	small, large := param(dev, "small", []float64{1, 2}, 2), param(dev, "large", make([]float64, 400), 400)
	opt := &optim.Adam{Params: []*autograd.Param{small, large}, LR: 0.1}
	setGrad(small, []float64{1, 1})
	tape := autograd.NewTape(dev)
	tape.Backward(large.On(tape).Sum())
	var full *backend.OutOfMemory
	require.ErrorAs(t, autograd.Try(opt.Step), &full)
	assert.Equal(t, []float32{1, 2}, small.Data.Floats(), "nothing is written")
	assert.Zero(t, opt.State().Steps)
}

// TestResume saves and restores in the middle and wants the same bits.
func TestResume(t *testing.T) {
	each(t, func(t *testing.T, be backend.Backend, r rule) {
		random := rand.New(rand.NewPCG(9, 10))
		dense, sparse, idle := normals(random, 4), normals(random, 6), normals(random, 2)
		model := func() []*autograd.Param {
			return []*autograd.Param{param(be, "dense", dense, 4), param(be, "sparse", sparse, 3, 2), param(be, "idle", idle, 2)}
		}
		train := func(opt optim.Optimizer, params []*autograd.Param, from, to int) {
			for step := from; step < to; step++ {
				random := rand.New(rand.NewPCG(11, uint64(step)))
				setGrad(params[0], normals(random, 4))
				setRows(params[1], []int32{int32(step % 3)}, normals(random, 2))
				opt.Step()
			}
		}
		whole := model()
		train(r.make(settings{params: whole, lr: 0.1}), whole, 0, 7)

		first := model()
		opt := r.make(settings{params: first, lr: 0.1})
		train(opt, first, 0, 4)
		state := opt.State()
		assert.Equal(t, 4, state.Steps)
		assert.Len(t, state.Arrays, 2*r.arrays)

		second := model()
		for i, p := range second {
			p.Data.SetFloat64(first[i].Data.Float64s())
		}
		resumed := r.make(settings{params: second, lr: 0.1})
		require.NoError(t, resumed.SetState(state))
		train(opt, first, 4, 5) // what was given is copied
		train(resumed, second, 4, 7)
		for i := range whole {
			assert.Equal(t, whole[i].Data.Float64s(), second[i].Data.Float64s(), whole[i].Name)
		}
	})
}

func TestSetStateErrors(t *testing.T) {
	be := cpu.New()
	a, b := param(be, "a", []float64{1, 2}, 2), param(be, "b", []float64{1}, 1)
	two, one := tensor.Ones(be, 2), tensor.Ones(be, 1)
	cases := []struct {
		name  string
		state optim.State
		want  string
	}{
		{"shape", optim.State{Arrays: map[string]*tensor.Tensor{"a.m": one, "a.v": one}}, `is [1] in the state, and its parameter is [2]`},
		{"half", optim.State{Arrays: map[string]*tensor.Tensor{"a.m": two}}, `parameter "a" has some of its arrays [m v] in the state, but not all`},
		{"stranger", optim.State{Arrays: map[string]*tensor.Tensor{"b.m": one, "b.v": one, "c.m": one}}, "the state has 3 arrays, of which 2 fit"},
		{"steps", optim.State{Steps: -1}, "a state after -1 steps"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			opt := &optim.Adam{Params: []*autograd.Param{a, b}, LR: 0.1}
			setGrad(a, []float64{1, 1})
			opt.Step()
			require.ErrorContains(t, opt.SetState(c.state), c.want)
			assert.Equal(t, 1, opt.State().Steps, "unchanged")
			assert.Len(t, opt.State().Arrays, 2, "unchanged")
		})
	}
}

func TestMistakes(t *testing.T) {
	a, b, nameless := param(cpu.New(), "w", []float64{1}, 1), param(reference.New(), "w", []float64{1}, 1), param(cpu.New(), "", []float64{1}, 1)
	setGrad(a, []float64{1})
	setGrad(b, []float64{1})
	opt := &optim.SGD{Params: []*autograd.Param{a, b}, LR: 1}
	assert.PanicsWithValue(t, "optim: parameters live on two backends, cpu and reference: give each backend an optimiser of its own", opt.Step)
	assert.Equal(t, []float64{1}, a.Data.Float64s())
	assert.PanicsWithValue(t, `optim: two parameters are named "w": give each a Name of its own, for its state to be kept under`, func() { opt.State() })
	opt = &optim.SGD{Params: []*autograd.Param{nameless}}
	assert.PanicsWithValue(t, "optim: a parameter has no name to keep its state under: nn.Params gives it one", func() { opt.State() })
}

// TestMovesWithItsParameters trains on, on another backend.
func TestMovesWithItsParameters(t *testing.T) {
	for _, r := range rules() {
		p := param(reference.New(), "p", []float64{1, 2}, 2)
		opt := r.make(settings{params: []*autograd.Param{p}, lr: 0.1})
		want := expect(r, []float64{1, 2})
		for step := 1; step <= 4; step++ {
			if step == 3 { // as nn.To does
				p.Grad, p.Data = autograd.Gradient{}, tensor.To(cpu.New(), p.Data)
			}
			setGrad(p, []float64{1, -3})
			opt.Step()
			want.step(step, 0.1, 0, []float64{1, -3})
		}
		assert.InDeltaSlice(t, want.w, p.Data.Float64s(), 1e-5, r.name)
	}
}

// TestConverges walks down a bowl that is 20 times as steep one way as the other,
// and Rosenbrock's valley.
func TestConverges(t *testing.T) {
	be := cpu.New()
	bowl := func(x, y autograd.Var) autograd.Var { return x.Square().Scale(10, 0).Add(y.Square().Scale(0.5, 0)) }
	valley := func(x, y autograd.Var) autograd.Var {
		return x.Scale(-1, 1).Square().Add(y.Sub(x.Square()).Square().Scale(100, 0))
	}
	rates := map[string][2]float64{
		"SGD": {0.05, 1e-3}, "Momentum": {0.02, 5e-4}, "Nesterov": {0.02, 5e-4}, "AdaGrad": {0.5, 0.5},
		"RMSprop": {0.01, 1e-3}, "Adam": {0.05, 0.02}, "AdamW": {0.05, 0.02},
	}
	for _, r := range rules() {
		for i, f := range []func(x, y autograd.Var) autograd.Var{bowl, valley} {
			x, y := param(be, "x", []float64{-1}, 1), param(be, "y", []float64{1.5}, 1)
			opt := r.make(settings{params: []*autograd.Param{x, y}, lr: rates[r.name][i]})
			tape := autograd.NewTape(be)
			loss := 0.0
			for range []int{400, 3000}[i] {
				l := f(x.On(tape), y.On(tape)).Sum()
				loss = l.Item()
				tape.Backward(l)
				opt.Step()
				tape.Reset()
			}
			assert.Less(t, loss, []float64{1e-3, 0.06}[i], "%s on %s, from %.3g", r.name, []string{"bowl", "valley"}[i], []float64{11.1, 29}[i])
		}
	}
}
