package autograd_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

// lm is the language model of the engine's hard cases: an embedding, an LSTM and
// an output layer, whose matrix is the embedding's where it is tied.
type lm struct {
	embed, wx, wh, b, out *autograd.Param // out is nil where tied
	drop                  float64
}

func newLM(be backend.Backend, vocab, hidden int, tied bool) *lm {
	r := tensor.NewRand(7, 0)
	draw := func(name string, shape ...int) *autograd.Param {
		p := autograd.NewParam(tensor.Uniform(be, r, -0.5, 0.5, shape...))
		p.Name = name
		return p
	}
	m := &lm{
		embed: draw("Embed.W", vocab, hidden),
		wx:    draw("LSTM.Wx", hidden, 4*hidden),
		wh:    draw("LSTM.Wh", hidden, 4*hidden),
		b:     draw("LSTM.B", 4*hidden),
	}
	if !tied {
		m.out = draw("Out.W", hidden, vocab)
	}
	return m
}

func (m *lm) params() []*autograd.Param {
	list := []*autograd.Param{m.embed, m.wx, m.wh, m.b}
	if m.out != nil {
		list = append(list, m.out)
	}
	return list
}

// window is a stretch of text, n steps of a batch, step after step, and its labels.
type window struct {
	ids, labels []int32
	steps, n    int
}

func newWindow(start, steps, n, vocab int) window {
	text := make([]int32, start+steps*n+1)
	for i := range text {
		text[i] = int32((i*i + i/3) % vocab)
	}
	return window{text[start : start+steps*n], text[start+1:], steps, n}
}

// loss reads a window and returns the mean loss and the last state.
func (m *lm) loss(tape *tape, w window, h, c autograd.Var) (loss, h2, c2 autograd.Var) {
	xs := tape.Param(m.embed).Gather(tape.Ints(w.ids, w.steps, w.n)).Dropout(m.drop)
	hs := tape.List(w.steps)
	for t := range hs {
		z := xs.Select(0, t).Affine(m.wx, m.b).AddMatMul(h, m.wh)
		h, c = autograd.LSTMCell(z, c)
		hs[t] = h
	}
	top := autograd.Concat(0, hs...).Dropout(m.drop)
	var logits autograd.Var
	if m.out == nil {
		logits = top.MatMul(m.embed.On(tape).T())
	} else {
		logits = top.MatMul(m.out)
	}
	return logits.CrossEntropy(tape.Ints(w.labels, w.steps*w.n), 0).Mean(), h, c
}

// fresh is loss from a state of zeros.
func (m *lm) fresh(tape *tape, w window) autograd.Var {
	n, hidden := w.n, m.embed.Data.Dim(1)
	loss, _, _ := m.loss(tape, w, tape.Zeros(n, hidden), tape.Zeros(n, hidden))
	return loss
}

// grads returns the gradients of params as full arrays and clears them.
func takeGrads(params []*autograd.Param) [][]float32 {
	out := make([][]float32, len(params))
	for i, p := range params {
		out[i] = p.Grad.Floats()
		p.Grad.Zero()
	}
	return out
}

func assertClose(t *testing.T, want, got [][]float32, rel float64, msg string) {
	t.Helper()
	require.Len(t, got, len(want), msg)
	for i := range want {
		require.Len(t, got[i], len(want[i]), msg)
		for k := range want[i] {
			w, g := float64(want[i][k]), float64(got[i][k])
			if d := w - g; !(max(d, -d) <= 0.1*rel+rel*max(w, -w)) {
				assert.Fail(t, msg, "array %d element %d: %v, want %v", i, k, g, w)
				return
			}
		}
	}
}

// Hard case 1: 35 steps with shared weights, the state carried over Reset. Its
// value goes on exactly, its gradient stops.
func TestTruncatedBackpropagation(t *testing.T) {
	for _, be := range wide(t) {
		t.Run("backend="+be.Name(), func(t *testing.T) {
			const steps, n, vocab, hidden = 35, 2, 11, 3
			m := newLM(be, vocab, hidden, false)
			m.drop = 0.2
			tape := autograd.NewTape(be)
			h, c := tape.Zeros(n, hidden), tape.Zeros(n, hidden)
			var state [2][]float64
			var windows [][][]float32
			for k := range 3 {
				var loss autograd.Var
				loss, h, c = m.loss(tape, newWindow(k*steps*n, steps, n, vocab), h, c)
				tape.Backward(loss)
				windows = append(windows, takeGrads(m.params()))
				if k == 2 {
					break
				}
				state = [2][]float64{h.Float64s(), c.Float64s()}
				tape.Reset(&h, &c)
				assert.Equal(t, state, [2][]float64{h.Float64s(), c.Float64s()}, "the state crosses Reset unchanged")
				assert.False(t, h.NeedsGrad(), "as a constant")
				assert.Equal(t, 2, tape.Len())
			}
			// The last window's gradients are those of a function that starts from the
			// state as numbers; and that function's gradients are right.
			pos := tape.Rand().Pos
			m.drop = 0
			last := func(tape *autograd.Tape) autograd.Var {
				loss, _, _ := m.loss(tape, newWindow(2*steps*n, steps, n, vocab),
					tape.Const(tensor.FromFloat64(be, state[0], n, hidden)), tape.Const(tensor.FromFloat64(be, state[1], n, hidden)))
				return loss
			}
			gradtest.Config{Directions: 1}.Model(t, m.params(), last)
			m.drop = 0.2
			tape.Reset()
			tape.Rand().Pos = pos / 3 * 2 // three windows took equal parts of the stream
			tape.Backward(last(tape))
			assert.Equal(t, windows[2], takeGrads(m.params()))
		})
	}
}

// Hard case 2: one matrix as embedding (row-sparse) and output layer (dense).
func TestWeightTying(t *testing.T) {
	const vocab, hidden = 9, 3
	w := newWindow(0, 4, 2, vocab)
	for _, be := range wide(t) {
		t.Run("backend="+be.Name(), func(t *testing.T) {
			tied, free := newLM(be, vocab, hidden, true), newLM(be, vocab, hidden, false)
			free.out.Data.CopyFrom(tied.embed.Data.T()) // the same numbers in two Params
			run := func(m *lm) [][]float32 {
				tape := autograd.NewTape(be)
				for range 2 { // two passes add up
					tape.Backward(m.fresh(tape, w))
					tape.Reset()
				}
				assert.Equal(t, m.out != nil, m.embed.Grad.Rows != nil, "an embedding alone is row-sparse")
				return takeGrads(m.params())
			}
			got, want := run(tied), run(free)
			for i := range vocab {
				for j := range hidden {
					want[0][i*hidden+j] += want[4][j*vocab+i]
				}
			}
			assertClose(t, want[:4], got, 1e-6, "tied")
			gradtest.Model(t, tied.params(), func(tape *autograd.Tape) autograd.Var { return tied.fresh(tape, w) })
		})
	}
}

// Hard case 3: a gradient penalty through a tied LSTM model. Grad sees the
// embedding's gradient as a dense, differentiable scatter; the Backward that
// follows mixes row-sparse and dense contributions.
func TestGradientPenalty(t *testing.T) {
	const vocab, hidden = 7, 2
	w := newWindow(0, 3, 2, vocab)
	penalised := func(m *lm) func(tape *autograd.Tape) autograd.Var {
		return func(tape *autograd.Tape) autograd.Var {
			loss := m.fresh(tape, w)
			params := make(vars, len(m.params()))
			for i, p := range m.params() {
				params[i] = tape.Param(p)
			}
			for _, g := range tape.Grad(vars{loss}, params) {
				loss = loss.Add(g.Square().Sum().Scale(0.5, 0))
			}
			return loss
		}
	}
	for _, be := range wide(t) {
		t.Run("backend="+be.Name(), func(t *testing.T) { // the second order of this is a third derivative
			m := newLM(be, vocab, hidden, true)
			gradtest.Config{Directions: 1}.Model(t, m.params(), penalised(m))
		})
	}
	// In float32, with the fused cell and cross entropy, and without.
	var results [][][]float32
	for _, be := range []backend.Backend{reference.New(), cpu.New(), backend.Basic(cpu.New())} {
		m := newLM(be, vocab, hidden, true)
		tape := autograd.NewTape(be)
		tape.Backward(penalised(m)(tape))
		results = append(results, takeGrads(m.params()))
	}
	assertClose(t, results[0], results[1], 1e-4, "fused")
	assertClose(t, results[0], results[2], 1e-4, "composed")
}

// A second Backward over one record, whose fused kernels have used up what they saved.
func TestBackwardTwice(t *testing.T) {
	for _, be := range []backend.Backend{cpu.New(), backend.Basic(cpu.New())} {
		t.Run(fmt.Sprintf("%T", be), func(t *testing.T) {
			m := newLM(be, 9, 4, true)
			m.drop = 0.3
			tape := autograd.NewTape(be)
			loss := m.fresh(tape, newWindow(0, 3, 2, 9))
			tape.Backward(loss)
			once := takeGrads(m.params())
			records := tape.Len()
			for range 3 {
				tape.Backward(loss)
				assertClose(t, once, takeGrads(m.params()), 1e-5, "again")
			}
			assert.Equal(t, records, tape.Len(), "Backward leaves no records")
		})
	}
}
