package nn_test

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
)

// The query looks like the second key, so the context is mostly the second value.
func ExampleDotAttention() {
	tape := autograd.NewTape(cpu.New())
	query := tape.Input([]float32{0, 3}, 1, 1, 2)
	keys := tape.Input([]float32{1, 0, 0, 1, -1, 0}, 1, 3, 2)
	values := tape.Input([]float32{10, 20, 30}, 1, 3, 1)
	context, weights := nn.DotAttention(query, keys, values)
	fmt.Println(weights)
	fmt.Println(context)
	// Output:
	// [[[0.0453 0.9094 0.0453]]]
	// [[[20.]]]
}

// A mask says what counts: here, that the third position is padding.
func ExampleScaledDotAttention() {
	tape := autograd.NewTape(cpu.New())
	query := tape.Input([]float32{0, 3}, 1, 1, 2)
	keys := tape.Input([]float32{1, 0, 0, 1, 9, 9}, 1, 3, 2)
	mask := tape.Input([]float32{1, 1, 0}, 1, 3)
	_, weights := nn.ScaledDotAttention(query, keys, keys, mask)
	fmt.Println(weights)
	// Output:
	// [[[0.107 0.893 0.   ]]]
}

func ExampleCausalMask() {
	fmt.Println(nn.CausalMask(autograd.NewTape(cpu.New()), 3))
	// Output:
	// [[1. 0. 0.]
	//  [1. 1. 0.]
	//  [1. 1. 1.]]
}

// Self-attention: query, keys and values are one sequence, and no position sees
// those after it.
func ExampleMultiHeadAttention() {
	be := cpu.New()
	l := nn.NewMultiHeadAttention(nn.NewInit(be, 1), 8, 2)
	tape := autograd.NewTape(be)
	x := tape.Full(0.5, 1, 3, 8)
	y, weights := l.Forward(x, x, x, nn.CausalMask(tape, 3))
	fmt.Println(y.Shape())
	fmt.Println(weights.Select(1, 0)) // of the first head
	// Output:
	// [1 3 8]
	// [[[1.     0.     0.    ]
	//   [0.5    0.5    0.    ]
	//   [0.3333 0.3333 0.3333]]]
}
