package gradtest_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

type (
	tape = autograd.Tape
	vars = []autograd.Var
)

// mistake is the square of its input with a VJP that a test gives it.
type mistake struct {
	Forwards func(f *autograd.Fwd) *tensor.Tensor
	Backs    func(b *autograd.Bwd) autograd.Var
}

func (*mistake) Name() string { return "mistake" }

func (o *mistake) Forward(f *autograd.Fwd) *tensor.Tensor {
	if o.Forwards != nil {
		return o.Forwards(f)
	}
	return f.In(0).Square()
}

func (o *mistake) VJP(b *autograd.Bwd) { b.Add(0, o.Backs(b)) }

// right is the derivative of the square.
func right(b *autograd.Bwd) autograd.Var { return b.Grad().Mul(b.In(0)).Scale(2, 0) }

func TestCheckFindsPlantedMistakes(t *testing.T) {
	passes := 0
	for _, c := range []struct {
		name string
		op   mistake
		want string // a part of the error; empty: none
	}{
		{"none", mistake{Backs: right}, ""},
		{"factor", mistake{Backs: func(b *autograd.Bwd) autograd.Var {
			return b.Grad().Mul(b.In(0)).Scale(2.00001, 0)
		}}, "first derivative by input 0 [2 3] along a direction"},
		{"missing", mistake{Backs: func(b *autograd.Bwd) autograd.Var { return b.Grad().Scale(0, 0) }}, "first derivative"},
		{"nan", mistake{Backs: func(b *autograd.Bwd) autograd.Var { return b.Grad().Scale(math.NaN(), 0) }}, "first derivative"},
		{"second-order-lost", mistake{Backs: func(b *autograd.Bwd) autograd.Var {
			return b.Grad().Mul(b.In(0).Detach()).Scale(2, 0)
		}}, "second derivative by input 0"},
		{"second-order-factor", mistake{Backs: func(b *autograd.Bwd) autograd.Var { // x·dy + (x·dy, taken for a constant)
			half := b.Grad().Mul(b.In(0))
			return half.Add(half.Detach())
		}}, "second derivative by input 0"},
		{"first-order-kernel", mistake{Backs: func(b *autograd.Bwd) autograd.Var {
			if b.Recording() {
				return right(b)
			}
			return right(b).Scale(1.1, 0)
		}}, "Backward, pass 1: the gradient of input 0"},
		{"second-backward", mistake{Backs: func(b *autograd.Bwd) autograd.Var {
			if b.Recording() {
				return right(b)
			}
			passes++
			return right(b).Scale(float64(passes%2), 0)
		}}, "Backward, pass 2: the gradient of input 0"},
		{"taken-for-contiguous", mistake{
			Forwards: func(f *autograd.Fwd) *tensor.Tensor {
				x, y := *f.In(0).View(), f.New(f.In(0).Shape()...)
				x.Layout = x.Packed()
				f.In(0).Backend().Unary(backend.Square, y.View(), &x, 0, 0)
				return y
			}, Backs: right,
		}, "inputs that are not contiguous: the value is NaN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := gradtest.Check(func(_ *tape, in vars) autograd.Var {
				return autograd.Apply(c.op, in[0])
			}, gradtest.Uniform(0.5, 2, 2, 3))
			if c.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, c.want)
		})
	}
}

// A wrong derivative of one element in a hundred shows in the Jacobian, with its place.
func TestJacobian(t *testing.T) {
	f := func(tape *tape, in vars) autograd.Var {
		mask := tape.Input([]float32{0, 0, 0, 1e-5, 0, 0}, 2, 3)
		return autograd.Apply(mistake{Backs: func(b *autograd.Bwd) autograd.Var { return right(b).Add(mask.Mul(b.Grad())) }}, in[0])
	}
	in := gradtest.Values([]float64{1e3, 1e3, 1e3, 1, 1e3, 1e3}, 2, 3)
	loose := gradtest.Config{Tolerance: 1e-6, Jacobian: -1}
	assert.NoError(t, loose.Check(f, in), "lost among elements a thousand times as large")
	loose.Jacobian = 0
	assert.ErrorContains(t, loose.Check(f, in), "derivative of element 3 of the result by element 3 of input 0 [2 3]")
}

func TestCheckSaysWhatItCannotDo(t *testing.T) {
	square := func(_ *tape, in vars) autograd.Var { return in[0].Square() }
	in := gradtest.Uniform(-1, 1, 3)
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"float32", gradtest.Config{Backend: cpu.New()}.Check(square, in), "backend cpu, which rounds to float32"},
		{"no-inputs", gradtest.Check(square), "no inputs"},
		{"infinite", gradtest.Check(func(_ *tape, in vars) autograd.Var { return in[0].Log() }, in), "choose inputs where the function is finite"},
		{"unrepeatable", gradtest.Check(func(_ *tape, in vars) autograd.Var { return in[0].Scale(rand.Float64(), 0) }, in), "run again"},
	} {
		t.Run(c.name, func(t *testing.T) { assert.ErrorContains(t, c.err, c.want) })
	}
	assert.Panics(t, func() { _ = gradtest.Check(square, gradtest.Values([]float64{1, 2}, 3)) })
}

func TestDropoutDrawsOneMask(t *testing.T) {
	gradtest.Run(t, func(_ *tape, in vars) autograd.Var {
		return in[0].Dropout(0.3).Square().Dropout(0.5)
	}, gradtest.Uniform(-1, 1, 4, 5))
}

func TestScalarInputAndResult(t *testing.T) {
	gradtest.Run(t, func(_ *tape, in vars) autograd.Var { return in[0].Exp().Mul(in[1]) }, gradtest.Uniform(-1, 1), gradtest.Uniform(-1, 1, 1))
}

// recorder is a test that notes its errors.
type recorder struct {
	testing.TB
	errors string
}

func (r *recorder) Helper()           {}
func (r *recorder) Error(args ...any) { r.errors += fmt.Sprintln(args...) }

// lookup is a small model: an embedding, tied where tie is set.
type lookup struct {
	embed, out *autograd.Param
	op         mistake
}

func newLookup() *lookup {
	be, r := reference.New(), tensor.NewRand(3, 0)
	m := &lookup{
		embed: autograd.NewParam(tensor.Uniform(be, r, 0.5, 1, 5, 3)),
		out:   autograd.NewParam(tensor.Uniform(be, r, 0.5, 1, 3, 2)),
		op:    mistake{Backs: right},
	}
	m.embed.Name = "Embed.W"
	return m
}

func (m *lookup) loss(tape *tape) autograd.Var {
	x := tape.Param(m.embed).Gather(tape.Ints([]int32{1, 3, 1}, 3))
	return autograd.Apply(m.op, x.MatMul(m.out)).Mean()
}

func TestModel(t *testing.T) {
	m := newLookup()
	params := []*autograd.Param{m.embed, m.out}
	before := m.embed.Data.Float64s()
	gradtest.Model(t, params, m.loss)
	assert.Equal(t, before, m.embed.Data.Float64s(), "values are restored")
	assert.True(t, m.embed.Grad.IsZero())

	largest, err := gradtest.Config{}.CheckModel(params, m.loss)
	require.NoError(t, err)
	assert.Less(t, largest, 1e-9)
	assert.Positive(t, largest, "differences are never exact")
	wrong := newLookup()
	wrong.op.Backs = func(b *autograd.Bwd) autograd.Var { return b.Grad().Mul(b.In(0)) }
	largest, err = gradtest.Config{}.CheckModel([]*autograd.Param{wrong.embed, wrong.out}, wrong.loss)
	require.ErrorContains(t, err, "gradtest: first derivative by Embed.W [5 3]")
	assert.Greater(t, largest, 1e-4)

	t.Run("frozen", func(t *testing.T) {
		m := newLookup()
		m.out.Frozen = true
		gradtest.Model(t, []*autograd.Param{m.embed, m.out}, m.loss)
	})
	for _, c := range []struct {
		name string
		back func(b *autograd.Bwd) autograd.Var
		want string
	}{
		{"first", func(b *autograd.Bwd) autograd.Var { return b.Grad().Mul(b.In(0)) }, "first derivative by Embed.W [5 3]"},
		{"second", func(b *autograd.Bwd) autograd.Var { return b.Grad().Mul(b.In(0).Detach()).Scale(2, 0) }, "second derivative by Embed.W [5 3]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newLookup()
			m.op.Backs = c.back
			var r recorder
			gradtest.Model(&r, []*autograd.Param{m.embed, m.out}, m.loss)
			assert.Contains(t, r.errors, c.want)
		})
	}
	var r recorder
	gradtest.Model(&r, nil, m.loss)
	assert.Contains(t, r.errors, "no params")
	require.Panics(t, func() {
		gradtest.Model(&r, params, func(tape *tape) autograd.Var { return tape.Zeros(2) })
	}, "a loss has one element")
}

// broken has a softmax kernel that is off by one part in ten thousand.
type broken struct{ *cpu.Backend }

func (b broken) Softmax(dst, src *backend.View, log bool) {
	b.Backend.Softmax(dst, src, log)
	b.Unary(backend.Scale, dst, dst, 1.0001, 0)
}

// brokenGrad has a cross entropy whose gradient alone is wrong.
type brokenGrad struct{ *cpu.Backend }

func (b brokenGrad) CrossEntropyGrad(dst, probs, gy, labels *backend.View, smoothing float64) {
	b.Backend.CrossEntropyGrad(dst, probs, gy, labels, smoothing)
	b.Unary(backend.Scale, dst, dst, 1.0001, 0)
}

func TestFused(t *testing.T) {
	softmax := func(_ *tape, in vars) autograd.Var { return in[0].Softmax() }
	loss := func(tape *tape, in vars) autograd.Var {
		return in[0].CrossEntropy(tape.Ints([]int32{2, -1, 0}, 3), 0.1)
	}
	in := gradtest.Uniform(-2, 2, 3, 5)
	gradtest.Fused(t, cpu.New(), softmax, in)
	gradtest.Fused(t, cpu.New(), loss, in)

	var r recorder
	gradtest.Fused(&r, broken{cpu.New()}, softmax, in)
	assert.Contains(t, r.errors, "value: element 0")
	r.errors = ""
	gradtest.Fused(&r, brokenGrad{cpu.New()}, loss, in)
	assert.Contains(t, r.errors, "Backward to input 0")
}
