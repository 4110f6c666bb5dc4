package nn

import "github.com/wengert-ml/wengert/autograd"

// GRUCell is one step of a gated recurrent unit, with the reset gate applied
// before the product:
//
//	z, r = σ(split(x Wx + h Wh + B))      the first two thirds
//	ĥ = tanh(x Wx + (r ⊙ h) Wh + B)       the last third
//	h' = (1 - z) ⊙ h + z ⊙ ĥ
//
// As in Deep Learning from Scratch 2, appendix C.
type GRUCell struct {
	Wx *autograd.Param // [D, 3H], gates in the order z, r, ĥ
	Wh *autograd.Param // [H, 3H]
	B  *autograd.Param // [3H]
}

// NewGRUCell returns a cell of input width d and hidden width h: weights drawn by
// [Init.Xavier], B zero.
func NewGRUCell(in *Init, d, h int) *GRUCell {
	return &GRUCell{Wx: in.Xavier(d, 3*h), Wh: in.Xavier(h, 3*h), B: in.Zeros(3 * h)}
}

// Forward takes x [N, D] and the hidden state before, h [N, H] or zero for zeros,
// and returns the one after it, [N, H].
func (l *GRUCell) Forward(x, h autograd.Var) autograd.Var {
	return autograd.GRU(x.Unsqueeze(0), l.Wx, l.Wh, l.B, h, false).Select(0, 0)
}

func (l *GRUCell) over(in sequence, s LSTMState, reverse bool) (y autograd.Var, last LSTMState) {
	hs := autograd.GRU(in.x, l.Wx, l.Wh, l.B, s.H, reverse)
	return hs, LSTMState{H: hs.Select(0, lastStep(reverse))}
}

// GRU runs GRU cells over time.
type GRU struct {
	Stacked
	Cells []*GRUCell // layer by layer, the forward direction before the backward one
}

// NewGRU returns one layer of input width d and hidden width h.
func NewGRU(in *Init, d, h int) *GRU { return Stacked{}.NewGRU(in, d, h) }

// NewGRU returns layers of input width d and hidden width h.
func (o Stacked) NewGRU(in *Init, d, h int) *GRU {
	l := &GRU{Stacked: o}
	for _, w := range o.widths(d, h) {
		l.Cells = append(l.Cells, NewGRUCell(in, w, h))
	}
	return l
}

// Forward takes x [N, T, D] and the hidden states h [layers × directions, N, H],
// zero for zeros, and returns the hidden states of the last layer, [N, T, H] or
// [N, T, 2H], and those of all cells after the last time step.
func (l *GRU) Forward(x, h autograd.Var) (y, last autograd.Var) {
	y, s := l.run(x, autograd.Var{}, LSTMState{H: h}, func(i int) cell { return l.Cells[i] }, len(l.Cells))
	return y, s.H
}
