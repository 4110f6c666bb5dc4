package nn

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/tensor"
)

// LSTMCell is one step of a long short-term memory cell:
//
//	f, g, i, o = split(x Wx + h Wh + B)
//	c' = σ(f) ⊙ c + σ(i) ⊙ tanh(g)
//	h' = σ(o) ⊙ tanh(c')
//
// The order of the gates is that of Deep Learning from Scratch 2, chapter 6.
type LSTMCell struct {
	Wx *autograd.Param // [D, 4H], gates in the order f, g, i, o
	Wh *autograd.Param // [H, 4H]
	B  *autograd.Param // [4H]
}

// NewLSTMCell returns a cell of input width d and hidden width h: weights drawn by
// [Init.Xavier], B zero.
func NewLSTMCell(in *Init, d, h int) *LSTMCell {
	return &LSTMCell{Wx: in.Xavier(d, 4*h), Wh: in.Xavier(h, 4*h), B: in.Zeros(4 * h)}
}

// Forward takes x [N, D] and the state of the step before, H and C each [N, H],
// and returns the state after it.
func (l *LSTMCell) Forward(x autograd.Var, s LSTMState) LSTMState {
	z := x.Affine(l.Wx, l.B)
	if !s.H.IsZero() {
		z = z.AddMatMul(s.H, l.Wh)
	}
	if s.C.IsZero() {
		s.C = z.Tape().Zeros(z.Dim(0), z.Dim(1)/4)
	}
	s.H, s.C = autograd.LSTMCell(z, s.C)
	return s
}

func (l *LSTMCell) over(in sequence, s LSTMState, reverse bool) (y autograd.Var, last LSTMState) {
	tape := in.tape()
	wx, b := l.Wx.On(tape), l.B.On(tape)
	if !in.front.IsZero() { // what it adds to the gates is a bias for each row
		width := in.front.Dim(-1)
		b = in.front.Affine(wx.Slice(0, 0, width), b)
		wx = wx.Slice(0, width, wx.Dim(0))
	}
	if in.x.IsZero() {
		y, last.H, last.C = autograd.LSTMRows(in.table, in.ids, wx, l.Wh, b, s.H, s.C, reverse)
	} else {
		y, last.H, last.C = autograd.LSTM(in.x, wx, l.Wh, b, s.H, s.C, reverse)
	}
	return y, last
}

// LSTM runs LSTM cells over time.
type LSTM struct {
	Stacked
	Cells []*LSTMCell // layer by layer, the forward direction before the backward one
}

// NewLSTM returns one layer of input width d and hidden width h.
func NewLSTM(in *Init, d, h int) *LSTM { return Stacked{}.NewLSTM(in, d, h) }

// NewLSTM returns layers of input width d and hidden width h.
func (o Stacked) NewLSTM(in *Init, d, h int) *LSTM {
	l := &LSTM{Stacked: o}
	for _, w := range o.widths(d, h) {
		l.Cells = append(l.Cells, NewLSTMCell(in, w, h))
	}
	return l
}

// Forward takes x [N, T, D] and a state of the layer, zero for zeros, and returns
// the hidden states of the last layer, [N, T, H] or [N, T, 2H], and the state after
// the last time step.
func (l *LSTM) Forward(x autograd.Var, s LSTMState) (y autograd.Var, last LSTMState) {
	return l.run(x, autograd.Var{}, s, l.cell, len(l.Cells))
}

// ForwardWith is Forward of inputs in front of which stands c [N, C], the same at every
// time step: x is [N, T, D], and the layer's input width C + D. What c adds to the gates
// is computed once.
func (l *LSTM) ForwardWith(c, x autograd.Var, s LSTMState) (y autograd.Var, last LSTMState) {
	return l.run(x, c, s, l.cell, len(l.Cells))
}

// ForwardIDs is Forward of the vectors of ids [N, T]:
//
//	l.Forward(e.Forward(tape, ids), s)
//
// Where there are fewer vectors than ids, as with letters and digits, what a vector adds
// to the gates is computed once, and not for each id.
func (l *LSTM) ForwardIDs(tape *autograd.Tape, e *Embedding, ids tensor.Ints, s LSTMState) (y autograd.Var, last LSTMState) {
	return l.runIDs(tape, e, ids, autograd.Var{}, s, l.cell, len(l.Cells))
}

// ForwardIDsWith is [LSTM.ForwardWith] of the vectors of ids [N, T], in front of which
// stands c [N, C], as [LSTM.ForwardIDs] computes it.
func (l *LSTM) ForwardIDsWith(c autograd.Var, e *Embedding, ids tensor.Ints, s LSTMState) (y autograd.Var, last LSTMState) {
	return l.runIDs(c.Tape(), e, ids, c, s, l.cell, len(l.Cells))
}

func (l *LSTM) cell(i int) cell { return l.Cells[i] }
