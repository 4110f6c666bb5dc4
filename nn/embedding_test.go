package nn_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// The gradient of a table has rows for the ids that were looked up, and no others.
func ExampleEmbedding() {
	be := cpu.New()
	l := &nn.Embedding{W: autograd.NewParam(tensor.Arange(be, 0, 10, 1).Reshape(5, 2))}
	tape := autograd.NewTape(be)
	y := l.Forward(tape, tensor.NewInts([]int32{3, 1, 3}, 3))
	fmt.Println(y)

	tape.Backward(y.Sum())
	fmt.Println(l.W.Grad.IDs)
	fmt.Println(l.W.Grad.Rows) // id 3 was used twice
	// Output:
	// [[6. 7.]
	//  [2. 3.]
	//  [6. 7.]]
	// [3 1]
	// [[2. 2.]
	//  [1. 1.]]
}

func TestEmbedding(t *testing.T) {
	be := cpu.New()
	l := nn.NewEmbedding(nn.NewInit(be, 1), 5, 3)
	tape := autograd.NewTape(be)
	assert.Equal(t, []int{2, 4, 3}, l.Forward(tape, tensor.NewInts(make([]int32, 8), 2, 4)).Shape())
	for _, id := range []int32{-1, 5} {
		assert.Contains(t, panicText(t, func() { l.Forward(tape, tensor.NewInts([]int32{0, id}, 2)) }),
			"at position 1 is out of range; want ids from 0 to 4")
	}
}
