package ntm

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
)

// Heads say where to read and write, all of them at once. What they want follows from
// the controller's h by one affine map, for each head a key k, a strength β, a gate g,
// a shift s and a sharpness γ, and for the write head what to erase and add:
//
//	c = softmax(β cosine(k, memory))      the slots that look like the key,
//	v = g c + (1 - g) w                   or those of the step before,
//	v = s[-1] roll(v, -1) + s[0] v + s[1] roll(v, 1)   moved by a place or not,
//	w = v^γ / Σ v^γ                       and made definite again
//
// As in Graves, Wayne and Danihelka (2014), section 3.3, equations 5 to 9.
type Heads struct {
	Linear *nn.Linear // [H, (R+1) (W+6) + 2W]
	Config Config
}

func newHeads(in *nn.Init, c Config) *Heads {
	return &Heads{nn.NewLinear(in, c.Hidden, (c.Reads+1)*(c.Width+6)+2*c.Width), c}
}

// orders are what the heads want.
type orders struct {
	key        autograd.Var // [N, R+1, W], of length β
	gate       autograd.Var // [N, R+1, 1], in (0, 1)
	shift      autograd.Var // [N, R+1, 3], of sum 1
	sharpness  autograd.Var // [N, R+1, 1], above 1
	erase, add autograd.Var // [N, 1, W], in (0, 1) and in (-1, 1)
}

// orders takes the controller's h [N, H].
func (l *Heads) orders(h autograd.Var) orders {
	n, heads, width := h.Dim(0), l.Config.Reads+1, l.Config.Width
	z, at := l.Linear.Forward(h), 0
	next := func(heads, width int) autograd.Var {
		from := at
		at += heads * width
		return z.Slice(1, from, at).Reshape(n, heads, width)
	}
	key := next(heads, width).Tanh()
	numbers := next(heads, 3)
	positive := numbers.Slice(2, 0, 2).Softplus() // β, and γ - 1
	return orders{
		key:       key.Mul(inverse(key)).Mul(positive.Slice(2, 0, 1)),
		gate:      numbers.Slice(2, 2, 3).Sigmoid(),
		shift:     next(heads, 3).Softmax(),
		sharpness: positive.Slice(2, 1, 2).Scale(1, 1),
		erase:     next(1, width).Sigmoid(),
		add:       next(1, width).Tanh(),
	}
}

// inverse returns 1 / the length of the vectors x [..., W], [..., 1]. One that is much
// shorter than 1/100, as that of a slot nobody has written to, counts as if it were
// that long, so that it looks like no key.
func inverse(x autograd.Var) autograd.Var { return x.Square().SumKeep(-1).Scale(1, 1e-4).Rsqrt() }

// point returns where the heads point to, [N, R+1, M], after w [N, R+1, M] and with
// memory [N, M, W].
func (o orders) point(w, memory autograd.Var) autograd.Var {
	looks := o.key.MatMul(memory.T()).Mul(inverse(memory).T()).Softmax()
	w = w.Add(looks.Sub(w).Mul(o.gate))
	w = w.Roll(2, -1).Mul(o.shift.Slice(2, 0, 1)).
		Add(w.Mul(o.shift.Slice(2, 1, 2))).
		Add(w.Roll(2, 1).Mul(o.shift.Slice(2, 2, 3)))
	return w.Scale(1, 1e-8).Log().Mul(o.sharpness).Softmax() // w^γ / Σ w^γ
}
