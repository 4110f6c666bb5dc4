package nn

import "github.com/wengert-ml/wengert/autograd"

// RNNCell is one step of a simple recurrent network:
//
//	h' = tanh(x Wx + h Wh + B)
//
// As in Deep Learning from Scratch 2, chapter 5.
type RNNCell struct {
	Wx *autograd.Param // [D, H]
	Wh *autograd.Param // [H, H]
	B  *autograd.Param // [H]
}

// NewRNNCell returns a cell of input width d and hidden width h: weights drawn by
// [Init.Xavier], B zero.
func NewRNNCell(in *Init, d, h int) *RNNCell {
	return &RNNCell{Wx: in.Xavier(d, h), Wh: in.Xavier(h, h), B: in.Zeros(h)}
}

// Forward takes x [N, D] and the hidden state before, h [N, H] or zero for zeros,
// and returns the one after it, [N, H].
func (l *RNNCell) Forward(x, h autograd.Var) autograd.Var {
	return l.step(x.Affine(l.Wx, l.B), h)
}

// step takes what the input adds, a [N, H].
func (l *RNNCell) step(a, h autograd.Var) autograd.Var {
	if !h.IsZero() {
		a = a.AddMatMul(h, l.Wh)
	}
	return a.Tanh()
}

func (l *RNNCell) over(in sequence, s LSTMState, reverse bool) (y autograd.Var, last LSTMState) {
	a := in.x.Affine(l.Wx, l.B) // the product of all time steps at once
	hs := a.Tape().List(a.Dim(0))
	for i := range hs {
		t := i
		if reverse {
			t = len(hs) - 1 - i
		}
		s.H = l.step(a.Select(0, t), s.H)
		hs[t] = s.H
	}
	return autograd.Stack(0, hs...), s
}

// RNN runs simple recurrent cells over time.
type RNN struct {
	Stacked
	Cells []*RNNCell // layer by layer, the forward direction before the backward one
}

// NewRNN returns one layer of input width d and hidden width h.
func NewRNN(in *Init, d, h int) *RNN { return Stacked{}.NewRNN(in, d, h) }

// NewRNN returns layers of input width d and hidden width h.
func (o Stacked) NewRNN(in *Init, d, h int) *RNN {
	l := &RNN{Stacked: o}
	for _, w := range o.widths(d, h) {
		l.Cells = append(l.Cells, NewRNNCell(in, w, h))
	}
	return l
}

// Forward takes x [N, T, D] and the hidden states h [layers × directions, N, H],
// zero for zeros, and returns the hidden states of the last layer, [N, T, H] or
// [N, T, 2H], and those of all cells after the last time step.
func (l *RNN) Forward(x, h autograd.Var) (y, last autograd.Var) {
	y, s := l.run(x, autograd.Var{}, LSTMState{H: h}, func(i int) cell { return l.Cells[i] }, len(l.Cells))
	return y, s.H
}
