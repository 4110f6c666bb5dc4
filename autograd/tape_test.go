package autograd_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

// leaf puts values [n] on a tape, with a gradient.
func leaf(tape *tape, values ...float32) autograd.Var {
	return tape.Leaf(tensor.FromSlice(tape.Backend(), values, len(values)))
}

// param returns a Param [n].
func param(be backend.Backend, values ...float32) *autograd.Param {
	return autograd.NewParam(tensor.FromSlice(be, values, len(values)))
}

// gradOf returns what Backward left at a Var, or nil.
func gradOf(x autograd.Var) []float32 {
	if g, ok := x.Grad(); ok {
		return g.Floats()
	}
	return nil
}

func TestMistakesPanicWithASentence(t *testing.T) {
	be := reference.New()
	for _, c := range []struct {
		name string
		f    func(tape *tape)
		want string
	}{
		{"stale-var", func(tape *tape) {
			x := leaf(tape, 1)
			for range 5 {
				tape.Reset()
			}
			leaf(tape, 2) // another value in the same place
			x.Item()
		}, "this Var was made in step 1 of its tape, which is now at step 6: after Reset only Params and the Vars given to Reset live on; copy a value out with Value before it"},
		{"stale-operand", func(tape *tape) {
			x := leaf(tape, 1)
			tape.Reset()
			leaf(tape, 1).Add(x)
		}, "this Var was made in step 1"},
		{"stale-loss", func(tape *tape) {
			x := leaf(tape, 1)
			tape.Reset()
			tape.Backward(x)
		}, "this Var was made in step 1"},
		{"stale-kept", func(tape *tape) {
			x := leaf(tape, 1)
			tape.Reset()
			tape.Reset(&x)
		}, "this Var was made in step 1"},
		{"stale-ints", func(tape *tape) {
			ids := tape.Ints([]int32{0, 0}, 2)
			tape.Reset()
			tape.Ints([]int32{0, 1}, 2)
			leaf(tape, 1, 2).Gather(ids)
		}, "this Ints was made in step 1 of its tape, which is now at step 2"},
		{"zero-ints", func(tape *tape) { leaf(tape, 1, 2).Gather(tensor.Ints{}) }, "the zero Ints was used"},
		{"zero-var", func(*tape) { autograd.Var{}.Tanh() }, "autograd: the zero Var was used; did a Forward forget to return it?"},
		{"zero-operand", func(tape *tape) { leaf(tape, 1).Add(autograd.Var{}) }, "the zero Var was used"},
		{"zero-loss", func(tape *tape) { tape.Backward(autograd.Var{}) }, "the zero Var was used"},
		{"zero-losses", func(*tape) { autograd.BackwardAll(autograd.Var{}) }, "the zero Var was used"},
		{"two-tapes", func(tape *tape) { leaf(tape, 1).Add(leaf(autograd.NewTape(be), 1)) }, "autograd: operands from two tapes"},
		{"loss-of-another-tape", func(tape *tape) { tape.Backward(leaf(autograd.NewTape(be), 1)) }, "autograd: Backward of a Var of another tape"},
		{"kept-of-another-tape", func(tape *tape) {
			x := leaf(autograd.NewTape(be), 1)
			tape.Reset(&x)
		}, "autograd: Reset was given a Var of another tape"},
		{"two-losses-of-one-tape", func(tape *tape) {
			x := leaf(tape, 1)
			autograd.BackwardAll(x, x)
		}, "autograd: BackwardAll of two losses on one tape; add them instead"},
		{"nil-param", func(tape *tape) {
			var p *autograd.Param
			leaf(tape, 1).Add(p)
		}, "autograd: a nil Param, or one not made by NewParam"},
		{"param-literal", func(tape *tape) { leaf(tape, 1).Add(&autograd.Param{}) }, "autograd: a nil Param, or one not made by NewParam"},
		{"nil-operand", func(tape *tape) { leaf(tape, 1).Add(nil) }, "autograd: a nil operand"},
		{"updated-between", func(tape *tape) {
			p := param(be, 1, 2)
			p.Name = "Out.W"
			y := p.On(tape).Sum()
			p.Update(func(data *tensor.Tensor) { data.ScaleInPlace(0.9) })
			tape.Backward(y)
		}, `autograd: Param "Out.W" was updated between its use and Backward, so the record no longer fits: Step comes after Backward, then Reset`},
		{"large-loss", func(tape *tape) { tape.Backward(leaf(tape, 1, 2)) }, "backward: [2]: a loss of 2 elements; want one element: take Sum or Mean first"},
		{"grad-by-constant", func(tape *tape) {
			x := leaf(tape, 1).Detach()
			tape.Grad(vars{x.Square()}, vars{x})
		}, "autograd: Grad by input 0, which is a constant"},
		{"two-backends", func(tape *tape) { tape.Const(tensor.Ones(cpu.New(), 2)) }, "put: [2]: the tensor lives on backend cpu, the tape on reference"},
		{"shape", func(tape *tape) { leaf(tape, 1, 2).Add(leaf(tape, 1, 2, 3)) }, "add: [2] × [3]: sizes 2 and 3 of axis -1 differ"},
		{"dropout", func(tape *tape) { leaf(tape, 1).Dropout(1) }, "autograd: dropout: a probability of 1; want 0 ≤ p < 1"},
		{"labels-shape", func(tape *tape) { tape.Zeros(2, 3).CrossEntropy(tape.Ints([]int32{0}, 1), 0) }, "crossEntropy: [2 3] × [1]: labels do not match the positions"},
		{"label-outside", func(tape *tape) { tape.Zeros(2, 3).CrossEntropy(tape.Ints([]int32{0, 3}, 2), 0) }, "crossEntropy: [2]: id 3 at position 1 is out of range"},
		{"lstm-over-time-shape", func(tape *tape) {
			autograd.LSTM(tape.Zeros(5, 2, 7), tape.Zeros(7, 12), tape.Zeros(3, 12), tape.Zeros(12), tape.Zeros(2, 3), tape.Zeros(1, 3), false)
		}, "lstm: [5 2 7] × [7 12] × [3 12] × [12] × [2 3] × [1 3]: the input, the weights and the state do not match; want [T, N, D] × [D, 4H] × [H, 4H] × [4H] × [N, H] × [N, H] with at least one step"},
		{"lstm-of-rows-shape", func(tape *tape) {
			autograd.LSTMRows(tape.Zeros(5, 7), tape.Ints([]int32{1, 4}, 2), tape.Zeros(7, 12), tape.Zeros(3, 12), tape.Zeros(12), autograd.Var{}, autograd.Var{}, false)
		}, "lstm: [5 7] × [7 12] × [3 12] × [12]: the input, the weights and the state do not match; want ids [T, N] of [V, D] × [D, 4H]"},
		{"lstm-of-rows-id", func(tape *tape) {
			autograd.LSTMRows(tape.Zeros(5, 7), tape.Ints([]int32{1, 5}, 2, 1), tape.Zeros(7, 12), tape.Zeros(3, 12), tape.Zeros(12), autograd.Var{}, autograd.Var{}, false)
		}, "lstm: [2 1]: id 5 at position 1 is out of range; want ids from 0 to 4"},
		{"gru-shape", func(tape *tape) {
			autograd.GRU(tape.Zeros(5, 2, 7), tape.Zeros(7, 9), tape.Zeros(3, 12), tape.Zeros(9), tape.Zeros(2, 3), false)
		}, "gru: [5 2 7] × [7 9] × [3 12] × [9] × [2 3]: the input, the weights and the state do not match; want [T, N, D] × [D, 3H] × [H, 3H] × [3H] × [N, H] with at least one step"},
		{"lstm-shape", func(tape *tape) { autograd.LSTMCell(tape.Zeros(2, 9), tape.Zeros(2, 3)) }, "lstmCell: [2 9] × [2 3]: the gates do not match the cell; want [N, 4H] × [N, H]"},
		{"axes", func(tape *tape) { tape.Zeros(1).Expand(1, 1, 1, 1, 1, 1, 1) }, "a shape of 7 axes"},
		{"no-operands", func(*tape) { autograd.Concat(0) }, "autograd: an op on no operands"},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				r := recover()
				require.NotNil(t, r, "no panic")
				assert.Contains(t, fmt.Sprint(r), c.want)
			}()
			c.f(autograd.NewTape(be))
		})
	}
}

func TestReset(t *testing.T) {
	be := cpu.New()
	tape := autograd.NewTape(be)
	x := leaf(tape, 1, 2, 3, 4)
	a, b := x.Square().Reshape(2, 2).Select(0, 0), x.Exp() // a is a view into a larger buffer
	twice, zero := b, autograd.Var{}
	want := [][]float32{a.Floats(), b.Floats()}
	tape.Reset(&a, &zero, &b, &twice)
	assert.Equal(t, 3, tape.Len())
	for range 20 { // what is computed next does not write over what was kept
		tape.Full(9, 4).Exp()
	}
	assert.Equal(t, want, [][]float32{a.Floats(), b.Floats()})
	assert.Equal(t, want[1], twice.Floats())
	assert.True(t, zero.IsZero())

	held := tape.Stats().Held
	tape.Reset()
	assert.Zero(t, tape.Stats().Live)
	assert.Equal(t, held, tape.Stats().Held, "Reset keeps the memory")
	tape.Trim()
	assert.Zero(t, tape.Stats().Held, "Trim gives it back")
}

func TestResetKeepsParamGradients(t *testing.T) {
	be := cpu.New()
	tape, p := autograd.NewTape(be), param(be, 1, 2)
	for k := 1; k <= 3; k++ { // accumulation over several Backward and Reset
		tape.Backward(p.On(tape).Square().Sum())
		tape.Reset()
		assert.Equal(t, []float32{2 * float32(k), 4 * float32(k)}, p.Grad.Floats())
	}
}

func TestValueOutlivesReset(t *testing.T) {
	tape := autograd.NewTape(cpu.New())
	v := leaf(tape, 1, 2).Square().Value()
	tape.Reset()
	leaf(tape, 7, 7).Square()
	assert.Equal(t, []float32{1, 4}, v.Floats())
}

func TestNoGrad(t *testing.T) {
	tape := autograd.NewTape(cpu.New())
	x := leaf(tape, 1, 2)
	var inner, outer autograd.Var
	tape.NoGrad(func() {
		tape.NoGrad(func() { inner = x.Square() })
		outer = x.Square() // the inner scope's end does not end this one
	})
	assert.False(t, inner.NeedsGrad())
	assert.False(t, outer.NeedsGrad())
	assert.True(t, x.Square().NeedsGrad(), "recording is on again")

	assert.Panics(t, func() { tape.NoGrad(func() { panic("within") }) })
	assert.True(t, x.Square().NeedsGrad(), "also after a panic")

	y := x.Square().Sum()
	tape.NoGrad(func() {
		g := tape.Grad(vars{y}, vars{x})[0]
		assert.Equal(t, []float32{2, 4}, g.Floats())
		assert.False(t, g.NeedsGrad(), "what is computed within is constant")
		assert.False(t, x.Square().NeedsGrad(), "Grad does not end the scope")
	})
	tape.NoGrad(func() {
		tape.Backward(y)
		assert.False(t, x.Square().NeedsGrad(), "nor does Backward")
	})
	assert.Equal(t, []float32{2, 4}, gradOf(x))

	tape.NoGrad(func() { tape.Reset() })
	assert.True(t, leaf(tape, 1).Square().NeedsGrad())
}

func TestDetach(t *testing.T) {
	tape := autograd.NewTape(cpu.New())
	x := leaf(tape, 3)
	tape.Backward(x.Mul(x.Detach()).Sum())
	assert.Equal(t, []float32{3}, gradOf(x), "3 and not 6")
}

func TestFrozen(t *testing.T) {
	be := cpu.New()
	tape, p, q := autograd.NewTape(be), param(be, 2), param(be, 3)
	p.Frozen = true
	y := p.On(tape).Mul(q).Sum()
	tape.Backward(y)
	assert.True(t, p.Grad.IsZero())
	assert.Equal(t, []float32{2}, q.Grad.Floats())
}

// An inference tape records no operation and leaves dropout out.
func TestInference(t *testing.T) {
	be := cpu.New()
	tape := autograd.Config{Inference: true}.NewTape(be)
	x := param(be, 1, 2).On(tape)
	y := x.Dropout(0.5).Square()
	assert.Equal(t, []float32{1, 4}, y.Floats())
	assert.False(t, y.NeedsGrad())
	assert.False(t, tape.Training())
	for r := range tape.Records() {
		assert.Nil(t, r.Op)
	}
	tape.Reset()
	assert.False(t, x.Tape().Param(param(be, 1)).Square().NeedsGrad(), "also after Reset")
}

// The stream of a tape is set by seed and stream and goes on over Reset.
func TestRandomStream(t *testing.T) {
	be := cpu.New()
	draw := func(c autograd.Config, n int) (all [][]float32) {
		tape := c.NewTape(be)
		for range n {
			all = append(all, tape.Full(1, 20).Dropout(0.5).Floats())
			tape.Reset()
		}
		return all
	}
	a := draw(autograd.Config{Seed: 1}, 3)
	assert.Equal(t, a, draw(autograd.Config{Seed: 1}, 3))
	assert.NotEqual(t, a[0], a[1], "another mask each step")
	assert.NotEqual(t, a[0], draw(autograd.Config{Seed: 2}, 1)[0])
	assert.NotEqual(t, a[0], draw(autograd.Config{Seed: 1, Stream: 1}, 1)[0])

	tape := autograd.Config{Seed: 1}.NewTape(be)
	tape.Full(1, 20).Dropout(0.5)
	pos := tape.Rand().Pos
	later := autograd.Config{Seed: 1}.NewTape(be)
	later.Rand().Pos = pos // a checkpoint
	assert.Equal(t, a[1], later.Full(1, 20).Dropout(0.5).Floats())
}

// A list handed out stays as it is when others follow it.
func TestList(t *testing.T) {
	tape := autograd.NewTape(cpu.New())
	x := leaf(tape, 1)
	first := tape.List(3)
	for i := range first {
		first[i] = x
	}
	for n := range 50 {
		for _, v := range tape.List(n) {
			assert.True(t, v.IsZero())
		}
	}
	_ = append(first, autograd.Var{}) // does not reach into the next
	for _, v := range first {
		assert.Equal(t, x, v)
	}
}

func TestVarReadsItsValue(t *testing.T) {
	tape := autograd.NewTape(cpu.New())
	x := tape.Input([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	assert.Equal(t, []int{2, 3}, x.Shape())
	assert.Equal(t, 2, x.Rank())
	assert.Equal(t, 3, x.Dim(-1))
	assert.Equal(t, 6, x.Len())
	assert.Equal(t, []float32{1, 4, 2, 5, 3, 6}, x.T().Floats())
	assert.Equal(t, []float64{1, 2, 3, 4, 5, 6}, x.Float64s())
	got := make([]float32, 6)
	x.Read(got)
	assert.Equal(t, []float32{1, 2, 3, 4, 5, 6}, got)
	assert.InDelta(t, 21, x.Sum().Item(), 0)
	assert.Equal(t, []int32{2, 2}, x.ArgMax(1).Data())
	assert.Equal(t, []int32{0, 0}, x.ArgMin(1).Data())
	assert.NotEmpty(t, x.String())
	assert.Same(t, tape, x.Tape())
}

func TestBackwardOnAnInferenceTapePanics(t *testing.T) {
	be := cpu.New()
	tape := autograd.Config{Inference: true}.NewTape(be)
	p := autograd.NewParam(tensor.FromSlice(be, []float32{1}, 1))
	assert.PanicsWithValue(t, "autograd: Backward on a tape made with Config.Inference, which records nothing; train on one made by NewTape",
		func() { tape.Backward(tape.Param(p).Square()) })
}

func TestZeroVarPrints(t *testing.T) { assert.Equal(t, "Var{}", fmt.Sprint(autograd.Var{})) }
