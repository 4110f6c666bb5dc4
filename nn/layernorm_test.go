package nn_test

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
)

func ExampleLayerNorm() {
	be := cpu.New()
	l := nn.NewLayerNorm(nn.NewInit(be, 1), 4)
	tape := autograd.NewTape(be)
	fmt.Println(l.Forward(tape.Input([]float32{1, 2, 3, 4, 0, 0, 100, 0}, 2, 4)))
	// Output:
	// [[-1.3416 -0.4472  0.4472  1.3416]
	//  [-0.5774 -0.5774  1.7321 -0.5774]]
}
