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

// A layer is a struct of parameters and a Forward method. The constructor draws the
// parameters; here they are given.
func ExampleLinear() {
	be := cpu.New()
	l := &nn.Linear{
		W: autograd.NewParam(tensor.FromSlice(be, []float32{1, 2, 3, 4, 5, 6}, 2, 3)),
		B: autograd.NewParam(tensor.FromSlice(be, []float32{0.5, 0, -0.5}, 3)),
	}
	tape := autograd.NewTape(be)
	y := l.Forward(tape.Input([]float32{1, 1, 0, 2}, 2, 2))
	fmt.Println(y)

	tape.Backward(y.Sum())
	fmt.Println(l.B.Grad.Dense) // each of the two rows was given B
	// Output:
	// [[ 5.5  7.   8.5]
	//  [ 8.5 10.  11.5]]
	// [2. 2. 2.]
}

func TestLinearWithoutBias(t *testing.T) {
	be := cpu.New()
	l := &nn.Linear{W: autograd.NewParam(tensor.FromSlice(be, []float32{1, 2, 3, 4}, 2, 2))}
	tape := autograd.NewTape(be)
	y := l.Forward(tape.Input([]float32{1, 0, 0, 1, 1, 1}, 1, 3, 2))
	assert.Equal(t, []int{1, 3, 2}, y.Shape())
	assert.Equal(t, []float32{1, 2, 3, 4, 4, 6}, y.Floats())
	assert.Len(t, nn.Params(l), 1)
}

func TestLinearMistakes(t *testing.T) {
	be := cpu.New()
	l := nn.NewLinear(nn.NewInit(be, 1), 2, 3)
	assert.Contains(t, panicText(t, func() { l.Forward(autograd.NewTape(be).Zeros(4, 5)) }), "[4 5] × [2 3]: inner sizes 5 and 2 differ")
}
