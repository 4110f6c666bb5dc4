package autograd_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/tensor"
)

// softAbs is an op made outside the package: d ln cosh(x/d), which is |x| far from
// 0. It has an attribute, temporaries in Forward, and no second derivative of its own.
type softAbs struct{ Delta float64 }

func (*softAbs) Name() string { return "softAbs" }

func (o *softAbs) Forward(f *autograd.Fwd) *tensor.Tensor {
	e := f.In(0).Scale(1/o.Delta, 0).Exp()
	return e.Add(e.Reciprocal()).Scale(0.5, 0).Log().Scale(o.Delta, 0)
}

// VJP: tanh(x/d).
func (o *softAbs) VJP(b *autograd.Bwd) {
	b.Add(0, b.Grad().Mul(b.In(0).Scale(1/o.Delta, 0).Tanh()))
}

func SoftAbs(x autograd.Var, delta float64) autograd.Var { return autograd.Apply(softAbs{delta}, x) }

// saving keeps its own result, an input or a temporary for the VJP of eˣ.
type saving struct{ What string }

func (*saving) Name() string { return "saving" }

func (o *saving) Forward(f *autograd.Fwd) *tensor.Tensor {
	f.Save(f.In(0).Exp()) // a second Save takes its place
	y := f.In(0).Exp()
	switch o.What {
	case "result":
		f.Save(y)
	case "input":
		f.Save(f.In(0))
	case "temporary":
		f.Save(f.In(0).Exp())
	}
	return y
}

func (o *saving) VJP(b *autograd.Bwd) {
	s := b.Temp(b.Saved(0).Clone())
	if o.What == "input" {
		s = s.Exp()
	}
	if b.Recording() {
		s = b.Out()
	}
	b.Add(0, b.Grad().Mul(s))
}

// pick is an op on many operands: it returns the i-th, and needs the gradients of none else.
type pick struct{ Index int }

func (*pick) Name() string { return "pick" }

func (o *pick) Forward(f *autograd.Fwd) *tensor.Tensor { return f.Ins()[o.Index%f.NumIn()].Clone() }

func (o *pick) VJP(b *autograd.Bwd) { b.Add(o.Index%b.NumIn(), b.Grad()) }

func TestOpsFromOutside(t *testing.T) {
	for _, be := range wide(t) {
		check := gradtest.Config{Backend: be}
		check.Run(t, func(_ *tape, in vars) autograd.Var { return SoftAbs(in[0], 0.7).Mul(SoftAbs(in[0], 2)) }, anywhere(2, 3))
		for _, what := range []string{"result", "input", "temporary"} {
			check.Run(t, func(_ *tape, in vars) autograd.Var { return autograd.Apply(saving{what}, in[0]) }, anywhere(2, 3))
		}
		check.Run(t, func(_ *tape, in vars) autograd.Var {
			return autograd.ApplyN(pick{2}, in).Add(autograd.ApplyN(pick{4}, in)).Square()
		}, anywhere(3), anywhere(3), anywhere(3))
	}
	tape := autograd.NewTape(cpu.New())
	x := leaf(tape, -1, 0.5)
	g := tape.Grad(vars{SoftAbs(x, 0.7)}, vars{x})[0]
	for i, h := range tape.Grad(vars{g}, vars{x})[0].Float64s() {
		c := math.Cosh([]float64{-1, 0.5}[i] / 0.7)
		assert.InDelta(t, 1/(0.7*c*c), h, 1e-5)
	}
}

// What is saved lives on where recording is off or the result is all that is left.
func TestSaveWithoutRecord(t *testing.T) {
	tape := autograd.NewTape(cpu.New())
	for _, what := range []string{"result", "input", "temporary"} {
		x := leaf(tape, 0, 1)
		var y autograd.Var
		tape.NoGrad(func() { y = autograd.Apply(saving{what}, x) })
		tape.Full(7, 2).Exp() // would take the memory of what was given back too early
		assert.InDeltaSlice(t, []float64{1, math.E}, y.Float64s(), 1e-6)
		assert.Equal(t, []float32{0, 1}, x.Floats())
	}
}

// Temporaries of Forward, and of a VJP, go back by themselves.
func TestTemporariesGoBack(t *testing.T) {
	be := cpu.New()
	tape := autograd.NewTape(be)
	const n = 1000
	x := tape.Leaf(tensor.Ones(be, n))
	live := func() int64 { return tape.Stats().Live }
	y := x.Tanh()
	one := live() // what one result takes
	SoftAbs(x, 0.7)
	assert.Equal(t, 2*one, live(), "the result alone")
	tape.NoGrad(func() { autograd.Apply(saving{"temporary"}, x) })
	assert.Equal(t, 3*one, live(), "what is saved for a VJP that never comes")
	loss := SoftAbs(y, 0.7).Sum()
	before := live()
	tape.Backward(loss)
	assert.Equal(t, before+one, live(), "the leaf's gradient alone")

	m := newLM(be, 20, 8, false)
	tape.Reset()
	loss = m.fresh(tape, newWindow(0, 4, 2, 20))
	before = live()
	tape.Backward(loss)
	assert.Less(t, live(), before, "what was saved has gone too")
	after := live()
	tape.Backward(loss)
	assert.Equal(t, after, live(), "a second Backward leaves nothing")
}

// Attributes of ops that are on record stay apart, however many there are.
func TestManyAttributes(t *testing.T) {
	tape := autograd.NewTape(cpu.New())
	for range 3 {
		x := leaf(tape, 1)
		y := x
		for i := range 100 {
			y = y.Scale(1, float64(i))
			tape.NoGrad(func() { x.Scale(5, 5) }) // not on record
			x.Detach().Scale(6, 6)
		}
		assert.InDelta(t, 1+4950, y.Item(), 0)
		k := 0
		for r := range tape.Records() {
			if r.Op != nil {
				assert.Equal(t, "mul=1 add="+itoa(k), r.Attributes())
				k++
			}
		}
		assert.Equal(t, 100, k)
		tape.Reset()
	}
}

// A VJP is asked for the gradients that are needed, and no other.
type needs struct{ Asked *[]bool }

func (*needs) Name() string                           { return "needs" }
func (*needs) Forward(f *autograd.Fwd) *tensor.Tensor { return f.In(0).Add(f.In(1)).Add(f.In(2)) }

func (o *needs) VJP(b *autograd.Bwd) {
	for i := range b.NumIn() {
		*o.Asked = append(*o.Asked, b.Needs(i))
		b.Add(i, b.Grad())
	}
}

func TestNeeds(t *testing.T) {
	tape := autograd.NewTape(cpu.New())
	var asked []bool
	x, y := leaf(tape, 1), leaf(tape, 2)
	z := autograd.Apply3(needs{&asked}, x, tape.Full(1, 1), y)
	tape.Backward(z)
	assert.Equal(t, []bool{true, false, true}, asked)
	asked = nil
	tape.Grad(vars{z}, vars{y})
	assert.Equal(t, []bool{false, false, true}, asked)
}

// A Composer's kernels and its definition agree wherever either runs.
func TestComposer(t *testing.T) {
	product := func(_ *tape, in vars) autograd.Var { return autograd.Apply2(fusedProduct{0.5}, in[0], in[1]) }
	gradtest.Fused(t, cpu.New(), product, anywhere(2, 3), anywhere(2, 3))
	tape := autograd.NewTape(backend.Basic(cpu.New()))
	x, y := leaf(tape, 2), leaf(tape, 3)
	z := product(tape, vars{x, y})
	tape.Backward(z)
	tape.Backward(z) // the second time by its definition
	assert.Equal(t, []float32{2 * 4.5}, gradOf(x))
	assert.Equal(t, []float32{2 * 6}, gradOf(y))
	gx := tape.Grad(vars{z}, vars{x})[0] // y²/2
	assert.Equal(t, []float32{3}, tape.Grad(vars{gx}, vars{y})[0].Floats())
}
