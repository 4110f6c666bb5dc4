package nn_test

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
)

// The state goes in and comes out as a value; the zero state is zeros.
func ExampleLSTMCell() {
	be := cpu.New()
	cell := nn.NewLSTMCell(nn.NewInit(be, 1), 2, 3)
	tape := autograd.NewTape(be)
	var s nn.LSTMState
	for _, x := range [][]float32{{1, 0}, {0, 1}} {
		s = cell.Forward(tape.Input(x, 1, 2), s)
	}
	fmt.Println(s.H)
	fmt.Println(s.C)
	// Output:
	// [[ 0.2186  0.2524 -0.0309]]
	// [[ 0.4849  0.3585 -0.106 ]]
}

// Reading a long sequence window by window: Reset carries the state over, and
// gradients stop at the border (truncated backpropagation through time).
func ExampleLSTM() {
	be := cpu.New()
	l := nn.NewLSTM(nn.NewInit(be, 1), 2, 3)
	tape := autograd.NewTape(be)
	var s nn.LSTMState
	for _, window := range [][]float32{{1, 0, 0, 1}, {1, 1, 0, 0}} {
		var hs autograd.Var
		hs, s = l.Forward(tape.Input(window, 1, 2, 2), s) // two time steps
		tape.Backward(hs.Square().Sum())                  // any loss
		fmt.Println(hs)
		tape.Reset(s.Vars()...)
	}
	// Output:
	// [[[ 0.229  -0.0731  0.0149]
	//   [ 0.2186  0.2524 -0.0309]]]
	// [[[ 0.343   0.4227 -0.0217]
	//   [ 0.0504  0.1456 -0.1146]]]
}
