package nn_test

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// A layer is a struct of parameters and a Forward method. The constructor draws the
// parameters; here they are given.
func ExampleLinear() {
	be := cpu.New()
	l := &nn.Linear{
		W: autograd.NewParam(tensor.FromSlice(be, []float32{1, 2, 3, 4, 5, 6}, 2, 3)),
		B: autograd.NewParam(tensor.FromSlice(be, []float32{0.5, 0, -0.5}, 3)),
	}
	tape := autograd.NewTape(be)
	y := l.Forward(tape.Input([]float32{1, 1, 0, 2}, 2, 2))
	fmt.Println(y)

	tape.Backward(y.Sum())
	fmt.Println(l.B.Grad.Dense) // each of the two rows was given B
	// Output:
	// [[ 5.5  7.   8.5]
	//  [ 8.5 10.  11.5]]
	// [2. 2. 2.]
}
