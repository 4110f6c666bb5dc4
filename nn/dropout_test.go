package nn_test

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
)

// The tape knows whether it trains.
func ExampleDropout() {
	l := nn.Dropout{P: 0.5}
	be := cpu.New()
	training := autograd.Config{Seed: 1984}.NewTape(be)
	fmt.Println(l.Forward(training.Full(1, 2, 5)))
	inference := autograd.Config{Inference: true}.NewTape(be)
	fmt.Println(l.Forward(inference.Full(1, 2, 5)))
	// Output:
	// [[0. 2. 0. 2. 0.]
	//  [0. 2. 2. 2. 2.]]
	// [[1. 1. 1. 1. 1.]
	//  [1. 1. 1. 1. 1.]]
}

// Each unit is left out of all time steps or of none.
func ExampleTimeDropout() {
	l := nn.TimeDropout{P: 0.5}
	tape := autograd.Config{Seed: 1984}.NewTape(cpu.New())
	fmt.Println(l.Forward(tape.Full(1, 1, 3, 5)))
	// Output:
	// [[[0. 2. 0. 2. 0.]
	//   [0. 2. 0. 2. 0.]
	//   [0. 2. 0. 2. 0.]]]
}
