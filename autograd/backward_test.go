package autograd_test

import (
	"math"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/tensor"
)

func TestBackwardOfAConstant(t *testing.T) {
	be := cpu.New()
	tape, p := autograd.NewTape(be), param(be, 1)
	p.On(tape)
	tape.Backward(tape.Full(3))
	assert.True(t, p.Grad.IsZero(), "every derivative is 0")
	tape.Backward(p.On(tape)) // the loss is the Param
	assert.Equal(t, []float32{1}, p.Grad.Floats())
	x := leaf(tape, 5)
	tape.Backward(x)
	assert.Equal(t, []float32{1}, gradOf(x))
}

// Several losses on one tape, whose gradients add up, as a loss of several outputs.
func TestSeveralLosses(t *testing.T) {
	be := cpu.New()
	tape, p := autograd.NewTape(be), param(be, 2, 3)
	x := p.On(tape)
	shared := x.Square()
	a, b := shared.Sum(), shared.Mul(x).Sum()
	tape.Backward(b) // the later one first, then a loss in the middle of the record
	tape.Backward(a)
	assert.Equal(t, []float32{3*4 + 4, 3*9 + 6}, p.Grad.Floats())
	p.Grad.Zero()
	g := tape.Grad(vars{a, b}, vars{x, shared})
	assert.Equal(t, []float32{3*4 + 4, 3*9 + 6}, g[0].Floats())
	assert.Equal(t, []float32{1 + 2, 1 + 3}, g[1].Floats(), "an intermediate Var")
	assert.True(t, p.Grad.IsZero(), "Grad adds to no Param")
}

// Where several are the largest, each gets an equal part; NaN and ties stay finite.
func TestTies(t *testing.T) {
	tape := autograd.NewTape(cpu.New())
	for _, c := range []struct {
		name string
		f    func(x, y autograd.Var) autograd.Var
		want []float32
	}{
		{"max", func(x, _ autograd.Var) autograd.Var { return x.Max() }, []float32{0, 0.5, 0.5}},
		{"min", func(x, _ autograd.Var) autograd.Var { return x.Neg().Min() }, []float32{0, -0.5, -0.5}},
		{"maximum", func(x, y autograd.Var) autograd.Var { return x.Maximum(y) }, []float32{0, 0.5, 1}},
		{"minimum", func(x, y autograd.Var) autograd.Var { return x.Minimum(y) }, []float32{1, 0.5, 0}},
		{"abs", func(x, y autograd.Var) autograd.Var { return x.Sub(y).Abs() }, []float32{-1, 0, 1}},
		{"relu", func(x, y autograd.Var) autograd.Var { return x.Sub(y).ReLU() }, []float32{0, 0, 1}},
		{"leakyReLU", func(x, y autograd.Var) autograd.Var { return x.Sub(y).LeakyReLU(0.25) }, []float32{0.25, 0.25, 1}},
		{"clamp", func(x, _ autograd.Var) autograd.Var { return x.Clamp(0, 2) }, []float32{1, 1, 1}},
		{"pow-0", func(x, y autograd.Var) autograd.Var { return x.Sub(y).Pow(0) }, []float32{0, 0, 0}},
		{"pow-2", func(x, y autograd.Var) autograd.Var { return x.Sub(y).Pow(2) }, []float32{-2, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, y := leaf(tape, 1, 2, 2), leaf(tape, 2, 2, 1)
			if c.name == "pow-2" {
				y = leaf(tape, 2, 2, 2)
			}
			assert.Equal(t, c.want, tape.Grad(vars{c.f(x, y)}, vars{x})[0].Floats())
		})
	}
}

// A third derivative of a square at 0 is 0 and not 0·1/0.
func TestDerivativesAtZero(t *testing.T) {
	tape := autograd.NewTape(cpu.New())
	x := leaf(tape, 0)
	y := x.Pow(2)
	for _, want := range []float64{0, 2, 0, 0} {
		y = tape.Grad(vars{y}, vars{x})[0]
		assert.InDelta(t, want, y.Item(), 0)
	}
}

func TestRetainedGradients(t *testing.T) {
	be := cpu.New()
	tape := autograd.NewTape(be)
	x := leaf(tape, 1, 2)
	kept, lost := x.Square().RetainGrad(), x.Scale(3, 0)
	y := kept.Add(lost).Square().Sum()
	assert.Nil(t, gradOf(kept))
	tape.Backward(y)
	assert.Equal(t, []float32{8, 20}, gradOf(kept))
	assert.Nil(t, gradOf(lost))
	assert.Equal(t, []float32{8*2 + 8*3, 20*4 + 20*3}, gradOf(x))
	tape.Backward(y)
	assert.Equal(t, []float32{16, 40}, gradOf(kept), "they add up")
	assert.Nil(t, gradOf(tape.Zeros(1)))

	tape.Reset()
	z := leaf(tape, 1, 2)
	assert.Nil(t, gradOf(z), "the next step's leaf, in the same place")
	p := param(be, 1, 2)
	w := p.On(tape).RetainGrad()
	tape.Backward(w.Square().Sum())
	assert.Equal(t, []float32{2, 4}, gradOf(w))
	assert.Equal(t, []float32{2, 4}, p.Grad.Floats())
}

func TestHooks(t *testing.T) {
	be := cpu.New()
	double := func(g autograd.Var) autograd.Var { return g.Scale(2, 0) }
	var seen [][]float32
	observe := func(g autograd.Var) autograd.Var {
		seen = append(seen, g.Floats())
		return g
	}
	tape := autograd.NewTape(be)
	build := func() (x, y autograd.Var) {
		seen = nil
		tape.Reset()
		x = leaf(tape, 1, 2)
		mid := x.Square()
		mid.OnGrad(observe)
		mid.OnGrad(double)
		mid.OnGrad(observe)
		mid.RetainGrad()
		return x, mid.Mul(mid).Add(mid).Sum() // three ways back into mid
	}
	t.Run("backward", func(t *testing.T) {
		x, y := build()
		tape.Backward(y)
		assert.Equal(t, [][]float32{{3, 9}, {6, 18}}, seen, "called with the whole gradient, in order")
		assert.Equal(t, []float32{12, 72}, gradOf(x))
	})
	t.Run("grad", func(t *testing.T) {
		x, y := build()
		g := tape.Grad(vars{y}, vars{x})[0]
		assert.Equal(t, [][]float32{{3, 9}, {6, 18}}, seen)
		assert.Equal(t, []float32{12, 72}, g.Floats())
		assert.True(t, g.NeedsGrad())
	})
	t.Run("leaf", func(t *testing.T) {
		tape.Reset()
		x := leaf(tape, 1, 2)
		x.OnGrad(double)
		tape.Backward(x.Square().Sum())
		assert.Equal(t, []float32{4, 8}, gradOf(x))
	})
	t.Run("param", func(t *testing.T) {
		tape.Reset()
		seen = nil
		p := param(be, 1, 2)
		p.On(tape).OnGrad(observe)
		p.On(tape).OnGrad(double)
		tape.Backward(p.On(tape).Square().Sum())
		assert.Equal(t, [][]float32{{2, 4}}, seen)
		assert.Equal(t, []float32{4, 8}, p.Grad.Floats())
	})
	t.Run("row-sparse-param", func(t *testing.T) {
		tape.Reset()
		seen = nil
		p := autograd.NewParam(tensor.FromSlice(be, []float32{1, 2, 3}, 3, 1))
		p.On(tape).OnGrad(observe)
		p.On(tape).OnGrad(double)
		y := p.On(tape).Gather(tape.Ints([]int32{2, 0, 2}, 3)).Square().Sum()
		tape.Backward(y)
		assert.Equal(t, [][]float32{{2, 0, 12}}, seen)
		assert.Equal(t, []float32{4, 0, 24}, p.Grad.Floats())
		records := tape.Len()
		tape.Backward(y)
		assert.Equal(t, []float32{8, 0, 48}, p.Grad.Floats())
		assert.Equal(t, records, tape.Len())
	})
	t.Run("another-shape", func(t *testing.T) {
		tape.Reset()
		x := leaf(tape, 1, 2)
		x.OnGrad(func(g autograd.Var) autograd.Var { return g.Sum() })
		assert.PanicsWithError(t, "hook: [2] × []: a hook returned a gradient of another shape than its Var's; want the Var's shape",
			func() { tape.Backward(x.Square().Sum()) })
	})
	t.Run("gone-after-reset", func(t *testing.T) {
		build()
		tape.Reset()
		x := leaf(tape, 1, 2)
		tape.Backward(x.Square().Sum())
		assert.Empty(t, seen)
		assert.Equal(t, []float32{2, 4}, gradOf(x))
	})
}

// Rows of an embedding whose ids repeat within a lookup and across lookups, and
// over two Backward: unique ids in order of first appearance, one row for each.
func TestSparseGradientsCoalesce(t *testing.T) {
	for _, be := range append(wide(t), cpu.New()) {
		t.Run("backend="+be.Name(), func(t *testing.T) {
			table := make([]float32, 20)
			for i := range table {
				table[i] = float32(i) / 8
			}
			p := autograd.NewParam(tensor.FromSlice(be, table, 10, 2))
			dense := autograd.NewParam(tensor.FromSlice(be, table, 10, 2))
			tape := autograd.NewTape(be)
			loss := func(w autograd.Var, a, b []int32) autograd.Var {
				return w.Gather(tape.Ints(a, 3)).Mul(w.Gather(tensor.NewInts(b, 3))).Sum()
			}
			for pass, ids := range [][]int32{{7, 3, 1}, {7, 3, 1, 0, 9}, {7, 3, 1, 0, 9}} { // the last lookup flows back first
				a, b := []int32{3, 7, 1}, []int32{7, 7, 3}
				if pass > 0 {
					a, b = []int32{9, 9, 9}, []int32{0, 7, 9}
				}
				tape.Backward(loss(p.On(tape), a, b))
				tape.Backward(loss(dense.On(tape).Scale(1, 0), a, b)) // no longer the Param itself: dense
				tape.Reset()
				assert.Equal(t, ids, p.Grad.IDs)
				assert.Equal(t, []int{len(ids), 2}, p.Grad.Rows.Shape())
				assert.Equal(t, ids, p.Grad.RowIDs().Data())
				assert.Nil(t, p.Grad.Dense)
				assert.NotNil(t, dense.Grad.Dense)
				assertClose(t, [][]float32{dense.Grad.Floats()}, [][]float32{p.Grad.Floats()}, 1e-6, "rows")
			}
			assert.Equal(t, p.Grad.Rows, p.Grad.Tensor())
			// Dense swallows sparse, and sparse adds to dense.
			for _, q := range []*autograd.Param{p, dense} {
				tape.Backward(q.On(tape).Sum())
				assert.Nil(t, q.Grad.Rows)
				tape.Backward(loss(q.On(tape), []int32{0, 0, 1}, []int32{2, 2, 2}))
				tape.Reset()
			}
			assertClose(t, [][]float32{dense.Grad.Floats()}, [][]float32{p.Grad.Floats()}, 1e-6, "dense")
			p.Grad.Zero()
			assert.True(t, p.Grad.IsZero())
			assert.Nil(t, p.Grad.Floats())
			tape.Reset()
			tape.Backward(loss(p.On(tape), []int32{4, 4, 4}, []int32{4, 4, 4}))
			assert.Equal(t, []int32{4}, p.Grad.IDs, "a new step begins with no ids")
		})
	}
}

// The gradients of several tapes are summed in the order of the arguments,
// whoever is done first, and as one tape would sum them.
func TestBackwardAll(t *testing.T) {
	const tapes, vocab, hidden = 3, 9, 4
	be := cpu.New()
	losses := func(m *lm, on []*autograd.Tape, order []int) (list vars) {
		list = make(vars, tapes)
		var wg sync.WaitGroup
		for i := range tapes {
			wg.Go(func() { list[i] = m.fresh(on[i], newWindow(50*i, 3+2*i, 2, vocab)).Scale(1.0/tapes, 0) })
		}
		wg.Wait()
		return vars{list[order[0]], list[order[1]], list[order[2]]}
	}
	var on []*autograd.Tape
	for i := range tapes {
		on = append(on, autograd.Config{Seed: 1, Stream: uint64(i)}.NewTape(be))
	}
	run := func(order ...int) [][]float32 {
		m := newLM(be, vocab, hidden, true)
		m.drop = 0.2
		for _, tape := range on {
			tape.Reset()
			tape.Rand().Pos = 0
		}
		autograd.BackwardAll(losses(m, on, order)...)
		return takeGrads(m.params())
	}
	first := run(0, 1, 2)
	for range 5 {
		require.Equal(t, first, run(0, 1, 2), "bit for bit")
	}
	assertClose(t, first, run(2, 0, 1), 1e-5, "another order")

	m := newLM(be, vocab, hidden, true)
	m.drop = 0.2
	for i, tape := range on { // one after the other, published in the same order
		tape.Reset()
		tape.Rand().Pos = 0
		tape.Backward(m.fresh(tape, newWindow(50*i, 3+2*i, 2, vocab)).Scale(1.0/tapes, 0))
	}
	assert.Equal(t, first, takeGrads(m.params()))
}

// A panic on one of several tapes comes out of BackwardAll, and nothing is published.
func TestBackwardAllPanics(t *testing.T) {
	be := cpu.New()
	p := param(be, 1, 2)
	a, b := autograd.NewTape(be), autograd.NewTape(be)
	assert.PanicsWithError(t, "backward: [2]: a loss of 2 elements; want one element: take Sum or Mean first", func() {
		autograd.BackwardAll(p.On(a).Sum(), p.On(b).Square())
	})
	assert.True(t, p.Grad.IsZero())
}

// A gradient of NaN or Inf is passed on, not hidden.
func TestNaNFlowsBack(t *testing.T) {
	tape := autograd.NewTape(cpu.New())
	x := leaf(tape, 0, 1)
	tape.Backward(x.Sqrt().Sum())
	assert.True(t, math.IsInf(float64(gradOf(x)[0]), 1))
	assert.InDelta(t, 0.5, gradOf(x)[1], 1e-7)
}

// On a backend without the kernels, a Composer runs as its definition.
func TestComposerWithoutKernels(t *testing.T) {
	names := func(be backend.Backend) (list []string) {
		tape := autograd.NewTape(be)
		autograd.LSTMCell(tape.Leaf(tensor.Ones(be, 1, 4)), tape.Leaf(tensor.Ones(be, 1, 1)))
		for r := range tape.Records() {
			list = append(list, r.Name)
		}
		return list
	}
	assert.Contains(t, names(cpu.New()), "lstmCell")
	composed := names(backend.Basic(cpu.New()))
	assert.NotContains(t, composed, "lstmCell")
	assert.Contains(t, composed, "sigmoid")
}
