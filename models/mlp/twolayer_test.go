package mlp_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/models/mlp"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/optim"
)

// xor is not separable by a line, so the hidden layer must be of use.
var (
	xor       = []float32{0, 0, 0, 1, 1, 0, 1, 1}
	different = []int32{0, 1, 1, 0}
)

func loss(m *mlp.TwoLayer, tape *autograd.Tape) autograd.Var {
	return nn.CrossEntropy(m.Forward(tape.Input(xor, 4, 2)), tape.Ints(different, 4))
}

func TestGradients(t *testing.T) {
	m := mlp.NewTwoLayer(nn.NewInit(reference.New(), 3), 2, 4, 2)
	gradtest.Model(t, nn.Params(m), func(tape *autograd.Tape) autograd.Var { return loss(m, tape) })
}

func TestLearnsXor(t *testing.T) {
	be := cpu.New()
	m := mlp.NewTwoLayer(nn.NewInit(be, 1984), 2, 8, 2)
	m.Hidden.W.Data.ScaleInPlace(100) // from the book's small weights, four points are learnt too slowly
	opt, tape := &optim.Adam{Params: nn.Params(m), LR: 0.2}, autograd.NewTape(be)
	for range 300 {
		tape.Backward(loss(m, tape))
		opt.Step()
		tape.Reset()
	}
	assert.Less(t, loss(m, tape).Item(), 0.1)
	assert.Equal(t, different, m.Forward(tape.Input(xor, 4, 2)).ArgMax(1).Data())
}

func ExampleTwoLayer() {
	be := cpu.New()
	m := mlp.NewTwoLayer(nn.NewInit(be, 1984), 2, 10, 3)
	tape := autograd.NewTape(be)
	fmt.Println(m.Forward(tape.Input(xor, 4, 2)).Shape(), nn.Count(m), "parameters")
	// Output: [4 3] 63 parameters
}
