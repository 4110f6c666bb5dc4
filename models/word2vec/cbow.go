package word2vec

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// CBOW predicts a word from the mean of its neighbours' vectors, by negative
// sampling. The word vectors are Embed.W. As in Deep Learning from Scratch 2,
// section 4.3.1.
type CBOW struct {
	Embed *nn.Embedding        // [V, D]
	Out   *nn.NegativeSampling // [V, D]
}

// NewCBOW returns a model of v words and vectors of width d with fresh parameters.
func NewCBOW(in *nn.Init, v, d int) *CBOW {
	return &CBOW{Embed: nn.NewEmbedding(in, v, d), Out: nn.NewNegativeSampling(in, v, d)}
}

// Loss returns the loss, in nats, of telling targets [N] from negatives [N, K] by
// contexts [N, C]: [], the mean over N.
func (m *CBOW) Loss(tape *autograd.Tape, contexts, targets, negatives tensor.Ints) autograd.Var {
	h := m.Embed.W.On(tape).GatherMean(contexts)
	return m.Out.Forward(h, targets, negatives)
}
