package nn_test

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
)

func ExampleGRUCell() {
	be := cpu.New()
	cell := nn.NewGRUCell(nn.NewInit(be, 1), 2, 3)
	tape := autograd.NewTape(be)
	var h autograd.Var
	for _, x := range [][]float32{{1, 0}, {0, 1}} {
		h = cell.Forward(tape.Input(x, 1, 2), h)
	}
	fmt.Println(h)
	// Output:
	// [[ 0.4487  0.5763 -0.4022]]
}

// What comes out of one sequence is where another may start: an encoder's last
// state is a decoder's first.
func ExampleGRU() {
	be := cpu.New()
	in := nn.NewInit(be, 1)
	encoder, decoder := nn.NewGRU(in, 2, 3), nn.NewGRU(in, 2, 3)
	tape := autograd.NewTape(be)
	_, h := encoder.Forward(tape.Input([]float32{1, 0, 0, 1, 1, 1}, 1, 3, 2), autograd.Var{})
	hs, _ := decoder.Forward(tape.Zeros(1, 2, 2), h)
	fmt.Println(hs)
	// Output:
	// [[[ 0.2503  0.1599 -0.4458]
	//   [ 0.0824  0.04   -0.2472]]]
}
