package autograd_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/tensor"
)

// anomalous runs f on a tape in anomaly mode and returns what it panics with.
func anomalous(t *testing.T, be backend.Backend, f func(tape *tape)) (found *autograd.AnomalyError) {
	t.Helper()
	defer func() {
		err, ok := recover().(error)
		require.True(t, ok, "no panic")
		require.True(t, errors.As(err, &found), "%v", err)
	}()
	f(autograd.Config{Anomaly: true}.NewTape(be))
	return nil
}

// rootOfZero is a caller to be named.
func rootOfZero(x autograd.Var) autograd.Var { return x.Sub(x).Sqrt() }

func TestAnomalyForwards(t *testing.T) {
	for _, c := range []struct {
		name   string
		f      func(tape *tape)
		op     string
		shapes [][]int
		value  float64
	}{
		{"log", func(tape *tape) { leaf(tape, 1, 0).Scale(2, 0).Log().Sum() }, "log", [][]int{{2}}, math.Inf(-1)},
		{"div", func(tape *tape) { tape.Zeros(2, 3).Div(tape.Zeros(3)) }, "div", [][]int{{2, 3}, {3}}, math.NaN()},
		{"constants", func(tape *tape) { tape.NoGrad(func() { tape.Full(100, 1).Exp() }) }, "exp", [][]int{{1}}, math.Inf(1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := anomalous(t, cpu.New(), c.f)
			assert.Equal(t, c.op, e.Op)
			assert.Equal(t, c.shapes, e.Shapes)
			assert.True(t, e.Value == c.value || math.IsNaN(e.Value) && math.IsNaN(c.value), "%v", e.Value)
			assert.False(t, e.Backward)
			require.NotEmpty(t, e.Sites)
			assert.Regexp(t, `anomaly_test\.go:\d+$`, e.Sites[0])
			assert.NotContains(t, e.Error(), "/runtime/", "where every program begins says nothing")
		})
	}
}

func TestAnomalyBackwards(t *testing.T) {
	for _, c := range []struct {
		name   string
		f      func(tape *tape)
		op     string
		shapes [][]int
	}{
		{"backward", func(tape *tape) { tape.Backward(rootOfZero(leaf(tape, 1, 2)).Sum()) }, "sqrt", [][]int{{2}}},
		{"grad", func(tape *tape) {
			x := leaf(tape, 1, 2)
			tape.Grad(vars{rootOfZero(x)}, vars{x})
		}, "sqrt", [][]int{{2}}},
		{"second-order", func(tape *tape) { // the first derivative of |x|^1.5 at 0 is 0, the second is not finite
			x := leaf(tape, 0)
			g := tape.Grad(vars{x.Pow(1.5)}, vars{x})[0]
			tape.Backward(g.Sum())
		}, "pow", [][]int{{1}}},
		{"composer", func(tape *tape) { // a finite result, whose gradient overflows float32
			y := leaf(tape, 1e19)
			x := leaf(tape, 1e-10)
			tape.Backward(autograd.Apply2(fusedProduct{1}, x, y).Scale(1e5, 0).Sum())
		}, "fusedProduct", [][]int{{1}, {1}}},
		{"row-sparse", func(tape *tape) {
			p := autograd.NewParam(tensor.Ones(tape.Backend(), 3, 1))
			y := p.On(tape).Gather(tape.Ints([]int32{1}, 1))
			y.OnGrad(func(g autograd.Var) autograd.Var { return tape.Full(math.Inf(1), g.Shape()...) })
			tape.Backward(y.Sum())
		}, "gather", [][]int{{3, 1}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := anomalous(t, cpu.New(), c.f)
			assert.Equal(t, c.op, e.Op)
			assert.Equal(t, c.shapes, e.Shapes)
			assert.True(t, e.Backward)
		})
	}
}

func TestAnomalyMessage(t *testing.T) {
	e := anomalous(t, cpu.New(), func(tape *tape) { leaf(tape, -1, 4).Reshape(1, 2).Sqrt() })
	assert.Regexp(t, `^sqrt produced NaN from operands of shape \[1 2\]; called at .*anomaly_test.go:\d+`, e.Error())
	e = anomalous(t, cpu.New(), func(tape *tape) { tape.Backward(rootOfZero(leaf(tape, 1, 2)).Sum()) })
	assert.Regexp(t, `^sqrt's gradient produced \+Inf, operands of shape \[2\]; called at .*anomaly_test.go:\d+, from .*anomaly_test.go:\d+`, e.Error())
}

// Anomaly mode changes no result, and a tape goes on after Reset.
func TestAnomalyModeIsOtherwiseTheSame(t *testing.T) {
	be := cpu.New()
	run := func(c autograd.Config) [][]float32 {
		m := newLM(be, 7, 2, true)
		m.drop = 0.3
		tape := c.NewTape(be)
		assert.NotPanics(t, func() {
			loss := m.fresh(tape, newWindow(0, 3, 2, 7))
			for _, g := range tape.Grad(vars{loss}, vars{m.wx.On(tape)}) {
				loss = loss.Add(g.Square().Sum())
			}
			tape.Backward(loss)
			tape.Backward(loss)
		})
		return takeGrads(m.params())
	}
	assert.Equal(t, run(autograd.Config{}), run(autograd.Config{Anomaly: true}))

	tape := autograd.Config{Anomaly: true}.NewTape(be)
	assert.Panics(t, func() { tape.Backward(rootOfZero(leaf(tape, 1)).Sum()) })
	tape.Reset()
	assert.Panics(t, func() { leaf(tape, -1).Log() }, "it still looks")
	tape.Reset()
	x := leaf(tape, 3)
	tape.Backward(x.Square().Sum())
	assert.Equal(t, []float32{6}, gradOf(x))
}

// A NaN that came in as data is not blamed on the first operation that meets it.
func TestAnomalyInTheData(t *testing.T) {
	be := cpu.New()
	tape := autograd.Config{Anomaly: true}.NewTape(be)
	x, y := tape.Input([]float32{1, 2}, 2), tape.Input([]float32{1, float32(math.NaN())}, 2)
	defer func() {
		err, ok := recover().(*autograd.AnomalyError)
		require.True(t, ok)
		assert.Equal(t, []int{1}, err.Given)
		assert.Contains(t, err.Error(), "add produced NaN from operands of shape [2] [2], of which number [1] held one already: it came in as data or a parameter")
	}()
	x.Add(y)
}
