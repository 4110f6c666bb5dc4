package nn_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
)

func ExampleSequential() {
	be := cpu.New()
	in := nn.NewInit(be, 1)
	net := nn.Sequential{
		nn.NewLinear(in, 784, 64),
		nn.Func(autograd.Var.ReLU),
		nn.Dropout{P: 0.2},
		nn.NewLinear(in, 64, 10),
	}
	fmt.Println(net.Forward(autograd.NewTape(be).Zeros(32, 784)).Shape())
	fmt.Print(nn.Summary(net))
	// Output:
	// [32 10]
	// parameter  shape     elements
	// 0.W        [784 64]     50176
	// 0.B        [64]            64
	// 3.W        [64 10]        640
	// 3.B        [10]            10
	// total                   50890
}

// Anything that maps a Var to a Var fits in.
func ExampleFunc() {
	net := nn.Sequential{
		nn.Func(autograd.Var.Tanh),
		nn.Func(func(x autograd.Var) autograd.Var { return x.Scale(0.5, 0.5) }), // from (-1, 1) to (0, 1)
	}
	tape := autograd.NewTape(cpu.New())
	fmt.Println(net.Forward(tape.Input([]float32{-2, 0, 2}, 3)))
	// Output:
	// [0.018 0.5   0.982]
}

func TestSequentialNests(t *testing.T) {
	be := cpu.New()
	twice := nn.Func(func(x autograd.Var) autograd.Var { return x.Scale(2, 0) })
	next := nn.Func(func(x autograd.Var) autograd.Var { return x.Scale(1, 1) })
	x := autograd.NewTape(be).Full(3)
	assert.Equal(t, 8.0, nn.Sequential{next, nn.Sequential{twice}}.Forward(x).Item(), "in their order")
	assert.Equal(t, x, nn.Sequential{}.Forward(x), "nothing is the identity")
}
