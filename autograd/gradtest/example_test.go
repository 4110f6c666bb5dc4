package gradtest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

// A composed function is checked like a primitive.
func ExampleCheck() {
	layerNorm := func(tape *autograd.Tape, in []autograd.Var) autograd.Var {
		x := in[0].Sub(in[0].MeanKeep(-1))
		return x.Mul(x.Square().MeanKeep(-1).Scale(1, 1e-5).Rsqrt()).Mul(in[1]).Add(in[2])
	}
	err := gradtest.Check(layerNorm,
		gradtest.Uniform(-1, 1, 3, 4), gradtest.Uniform(0.5, 1.5, 4), gradtest.Uniform(-1, 1, 4))
	fmt.Println(err)
	// Output: <nil>
}

// halved is x² with half of its derivative missing.
type halved struct{}

func (*halved) Name() string                                 { return "halved" }
func (*halved) Forward(f *autograd.Fwd) *tensor.Tensor       { return f.In(0).Square() }
func (*halved) VJP(b *autograd.Bwd)                          { b.Add(0, b.Grad().Mul(b.In(0))) }
func halve(_ *autograd.Tape, in []autograd.Var) autograd.Var { return autograd.Apply(halved{}, in[0]) }

// A wrong derivative comes with what the differences say.
func ExampleCheck_wrong() {
	err := gradtest.Check(halve, gradtest.Values([]float64{1, 2, 3}, 3))
	what, numbers, _ := strings.Cut(err.Error(), ": the tape says ")
	fmt.Println(what)
	fmt.Println(strings.Contains(numbers, "differences say"))
	// Output:
	// gradtest: first derivative by input 0 [3] along a direction
	// true
}

// A model is checked through its Params, which lie on the reference backend.
func ExampleModel() {
	be := reference.New()
	w := autograd.NewParam(tensor.FromFloat64(be, []float64{0.1, -0.2, 0.3, 0.4}, 2, 2))
	x := tensor.FromFloat64(be, []float64{1, 2, 3, 4, 5, 6}, 3, 2)

	t := printer{}
	gradtest.Model(t, []*autograd.Param{w}, func(tape *autograd.Tape) autograd.Var {
		return tape.Const(x).MatMul(w).Tanh().Square().Mean()
	})
	fmt.Println("checked")
	// Output: checked
}

// printer stands for the *testing.T that an Example has not.
type printer struct{ testing.TB }

func (printer) Helper()           {}
func (printer) Error(args ...any) { fmt.Println(args...) }
