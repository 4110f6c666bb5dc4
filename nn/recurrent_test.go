package nn_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// Options of recurrent layers are fields, and their constructors methods.
func ExampleStacked() {
	be := cpu.New()
	in := nn.NewInit(be, 1)
	l := nn.Stacked{Layers: 2, Bidirectional: true, Dropout: 0.5}.NewLSTM(in, 10, 16)
	tape := autograd.NewTape(be)
	hs, s := l.Forward(tape.Zeros(4, 7, 10), nn.LSTMState{})
	fmt.Println(hs.Shape())  // [N, T, 2H]
	fmt.Println(s.H.Shape()) // [layers × directions, N, H]
	fmt.Print(nn.Summary(l))
	// Output:
	// [4 7 32]
	// [4 4 16]
	// parameter   shape    elements
	// Cells.0.Wx  [10 64]       640
	// Cells.0.Wh  [16 64]      1024
	// Cells.0.B   [64]           64
	// Cells.1.Wx  [10 64]       640
	// Cells.1.Wh  [16 64]      1024
	// Cells.1.B   [64]           64
	// Cells.2.Wx  [32 64]      2048
	// Cells.2.Wh  [16 64]      1024
	// Cells.2.B   [64]           64
	// Cells.3.Wx  [32 64]      2048
	// Cells.3.Wh  [16 64]      1024
	// Cells.3.B   [64]           64
	// total                    9728
}

// layerUnderTest is an RNN, GRU or LSTM layer and its cells, behind one form.
type layerUnderTest struct {
	layer func(x autograd.Var, s nn.LSTMState) (y autograd.Var, last nn.LSTMState)
	cell  func(i int, x autograd.Var, s nn.LSTMState) nn.LSTMState
}

var recurrentKinds = []struct {
	name string
	make func(o nn.Stacked, in *nn.Init, d, h int) layerUnderTest
}{
	{"rnn", func(o nn.Stacked, in *nn.Init, d, h int) layerUnderTest {
		l := o.NewRNN(in, d, h)
		return layerUnderTest{
			func(x autograd.Var, s nn.LSTMState) (autograd.Var, nn.LSTMState) {
				y, last := l.Forward(x, s.H)
				return y, nn.LSTMState{H: last}
			},
			func(i int, x autograd.Var, s nn.LSTMState) nn.LSTMState {
				return nn.LSTMState{H: l.Cells[i].Forward(x, s.H)}
			},
		}
	}},
	{"gru", func(o nn.Stacked, in *nn.Init, d, h int) layerUnderTest {
		l := o.NewGRU(in, d, h)
		return layerUnderTest{
			func(x autograd.Var, s nn.LSTMState) (autograd.Var, nn.LSTMState) {
				y, last := l.Forward(x, s.H)
				return y, nn.LSTMState{H: last}
			},
			func(i int, x autograd.Var, s nn.LSTMState) nn.LSTMState {
				return nn.LSTMState{H: l.Cells[i].Forward(x, s.H)}
			},
		}
	}},
	{"lstm", func(o nn.Stacked, in *nn.Init, d, h int) layerUnderTest {
		l := o.NewLSTM(in, d, h)
		return layerUnderTest{l.Forward, func(i int, x autograd.Var, s nn.LSTMState) nn.LSTMState { return l.Cells[i].Forward(x, s) }}
	}},
}

// byCells is what a layer computes, written as loops over its cells.
func (l layerUnderTest) byCells(o nn.Stacked, x autograd.Var, s nn.LSTMState) (y autograd.Var, last []nn.LSTMState) {
	steps := x.Dim(1)
	for layer := range max(o.Layers, 1) {
		if layer > 0 {
			x = x.Transpose(0, 1).Dropout(o.Dropout).Transpose(0, 1) // drawn time step by time step
		}
		var sides []autograd.Var
		for side := range 2 {
			if side == 1 && !o.Bidirectional {
				continue
			}
			cell := len(last)
			state := nn.LSTMState{}
			if !s.H.IsZero() {
				state.H = s.H.Select(0, cell)
			}
			if !s.C.IsZero() {
				state.C = s.C.Select(0, cell)
			}
			hs := make([]autograd.Var, steps)
			for k := range steps {
				at := k
				if side == 1 {
					at = steps - 1 - k
				}
				state = l.cell(cell, x.Select(1, at), state)
				hs[at] = state.H
			}
			last = append(last, state)
			sides = append(sides, autograd.Stack(1, hs...))
		}
		below := x
		x = autograd.Concat(2, sides...)
		if o.Residual && layer > 0 {
			x = x.Add(below)
		}
	}
	return x, last
}

func TestLayersAreLoopsOverCells(t *testing.T) {
	const n, steps, d, h = 2, 3, 4, 5
	for _, o := range []nn.Stacked{{}, {Layers: 3}, {Bidirectional: true}, {Layers: 2, Bidirectional: true}, {Layers: 2, Dropout: 0.5}, {Layers: 2, Bidirectional: true, Dropout: 0.3},
		{Layers: 3, Residual: true}, {Layers: 2, Bidirectional: true, Residual: true, Dropout: 0.3}} {
		for _, kind := range recurrentKinds {
			for _, withState := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%+v/state=%t", kind.name, o, withState), func(t *testing.T) {
					be := reference.New()
					l := kind.make(o, nn.NewInit(be, 3), d, h)
					r := tensor.NewRand(5, 0)
					data := tensor.Randn(be, r, n, steps, d)
					cells := max(o.Layers, 1)
					width := h
					if o.Bidirectional {
						cells, width = 2*cells, 2*h
					}
					states := nn.LSTMState{}
					h0, c0 := tensor.Randn(be, r, cells, n, h), tensor.Randn(be, r, cells, n, h)

					run := func(byCells bool) (y, dx, lastH, lastC []float64) {
						tape := autograd.Config{Seed: 9}.NewTape(be) // the same dropout
						x := tape.Leaf(data)
						states = nn.LSTMState{}
						if withState {
							states.H = tape.Const(h0)
						}
						if withState && kind.name == "lstm" {
							states.C = tape.Const(c0)
						}
						var out autograd.Var
						if byCells {
							var last []nn.LSTMState
							out, last = l.byCells(o, x, states)
							for _, s := range last {
								lastH = append(lastH, s.H.Float64s()...)
								if !s.C.IsZero() {
									lastC = append(lastC, s.C.Float64s()...)
								}
							}
						} else {
							var last nn.LSTMState
							out, last = l.layer(x, states)
							assert.Equal(t, []int{n, steps, width}, out.Shape())
							assert.Equal(t, []int{cells, n, h}, last.H.Shape())
							lastH = last.H.Float64s()
							if !last.C.IsZero() {
								assert.Equal(t, []int{cells, n, h}, last.C.Shape())
								lastC = last.C.Float64s()
							}
						}
						tape.Backward(out.Square().Sum())
						g, _ := x.Grad()
						return out.Float64s(), g.Float64s(), lastH, lastC
					}
					y, dx, lastH, lastC := run(false)
					wantY, wantDx, wantH, wantC := run(true)
					assert.InDeltaSlice(t, wantY, y, 1e-12)
					assert.InDeltaSlice(t, wantDx, dx, 1e-12)
					assert.InDeltaSlice(t, wantH, lastH, 1e-12)
					assert.Equal(t, kind.name == "lstm", len(lastC) > 0, "a cell's state")
					assert.Len(t, lastC, len(wantC))
					if len(wantC) > 0 {
						assert.InDeltaSlice(t, wantC, lastC, 1e-12)
					}
				})
			}
		}
	}
}

// A long sequence in windows, the state carried over Reset, is the sequence in one.
func TestWindowsAreOneLongRun(t *testing.T) {
	const n, steps, d, h, windows = 2, 6, 3, 4, 3
	for _, kind := range recurrentKinds {
		for _, o := range []nn.Stacked{{}, {Layers: 2}} {
			t.Run(fmt.Sprintf("%s/%+v", kind.name, o), func(t *testing.T) {
				be := reference.New()
				l := kind.make(o, nn.NewInit(be, 3), d, h)
				data := tensor.Randn(be, tensor.NewRand(5, 0), n, steps, d)
				tape := autograd.NewTape(be)
				y, last := l.layer(tape.Const(data), nn.LSTMState{})
				whole, lastH := y.Value(), last.H.Float64s()
				tape.Reset()

				var s nn.LSTMState
				for w := range windows {
					from, to := w*steps/windows, (w+1)*steps/windows
					y, s = l.layer(tape.Const(data).Slice(1, from, to), s)
					assert.InDeltaSlice(t, whole.Slice(1, from, to).Float64s(), y.Float64s(), 1e-12)
					tape.Backward(y.Sum())
					tape.Reset(s.Vars()...)
				}
				assert.InDeltaSlice(t, lastH, s.H.Float64s(), 1e-12)
			})
		}
	}
}

// The zero state is a state of zeros, whole or by half.
func TestZeroStates(t *testing.T) {
	be := reference.New()
	in := nn.NewInit(be, 3)
	const n, d, h = 2, 3, 4
	for _, kind := range recurrentKinds {
		t.Run(kind.name, func(t *testing.T) {
			l := kind.make(nn.Stacked{}, in, d, h)
			tape := autograd.NewTape(be)
			x := tape.Const(tensor.Randn(be, tensor.NewRand(5, 0), n, 3, d))
			zero := tape.Zeros(1, n, h)
			want, _ := l.layer(x, nn.LSTMState{})
			states := []nn.LSTMState{{H: zero}}
			if kind.name == "lstm" {
				states = append(states, nn.LSTMState{C: zero}, nn.LSTMState{H: zero, C: zero})
			}
			for _, s := range states {
				y, _ := l.layer(x, s)
				assert.InDeltaSlice(t, want.Float64s(), y.Float64s(), 1e-14)
			}
		})
	}
}

func TestStateDetach(t *testing.T) {
	be := cpu.New()
	l := nn.NewLSTM(nn.NewInit(be, 1), 2, 3)
	tape := autograd.NewTape(be)
	_, s := l.Forward(tape.Full(1, 1, 2, 2), nn.LSTMState{})
	require.True(t, s.H.NeedsGrad())
	d := s.Detach()
	assert.False(t, d.H.NeedsGrad())
	assert.False(t, d.C.NeedsGrad())
	assert.Equal(t, s.C.Floats(), d.C.Floats())
	assert.Equal(t, nn.LSTMState{}, nn.LSTMState{}.Detach())
	assert.True(t, nn.LSTMState{H: s.H}.Detach().C.IsZero())
}

func TestRecurrentMistakes(t *testing.T) {
	be := cpu.New()
	l := nn.Stacked{Layers: 2}.NewLSTM(nn.NewInit(be, 1), 3, 4)
	tape := autograd.NewTape(be)
	x := tape.Zeros(5, 2, 3)
	for _, c := range []struct {
		name string
		f    func()
		want string
	}{
		{"rank", func() { l.Forward(tape.Zeros(5, 3), nn.LSTMState{}) },
			"recurrent layer: [5 3]: the input is no sequence; want [N, T, D] with at least one time step"},
		{"empty", func() { l.Forward(tape.Zeros(5, 0, 3), nn.LSTMState{}) },
			"recurrent layer: [5 0 3]: the input is no sequence; want [N, T, D] with at least one time step"},
		{"state/cells", func() { l.Forward(x, nn.LSTMState{H: tape.Zeros(1, 5, 4)}) },
			"recurrent layer: [5 2 3] × [1 5 4]: the state does not match the input; want [N, T, D] × [2, N, H]"},
		{"state/batch", func() { l.Forward(x, nn.LSTMState{C: tape.Zeros(2, 1, 4)}) },
			"recurrent layer: [5 2 3] × [2 1 4]: the state does not match the input; want [N, T, D] × [2, N, H]"},
		{"state/rank", func() { l.Forward(x, nn.LSTMState{H: tape.Zeros(5, 4)}) },
			"recurrent layer: [5 2 3] × [5 4]: the state does not match the input; want [N, T, D] × [2, N, H]"},
		{"cells", func() { (&nn.LSTM{Cells: l.Cells}).Forward(x, nn.LSTMState{}) },
			"nn: 2 cells for 1 layers in 1 directions"},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, panicText(t, c.f)) })
	}
}

// panicText returns the message that f panics with.
func panicText(t *testing.T, f func()) (text string) {
	t.Helper()
	defer func() {
		r := recover()
		require.NotNil(t, r, "no panic")
		text = fmt.Sprint(r)
	}()
	f()
	return ""
}

// A cell may be given while the hidden state is zero, and the other way round.
func TestHalfStates(t *testing.T) {
	be, r := reference.New(), tensor.NewRand(5, 0)
	const n, d, h = 2, 3, 4
	l := nn.NewLSTM(nn.NewInit(be, 3), d, h)
	tape := autograd.NewTape(be)
	x, state, zero := tape.Const(tensor.Randn(be, r, n, 3, d)), tape.Const(tensor.Randn(be, r, 1, n, h)), tape.Zeros(1, n, h)
	for _, c := range []struct{ half, whole nn.LSTMState }{
		{nn.LSTMState{C: state}, nn.LSTMState{H: zero, C: state}},
		{nn.LSTMState{H: state}, nn.LSTMState{H: state, C: zero}},
	} {
		y, _ := l.Forward(x, c.half)
		want, _ := l.Forward(x, c.whole)
		assert.InDeltaSlice(t, want.Float64s(), y.Float64s(), 1e-14)
	}
}

// An empty batch is a batch: what comes out is empty, and so are the gradients.
func TestEmptyBatch(t *testing.T) {
	be := cpu.New()
	in := nn.NewInit(be, 1)
	lstm, gru, rnn := nn.Stacked{Layers: 2, Bidirectional: true}.NewLSTM(in, 4, 3), nn.NewGRU(in, 4, 3), nn.NewRNN(in, 4, 3)
	heads, norm, linear := nn.NewMultiHeadAttention(in, 4, 2), nn.NewLayerNorm(in, 4), nn.NewLinear(in, 4, 3)
	for _, c := range []struct {
		name  string
		f     func(x autograd.Var) autograd.Var
		width int
	}{
		{"lstm", func(x autograd.Var) autograd.Var { y, _ := lstm.Forward(x, nn.LSTMState{}); return y }, 6},
		{"gru", func(x autograd.Var) autograd.Var { y, _ := gru.Forward(x, autograd.Var{}); return y }, 3},
		{"rnn", func(x autograd.Var) autograd.Var { y, _ := rnn.Forward(x, autograd.Var{}); return y }, 3},
		{"attention", func(x autograd.Var) autograd.Var { y, _ := heads.Forward(x, x, x, autograd.Var{}); return y }, 4},
		{"layer norm", norm.Forward, 4},
		{"linear", linear.Forward, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			tape := autograd.NewTape(be)
			x := tape.Leaf(tensor.Zeros(be, 0, 5, 4))
			y := c.f(x)
			assert.Equal(t, []int{0, 5, c.width}, y.Shape())
			tape.Backward(y.Sum())
			g, ok := x.Grad()
			assert.True(t, ok)
			assert.Equal(t, []int{0, 5, 4}, g.Shape())
		})
	}
}

// TestForwardWith compares a layer that is told what stands in front of every input with
// one that is given both side by side.
func TestForwardWith(t *testing.T) {
	be := reference.New()
	for _, o := range []nn.Stacked{{}, {Bidirectional: true}, {Layers: 2, Residual: true}} {
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
			in := nn.NewInit(be, 3)
			l := o.NewLSTM(in, 5, 3)
			c, x := in.Xavier(2, 2), in.Xavier(2*4, 3)
			run := func(forward func(tape *autograd.Tape) (autograd.Var, nn.LSTMState)) (all [][]float64) {
				tape := autograd.NewTape(be)
				y, last := forward(tape)
				tape.Backward(y.Square().Sum().Add(last.C.Sum()))
				all = append(all, y.Float64s(), last.H.Float64s())
				for _, p := range append(nn.Params(l), c, x) {
					all = append(all, p.Grad.Tensor().Float64s())
					p.Grad.Zero()
				}
				return all
			}
			want := run(func(tape *autograd.Tape) (autograd.Var, nn.LSTMState) {
				front := c.On(tape).Unsqueeze(1).Expand(2, 4, 2)
				return l.Forward(autograd.Concat(2, front, x.On(tape).Reshape(2, 4, 3)), nn.LSTMState{})
			})
			got := run(func(tape *autograd.Tape) (autograd.Var, nn.LSTMState) {
				return l.ForwardWith(c.On(tape), x.On(tape).Reshape(2, 4, 3), nn.LSTMState{})
			})
			for i := range want {
				assert.InDeltaSlice(t, want[i], got[i], 1e-12)
			}
		})
	}
}

// TestForwardIDs compares a layer that is given a table and ids with one that is given
// vectors, where there are fewer vectors than ids and where there are more.
func TestForwardIDs(t *testing.T) {
	be := reference.New()
	ids := []int32{1, 0, 1, 3, 3, 1, 1, 0} // not 2
	for _, o := range []nn.Stacked{{}, {Bidirectional: true}, {Layers: 2, Residual: true}} {
		for _, words := range []int{4, 8, 9} {
			for _, with := range []bool{false, true} {
				t.Run(fmt.Sprintf("%+v/words=%d/with=%t", o, words, with), func(t *testing.T) {
					in := nn.NewInit(be, 3)
					e, c, width := nn.NewEmbedding(in, words, 3), in.Xavier(2, 2), 3
					if with {
						width += 2
					}
					l := o.NewLSTM(in, width, 3)
					run := func(forward func(tape *autograd.Tape, ids tensor.Ints) (autograd.Var, nn.LSTMState)) (all [][]float64) {
						tape := autograd.NewTape(be)
						y, last := forward(tape, tape.Ints(ids, 2, 4))
						tape.Backward(y.Square().Sum().Add(last.C.Sum()))
						assert.ElementsMatch(t, []int32{0, 1, 3}, e.W.Grad.IDs, "the gradient has the rows that were asked for")
						all = append(all, y.Float64s(), last.H.Float64s())
						for _, p := range append(nn.Params(l), e.W, c) {
							var g []float64
							for _, v := range p.Grad.Floats() {
								g = append(g, float64(v))
							}
							all = append(all, g)
							p.Grad.Zero()
						}
						return all
					}
					want := run(func(tape *autograd.Tape, ids tensor.Ints) (autograd.Var, nn.LSTMState) {
						if with {
							return l.ForwardWith(c.On(tape), e.Forward(tape, ids), nn.LSTMState{})
						}
						return l.Forward(e.Forward(tape, ids), nn.LSTMState{})
					})
					got := run(func(tape *autograd.Tape, ids tensor.Ints) (autograd.Var, nn.LSTMState) {
						if with {
							return l.ForwardIDsWith(c.On(tape), e, ids, nn.LSTMState{})
						}
						return l.ForwardIDs(tape, e, ids, nn.LSTMState{})
					})
					for i := range want {
						assert.InDeltaSlice(t, want[i], got[i], 1e-7)
					}
				})
			}
		}
	}
	in := nn.NewInit(be, 3)
	e, l, tape := nn.NewEmbedding(in, 2, 3), nn.NewLSTM(in, 3, 3), autograd.NewTape(be)
	for want, call := range map[string]func(){
		"recurrent layer: [2 0 3]: the input is no sequence": func() { l.ForwardIDs(tape, e, tape.Ints(nil, 2, 0), nn.LSTMState{}) },
		"recurrent layer: [4 3]: the input is no sequence":   func() { l.ForwardIDs(tape, e, tape.Ints(make([]int32, 4), 4), nn.LSTMState{}) },
		"lstm: [4 1]: id 7 at position 2 is out of range":    func() { l.ForwardIDs(tape, e, tape.Ints([]int32{0, 1, 7, 0}, 1, 4), nn.LSTMState{}) },
		"recurrent layer: [2 2] × [1 3 3]: the state does not match the input": func() {
			l.ForwardIDs(tape, e, tape.Ints(make([]int32, 4), 2, 2), nn.LSTMState{H: tape.Zeros(1, 3, 3)})
		},
	} {
		func() {
			defer func() { assert.Contains(t, fmt.Sprint(recover()), want) }()
			call()
		}()
	}
}
