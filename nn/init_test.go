package nn_test

import (
	"fmt"

	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
)

// A seed gives the same model on any machine.
func ExampleInit() {
	in := nn.NewInit(cpu.New(), 1984)
	fmt.Println(in.Xavier(3, 4).Data)
	fmt.Println(in.Uniform(0.1, 4).Data)
	fmt.Println(in.Full(1, 4).Data)
	// Output:
	// [[-0.8022  0.0454 -0.1909 -1.1587]
	//  [-0.629  -1.0425  0.0065  0.1969]
	//  [ 0.7705 -0.0565  0.0013  0.8114]]
	// [-0.0137  0.0393  0.0013  0.0249]
	// [1. 1. 1. 1.]
}
