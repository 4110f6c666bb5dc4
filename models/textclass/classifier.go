package textclass

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/tensor"
)

// Classifier gives a text the scores of its classes by the mean of its words' vectors:
//
//	mean(Embed[id]) W + b
type Classifier struct {
	Embed *nn.Embedding // [V, D]
	Out   *nn.Linear    // [D, C]
}

// New returns a classifier of v words and c classes with vectors of width d and fresh
// parameters.
func New(in *nn.Init, v, d, c int) *Classifier {
	return &Classifier{Embed: nn.NewEmbedding(in, v, d), Out: nn.NewLinear(in, d, c)}
}

// Use puts vectors [V, D] in the place of the embedding's. It panics if there are more
// or fewer numbers.
func (m *Classifier) Use(vectors []float32) {
	m.Embed.W.Update(func(w *tensor.Tensor) { w.Set(vectors) })
}

// Forward returns the scores of the classes: [N, C].
func (m *Classifier) Forward(b Batch) autograd.Var {
	x := m.Embed.Forward(b.Weights.Tape(), b.Words)  // [N, T, D]
	h := b.Weights.Unsqueeze(1).MatMul(x).Squeeze(1) // [N, D]
	return m.Out.Forward(h)
}

// Loss returns the mean cross entropy of the classes, in nats: [].
func (m *Classifier) Loss(b Batch) autograd.Var { return nn.CrossEntropy(m.Forward(b), b.Labels) }

// evaluated is how many texts are classified at a time.
const evaluated = 500

// Accuracy returns the share of texts whose class has the highest score. The error is
// a [*backend.Error].
func (m *Classifier) Accuracy(be backend.Backend, texts *data.Labelled) (float64, error) {
	n, right := len(texts.Texts), 0
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	r := Reader{Texts: texts}
	err := autograd.Try(func() {
		tape := autograd.Config{Inference: true}.NewTape(be)
		for len(all) > 0 {
			b := r.Batch(tape, all[:min(evaluated, len(all))])
			best := m.Forward(b).ArgMax(1).Data()
			for i, label := range b.Labels.Data() {
				if best[i] == label {
					right++
				}
			}
			all = all[len(best):]
			tape.Reset()
		}
	})
	return float64(right) / float64(max(n, 1)), err
}
