package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
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

// naiveCrossEntropy is -Σ q ln softmax(x) of one row, q = (1-s)·onehot + s/V.
func naiveCrossEntropy(x []float64, label int, smoothing float64) (loss float64) {
	total := 0.0
	for _, v := range x {
		total += math.Exp(v)
	}
	for k, v := range x {
		q := smoothing / float64(len(x))
		if k == label {
			q += 1 - smoothing
		}
		loss -= q * (v - math.Log(total))
	}
	return loss
}

// onBackends runs f on fused kernels, without them, and in float64.
func onBackends(t *testing.T, f func(t *testing.T, be backend.Backend)) {
	t.Helper()
	for _, b := range []struct {
		name string
		be   backend.Backend
	}{{"fused", cpu.New()}, {"composed", backend.Basic(cpu.New())}, {"reference", reference.New()}} {
		t.Run(b.name, func(t *testing.T) { f(t, b.be) })
	}
}

func TestCrossEntropy(t *testing.T) {
	onBackends(t, func(t *testing.T, be backend.Backend) {
		const n, steps, v = 3, 4, 5
		tape := autograd.NewTape(be)
		data := tensor.Randn(be, tensor.NewRand(1, 0), n, steps, v)
		ids := []int32{0, 1, -1, 3, 4, 4, -1, 2, -1, -1, -1, 0}
		for _, smoothing := range []float64{0, 0.2} {
			want, kept := 0.0, 0
			for i, row := range fold(data.Float64s(), n*steps, v) {
				if ids[i] != nn.Ignore {
					want += naiveCrossEntropy(row, int(ids[i]), smoothing)
					kept++
				}
			}
			l := nn.SmoothedCrossEntropy{Smoothing: smoothing}
			logits := tape.Leaf(data)
			loss := l.Forward(logits, tensor.NewInts(ids, n, steps))
			assert.InEpsilon(t, want/float64(kept), loss.Item(), 1e-6)
			assert.Empty(t, loss.Shape())
			flat := l.Forward(tape.Const(data).Reshape(n*steps, v), tensor.NewInts(ids, n*steps))
			assert.Equal(t, loss.Item(), flat.Item(), "[N, V] and [N, T, V]")

			tape.Backward(loss)
			g, _ := logits.Grad()
			for i, row := range fold(g.Float64s(), n*steps, v) {
				sum, size := 0.0, 0.0
				for _, a := range row {
					sum, size = sum+a, size+math.Abs(a)
				}
				assert.InDelta(t, 0, sum, 1e-6, "softmax and target both add up to 1")
				assert.Equal(t, ids[i] == nn.Ignore, size == 0, "position %d", i)
			}
		}
	})
}

// Where every position is left out, the loss and its gradient are 0 and no NaN.
func TestCrossEntropyOfNothing(t *testing.T) {
	onBackends(t, func(t *testing.T, be backend.Backend) {
		for _, l := range []nn.SmoothedCrossEntropy{{}, {Smoothing: 0.1}} {
			tape := autograd.NewTape(be)
			logits := tape.Leaf(tensor.FromSlice(be, []float32{1, 2, 3, 4}, 2, 2))
			loss := l.Forward(logits, tensor.NewInts([]int32{nn.Ignore, nn.Ignore}, 2))
			assert.Zero(t, loss.Item())
			tape.Backward(loss)
			g, _ := logits.Grad()
			assert.Equal(t, make([]float32, 4), g.Floats())
		}
	})
}

func TestLargeLogits(t *testing.T) {
	onBackends(t, func(t *testing.T, be backend.Backend) {
		tape := autograd.NewTape(be)
		x := tape.Leaf(tensor.FromSlice(be, []float32{1e4, -1e4, 0, -1e4, 1e4, 0}, 2, 3))
		loss := nn.CrossEntropy(x, tensor.NewInts([]int32{0, 0}, 2))
		assert.InEpsilon(t, 1e4, loss.Item(), 1e-6) // 0 and 20,000
		tape.Backward(loss)
		g, _ := x.Grad()
		assert.InDeltaSlice(t, []float32{0, 0, 0, -0.5, 0.5, 0}, g.Floats(), 1e-6)
	})
}

func TestBCEWithLogits(t *testing.T) {
	onBackends(t, func(t *testing.T, be backend.Backend) {
		xs := []float32{-1000, -100, -20, -1, -1e-3, 0, 0.5, 2, 30, 100, 1000}
		targets := []float32{0, 0, 0.25, 1, 0, 0.5, 1, 0, 1, 1, 1}
		n := len(xs)
		want := 0.0
		for i, x := range xs {
			// -t ln σ(x) - (1-t) ln(1-σ(x)), with ln σ(x) = -ln(1+e⁻ˣ) and e of a negative number
			logSigmoid := func(x float64) float64 { return math.Min(x, 0) - math.Log1p(math.Exp(-math.Abs(x))) }
			p := float64(targets[i])
			want -= (p*logSigmoid(float64(x)) + (1-p)*logSigmoid(-float64(x))) / float64(n)
		}
		tape := autograd.NewTape(be)
		x := tape.Leaf(tensor.FromSlice(be, xs, n))
		loss := nn.BCEWithLogits(x, tape.Input(targets, n))
		assert.InEpsilon(t, want, loss.Item(), 1e-5)
		tape.Backward(loss)
		g, _ := x.Grad()
		for i, got := range g.Float64s() {
			assert.InDelta(t, (sigmoid(float64(xs[i]))-float64(targets[i]))/float64(n), got, 1e-6, "x = %v", xs[i])
		}
	})
}

func TestMSE(t *testing.T) {
	onBackends(t, func(t *testing.T, be backend.Backend) {
		tape := autograd.NewTape(be)
		x := tape.Leaf(tensor.FromSlice(be, []float32{1, 2, 3, 4}, 2, 2))
		target := autograd.NewParam(tensor.FromSlice(be, []float32{0, 2, 5, 4}, 2, 2))
		loss := nn.MSE(x, target)
		assert.Equal(t, 1.25, loss.Item())
		tape.Backward(loss)
		g, _ := x.Grad()
		assert.Equal(t, []float32{0.5, 0, -1, 0}, g.Floats())
		assert.Equal(t, []float32{-0.5, 0, 1, 0}, target.Grad.Floats(), "the target may be learned")
	})
}

func TestLossMistakes(t *testing.T) {
	tape := autograd.NewTape(cpu.New())
	ids := func(ids []int32, shape ...int) tensor.Ints { return tensor.NewInts(ids, shape...) }
	for _, c := range []struct {
		name string
		f    func()
		want string
	}{
		{"label/large", func() { nn.CrossEntropy(tape.Zeros(2, 3), ids([]int32{0, 3}, 2)) },
			"crossEntropy: [2]: id 3 at position 1 is out of range; want ids from -1 to 2"},
		{"label/small", func() { nn.CrossEntropy(tape.Zeros(2, 3), ids([]int32{-2, 0}, 2)) },
			"crossEntropy: [2]: id -2 at position 0 is out of range; want ids from -1 to 2"},
		{"labels/number", func() { nn.CrossEntropy(tape.Zeros(2, 3), ids([]int32{0, 1, 2}, 3)) },
			"crossEntropy: [2 3] × [3]: labels do not match the positions; want logits [..., V] and labels [...]"},
		{"labels/axes", func() { nn.CrossEntropy(tape.Zeros(2, 2, 3), ids([]int32{0, 1, 2, 0}, 4)) },
			"crossEntropy: [2 2 3] × [4]: labels do not match the positions; want logits [..., V] and labels [...]"},
		{"bce", func() { nn.BCEWithLogits(tape.Zeros(4, 1), tape.Zeros(4)) },
			"bceWithLogits: [4 1] × [4]: the target has another shape; want equal shapes"},
		{"mse", func() { nn.MSE(tape.Zeros(4, 1), tape.Zeros(4)) },
			"mse: [4 1] × [4]: the target has another shape; want equal shapes"},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, panicText(t, c.f)) })
	}
}
