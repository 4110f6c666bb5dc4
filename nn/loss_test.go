package nn_test

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// The gradient is (softmax - onehot)/kept: the last row, which is left out, has none.
func ExampleCrossEntropy() {
	be := cpu.New()
	tape := autograd.NewTape(be)
	logits := tape.Leaf(tensor.FromSlice(be, []float32{2, 0, 0, 0, 0, 0, 5, 5, 5}, 3, 3))
	loss := nn.CrossEntropy(logits, tensor.NewInts([]int32{0, 1, nn.Ignore}, 3))
	fmt.Println(loss)

	tape.Backward(loss)
	g, _ := logits.Grad()
	fmt.Println(g)
	// Output:
	// 0.6691
	// [[-0.1065  0.0533  0.0533]
	//  [ 0.1667 -0.3333  0.1667]
	//  [ 0.      0.      0.    ]]
}

// With smoothing, no score is large enough to bring the loss to 0.
func ExampleSmoothedCrossEntropy() {
	tape := autograd.NewTape(cpu.New())
	sure := tape.Input([]float32{20, 0, 0, 0}, 1, 4)
	label := tensor.NewInts([]int32{0}, 1)
	fmt.Printf("%.4f\n", nn.CrossEntropy(sure, label).Item())
	fmt.Printf("%.4f\n", nn.SmoothedCrossEntropy{Smoothing: 0.1}.Forward(sure, label).Item())
	// Output:
	// 0.0000
	// 1.5000
}

func ExampleBCEWithLogits() {
	tape := autograd.NewTape(cpu.New())
	logits := tape.Input([]float32{0, 3, -100}, 3)
	targets := tape.Input([]float32{1, 1, 0}, 3)
	fmt.Println(nn.BCEWithLogits(logits, targets))
	// Output:
	// 0.2472
}

func ExampleMSE() {
	tape := autograd.NewTape(cpu.New())
	y, target := tape.Input([]float32{1, 2, 3}, 3), tape.Input([]float32{1, 0, 4}, 3)
	fmt.Println(nn.MSE(y, target)) // (0 + 4 + 1)/3
	// Output:
	// 1.6667
}
