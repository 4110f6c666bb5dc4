package rnnlm_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/optim"
)

// variants are all models, of v words and width h.
var variants = []struct {
	name   string
	layers int
	cell   bool // its state has a C
	make   func(be backend.Backend, v, h int) rnnlm.Model
}{
	{"rnn", 1, false, single(rnnlm.RNN)},
	{"lstm", 1, true, single(rnnlm.LSTM)},
	{"gru", 1, false, single(rnnlm.GRU)},
	{"better", 2, true, func(be backend.Backend, v, h int) rnnlm.Model {
		return rnnlm.NewBetter(nn.NewInit(be, 11), v, h, 0.3)
	}},
}

func single(c rnnlm.Cell) func(be backend.Backend, v, h int) rnnlm.Model {
	return func(be backend.Backend, v, h int) rnnlm.Model {
		return rnnlm.New(nn.NewInit(be, 11), rnnlm.Config{Vocab: v, Embed: h + 1, Hidden: h, Cell: c})
	}
}

func TestShapesAndState(t *testing.T) {
	const n, steps, v, h = 2, 3, 7, 4
	be := reference.New()
	ids := []int32{1, 2, 3, 4, 5, 6}
	for _, c := range variants {
		t.Run(c.name, func(t *testing.T) {
			m := c.make(be, v, h)
			tape := autograd.Config{Inference: true}.NewTape(be)
			scores, last := m.Forward(tape, tape.Ints(ids, n, steps), nn.LSTMState{})
			assert.Equal(t, []int{n, steps, v}, scores.Shape())
			assert.Equal(t, []int{c.layers, n, h}, last.H.Shape())
			require.Equal(t, c.cell, !last.C.IsZero())
			if c.cell {
				assert.Equal(t, []int{c.layers, n, h}, last.C.Shape())
			}

			// Two windows with the state handed on are one window.
			first := []int32{1, 2, 4, 5}
			_, s := m.Forward(tape, tape.Ints(first, n, 2), nn.LSTMState{})
			tail, _ := m.Forward(tape, tape.Ints([]int32{3, 6}, n, 1), s)
			assert.InDeltaSlice(t, scores.Slice(1, 2, 3).Float64s(), tail.Float64s(), 1e-12)
		})
	}
}

func TestGradients(t *testing.T) {
	const n, steps, v, h = 2, 3, 5, 2
	ids, targets := []int32{0, 1, 2, 3, 4, 0}, []int32{1, 2, 3, 4, 0, 1}
	for _, c := range variants {
		t.Run(c.name, func(t *testing.T) {
			m := c.make(reference.New(), v, h)
			gradtest.Config{Directions: 1}.Model(t, nn.Params(m), func(tape *autograd.Tape) autograd.Var {
				state := nn.LSTMState{H: tape.Full(0.3, c.layers, n, h)}
				if c.cell {
					state.C = tape.Full(-0.2, c.layers, n, h)
				}
				loss, _ := m.Loss(tape, tape.Ints(ids, n, steps), tape.Ints(targets, n, steps), state)
				return loss
			})
		})
	}
}

// A text in which every word follows from the one before is learnt to a perplexity
// near 1.
func TestLearnsATextByHeart(t *testing.T) {
	const v, h, n, steps = 6, 16, 2, 5
	text := make([]int32, 121)
	for i := range text {
		text[i] = int32(i % v)
	}
	for _, c := range variants {
		t.Run(c.name, func(t *testing.T) {
			be := cpu.New()
			m := c.make(be, v, h)
			windows, err := data.NewStreams(text, n, steps)
			require.NoError(t, err)
			params := nn.Params(m)
			opt, clip := &optim.Adam{Params: params, LR: 0.02}, optim.Clipper{}
			tape := autograd.NewTape(be)
			var state nn.LSTMState
			x, y := make([]int32, n*steps), make([]int32, n*steps)
			var first, last float64
			for i := range 120 {
				windows.Next(x, y)
				var loss autograd.Var
				loss, state = m.Loss(tape, tape.Ints(x, n, steps), tape.Ints(y, n, steps), state)
				last = loss.Item()
				if i == 0 {
					first = last
				}
				tape.Backward(loss)
				clip.ClipNorm(params, 1)
				opt.Step()
				tape.Reset(state.Vars()...)
			}
			assert.InDelta(t, math.Log(v), first, 0.4, "at first a guess")
			assert.Less(t, math.Exp(last), 1.3, "perplexity")
		})
	}
}

func TestBetterTiesAndDrops(t *testing.T) {
	be := reference.New()
	m := rnnlm.NewBetter(nn.NewInit(be, 1), 7, 4, 0.5)
	var names []string
	for _, p := range nn.Params(m) {
		names = append(names, p.Name)
	}
	assert.Equal(t, []string{"Embed.W", "LSTM.Cells.0.Wx", "LSTM.Cells.0.Wh", "LSTM.Cells.0.B", "LSTM.Cells.1.Wx", "LSTM.Cells.1.Wh", "LSTM.Cells.1.B", "B"}, names)

	tape := autograd.NewTape(be)
	scores, _ := m.Forward(tape, tape.Ints([]int32{1, 2}, 1, 2), nn.LSTMState{})
	drops := 0
	for r := range tape.Records() {
		if r.Name == "dropout" {
			drops++
		}
	}
	assert.Equal(t, 3, drops, "before, between and behind the LSTMs")
	assert.Equal(t, []int{1, 2, 7}, scores.Shape())

	still := autograd.Config{Inference: true}.NewTape(be)
	a, _ := m.Forward(still, still.Ints([]int32{1, 2}, 1, 2), nn.LSTMState{})
	b, _ := m.Forward(still, still.Ints([]int32{1, 2}, 1, 2), nn.LSTMState{})
	assert.Equal(t, a.Float64s(), b.Float64s(), "without dropout in inference")
}

func TestUnknownCell(t *testing.T) {
	assert.PanicsWithValue(t, `rnnlm: a cell "lstn": want "rnn", "lstm" or "gru"`, func() {
		rnnlm.New(nn.NewInit(reference.New(), 1), rnnlm.Config{Vocab: 3, Embed: 2, Hidden: 2, Cell: "lstn"})
	})
}

func ExampleRNNLM() {
	be := cpu.New()
	m := rnnlm.New(nn.NewInit(be, 1984), rnnlm.Config{Vocab: 10, Embed: 4, Hidden: 8, Cell: rnnlm.GRU})
	tape := autograd.NewTape(be)
	ids, targets := tape.Ints([]int32{3, 1, 4, 1, 5, 9}, 2, 3), tape.Ints([]int32{1, 4, 1, 5, 9, 2}, 2, 3)
	loss, state := m.Loss(tape, ids, targets, nn.LSTMState{})
	fmt.Printf("perplexity %.0f, state %v\n", math.Exp(loss.Item()), state.H.Shape())
	for _, p := range nn.Params(m) {
		fmt.Println(p.Name, p.Data.Shape())
	}
	// Output:
	// perplexity 10, state [1 2 8]
	// Embed.W [10 4]
	// Layer.Cells.0.Wx [4 24]
	// Layer.Cells.0.Wh [8 24]
	// Layer.Cells.0.B [24]
	// Out.W [8 10]
	// Out.B [10]
}

func ExampleBetterRNNLM() {
	be := cpu.New()
	m := rnnlm.NewBetter(nn.NewInit(be, 1984), 10, 8, 0.5)
	tape := autograd.NewTape(be)
	loss, state := m.Loss(tape, tape.Ints([]int32{3, 1, 4}, 1, 3), tape.Ints([]int32{1, 4, 1}, 1, 3), nn.LSTMState{})
	fmt.Printf("perplexity %.0f, state %v\n", math.Exp(loss.Item()), state.H.Shape())
	// Output: perplexity 10, state [2 1 8]
}
