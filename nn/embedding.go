package nn

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/tensor"
)

// Embedding is a table of word vectors: row i of W is that of id i. The gradient
// of W is row-sparse.
type Embedding struct {
	W *autograd.Param // [V, D]
}

// NewEmbedding returns a table of v vectors of width d, drawn with standard
// deviation 1/100 as the book does.
func NewEmbedding(in *Init, v, d int) *Embedding {
	return &Embedding{W: in.Normal(0.01, v, d)}
}

// Forward returns the vectors of ids [...]: [..., D]. It panics with a
// [*tensor.ShapeError] if an id is not in [0, V).
func (l *Embedding) Forward(tape *autograd.Tape, ids tensor.Ints) autograd.Var {
	return tape.Param(l.W).Gather(ids)
}
