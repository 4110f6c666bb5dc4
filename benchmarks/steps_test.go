package benchmarks

import (
	"math/rand/v2"
	"testing"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/models/seq2seq"
	"github.com/wengert-ml/wengert/models/word2vec"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/tensor"
)

// trainer trains a model: it has everything that a step needs, data included.
type trainer struct {
	tape    *autograd.Tape
	params  []*autograd.Param
	opt     optim.Optimizer
	clip    float64 // the largest norm; 0 for any
	clipper optim.Clipper
	loss    func(tape *autograd.Tape) autograd.Var // of the next batch
	state   nn.LSTMState                           // of a language model
}

// newTrainer returns a trainer of a job on a backend.
func newTrainer(be backend.Backend, j job) *trainer {
	tr := &trainer{tape: autograd.Config{Seed: 1984}.NewTape(be)}
	j.make(tr, nn.NewInit(be, 1984))
	return tr
}

// step is what train.Loop does for a batch.
func (tr *trainer) step() float64 {
	y := tr.loss(tr.tape)
	loss := y.Item()
	tr.tape.Backward(y)
	if tr.clip > 0 {
		tr.clipper.ClipNorm(tr.params, tr.clip)
	}
	tr.opt.Step()
	tr.tape.Reset(tr.state.Vars()...)
	return loss
}

// adam has tr train a network with Adam.
func (tr *trainer) adam(net any, clip float64, dense bool) {
	tr.params = nn.Params(net)
	tr.opt, tr.clip = &optim.Adam{Params: tr.params, LR: 1e-3, Dense: dense}, clip
}

// job is a model at a size.
type job struct {
	name  string
	items int    // in a step
	unit  string // what an item is
	make  func(tr *trainer, in *nn.Init)
}

// words returns n words of a vocabulary of v as frequent as those of a text (Zipf's
// law in Mandelbrot's form).
func words(n, v int) []int32 {
	counts := make([]int, v)
	for i := range counts {
		counts[i] = int(1e6/(float64(i)+2.7)) + 1
	}
	if v == 1 {
		return make([]int32, n)
	}
	s, r := nn.NewUnigramSampler(counts, 1), rand.New(tensor.NewRand(7, 7))
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = s.Draw(r)
	}
	return ids
}

// vectorSize is the size of word2vec on the Penn Treebank, as in the book.
type vectorSize struct{ vocab, width, batch, window, negatives int }

var ptbVectors = vectorSize{vocab: 10000, width: 100, batch: 100, window: 5, negatives: 5}

// vectorBatches cuts random windows out of a text and draws negatives for them.
type vectorBatches struct {
	vectorSize
	windows                      data.Windows
	sampler                      *nn.UnigramSampler
	rand                         *rand.Rand
	idx                          []int
	contexts, targets, negatives []int32
}

// newVectorBatches draws negatives for each of answers words in an example.
func newVectorBatches(s vectorSize, answers int) *vectorBatches {
	text := words(100_000, s.vocab)
	counts := make([]int, s.vocab)
	for _, id := range text {
		counts[id]++
	}
	return &vectorBatches{
		vectorSize: s,
		windows:    data.NewWindows(text, s.window),
		sampler:    nn.NewUnigramSampler(counts, 0.75),
		rand:       rand.New(tensor.NewRand(8, 8)),
		idx:        make([]int, s.batch),
		contexts:   make([]int32, s.batch*2*s.window),
		targets:    make([]int32, s.batch),
		negatives:  make([]int32, s.batch*answers*s.negatives),
	}
}

// next fills the buffers; answers are the words that negatives are drawn for.
func (v *vectorBatches) next(answers []int32) {
	for i := range v.idx {
		v.idx[i] = v.rand.IntN(v.windows.Len())
	}
	v.windows.Batch(v.idx, v.contexts, v.targets)
	v.sampler.Negatives(v.rand, v.negatives, answers)
}

func cbow(s vectorSize, dense bool) job {
	return job{items: s.batch, unit: "examples", make: func(tr *trainer, in *nn.Init) {
		m, v := word2vec.NewCBOW(in, s.vocab, s.width), newVectorBatches(s, 1)
		tr.adam(m, 0, dense)
		tr.loss = func(tape *autograd.Tape) autograd.Var {
			v.next(v.targets)
			return m.Loss(tape, tape.Ints(v.contexts, s.batch, 2*s.window), tape.Ints(v.targets, s.batch), tape.Ints(v.negatives, s.batch, s.negatives))
		}
	}}
}

func skipGram(s vectorSize, dense bool) job {
	return job{items: s.batch, unit: "examples", make: func(tr *trainer, in *nn.Init) {
		m, v := word2vec.NewSkipGram(in, s.vocab, s.width), newVectorBatches(s, 2*s.window)
		tr.adam(m, 0, dense)
		tr.loss = func(tape *autograd.Tape) autograd.Var {
			v.next(v.contexts)
			return m.Loss(tape, tape.Ints(v.contexts, s.batch, 2*s.window), tape.Ints(v.targets, s.batch), tape.Ints(v.negatives, s.batch, 2*s.window*s.negatives))
		}
	}}
}

// lmSize is the size of a language model and of its windows.
type lmSize struct{ vocab, embed, hidden, batch, steps int }

var (
	ptbRNNLM  = lmSize{vocab: 10000, embed: 100, hidden: 100, batch: 20, steps: 35}
	ptbBetter = lmSize{vocab: 10000, embed: 650, hidden: 650, batch: 20, steps: 35}
)

// lm is what both language models have.
type lm interface {
	Loss(tape *autograd.Tape, ids, targets tensor.Ints, s nn.LSTMState) (loss autograd.Var, last nn.LSTMState)
}

func cell(c rnnlm.Cell) func(in *nn.Init, s lmSize) lm {
	return func(in *nn.Init, s lmSize) lm {
		return rnnlm.New(in, rnnlm.Config{Vocab: s.vocab, Embed: s.embed, Hidden: s.hidden, Cell: c})
	}
}

func better(in *nn.Init, s lmSize) lm { return rnnlm.NewBetter(in, s.vocab, s.hidden, 0.5) }

// languageModel trains as the book does, by SGD from rate 20 with gradients clipped
// to 0.25.
func languageModel(model func(in *nn.Init, s lmSize) lm, s lmSize) job {
	return job{items: s.batch * s.steps, unit: "tokens", make: func(tr *trainer, in *nn.Init) {
		m := model(in, s)
		tr.params = nn.Params(m)
		tr.opt, tr.clip = &optim.SGD{Params: tr.params, LR: 20}, 0.25
		windows, err := data.NewStreams(words(50_000, s.vocab), s.batch, s.steps)
		if err != nil {
			panic(err)
		}
		x, t := make([]int32, s.batch*s.steps), make([]int32, s.batch*s.steps)
		tr.loss = func(tape *autograd.Tape) (loss autograd.Var) {
			windows.Next(x, t)
			loss, tr.state = m.Loss(tape, tape.Ints(x, s.batch, s.steps), tape.Ints(t, s.batch, s.steps), tr.state)
			return loss
		}
	}}
}

// translation trains a sequence-to-sequence model as the book does, by Adam with
// gradients clipped to 5.
func translation(arch seq2seq.Arch, embed, hidden, batch int, qa func(r *rand.Rand, n int) []data.QA) job {
	return job{items: batch, unit: "examples", make: func(tr *trainer, in *nn.Init) {
		p, err := data.NewPairs(qa(rand.New(tensor.NewRand(9, 9)), 5000), nil)
		if err != nil {
			panic(err)
		}
		m := seq2seq.New(in, seq2seq.Config{Arch: arch, Vocab: p.Vocab.Len(), Embed: embed, Hidden: hidden})
		tr.adam(m, 5, false)
		r, idx := rand.New(tensor.NewRand(8, 8)), make([]int, batch)
		n := p.TT - 1
		x, given, wanted := make([]int32, batch*p.TX), make([]int32, batch*n), make([]int32, batch*n)
		tr.loss = func(tape *autograd.Tape) autograd.Var {
			for i := range idx {
				idx[i] = r.IntN(p.N)
			}
			p.Batch(idx, x, given, wanted)
			return m.Loss(tape, tape.Ints(x, batch, p.TX), tape.Ints(given, batch, n), tape.Ints(wanted, batch, n))
		}
	}}
}

// named gives a job its name.
func named(name string, j job) job {
	j.name = name
	return j
}

// bookSteps are a training step of each model of the book. V is 10,000 for word2vec and
// language models, 13 for additions (7 characters to 4), 59 or so for dates (29 to 10).
func bookSteps() []job {
	return []job{
		named("model=cbow/rows=lazy", cbow(ptbVectors, false)),
		named("model=cbow/rows=dense", cbow(ptbVectors, true)),
		named("model=skipgram/rows=lazy", skipGram(ptbVectors, false)),
		named("model=skipgram/rows=dense", skipGram(ptbVectors, true)),
		named("model=rnnlm", languageModel(cell(rnnlm.RNN), ptbRNNLM)),
		named("model=lstm-lm", languageModel(cell(rnnlm.LSTM), ptbRNNLM)),
		named("model=gru-lm", languageModel(cell(rnnlm.GRU), ptbRNNLM)),
		named("model=better-rnnlm", languageModel(better, ptbBetter)),
		named("model=seq2seq", translation(seq2seq.Plain, 16, 128, 128, data.Additions)),
		named("model=peeky", translation(seq2seq.WithPeeking, 16, 128, 128, data.Additions)),
		named("model=attention", translation(seq2seq.WithAttention, 16, 256, 128, data.Dates)),
	}
}

func BenchmarkStep(b *testing.B) {
	for _, j := range bookSteps() {
		for _, d := range devices(b) {
			b.Run(j.name+"/"+d.name, func(b *testing.B) {
				tr := newTrainer(d.Backend, j)
				for range 3 {
					tr.step()
				}
				b.ReportAllocs()
				for b.Loop() {
					tr.step()
					d.sync(b)
				}
				s := b.Elapsed().Seconds() / float64(b.N)
				b.ReportMetric(s*1e3, "ms/step")
				b.ReportMetric(float64(j.items)/s, j.unit+"/s")
			})
		}
	}
}
