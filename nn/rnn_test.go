package nn_test

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
)

// A cell is one time step: the loop is yours.
func ExampleRNNCell() {
	be := cpu.New()
	cell := nn.NewRNNCell(nn.NewInit(be, 1), 2, 3)
	tape := autograd.NewTape(be)
	var h autograd.Var // zero: a state of zeros
	for _, x := range [][]float32{{1, 0}, {0, 1}} {
		h = cell.Forward(tape.Input(x, 1, 2), h)
		fmt.Println(h)
	}
	// Output:
	// [[-0.9048  0.0553 -0.0092]]
	// [[ 0.8184 -0.4862  0.2732]]
}

// A layer runs its cell over all time steps of x [N, T, D].
func ExampleRNN() {
	be := cpu.New()
	l := nn.NewRNN(nn.NewInit(be, 1), 2, 3)
	tape := autograd.NewTape(be)
	hs, last := l.Forward(tape.Input([]float32{1, 0, 0, 1}, 1, 2, 2), autograd.Var{})
	fmt.Println(hs)
	fmt.Println(hs.Shape(), last.Shape())
	// Output:
	// [[[-0.9048  0.0553 -0.0092]
	//   [ 0.8184 -0.4862  0.2732]]]
	// [1 2 3] [1 1 3]
}
