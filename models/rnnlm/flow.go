package rnnlm

import (
	"math"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
)

// Flow runs a layer over x [N, T, D] and returns how much of the gradient arrives at
// the hidden state of each time step, [T], if it is 1 at all units of the last:
//
//	L = Σ h_T,  norm_t = √(Σ (∂L/∂h_t)²) / N
//
// and the same for c_t, nil where the layer has no C. The last norm of h is
// √(N·H)/N. Norms that fall to 0 on the way back are the vanishing gradient of Deep
// Learning from Scratch 2, section 6.1, norms that grow the exploding one. The
// gradients of the layer's parameters are those of L.
func Flow(layer Recurrent, x autograd.Var) (h, c []float64) {
	tape, steps := x.Tape(), x.Dim(1)
	states := make([]nn.LSTMState, steps)
	var s nn.LSTMState
	for t := range steps {
		_, s = layer.Forward(x.Slice(1, t, t+1), s)
		s.H.RetainGrad()
		if !s.C.IsZero() {
			s.C.RetainGrad()
		}
		states[t] = s
	}
	tape.Backward(s.H.Sum())
	for _, s := range states {
		h = append(h, norm(s.H))
		if !s.C.IsZero() {
			c = append(c, norm(s.C))
		}
	}
	return h, c
}

// norm returns that of the gradient of x [layers, N, H] over N, 0 if there is none.
func norm(x autograd.Var) float64 {
	g, ok := x.Grad()
	if !ok {
		return 0
	}
	return math.Sqrt(g.Square().Sum().Item()) / float64(x.Dim(1))
}
