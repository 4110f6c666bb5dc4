package ntm

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
)

// Config is the shape of a machine.
type Config struct {
	Inputs  int // width of what it sees at each step, I
	Outputs int // width of what it says, O
	Hidden  int // width of the controller, H
	Slots   int // places in the memory, M
	Width   int // of each of them, W
	Reads   int // read heads, R; 0 means 1. There is one write head.
}

// NTM is a Neural Turing Machine with an LSTM as its controller:
//
//	h = LSTM(x, reads of the step before)
//	w = where the heads point to, after what h says (see [Heads])
//	memory = memory + w_write (add - erase ⊙ memory)
//	reads = w_read memory
//	y = (h, reads) W + b
type NTM struct {
	Controller *nn.LSTMCell // I + R W to H
	Heads      *Heads
	Out        *nn.Linear // [H + R W, O]
	Config     Config
}

// New returns a machine with fresh parameters. It panics if a size is below 1.
func New(in *nn.Init, c Config) *NTM {
	if c.Reads == 0 {
		c.Reads = 1
	}
	if min(c.Inputs, c.Outputs, c.Hidden, c.Slots, c.Width, c.Reads) < 1 {
		panic(fmt.Sprintf("ntm: %+v: want sizes of 1 or more", c))
	}
	read := c.Reads * c.Width
	return &NTM{
		Controller: nn.NewLSTMCell(in, c.Inputs+read, c.Hidden),
		Heads:      newHeads(in, c),
		Out:        nn.NewLinear(in, c.Hidden+read, c.Outputs),
		Config:     c,
	}
}

// State is what a machine remembers from one step to the next.
type State struct {
	Controller nn.LSTMState // [N, H] each
	Memory     autograd.Var // [N, M, W]
	Weights    autograd.Var // where the heads pointed to, [N, R+1, M]: the read heads, then the write head
	Reads      autograd.Var // what was read, [N, R W]
}

// Vars returns the state, the memory [N, M, W] among it, for [autograd.Tape.Reset],
// which carries it over.
func (s *State) Vars() []*autograd.Var {
	return append(s.Controller.Vars(), &s.Memory, &s.Weights, &s.Reads)
}

// Start returns the state before a sequence, for n sequences: a memory of almost
// zeros, [n, M, W], which is best according to Collier and Beel, "Implementing neural
// Turing machines" (2018), and all heads at its first slot.
func (m *NTM) Start(tape *autograd.Tape, n int) State {
	c := m.Config
	first := tape.Full(1, n, c.Reads+1, 1)
	return State{
		Memory:  tape.Full(1e-6, n, c.Slots, c.Width),
		Weights: first.Pad(2, 0, c.Slots-1, 0),
		Reads:   tape.Zeros(n, c.Reads*c.Width),
	}
}

// Step takes x [N, I] and the state before it, and returns the state after it and
// what Out maps to the scores of that step, [N, H + R W].
func (m *NTM) Step(x autograd.Var, s State) (y autograd.Var, next State) {
	s.Controller = m.Controller.Forward(autograd.Concat(1, x, s.Reads), s.Controller)
	h, reads := s.Controller.H, m.Config.Reads
	orders := m.Heads.orders(h)
	s.Weights = orders.point(s.Weights, s.Memory)

	// memory (1 - w erase) + w add, with fewer products of the memory's size.
	w := s.Weights.Slice(1, reads, reads+1).T() // [N, M, 1]
	s.Memory = s.Memory.Add(orders.add.Sub(orders.erase.Mul(s.Memory)).Mul(w))
	read := s.Weights.Slice(1, 0, reads).MatMul(s.Memory) // [N, R, W]
	s.Reads = read.Reshape(x.Dim(0), reads*m.Config.Width)
	return autograd.Concat(1, h, s.Reads), s
}

// Forward takes sequences xs [N, T, I] and returns the scores of each bit of the last
// n steps, [N, n, O], of which the sigmoid is the probability. It panics unless n is
// in [1, T].
func (m *NTM) Forward(xs autograd.Var, n int) autograd.Var {
	return m.run(xs, n, func(State) {})
}

// Watch is Forward, and also returns where the heads pointed to at each step,
// [N, T, R+1, M], and the memory in the end, [N, M, W].
func (m *NTM) Watch(xs autograd.Var, n int) (scores, weights, memory autograd.Var) {
	var seen []autograd.Var
	scores = m.run(xs, n, func(s State) {
		seen, memory = append(seen, s.Weights), s.Memory
	})
	return scores, autograd.Stack(1, seen...), memory
}

func (m *NTM) run(xs autograd.Var, n int, watch func(State)) autograd.Var {
	steps := xs.Dim(1)
	if n < 1 || n > steps {
		panic(fmt.Sprintf("ntm: the last %d of %d steps; want 1 to all of them", n, steps))
	}
	s := m.Start(xs.Tape(), xs.Dim(0))
	said := xs.Tape().List(n)
	for t := range steps {
		var y autograd.Var
		y, s = m.Step(xs.Select(1, t), s)
		if at := t - (steps - n); at >= 0 {
			said[at] = y
		}
		watch(s)
	}
	return m.Out.Forward(autograd.Stack(1, said...))
}
