package autograd

import (
	"fmt"

	"github.com/wengert-ml/wengert/tensor"
)

// Dropout returns x/(1-p) with each element set to 0 with probability p, in x's
// shape [...], and x itself on a tape that does not train. The mask is not stored:
// it is drawn again from the tape's random stream when the gradient flows back.
// It panics unless 0 <= p < 1.
func (x Var) Dropout(p float64) Var {
	if p < 0 || p >= 1 {
		panic(fmt.Sprintf("autograd: dropout: a probability of %g; want 0 ≤ p < 1", p))
	}
	t := x.tape()
	if p == 0 || !t.Training() {
		return x
	}
	return Apply(dropout{p, t.rand.Key, t.rand.Blocks(x.Len())}, x)
}

type dropout struct {
	P            float64
	Key, Counter uint64
}

func (*dropout) Name() string { return "dropout" }

func (o *dropout) Forward(f *Fwd) *tensor.Tensor { return f.In(0).Dropout(o.P, o.Key, o.Counter) }

// VJP: a mask is linear, so it is its own.
func (o *dropout) VJP(b *Bwd) { b.Add(0, Apply(*o, b.Grad())) }
