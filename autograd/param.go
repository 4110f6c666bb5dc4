package autograd

import (
	"sync"

	"github.com/wengert-ml/wengert/tensor"
)

// Param is a named leaf that outlives tapes: a model's weights. Its gradient is
// added to by Backward and cleared by the optimiser's step. Many tapes may read
// one Param at once; their gradients are published under its lock.
type Param struct {
	Name   string         // "Hidden.W": given by nn.Params where it is empty
	Data   *tensor.Tensor // the values [...]
	Grad   Gradient       // the derivative of the loss by Data, since the last step
	Frozen bool           // gets no gradient

	mu      sync.Mutex
	version uint64 // counts updates
	self    *Param // see Var.on
}

// NewParam returns a Param that holds x [...], which must not be in an arena.
func NewParam(x *tensor.Tensor) *Param {
	p := &Param{Data: x}
	p.self = p
	return p
}

// On returns p [...] as a Var on a tape, where a method is needed:
// h.MatMul(embed.W.On(tape).T()).
func (p *Param) On(tape *Tape) Var { return tape.Param(p) }

// Update runs f, which changes p.Data in place, and clears the gradient. A tape
// that used p before notices: its Backward panics, since it would mix old and new
// values.
func (p *Param) Update(f func(data *tensor.Tensor)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(p.Data)
	p.version++
	p.Grad.Zero()
}

// publish adds what flowed back to p on a tape to p.Grad.
func (p *Param) publish(s *slot, t *Tape) {
	if s.sum == nil && len(s.rows) == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Grad.begin(p.Data, t.arena.Faults())
	if s.sum != nil {
		p.Grad.addDense(s.sum)
	}
	for _, r := range s.rows {
		p.Grad.addRows(r)
	}
	s.release()
}
