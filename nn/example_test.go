package nn_test

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/tensor"
)

// A network with one hidden layer learns exclusive or. There is no backward pass to
// write: Forward is the model.
func Example() {
	be := cpu.New()
	in := nn.NewInit(be, 1984)
	net := nn.Sequential{nn.NewLinear(in, 2, 8), nn.Func(autograd.Var.Tanh), nn.NewLinear(in, 8, 2)}
	x := tensor.FromSlice(be, []float32{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2)
	labels := tensor.NewInts([]int32{0, 1, 1, 0}, 4)

	opt := &optim.Adam{Params: nn.Params(net), LR: 0.1}
	tape := autograd.NewTape(be)
	for range 100 {
		tape.Backward(nn.CrossEntropy(net.Forward(tape.Const(x)), labels)) // adds to Param.Grad
		opt.Step()                                                         // applies and clears it
		tape.Reset()                                                       // takes the memory back
	}
	fmt.Println(net.Forward(tape.Const(x)).ArgMax(-1).Data())
	// Output: [0 1 1 0]
}
