package transformer

import (
	"math"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// Tokens turns token ids into vectors at their positions: the row of Embed times √D,
// plus the position's.
type Tokens struct {
	Embed   *nn.Embedding        // [V, D]
	Learned *nn.LearnedPositions // [Context, D]; nil for sinusoidal positions
	Dropout float64
}

func newTokens(in *nn.Init, c Config) *Tokens {
	t := &Tokens{
		// Of length 1, so that times √D they are as large as the positions, and so that
		// scores made of them, where they are tied, are of the size of 1.
		Embed:   &nn.Embedding{W: in.Normal(1/math.Sqrt(float64(c.Width)), c.Vocab, c.Width)},
		Dropout: c.Dropout,
	}
	if c.Positions == Learned {
		t.Learned = &nn.LearnedPositions{W: in.Normal(1, c.Context, c.Width)} // as large as the rest
	}
	return t
}

// Forward takes token ids [N, T], the first of them at position from, and returns
// their vectors [N, T, D]. It panics with a [*tensor.ShapeError] behind the last
// position that was learnt.
func (l *Tokens) Forward(tape *autograd.Tape, ids tensor.Ints, from int) autograd.Var {
	n, d := ids.Shape()[1], l.Embed.W.Data.Dim(1)
	x := l.Embed.Forward(tape, ids).Scale(math.Sqrt(float64(d)), 0)
	if l.Learned != nil {
		return x.Add(l.Learned.Forward(tape, from, n)).Dropout(l.Dropout)
	}
	return x.Add(nn.SinusoidalPositions(tape, from, n, d)).Dropout(l.Dropout)
}

// Scores turns the vectors that the last block gives into the scores of all tokens.
type Scores struct {
	Norm *nn.LayerNorm
	Out  *nn.Linear // [D, V]; nil where the token vectors take its place
}

func newScores(in *nn.Init, c Config) *Scores {
	s := &Scores{Norm: nn.NewLayerNorm(in, c.Width)}
	if !c.Tied {
		s.Out = nn.NewLinear(in, c.Width, c.Vocab)
	}
	return s
}

// Forward takes x [N, T, D] and the table of token vectors [V, D], and returns scores
// [N, T, V].
func (s *Scores) Forward(x autograd.Var, embed *nn.Embedding) autograd.Var {
	x = s.Norm.Forward(x)
	if s.Out == nil {
		return x.MatMul(embed.W.On(x.Tape()).T())
	}
	return s.Out.Forward(x)
}

// counts returns a mask [N, 1, 1, T] of ids [N, T] that leaves out the tokens pad at
// the beginning and at the end of each row. One in the midst of others counts.
func counts(tape *autograd.Tape, ids tensor.Ints, pad []int32, vocab int) autograd.Var {
	others := tape.Full(1, len(pad)).ScatterAdd(tape.Ints(pad, len(pad)), vocab).Scale(-1, 1) // 0 for pad, 1 for the rest
	other := others.Gather(ids)
	past := nn.CausalMask(tape, ids.Shape()[1])
	upTo, from := other.MatMul(past.T()), other.MatMul(past) // how many others up to here, and from here on
	return upTo.Mul(from).Greater(tape.Zeros(1)).Reshape(ids.Shape()[0], 1, 1, ids.Shape()[1])
}
