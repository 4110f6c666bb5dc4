package rnnlm_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// scaling is a layer whose hidden state is its state before, times a number.
type scaling float64

func (f scaling) Forward(x autograd.Var, s nn.LSTMState) (y autograd.Var, last nn.LSTMState) {
	h := x.Transpose(0, 1)
	if !s.H.IsZero() {
		h = h.Add(s.H.Scale(float64(f), 0))
	}
	return h.Transpose(0, 1), nn.LSTMState{H: h}
}

func TestFlow(t *testing.T) {
	const n, steps, width = 2, 4, 3
	be := reference.New()
	tape := autograd.NewTape(be)
	h, c := rnnlm.Flow(scaling(0.5), tape.Leaf(tensor.New(be, n, steps, width)))
	assert.Nil(t, c)
	last := math.Sqrt(n*width) / n
	assert.InDeltaSlice(t, []float64{last / 8, last / 4, last / 2, last}, h, 1e-6)
}

// The norms are those of differences: moving h_t by a little moves the sum of h_T.
func TestFlowOfCells(t *testing.T) {
	const n, steps, width = 2, 5, 3
	be := reference.New()
	for _, cell := range []rnnlm.Cell{rnnlm.RNN, rnnlm.LSTM, rnnlm.GRU} {
		t.Run(string(cell), func(t *testing.T) {
			layer := cell.Layer(nn.NewInit(be, 5), width, width)
			x := tensor.Randn(be, tensor.NewRand(1, 0), n, steps, width)
			tape := autograd.NewTape(be)
			h, c := rnnlm.Flow(layer, tape.Const(x))
			assert.Equal(t, cell == rnnlm.LSTM, c != nil)
			const at, eps = 1, 1e-4
			sum := 0.0
			for i := range n * width {
				var ends [2]float64
				for k, sign := range []float64{1, -1} {
					tape.Reset()
					xs := tape.Const(x)
					_, s := layer.Forward(xs.Slice(1, 0, at+1), nn.LSTMState{})
					one := make([]float32, n*width)
					one[i] = 1
					s.H = s.H.Add(tape.Input(one, 1, n, width).Scale(sign*eps, 0))
					_, s = layer.Forward(xs.Slice(1, at+1, steps), s)
					ends[k] = s.H.Sum().Float64s()[0]
				}
				d := (ends[0] - ends[1]) / (2 * eps)
				sum += d * d
			}
			assert.InEpsilon(t, math.Sqrt(sum)/n, h[at], 1e-5)
		})
	}
}

func ExampleFlow() {
	be := reference.New()
	tape := autograd.NewTape(be)
	x := tape.Const(tensor.Randn(be, tensor.NewRand(1984, 0), 4, 20, 16))
	h, _ := rnnlm.Flow(rnnlm.RNN.Layer(nn.NewInit(be, 1984), 16, 16), x)
	fmt.Println("the gradient vanishes:", h[0] < h[19]/100)
	// Output: the gradient vanishes: true
}
