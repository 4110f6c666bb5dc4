package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
)

// A seed gives the same model on any machine.
func ExampleInit() {
	in := nn.NewInit(cpu.New(), 1984)
	fmt.Println(in.Xavier(3, 4).Data)
	fmt.Println(in.Uniform(0.1, 4).Data)
	fmt.Println(in.Full(1, 4).Data)
	// Output:
	// [[-0.8022  0.0454 -0.1909 -1.1587]
	//  [-0.629  -1.0425  0.0065  0.1969]
	//  [ 0.7705 -0.0565  0.0013  0.8114]]
	// [-0.0137  0.0393  0.0013  0.0249]
	// [1. 1. 1. 1.]
}

func TestInitStatistics(t *testing.T) {
	const rows, cols = 100, 400
	in := nn.NewInit(cpu.New(), 7)
	for _, c := range []struct {
		name      string
		p         *autograd.Param
		deviation float64
		bound     float64 // 0: none
	}{
		{"normal", in.Normal(0.3, rows, cols), 0.3, 0},
		{"uniform", in.Uniform(0.6, rows, cols), 0.6 / math.Sqrt(3), 0.6},
		{"xavier", in.Xavier(rows, cols), 0.1, 0},
		{"he", in.He(rows, cols), math.Sqrt(0.02), 0},
		{"glorot", in.Glorot(rows, cols), math.Sqrt(6./500) / math.Sqrt(3), math.Sqrt(6. / 500)},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, []int{rows, cols}, c.p.Data.Shape())
			mean, square, largest := 0.0, 0.0, 0.0
			for _, v := range c.p.Data.Float64s() {
				mean += v / (rows * cols)
				square += v * v / (rows * cols)
				largest = max(largest, math.Abs(v))
			}
			assert.InDelta(t, 0, mean, 4*c.deviation/math.Sqrt(rows*cols))
			assert.InEpsilon(t, c.deviation, math.Sqrt(square-mean*mean), 0.02)
			if c.bound > 0 {
				assert.LessOrEqual(t, largest, c.bound+1e-6)
				assert.Greater(t, largest, 0.99*c.bound)
			}
		})
	}
	assert.Equal(t, make([]float32, 6), in.Zeros(2, 3).Data.Floats())
	assert.Equal(t, []float32{1.5, 1.5}, in.Full(1.5, 2).Data.Floats())
}

// The second parameter is the same whatever the size and the kind of the first, on
// every backend, and a constant draws nothing.
func TestInitIsByOrder(t *testing.T) {
	be := cpu.New()
	second := func(be backend.Backend, seed uint64, first func(in *nn.Init)) []float32 {
		in := nn.NewInit(be, seed)
		first(in)
		return in.Normal(1, 3, 3).Data.Floats()
	}
	want := second(be, 1, func(in *nn.Init) { in.Normal(1, 2) })
	assert.Equal(t, want, second(be, 1, func(in *nn.Init) { in.Uniform(3, 50, 50) }))
	assert.Equal(t, want, second(be, 1, func(in *nn.Init) { in.Zeros(9); in.Normal(2, 1); in.Full(3, 9) }))
	assert.NotEqual(t, want, second(be, 2, func(in *nn.Init) { in.Normal(1, 2) }), "another seed")
	assert.NotEqual(t, want, second(be, 1, func(*nn.Init) {}), "another place in the order")
	onBackends(t, func(t *testing.T, be backend.Backend) {
		assert.Equal(t, want, second(be, 1, func(in *nn.Init) { in.Normal(1, 2) }))
		assert.Equal(t, be, nn.NewInit(be, 1).Backend())
	})
	assert.Contains(t, panicText(t, func() { nn.NewInit(be, 1).Zeros(2, -1) }), "[2 -1]")
}

// What the constructors draw.
func TestInitialValues(t *testing.T) {
	in := nn.NewInit(cpu.New(), 7)
	deviation := func(p *autograd.Param) float64 {
		sum := 0.0
		for _, v := range p.Data.Float64s() {
			sum += v * v
		}
		return math.Sqrt(sum / float64(p.Data.Len()))
	}
	lstm, gru, rnn := nn.NewLSTMCell(in, 100, 64), nn.NewGRUCell(in, 100, 64), nn.NewRNNCell(in, 100, 64)
	linear, norm := nn.NewLinear(in, 100, 64), nn.NewLayerNorm(in, 64)
	for _, c := range []struct {
		name string
		p    *autograd.Param
		want float64
	}{
		{"embedding", nn.NewEmbedding(in, 100, 64).W, 0.01},
		{"negative sampling", nn.NewNegativeSampling(in, 100, 64).W, 0.01},
		{"linear", linear.W, 0.1},
		{"lstm/x", lstm.Wx, 0.1}, {"lstm/h", lstm.Wh, 0.125},
		{"gru/x", gru.Wx, 0.1}, {"gru/h", gru.Wh, 0.125},
		{"rnn/x", rnn.Wx, 0.1}, {"rnn/h", rnn.Wh, 0.125},
		{"gain", norm.Gain, 1},
	} {
		assert.InEpsilon(t, c.want, deviation(c.p), 0.05, c.name)
	}
	for _, b := range []*autograd.Param{linear.B, lstm.B, gru.B, rnn.B, norm.Bias} {
		assert.Zero(t, deviation(b))
	}
}
