package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/models/word2vec"
	"github.com/wengert-ml/wengert/models/wordvec"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/nn/train"
	"github.com/wengert-ml/wengert/tensor"
)

// word2vecJob trains word vectors: what the four models have in common.
type word2vecJob struct {
	training *training
	book     *bookInit
	run      *trainingRun
	arch     string // in the checkpoint: "word2vec/cbow"
	model    any    // whose vectors are a parameter Embed.W or In.W
	corpus   *data.Corpus
	windows  data.Windows
	english  bool // the text is artificial English, whose analogies are known
	dense    bool

	// loss computes the loss of contexts [N, C] and targets [N].
	loss func(tape *autograd.Tape, contexts, targets tensor.Ints) autograd.Var

	contexts, targets []int32 // of a batch
}

func (j *word2vecJob) train() error {
	params := nn.Params(j.model)
	batches := data.NewBatches(j.windows.Len(), j.training.Batch)
	fmt.Fprintf(j.run.out, "%d words, %d different, %d windows; %d parameters\n",
		len(j.corpus.IDs), j.corpus.Vocab.Len(), j.windows.Len(), nn.Count(j.model))
	j.run.unit = "words"
	return j.run.train(&job{
		Loop: train.Loop{
			Params:    params,
			Optimizer: &optim.Adam{Params: params, LR: j.training.LR, Dense: j.dense},
			Batches:   j.book.shuffled(batches, j.training.Seed),
			Steps:     batches.Len(),
			Loss:      j.batch,
			Evaluate:  j.evaluate,
		},
		Save:   j.save,
		Finish: j.finish,
	})
}

func (j *word2vecJob) batch(tape *autograd.Tape, batch []int) autograd.Var {
	n, c := len(batch), 2*j.windows.Size
	j.contexts, j.targets = slices.Grow(j.contexts[:0], n*c)[:n*c], slices.Grow(j.targets[:0], n)[:n]
	j.windows.Batch(batch, j.contexts, j.targets)
	return j.loss(tape, tape.Ints(j.contexts, n, c), tape.Ints(j.targets, n))
}

// evaluate answers the analogies that the text has.
func (j *word2vecJob) evaluate(int) ([]train.Metric, error) {
	if !j.english {
		return nil, nil
	}
	v, err := j.vectors()
	if err != nil {
		return nil, err
	}
	return []train.Metric{{Name: "analogies", Value: wordvec.Total(v.Answer(englishAnalogies())).Accuracy(), Unit: "%"}}, nil
}

// englishAnalogies is every analogy of the artificial English, a section a relation.
func englishAnalogies() []wordvec.Section {
	var sections []wordvec.Section
	for _, a := range data.NewEnglish().Analogies() {
		if n := len(sections); n == 0 || sections[n-1].Name != a.Relation {
			sections = append(sections, wordvec.Section{Name: a.Relation})
		}
		last := &sections[len(sections)-1]
		last.Questions = append(last.Questions, [4]string{a.A, a.B, a.C, a.D})
	}
	return sections
}

// vectors are the word vectors as they are now.
func (j *word2vecJob) vectors() (*wordvec.Vectors, error) {
	w := nn.Params(j.model)[0].Data
	v, err := wordvec.New(j.corpus.Vocab, w.Dim(1), w.Floats())
	if err != nil {
		return nil, fmt.Errorf("%w; the training has diverged, lower --lr", err)
	}
	return v, nil
}

func (j *word2vecJob) save(path string, metadata map[string]string) error {
	vocab, err := json.Marshal(j.corpus.Vocab)
	if err != nil {
		return fmt.Errorf("save model to %s: %w", path, err)
	}
	metadata["architecture"], metadata["vocabulary"] = j.arch, string(vocab)
	metadata["config"] = fmt.Sprintf(`{"Window":%d,"Size":%d}`, j.windows.Size, nn.Params(j.model)[0].Data.Dim(1))
	return nn.Save(path, j.model, metadata)
}

// finish draws the curves and the map, and shows neighbours and analogies.
func (j *word2vecJob) finish() error {
	if err := j.run.curves("Analogies", "share right", "analogies"); err != nil {
		return err
	}
	v, err := j.vectors()
	if err != nil {
		return err
	}
	if err := showVectors(j.run, v, j.corpus, j.english); err != nil {
		return err
	}
	flag := ""
	if filepath.Clean(j.training.Out) != filepath.Join("runs", filepath.Base(j.arch)) {
		flag = " --model " + j.training.model()
	}
	_, err = fmt.Fprintf(j.run.out, "The vectors are in %s, a map of words in words.png beside them.\nTry: wengert similar %s%s\n",
		j.training.model(), shownWords(j.corpus)[0], flag)
	return err
}

// negativeSampling is the flags of CBOW and skip-gram on large texts.
type negativeSampling struct {
	training
	corpusFlags
	Window    int    `default:"5" help:"How many words on each side are neighbours."`
	Size      int    `default:"100" help:"The width of the vectors."`
	Negatives int    `default:"5" help:"Words drawn at random for each right one."`
	Sampler   string `default:"alias" enum:"alias,book" help:"How negatives are drawn: ${enum}. alias draws each by itself; book draws those of a word without repetition, as the book's code does."`
	bookInit
	Dense bool `help:"Let Adam change all rows at each step, as in the book, and not only those of the batch. Slower."`
}

func (c *negativeSampling) check() error {
	if err := oneOrMore(size{"window", c.Window}, size{"size", c.Size}, size{"negatives", c.Negatives}); err != nil {
		return err
	}
	return c.training.check()
}

// negativesStream is where the negatives of a run are drawn from.
const negativesStream = 1<<41 + 1

// train trains the model that build returns. rightWords says which words of a batch
// are to be told from negatives: each of them has its own.
func (c *negativeSampling) train(s *session, arch string, build func(in *nn.Init, v int) (model any, loss negativeLoss), rightWords func(contexts, targets []int32) []int32) error {
	if err := c.check(); err != nil {
		return err
	}
	if err := c.begin(&c.training); err != nil {
		return err
	}
	corpus, _, _, err := c.corpusFlags.open(c.Seed)
	if err != nil {
		return err
	}
	j := &word2vecJob{training: &c.training, book: &c.bookInit, arch: arch, corpus: corpus, windows: data.NewWindows(corpus.IDs, c.Window), english: c.english(), dense: c.Dense || c.BookInit}
	if j.windows.Len() == 0 {
		return fmt.Errorf("a text of %d words has no window of %d words on each side; give a smaller --window", len(corpus.IDs), c.Window)
	}
	if n := corpus.Vocab.Len(); n < c.Negatives+2 {
		return fmt.Errorf("--negatives %d: the text has %d different words; want at least two more than negatives", c.Negatives, n)
	}
	if j.run, err = c.start(s); err != nil {
		return err
	}
	defer j.run.close()
	model, loss := build(c.init(j.run.be, c.Seed), corpus.Vocab.Len())
	j.model = model
	sampler := nn.NewUnigramSampler(corpus.Counts(), 0.75)
	draw := sampler.Negatives
	if c.Sampler == "book" {
		draw = sampler.Distinct
	}
	frequencies := make([]float64, corpus.Vocab.Len())
	for i, n := range corpus.Counts() {
		frequencies[i] = math.Pow(float64(n), 0.75)
	}
	normalise(frequencies)
	stream := tensor.NewRand(c.Seed, negativesStream)
	random, negatives := rand.New(stream), []int32(nil)
	j.loss = func(tape *autograd.Tape, contexts, targets tensor.Ints) autograd.Var {
		right := rightWords(j.contexts, j.targets)
		negatives = slices.Grow(negatives[:0], len(right)*c.Negatives)[:len(right)*c.Negatives]
		if c.BookInit {
			c.negatives(frequencies, negatives, right, len(j.targets), c.Negatives)
			return loss(tape, contexts, targets, tape.Ints(negatives, len(j.targets), len(negatives)/len(j.targets)))
		}
		// The negatives of a step are the same wherever the run was resumed.
		stream.Pos = uint64(j.run.job.Epoch*j.run.job.Steps+j.run.job.Step) << 32
		draw(random, negatives, right)
		return loss(tape, contexts, targets, tape.Ints(negatives, len(j.targets), len(negatives)/len(j.targets)))
	}
	return j.train()
}

// negativeLoss is the loss of CBOW and skip-gram.
type negativeLoss func(tape *autograd.Tape, contexts, targets, negatives tensor.Ints) autograd.Var

// cbowCommand trains the CBOW of chapter 4.
type cbowCommand struct {
	negativeSampling `set:"name=cbow" set:"epochs=10" set:"batch=100" set:"lr=0.001" set:"optimizer=Adam" set:"clip=0"`
}

// Help is printed below the flags.
func (cbowCommand) Help() string {
	return `Examples:
  wengert train cbow
  wengert train cbow --corpus ptb
  wengert similar you year car toyota
  wengert analogy king man queen`
}

// Run trains, and shows what the vectors know.
func (c *cbowCommand) Run(s *session) error {
	return c.train(s, "word2vec/cbow", func(in *nn.Init, v int) (any, negativeLoss) {
		m := word2vec.NewCBOW(in, v, c.Size)
		return m, m.Loss
	}, func(_, targets []int32) []int32 { return targets })
}

// skipgramCommand trains the skip-gram of chapter 4.
type skipgramCommand struct {
	negativeSampling `set:"name=skipgram" set:"epochs=10" set:"batch=100" set:"lr=0.001" set:"optimizer=Adam" set:"clip=0"`
}

// Help is printed below the flags.
func (skipgramCommand) Help() string {
	return `Examples:
  wengert train skipgram
  wengert train skipgram --corpus ptb
  wengert similar you year car toyota`
}

// Run trains, and shows what the vectors know.
func (c *skipgramCommand) Run(s *session) error {
	return c.train(s, "word2vec/skipgram", func(in *nn.Init, v int) (any, negativeLoss) {
		m := word2vec.NewSkipGram(in, v, c.Size)
		return m, m.Loss
	}, func(contexts, _ []int32) []int32 { return contexts })
}

// simpleVectors is the flags of the models of chapter 3.
type simpleVectors struct {
	training
	text
	bookInit
	Window int `default:"1" help:"How many words on each side are neighbours."`
	Size   int `default:"5" help:"The width of the vectors."`
}

func (c *simpleVectors) train(s *session, arch string, build func(in *nn.Init, v int) (model any, loss simpleLoss)) error {
	if err := oneOrMore(size{"window", c.Window}, size{"size", c.Size}); err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	if err := c.begin(&c.training); err != nil {
		return err
	}
	corpus, err := c.corpus()
	if err != nil {
		return err
	}
	j := &word2vecJob{training: &c.training, book: &c.bookInit, arch: arch, corpus: corpus, windows: data.NewWindows(corpus.IDs, c.Window)}
	if j.windows.Len() == 0 {
		return fmt.Errorf("a text of %d words has no window of %d words on each side; give a smaller --window", len(corpus.IDs), c.Window)
	}
	if j.run, err = c.start(s); err != nil {
		return err
	}
	defer j.run.close()
	j.run.quiet, j.run.terminal = max(1, c.Epochs/10), nil
	j.model, j.loss = build(c.init(j.run.be, c.Seed), corpus.Vocab.Len())
	return j.train()
}

// simpleLoss is the loss of the models of chapter 3.
type simpleLoss = func(tape *autograd.Tape, contexts, targets tensor.Ints) autograd.Var

// simpleCBOWCommand trains the CBOW of chapter 3.
type simpleCBOWCommand struct {
	simpleVectors `set:"name=simple-cbow" set:"epochs=1000" set:"batch=3" set:"lr=0.001" set:"optimizer=Adam" set:"clip=0"`
}

// Help is printed below the flags.
func (simpleCBOWCommand) Help() string {
	return `Examples:
  wengert train simple-cbow
  wengert train simple-cbow --data text.txt --epochs 20 --batch 100`
}

// Run trains, and shows what the vectors know.
func (c *simpleCBOWCommand) Run(s *session) error {
	return c.train(s, "word2vec/simple-cbow", func(in *nn.Init, v int) (any, simpleLoss) {
		m := word2vec.NewSimpleCBOW(in, v, c.Size)
		return m, m.Loss
	})
}

// simpleSkipgramCommand trains the skip-gram of chapter 3.
type simpleSkipgramCommand struct {
	simpleVectors `set:"name=simple-skipgram" set:"epochs=1000" set:"batch=3" set:"lr=0.001" set:"optimizer=Adam" set:"clip=0"`
}

// Help is printed below the flags.
func (simpleSkipgramCommand) Help() string {
	return `Examples:
  wengert train simple-skipgram
  wengert train simple-skipgram --text "the king rules and the queen rules"`
}

// Run trains, and shows what the vectors know.
func (c *simpleSkipgramCommand) Run(s *session) error {
	return c.train(s, "word2vec/simple-skipgram", func(in *nn.Init, v int) (any, simpleLoss) {
		m := word2vec.NewSimpleSkipGram(in, v, c.Size)
		return m, m.Loss
	})
}
