package word2vec

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// SkipGram predicts the neighbours of a word from its vector, by negative sampling.
// The word vectors are Embed.W. As in Deep Learning from Scratch 2, sections 3.5.2
// and 4.2.
type SkipGram struct {
	Embed *nn.Embedding        // [V, D]
	Out   *nn.NegativeSampling // [V, D]
}

// NewSkipGram returns a model of v words and vectors of width d with fresh
// parameters.
func NewSkipGram(in *nn.Init, v, d int) *SkipGram {
	return &SkipGram{Embed: nn.NewEmbedding(in, v, d), Out: nn.NewNegativeSampling(in, v, d)}
}

// Loss returns the loss, in nats, of telling contexts [N, C] from negatives
// [N, C·K] by targets [N]: [], the sum over the neighbours of the mean over N. Each
// neighbour has K negatives of its own.
func (m *SkipGram) Loss(tape *autograd.Tape, contexts, targets, negatives tensor.Ints) autograd.Var {
	h := m.Embed.Forward(tape, targets)
	return m.Out.Forward(h, contexts, negatives)
}
