package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
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

func TestLayerNorm(t *testing.T) {
	be, r := reference.New(), tensor.NewRand(1, 0)
	const rows, d = 6, 5
	data := tensor.Randn(be, r, 2, 3, d)
	for _, eps := range []float64{0, 0.1} {
		l := &nn.LayerNorm{Gain: autograd.NewParam(tensor.Randn(be, r, d)), Bias: autograd.NewParam(tensor.Randn(be, r, d)), Eps: eps}
		y := l.Forward(autograd.NewTape(be).Const(data)).Float64s()
		gain, bias, x := l.Gain.Data.Float64s(), l.Bias.Data.Float64s(), data.Float64s()
		if eps == 0 {
			eps = 1e-5
		}
		for i := range rows {
			row, mean, variance := x[i*d:(i+1)*d], 0.0, 0.0
			for _, v := range row {
				mean += v / d
			}
			for _, v := range row {
				variance += (v - mean) * (v - mean) / d
			}
			for k, v := range row {
				assert.InDelta(t, (v-mean)/math.Sqrt(variance+eps)*gain[k]+bias[k], y[i*d+k], 1e-12)
			}
		}
		gradtest.Model(t, nn.Params(l), func(tape *autograd.Tape) autograd.Var {
			return l.Forward(tape.Const(data)).Tanh().Sum()
		})
	}
}
