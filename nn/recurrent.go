package nn

import (
	"fmt"
	"slices"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/tensor"
)

// Stacked says how cells are arranged in a layer over time. The zero value is one
// layer that reads forwards.
//
//	lstm := nn.Stacked{Layers: 2, Bidirectional: true, Dropout: 0.5}.NewLSTM(in, 100, 256)
type Stacked struct {
	Layers        int     // one behind the other; 0 means 1
	Bidirectional bool    // each layer also reads backwards, and gives both hidden states: [N, T, 2H]
	Dropout       float64 // the probability of dropout between layers
	Residual      bool    // adds to what a layer gives what it was given, from the second layer on
}

func (o Stacked) layers() int { return max(o.Layers, 1) }

func (o Stacked) directions() int {
	if o.Bidirectional {
		return 2
	}
	return 1
}

// widths yields the input width of each cell, layer by layer, the forward
// direction before the backward one.
func (o Stacked) widths(d, h int) []int {
	var w []int
	for l := range o.layers() {
		for range o.directions() {
			if l == 0 {
				w = append(w, d)
				continue
			}
			w = append(w, h*o.directions())
		}
	}
	return w
}

// LSTMState is the state of a recurrent layer or cell. For a cell H and C are
// [N, H]; for a layer they are [layers × directions, N, H]. A zero Var stands for
// zeros. C is the LSTM's alone.
type LSTMState struct {
	H, C autograd.Var
}

// Vars returns the state, [N, H] or [layers × directions, N, H], for [autograd.Tape.Reset], which carries it into the next
// window: tape.Reset(s.Vars()...).
func (s *LSTMState) Vars() []*autograd.Var { return []*autograd.Var{&s.H, &s.C} }

// Detach returns the state as constants: gradients do not flow further back.
func (s LSTMState) Detach() LSTMState {
	if !s.H.IsZero() {
		s.H = s.H.Detach()
	}
	if !s.C.IsZero() {
		s.C = s.C.Detach()
	}
	return s
}

// sequence is what a layer reads over time: x, or rows of a table.
type sequence struct {
	x     autograd.Var // [T, N, D]
	table autograd.Var // [V, D], if not x
	ids   tensor.Ints  // [T, N]
	front autograd.Var // [N, C]: read before x at every step, unless it is zero
}

// cell is one step of a recurrent network.
type cell interface {
	// over runs the cell over the time steps of its input, backwards if reverse is set:
	// the hidden states [T, N, H] at their time steps, and the state at the end. Only an
	// LSTM's cell is given a table or a front.
	over(in sequence, s LSTMState, reverse bool) (y autograd.Var, last LSTMState)
}

// lastStep returns the time step, as Select takes it, that a cell comes to last.
func lastStep(reverse bool) int {
	if reverse {
		return 0
	}
	return -1
}

// run feeds x [N, T, D] through cells: y [N, T, H × directions] and the last states. The
// first layer reads front before x, as sequence says.
func (o Stacked) run(x, front autograd.Var, s LSTMState, at func(i int) cell, n int) (y autograd.Var, last LSTMState) {
	if x.Rank() != 3 || x.Dim(1) == 0 {
		panic(&tensor.ShapeError{Op: "recurrent layer", Shapes: [][]int{slices.Clone(x.Shape())},
			Problem: "the input is no sequence", Want: "[N, T, D] with at least one time step"})
	}
	// Time first: a step is then one piece of memory.
	return o.over(sequence{x: x.Transpose(0, 1), front: front}, x.Shape(), s, at, n)
}

// runIDs is run of the vectors of ids [N, T]. Where there are fewer vectors than ids, the
// table goes through the product with the first layer's weights, and not what is looked up.
func (o Stacked) runIDs(tape *autograd.Tape, e *Embedding, ids tensor.Ints, front autograd.Var, s LSTMState, at func(i int) cell, n int) (y autograd.Var, last LSTMState) {
	table := e.W.On(tape)
	if len(ids.Shape()) != 2 || ids.Len() <= table.Dim(0) {
		return o.run(table.Gather(ids), front, s, at, n)
	}
	return o.over(sequence{table: table, ids: tape.TransposeInts(ids), front: front}, ids.Shape(), s, at, n)
}

// over feeds a sequence through cells, whose input begins with the axes [N, T].
func (o Stacked) over(in sequence, shape []int, s LSTMState, at func(i int) cell, n int) (y autograd.Var, last LSTMState) {
	rows := shape[0]
	for _, h := range [2]autograd.Var{s.H, s.C} {
		if !h.IsZero() && (h.Rank() != 3 || h.Dim(0) != n || h.Dim(1) != rows) {
			panic(&tensor.ShapeError{Op: "recurrent layer", Shapes: [][]int{slices.Clone(shape), slices.Clone(h.Shape())},
				Problem: "the state does not match the input", Want: fmt.Sprintf("[N, T, D] × [%d, N, H]", n)})
		}
	}
	if want := o.layers() * o.directions(); want != n {
		panic(fmt.Sprintf("nn: %d cells for %d layers in %d directions", n, o.layers(), o.directions()))
	}
	tape := in.tape()
	hs, cs := tape.List(n), tape.List(n)
	for l := range o.layers() {
		if l > 0 {
			in.x = in.x.Dropout(o.Dropout)
		}
		i := l * o.directions()
		forward, end := at(i).over(in, part(s, i), false)
		hs[i], cs[i] = end.H, end.C
		if o.Bidirectional {
			backward, end := at(i+1).over(in, part(s, i+1), true)
			hs[i+1], cs[i+1] = end.H, end.C
			forward = autograd.Concat(2, forward, backward)
		}
		if o.Residual && l > 0 {
			forward = forward.Add(in.x)
		}
		in = sequence{x: forward}
	}
	last.H = autograd.Stack(0, hs...)
	if !cs[0].IsZero() {
		last.C = autograd.Stack(0, cs...)
	}
	return in.x.Transpose(0, 1), last
}

// tape returns the tape that the sequence is on.
func (in sequence) tape() *autograd.Tape {
	if in.x.IsZero() {
		return in.table.Tape()
	}
	return in.x.Tape()
}

// part returns the state of cell i.
func part(s LSTMState, i int) (p LSTMState) {
	if !s.H.IsZero() {
		p.H = s.H.Select(0, i)
	}
	if !s.C.IsZero() {
		p.C = s.C.Select(0, i)
	}
	return p
}
