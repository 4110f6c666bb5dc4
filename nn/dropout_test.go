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

// The tape knows whether it trains.
func ExampleDropout() {
	l := nn.Dropout{P: 0.5}
	be := cpu.New()
	training := autograd.Config{Seed: 1984}.NewTape(be)
	fmt.Println(l.Forward(training.Full(1, 2, 5)))
	inference := autograd.Config{Inference: true}.NewTape(be)
	fmt.Println(l.Forward(inference.Full(1, 2, 5)))
	// Output:
	// [[0. 2. 0. 2. 0.]
	//  [0. 2. 2. 2. 2.]]
	// [[1. 1. 1. 1. 1.]
	//  [1. 1. 1. 1. 1.]]
}

// Each unit is left out of all time steps or of none.
func ExampleTimeDropout() {
	l := nn.TimeDropout{P: 0.5}
	tape := autograd.Config{Seed: 1984}.NewTape(cpu.New())
	fmt.Println(l.Forward(tape.Full(1, 1, 3, 5)))
	// Output:
	// [[[0. 2. 0. 2. 0.]
	//   [0. 2. 0. 2. 0.]
	//   [0. 2. 0. 2. 0.]]]
}

// Every unit is 0 in all time steps of its sequence or in none, and scaled.
func TestTimeDropoutHasOneMask(t *testing.T) {
	const n, steps, d, p = 20, 3, 50, 0.2
	be := cpu.New()
	tape := autograd.NewTape(be)
	x := tape.Const(tensor.Uniform(be, tensor.NewRand(1, 0), 1, 2, n, steps, d))
	in, y := x.Floats(), nn.TimeDropout{P: p}.Forward(x).Floats()
	zeros := 0
	for i := range n {
		for k := range d {
			first := y[i*steps*d+k] == 0
			if first {
				zeros++
			}
			for s := range steps {
				at := (i*steps+s)*d + k
				if first {
					assert.Zero(t, y[at])
					continue
				}
				assert.InDelta(t, in[at]/(1-p), y[at], 1e-5)
			}
		}
	}
	assert.InDelta(t, p, float64(zeros)/(n*d), 0.04) // three standard deviations
}

func TestDropoutDoesNothing(t *testing.T) {
	be := cpu.New()
	for _, l := range []nn.Layer{nn.Dropout{P: 0.5}, nn.TimeDropout{P: 0.5}} {
		x := autograd.Config{Inference: true}.NewTape(be).Full(3, 2, 2, 2)
		assert.Equal(t, x, l.Forward(x), "inference")
	}
	for _, l := range []nn.Layer{nn.Dropout{}, nn.TimeDropout{}} {
		x := autograd.NewTape(be).Full(3, 2, 2, 2)
		assert.Equal(t, x, l.Forward(x), "P = 0")
	}
}

func TestDropoutMistakes(t *testing.T) {
	x := autograd.NewTape(cpu.New()).Full(3, 2, 2, 2)
	for _, l := range []nn.Layer{nn.Dropout{P: 1}, nn.TimeDropout{P: 1}} {
		assert.Equal(t, "autograd: dropout: a probability of 1; want 0 ≤ p < 1", panicText(t, func() { l.Forward(x) }))
	}
}
