package transformer

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
)

// Block is one layer of a Transformer. Each of its parts reads a normalised x and
// adds to it:
//
//	x = x + self(norm(x))                every position looks at the others
//	x = x + cross(norm(x), encoded)      and at the encoder's, in a decoder
//	x = x + relu(norm(x) W1 + b1) W2 + b2   and thinks about it by itself
type Block struct {
	SelfNorm *nn.LayerNorm
	Self     *nn.MultiHeadAttention

	CrossNorm *nn.LayerNorm // nil but in the decoder of an EncoderDecoder
	Cross     *nn.MultiHeadAttention

	InnerNorm *nn.LayerNorm
	In        *nn.Linear // [D, Inner]
	Out       *nn.Linear // [Inner, D]

	Dropout float64
}

func newBlock(in *nn.Init, c Config, cross bool) *Block {
	b := &Block{
		SelfNorm:  nn.NewLayerNorm(in, c.Width),
		Self:      nn.NewMultiHeadAttention(in, c.Width, c.Heads),
		InnerNorm: nn.NewLayerNorm(in, c.Width),
		In:        nn.NewLinear(in, c.Width, c.Inner),
		Out:       nn.NewLinear(in, c.Inner, c.Width),
		Dropout:   c.Dropout,
	}
	if cross {
		b.CrossNorm, b.Cross = nn.NewLayerNorm(in, c.Width), nn.NewMultiHeadAttention(in, c.Width, c.Heads)
	}
	return b
}

// look adds self-attention to x [N, T, D], which stands behind the positions that
// past has, and puts its own there. past may be nil: then nothing stands before.
func (b *Block) look(x autograd.Var, past *nn.KeysValues, mask autograd.Var) autograd.Var {
	normed := b.SelfNorm.Forward(x)
	kv := b.Self.Project(normed, normed)
	if past != nil {
		*past = past.Append(kv)
		kv = *past
	}
	y, _ := b.Self.Attend(normed, kv, mask)
	return x.Add(y.Dropout(b.Dropout))
}

// lookAcross adds attention to the encoder's keys and values to x [N, S, D]; it also
// returns the weights [N, heads, S, T].
func (b *Block) lookAcross(x autograd.Var, encoded nn.KeysValues, mask autograd.Var) (y, weights autograd.Var) {
	y, weights = b.Cross.Attend(b.CrossNorm.Forward(x), encoded, mask)
	return x.Add(y.Dropout(b.Dropout)), weights
}

// think adds what the network at each position makes of x [N, T, D].
func (b *Block) think(x autograd.Var) autograd.Var {
	y := b.Out.Forward(b.In.Forward(b.InnerNorm.Forward(x)).ReLU())
	return x.Add(y.Dropout(b.Dropout))
}

// Cache is what generation keeps of the positions before. The zero value is the
// beginning of a sequence.
type Cache struct {
	self  []nn.KeysValues // of each block, [N, heads, T, D/heads]
	cross []nn.KeysValues // of the encoder, once it was read
}

// Len returns how many positions there are before.
func (c *Cache) Len() int {
	if c == nil || len(c.self) == 0 || c.self[0].K.IsZero() {
		return 0
	}
	return c.self[0].K.Dim(2)
}

// block returns the part of block i of n, or nil where nothing is kept.
func (c *Cache) block(i, n int) *nn.KeysValues {
	if c == nil {
		return nil
	}
	if c.self == nil {
		c.self = make([]nn.KeysValues, n)
	}
	return &c.self[i]
}

// vars is all that is kept, for [autograd.Tape.Reset].
func (c *Cache) vars() (vars []*autograd.Var) {
	for _, kept := range [][]nn.KeysValues{c.self, c.cross} {
		for i := range kept {
			vars = append(vars, kept[i].Vars()...)
		}
	}
	return vars
}

// causal returns the mask of n positions behind past others, [n, past+n], or zero
// where there is nothing to hide.
func causal(tape *autograd.Tape, past, n int) autograd.Var {
	if n == 1 {
		return autograd.Var{}
	}
	mask := nn.CausalMask(tape, past+n)
	if past == 0 {
		return mask
	}
	return mask.Slice(0, past, past+n)
}
