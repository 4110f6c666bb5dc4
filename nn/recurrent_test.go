package nn_test

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
)

// Options of recurrent layers are fields, and their constructors methods.
func ExampleStacked() {
	be := cpu.New()
	in := nn.NewInit(be, 1)
	l := nn.Stacked{Layers: 2, Bidirectional: true, Dropout: 0.5}.NewLSTM(in, 10, 16)
	tape := autograd.NewTape(be)
	hs, s := l.Forward(tape.Zeros(4, 7, 10), nn.LSTMState{})
	fmt.Println(hs.Shape())  // [N, T, 2H]
	fmt.Println(s.H.Shape()) // [layers × directions, N, H]
	fmt.Print(nn.Summary(l))
	// Output:
	// [4 7 32]
	// [4 4 16]
	// parameter   shape    elements
	// Cells.0.Wx  [10 64]       640
	// Cells.0.Wh  [16 64]      1024
	// Cells.0.B   [64]           64
	// Cells.1.Wx  [10 64]       640
	// Cells.1.Wh  [16 64]      1024
	// Cells.1.B   [64]           64
	// Cells.2.Wx  [32 64]      2048
	// Cells.2.Wh  [16 64]      1024
	// Cells.2.B   [64]           64
	// Cells.3.Wx  [32 64]      2048
	// Cells.3.Wh  [16 64]      1024
	// Cells.3.B   [64]           64
	// total                    9728
}
