package ntm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/models/ntm"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/tensor"
)

var small = ntm.Config{Inputs: 3, Outputs: 2, Hidden: 4, Slots: 5, Width: 3}

func TestGradients(t *testing.T) {
	for _, reads := range []int{1, 2} {
		c := small
		c.Reads = reads
		m := ntm.New(nn.NewInit(reference.New(), 3), c)
		var b ntm.Batch
		b.Draw(ntm.Copy{Bits: 2}, rand.New(rand.NewPCG(1, 2)), 2, 2)
		// There are sharp curves where a weight is almost 0: the step is small.
		gradtest.Config{Directions: 1, Step: 1e-6}.Model(t, nn.Params(m), func(tape *autograd.Tape) autograd.Var { return m.Loss(tape, &b) })
	}
}

// Heads point to somewhere: their weights are never negative and add up to 1. They
// begin at the first slot.
func TestWeights(t *testing.T) {
	const n, steps = 2, 6
	be := reference.New()
	c := small
	c.Reads = 2
	m := ntm.New(nn.NewInit(be, 5), c)
	for _, p := range nn.Params(m.Heads) {
		p.Data = tensor.Randn(be, tensor.NewRand(2, 0), p.Data.Shape()...) // strong wishes
	}
	tape := autograd.Config{Inference: true}.NewTape(be)
	assert.Equal(t, []float64{1, 0, 0, 0, 0}, m.Start(tape, n).Weights.Select(0, 1).Select(0, 2).Float64s())
	xs := tape.Const(tensor.Randn(be, tensor.NewRand(1, 0), n, steps, c.Inputs))
	scores, weights, memory := m.Watch(xs, 4)
	assert.Equal(t, []int{n, 4, c.Outputs}, scores.Shape())
	require.Equal(t, []int{n, steps, 3, c.Slots}, weights.Shape())
	assert.Equal(t, []int{n, c.Slots, c.Width}, memory.Shape())
	for _, w := range weights.Float64s() {
		assert.GreaterOrEqual(t, w, 0.0)
	}
	for _, sum := range weights.Sum(3).Float64s() {
		assert.InDelta(t, 1, sum, 1e-12)
	}
	assert.InDeltaSlice(t, scores.Float64s(), m.Forward(xs, 4).Float64s(), 1e-12)
	assert.InDeltaSlice(t, scores.Slice(1, 2, 4).Float64s(), m.Forward(xs, 2).Float64s(), 1e-12)
	assert.PanicsWithValue(t, "ntm: the last 7 of 6 steps; want 1 to all of them", func() { m.Forward(xs, 7) })
}

// Whoever writes with full force and shifts by one leaves a trace of what was added, a
// slot further each time.
func TestHeadsShiftAndWrite(t *testing.T) {
	be := reference.New()
	m := ntm.New(nn.NewInit(be, 5), ntm.Config{Inputs: 1, Outputs: 1, Hidden: 2, Slots: 4, Width: 1})
	// The orders are constants, in the order of the affine map: for the read and the
	// write head a key, then strength, sharpness and gate, then the shift; erase and add.
	m.Heads.Linear.W.Data = tensor.New(be, 2, 16)
	m.Heads.Linear.B.Data = tensor.FromSlice(be, []float32{
		0, 0, // keys
		0, 50, -50, // the read head: sharp, no content
		0, 50, -50,
		0, 50, 0, // it stays
		0, 0, 50, // the write head moves on
		50, 1, // erase all, add tanh 1
	}, 16)
	tape := autograd.Config{Inference: true}.NewTape(be)
	_, weights, memory := m.Watch(tape.Zeros(1, 3, 1), 1)
	assert.InDeltaSlice(t, []float64{1, 0, 0, 0}, weights.Select(1, 2).Select(1, 0).Float64s(), 1e-6, "the read head")
	for step := range 3 {
		assert.InDelta(t, 1, weights.Select(1, step).Select(1, 1).Float64s()[step+1], 1e-6, "the write head after step %d", step+1)
	}
	assert.InDeltaSlice(t, []float64{0, math.Tanh(1), math.Tanh(1), math.Tanh(1)}, memory.Float64s(), 1e-5)
}

func TestTasks(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	draw := func(task ntm.Task, length int) (b ntm.Batch) {
		b.Draw(task, r, 2, length)
		return b
	}
	t.Run("copy", func(t *testing.T) {
		b := draw(ntm.Copy{Bits: 2}, 3)
		in, out := ntm.Copy{Bits: 2}.Widths()
		require.Len(t, b.X, 2*7*in)
		require.Len(t, b.Y, 2*3*out)
		x, y := b.X[7*in:], b.Y[3*out:] // the second example
		for i := range 7 {
			step := x[i*in : (i+1)*in]
			switch {
			case i < 3:
				assert.Equal(t, append(append([]float32{}, y[i*out:(i+1)*out]...), 0), step)
			case i == 3:
				assert.Equal(t, []float32{0, 0, 1}, step)
			default:
				assert.Equal(t, []float32{0, 0, 0}, step)
			}
		}
	})
	t.Run("recall", func(t *testing.T) {
		const length, bits = 3, 8 // so many bits that no two items are alike
		b := draw(ntm.Recall{Bits: bits}, length)
		in := bits + 2
		all, answer := ntm.Recall{Bits: bits}.Steps(length)
		require.Equal(t, 3, answer)
		require.Len(t, b.X, 2*all*in)
		x, y := b.X[:all*in], b.Y[:answer*bits]
		vectors := func(from int) (v []float32) {
			for i := range 3 {
				v = append(v, x[(from+i)*in:(from+i)*in+bits]...)
			}
			return v
		}
		asked := vectors(4*length + 1)
		found := 0
		for i := range length - 1 {
			assert.Equal(t, []float32{1, 0}, x[4*i*in+bits:(4*i+1)*in], "the mark of item %d", i)
			if assert.ObjectsAreEqual(asked, vectors(4*i+1)) {
				found++
				assert.Equal(t, vectors(4*(i+1)+1), y, "what came behind item %d", i)
			}
		}
		assert.Equal(t, 1, found)
		assert.Equal(t, []float32{0, 1}, x[4*length*in+bits:(4*length+1)*in])
		assert.Equal(t, make([]float32, 3*in), x[(all-3)*in:], "nothing is seen while it answers")
	})
	t.Run("again", func(t *testing.T) {
		var b ntm.Batch
		for _, length := range []int{9, 2, 4} { // buffers are used again
			b.Draw(ntm.Copy{}, rand.New(rand.NewPCG(1, 1)), 3, length)
			x, y := b.X, b.Y
			var fresh ntm.Batch
			fresh.Draw(ntm.Copy{}, rand.New(rand.NewPCG(1, 1)), 3, length)
			assert.Equal(t, fresh.X, x)
			assert.Equal(t, fresh.Y, y)
		}
	})
}

// What is measured step by step is what Loss computes at once.
func TestMeasure(t *testing.T) {
	be := reference.New()
	m := ntm.New(nn.NewInit(be, 5), small)
	task := ntm.Copy{Bits: 2}
	s, err := ntm.Measure(be, m, task, 7, 9, 4)
	require.NoError(t, err)
	var b ntm.Batch
	b.Draw(task, rand.New(tensor.NewRand(7, 4)), 9, 4)
	tape := autograd.Config{Inference: true}.NewTape(be)
	assert.InDelta(t, m.Loss(tape, &b).Item()*8/math.Ln2, s.Cost, 1e-9)
	wrong := 0
	for i, score := range m.Forward(b.Input(tape), 4).Float64s() {
		if (score > 0) != (b.Y[i] > 0) {
			wrong++
		}
	}
	assert.InDelta(t, float64(wrong)/9, s.Wrong, 1e-12)
	assert.Equal(t, 4, s.Length)
}

// A small machine soon knows how to copy two vectors of two bits.
func TestLearnsToCopy(t *testing.T) {
	be := cpu.New()
	task := ntm.Copy{Bits: 2}
	m := ntm.New(nn.NewInit(be, 1984), ntm.Config{Inputs: 3, Outputs: 2, Hidden: 24, Slots: 6, Width: 6})
	params := nn.Params(m)
	tape, opt, clip := autograd.NewTape(be), &optim.Adam{Params: params, LR: 0.01}, optim.Clipper{}
	r := rand.New(tensor.NewRand(1, 1))
	var b ntm.Batch
	for range 150 {
		b.Draw(task, r, 16, 2)
		tape.Backward(m.Loss(tape, &b))
		clip.ClipNorm(params, 1)
		opt.Step()
		tape.Reset()
	}
	s, err := ntm.Measure(be, m, task, 3, 50, 2)
	require.NoError(t, err)
	assert.Less(t, s.Cost, 0.4)
	assert.Greater(t, s.Right, 0.95)
}

func TestStepsMakeNoGarbage(t *testing.T) {
	be := cpu.Config{Threads: 1}.New()
	m := ntm.New(nn.NewInit(be, 1), small)
	params := nn.Params(m)
	tape := autograd.NewTape(be)
	r := rand.New(rand.NewPCG(1, 2))
	var b ntm.Batch
	step := func() {
		b.Draw(ntm.Copy{Bits: 2}, r, 3, 4)
		tape.Backward(m.Loss(tape, &b))
		nn.ZeroGrad(params)
		tape.Reset()
	}
	for range 4 {
		step()
	}
	assert.Zero(t, testing.AllocsPerRun(10, step))
}

func TestMistakes(t *testing.T) {
	c := small
	c.Slots = 0
	assert.Panics(t, func() { ntm.New(nn.NewInit(reference.New(), 1), c) })
}

func ExampleNTM() {
	be := cpu.New()
	task := ntm.Copy{Bits: 8}
	in, out := task.Widths()
	m := ntm.New(nn.NewInit(be, 1984), ntm.Config{Inputs: in, Outputs: out, Hidden: 100, Slots: 32, Width: 20})
	var b ntm.Batch
	b.Draw(task, rand.New(tensor.NewRand(1984, 0)), 4, 10)
	tape := autograd.NewTape(be)
	_, weights, _ := m.Watch(b.Input(tape), 10)
	fmt.Println(weights.Shape()) // 4 sequences, 10 + 1 + 10 steps, a read and a write head, 32 slots
	// Output: [4 21 2 32]
}
