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

// The first pair of numbers turns by one radian from position to position, the last
// by a hundredth of it.
func ExampleSinusoidalPositions() {
	fmt.Println(nn.SinusoidalPositions(autograd.NewTape(cpu.New()), 12, 2, 4))
	// Output:
	// [[-0.5366  0.8439  0.1197  0.9928]
	//  [ 0.4202  0.9074  0.1296  0.9916]]
}

func ExampleLearnedPositions() {
	be := cpu.New()
	l := nn.NewLearnedPositions(nn.NewInit(be, 1), 50, 8)
	fmt.Println(l.Forward(autograd.NewTape(be), 10, 3).Shape()) // of positions 10, 11 and 12
	// Output: [3 8]
}

func TestSinusoidalPositions(t *testing.T) {
	for _, c := range []struct{ from, n, d int }{{0, 4, 6}, {7, 3, 5}, {2, 1, 1}, {0, 0, 4}} {
		p := nn.SinusoidalPositions(autograd.NewTape(reference.New()), c.from, c.n, c.d)
		assert.Equal(t, []int{c.n, c.d}, p.Shape())
		for i, got := range p.Float64s() {
			at, k := float64(c.from+i/c.d), i%c.d
			angle := at / math.Pow(10000, float64(k-k%2)/float64(c.d))
			want := math.Sin(angle)
			if k%2 == 1 {
				want = math.Cos(angle)
			}
			assert.InDelta(t, want, got, 1e-12, "%+v: position %v, number %d", c, at, k)
		}
	}
}

func TestLearnedPositions(t *testing.T) {
	be := reference.New()
	l := nn.NewLearnedPositions(nn.NewInit(be, 1), 5, 2)
	assert.Equal(t, l.W.Data.Float64s()[4:8], l.Forward(autograd.NewTape(be), 2, 2).Float64s())
	gradtest.Model(t, nn.Params(l), func(tape *autograd.Tape) autograd.Var {
		return l.Forward(tape, 1, 3).Square().Sum()
	})
	var e *tensor.ShapeError
	func() {
		defer func() { e, _ = recover().(*tensor.ShapeError) }()
		l.Forward(autograd.NewTape(be), 3, 3)
	}()
	assert.NotNil(t, e)
}
