package word2vec_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/models/word2vec"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/tensor"
)

type lossFunc = func(tape *autograd.Tape, contexts, targets, negatives tensor.Ints) autograd.Var

// model is one of the four behind one signature. It takes K negatives for each
// target, or for each neighbour where perContext is set.
type model struct {
	name       string
	perContext bool
	make       func(in *nn.Init, v, d int) (net any, loss lossFunc)
}

func models() []model {
	return []model{
		{"simple-cbow", false, func(in *nn.Init, v, d int) (any, lossFunc) {
			m := word2vec.NewSimpleCBOW(in, v, d)
			return m, func(tape *autograd.Tape, c, t, _ tensor.Ints) autograd.Var { return m.Loss(tape, c, t) }
		}},
		{"simple-skipgram", true, func(in *nn.Init, v, d int) (any, lossFunc) {
			m := word2vec.NewSimpleSkipGram(in, v, d)
			return m, func(tape *autograd.Tape, c, t, _ tensor.Ints) autograd.Var { return m.Loss(tape, c, t) }
		}},
		{"cbow", false, func(in *nn.Init, v, d int) (any, lossFunc) {
			m := word2vec.NewCBOW(in, v, d)
			return m, m.Loss
		}},
		{"skipgram", true, func(in *nn.Init, v, d int) (any, lossFunc) {
			m := word2vec.NewSkipGram(in, v, d)
			return m, m.Loss
		}},
	}
}

// example is the book's sentence, cut into windows of one word on each side.
type example struct {
	corpus    *data.Corpus
	contexts  []int32 // [N, 2]
	targets   []int32 // [N]
	negatives []int32 // [N, 2·K]; the first half serves a model with K for each target
	n, k      int
}

func sentence(t testing.TB, k int) example {
	t.Helper()
	corpus, err := data.NewCorpus(strings.Fields("you say goodbye and i say hello ."), nil)
	require.NoError(t, err)
	w := data.NewWindows(corpus.IDs, 1)
	e := example{corpus: corpus, n: w.Len(), k: k}
	e.contexts, e.targets, e.negatives = make([]int32, 2*e.n), make([]int32, e.n), make([]int32, 2*e.n*k)
	all := make([]int, e.n)
	for i := range all {
		all[i] = i
	}
	w.Batch(all, e.contexts, e.targets)
	nn.NewUnigramSampler(corpus.Counts(), 0.75).Negatives(rand.New(tensor.NewRand(1, 9)), e.negatives, e.contexts)
	return e
}

func (e *example) loss(m model, f lossFunc) func(tape *autograd.Tape) autograd.Var {
	k := e.k
	if m.perContext {
		k *= 2
	}
	return func(tape *autograd.Tape) autograd.Var {
		return f(tape, tape.Ints(e.contexts, e.n, 2), tape.Ints(e.targets, e.n), tape.Ints(e.negatives[:e.n*k], e.n, k))
	}
}

func TestGradients(t *testing.T) {
	e := sentence(t, 2)
	for _, m := range models() {
		t.Run(m.name, func(t *testing.T) {
			net, loss := m.make(nn.NewInit(reference.New(), 3), e.corpus.Vocab.Len(), 3)
			gradtest.Config{Directions: 1}.Model(t, nn.Params(net), e.loss(m, loss))
		})
	}
}

func TestLearnsTheSentence(t *testing.T) {
	e := sentence(t, 2)
	for _, m := range models() {
		t.Run(m.name, func(t *testing.T) {
			be := cpu.New()
			net, f := m.make(nn.NewInit(be, 1984), e.corpus.Vocab.Len(), 5)
			loss, tape := e.loss(m, f), autograd.NewTape(be)
			opt := &optim.Adam{Params: nn.Params(net), LR: 0.02}
			var first, last float64
			for i := range 150 {
				y := loss(tape)
				last = y.Item()
				if i == 0 {
					first = last
				}
				tape.Backward(y)
				opt.Step()
				tape.Reset()
			}
			assert.Less(t, last, 0.6*first, "the loss goes down from %v", first)
		})
	}
}

// dot, sigmoid and friends in float64, by loops, as the book's formulas say it.
func dot(w []float64, i int32, h []float64) float64 {
	s := 0.0
	for k := range h {
		s += w[int(i)*len(h)+k] * h[k]
	}
	return s
}

func logistic(s float64) float64 { return -math.Log(1 / (1 + math.Exp(-s))) }

func TestCBOWIsTheFormula(t *testing.T) {
	const d = 4
	e := sentence(t, 2)
	m := word2vec.NewCBOW(nn.NewInit(reference.New(), 5), e.corpus.Vocab.Len(), d)
	randomise(m)
	embed, out := m.Embed.W.Data.Float64s(), m.Out.W.Data.Float64s()
	want := 0.0
	for i := range e.n {
		h := make([]float64, d)
		for _, c := range e.contexts[2*i : 2*i+2] {
			for k := range h {
				h[k] += embed[int(c)*d+k] / 2
			}
		}
		want += logistic(dot(out, e.targets[i], h))
		for _, no := range e.negatives[2*i : 2*i+2] {
			want += logistic(-dot(out, no, h))
		}
	}
	tape := autograd.NewTape(reference.New())
	assert.InDelta(t, want/float64(e.n), e.loss(models()[2], m.Loss)(tape).Item(), 1e-12)
}

func TestSkipGramIsTheFormula(t *testing.T) {
	const d = 4
	e := sentence(t, 3)
	m := word2vec.NewSkipGram(nn.NewInit(reference.New(), 5), e.corpus.Vocab.Len(), d)
	randomise(m)
	embed, out := m.Embed.W.Data.Float64s(), m.Out.W.Data.Float64s()
	want := 0.0
	for i := range e.n {
		h := embed[int(e.targets[i])*d:][:d]
		for c := range 2 {
			want += logistic(dot(out, e.contexts[2*i+c], h))
			for _, no := range e.negatives[(2*i+c)*3:][:3] {
				want += logistic(-dot(out, no, h))
			}
		}
	}
	tape := autograd.NewTape(reference.New())
	assert.InDelta(t, want/float64(e.n), e.loss(models()[3], m.Loss)(tape).Item(), 1e-12)
}

// randomise gives weights a size at which a wrong term shows.
func randomise(net any) {
	r := tensor.NewRand(4, 4)
	for _, p := range nn.Params(net) {
		x := make([]float64, p.Data.Len())
		for i := range x {
			x[i] = 2*r.Float64() - 1
		}
		p.Data.SetFloat64(x)
	}
}

// The simple models are the same functions of a looked-up row, and the loss of
// skip-gram is a sum over the neighbours.
func TestSimpleModelsAreLookupAndSoftmax(t *testing.T) {
	e := sentence(t, 1)
	be := reference.New()
	v := e.corpus.Vocab.Len()
	cbow, skip := word2vec.NewSimpleCBOW(nn.NewInit(be, 6), v, 3), word2vec.NewSimpleSkipGram(nn.NewInit(be, 7), v, 3)
	randomise(cbow)
	randomise(skip)
	tape := autograd.NewTape(be)
	contexts, targets := tape.Ints(e.contexts, e.n, 2), tape.Ints(e.targets, e.n)

	h := tape.Param(cbow.In.W).Gather(contexts).Mean(1)
	want := nn.CrossEntropy(h.MatMul(cbow.Out.W), targets).Item()
	assert.InDelta(t, want, cbow.Loss(tape, contexts, targets).Item(), 1e-12)

	scores := tape.Param(skip.In.W).Gather(targets).MatMul(skip.Out.W)
	want = 0
	for c := range 2 {
		column := make([]int32, e.n)
		for i := range column {
			column[i] = e.contexts[2*i+c]
		}
		want += nn.CrossEntropy(scores, tape.Ints(column, e.n)).Item()
	}
	assert.InDelta(t, want, skip.Loss(tape, contexts, targets).Item(), 1e-12)
}

// Only the rows of the words in a batch have a gradient.
func TestGradientsAreRowSparse(t *testing.T) {
	const v, d = 1000, 3
	for _, m := range models()[2:] {
		t.Run(m.name, func(t *testing.T) {
			be := cpu.New()
			net, f := m.make(nn.NewInit(be, 1), v, d)
			tape := autograd.NewTape(be)
			tape.Backward(f(tape, tape.Ints([]int32{1, 2}, 1, 2), tape.Ints([]int32{3}, 1), tape.Ints([]int32{4, 5}, 1, 2)))
			for _, p := range nn.Params(net) {
				require.NotNil(t, p.Grad.Rows, p.Name)
				assert.LessOrEqual(t, len(p.Grad.IDs), 4, p.Name)
			}
		})
	}
}

func TestNames(t *testing.T) {
	want := map[string]string{
		"simple-cbow": "[In.W Out.W]", "simple-skipgram": "[In.W Out.W]",
		"cbow": "[Embed.W Out.W]", "skipgram": "[Embed.W Out.W]",
	}
	for _, m := range models() {
		net, _ := m.make(nn.NewInit(reference.New(), 1), 7, 3)
		var names []string
		for _, p := range nn.Params(net) {
			names = append(names, p.Name)
		}
		assert.Equal(t, want[m.name], fmt.Sprint(names))
	}
}

func ExampleSimpleCBOW() {
	be := cpu.New()
	m := word2vec.NewSimpleCBOW(nn.NewInit(be, 1984), 7, 5)
	tape := autograd.NewTape(be)
	loss := m.Loss(tape, tape.Ints([]int32{0, 2, 1, 3}, 2, 2), tape.Ints([]int32{1, 2}, 2))
	fmt.Printf("%.2f, a guess is ln 7 = %.2f\n", loss.Item(), math.Log(7))
	// Output: 1.95, a guess is ln 7 = 1.95
}

func ExampleSimpleSkipGram() {
	be := cpu.New()
	m := word2vec.NewSimpleSkipGram(nn.NewInit(be, 1984), 7, 5)
	tape := autograd.NewTape(be)
	loss := m.Loss(tape, tape.Ints([]int32{0, 2, 1, 3}, 2, 2), tape.Ints([]int32{1, 2}, 2))
	fmt.Printf("%.2f, a guess of two words is 2 ln 7 = %.2f\n", loss.Item(), 2*math.Log(7))
	// Output: 3.89, a guess of two words is 2 ln 7 = 3.89
}

func ExampleCBOW() {
	be := cpu.New()
	m := word2vec.NewCBOW(nn.NewInit(be, 1984), 10000, 100)
	contexts, targets := []int32{4, 8, 15, 16}, []int32{23}
	negatives := []int32{42, 108, 7, 9, 11}
	tape := autograd.NewTape(be)
	loss := m.Loss(tape, tape.Ints(contexts, 1, 4), tape.Ints(targets, 1), tape.Ints(negatives, 1, 5))
	tape.Backward(loss)
	fmt.Printf("%.2f; rows with a gradient: %v\n", loss.Item(), m.Embed.W.Grad.IDs)
	// Output: 4.16; rows with a gradient: [4 8 15 16]
}

func ExampleSkipGram() {
	be := cpu.New()
	m := word2vec.NewSkipGram(nn.NewInit(be, 1984), 10000, 100)
	contexts, targets := []int32{4, 8}, []int32{23}
	negatives := []int32{42, 108, 7, 9, 11, 13} // three for each neighbour
	tape := autograd.NewTape(be)
	loss := m.Loss(tape, tape.Ints(contexts, 1, 2), tape.Ints(targets, 1), tape.Ints(negatives, 1, 6))
	tape.Backward(loss)
	fmt.Printf("%.2f; rows with a gradient: %v\n", loss.Item(), m.Embed.W.Grad.IDs)
	// Output: 5.55; rows with a gradient: [23]
}
