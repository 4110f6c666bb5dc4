package main

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/cmd/wengert/internal/plot"
	"github.com/wengert-ml/wengert/models/seq2seq"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/nn/train"
	"github.com/wengert-ml/wengert/tensor"
)

// questions is the flags of trainings that answer a question by another sequence of
// characters.
type questions struct {
	training
	bookInit
	Reverse bool `default:"${reverse}" negatable:"" help:"Read questions from right to left."`
}

// deep is the flags of LSTM networks of several layers.
type deep struct {
	Embed   int     `default:"16" help:"The width of the character vectors."`
	Hidden  int     `default:"${hidden}" help:"The width of the LSTMs."`
	Layers  int     `default:"${layers}" help:"LSTM layers, in encoder and decoder alike."`
	Dropout float64 `default:"0" help:"The probability of dropout between layers."`
}

func (c *deep) check() error {
	if !(c.Dropout >= 0 && c.Dropout < 1) {
		return &usageError{fmt.Sprintf("--dropout %g: want a probability of 0 or more, below 1", c.Dropout)}
	}
	return oneOrMore(size{"embed", c.Embed}, size{"hidden", c.Hidden}, size{"layers", c.Layers})
}

// network is the flags of the models of chapters 7 and 8.
type network struct {
	deep
	Arch          string `default:"${arch}" enum:"seq2seq,peeky,attention" help:"The network: ${enum}."`
	Bidirectional bool   `help:"Let the encoder read in both directions (section 8.4.1)."`
	Residual      bool   `help:"Skip connections around all layers but the first (section 8.4.3)."`
	AttentionTo   string `default:"output" enum:"output,lstm,both" help:"What sees what attention has found: ${enum} (section 8.4.2)."`
}

// archs are the networks by what --arch calls them.
var archs = map[string]seq2seq.Arch{"seq2seq": seq2seq.Plain, "peeky": seq2seq.WithPeeking, "attention": seq2seq.WithAttention}

func (c *network) check() error {
	if c.AttentionTo != "output" && c.Arch != "attention" {
		return &usageError{fmt.Sprintf("--attention-to %s: --arch %s has no attention", c.AttentionTo, c.Arch)}
	}
	return c.deep.check()
}

// build returns an untrained model.
func (c *network) build(in *nn.Init, p *data.Pairs) *seq2seq.Translator {
	config := seq2seq.Config{
		Arch: archs[c.Arch], Embed: c.Embed, Hidden: c.Hidden,
		Layers: c.Layers, Bidirectional: c.Bidirectional, Residual: c.Residual, Dropout: c.Dropout,
	}
	if c.AttentionTo != "output" {
		config.AttentionTo = seq2seq.AttentionTo(c.AttentionTo)
	}
	return seq2seq.NewTranslator(in, config, p)
}

// builder makes an untrained model for pairs of questions and answers.
type builder interface {
	check() error
	build(in *nn.Init, p *data.Pairs) *seq2seq.Translator
}

// subject is what a model learns to answer.
type subject struct {
	title string // of the curves: "Dates"
	book  string // the file's name in the book's folder
	try   string // a question to try; "" for one of the test
}

// train trains a model of net's on a tenth less than all examples, tests on the
// others after each epoch, and keeps the best. split says which are which.
func (c *questions) train(s *session, about subject, net builder, qa []data.QA, split data.Shuffler) error {
	if err := net.check(); err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	pairs, err := data.NewPairs(qa, nil)
	if err != nil {
		return err
	}
	if pairs.N < 10 {
		return fmt.Errorf("%d examples are too few: want at least 10, since a tenth is held out for the test", pairs.N)
	}
	if c.Reverse {
		pairs = pairs.Reverse()
	}
	r, err := c.start(s)
	if err != nil {
		return err
	}
	defer r.close()
	training, test := pairs.Split(pairs.N/10, split)
	j := &questionsJob{questions: c, about: about, run: r, examples: training, test: test, unseen: test.Unseen(training)}
	j.translator = net.build(c.init(r.be, c.Seed), training)
	return j.train()
}

// generated is the flags and the run of a training on examples that are drawn, or
// on a file of them in the book's format.
type generated struct {
	questions
	Size int    `default:"50000" help:"How many examples to generate."`
	Data string `placeholder:"PATH" help:"Questions and answers, one 'question_answer' a line, instead of generated ones, split as the book splits them: a file, or a folder with the book's."`
}

// train draws examples with draw, or reads them.
func (c *generated) train(s *session, about subject, net builder, draw func(rng *rand.Rand, n int) []data.QA) error {
	if err := oneOrMore(size{"size", c.Size}); err != nil {
		return err
	}
	if err := c.begin(&c.training); err != nil {
		return err
	}
	if c.Data == "" {
		qa := draw(rand.New(tensor.NewRand(c.Seed, dataStream)), c.Size)
		return c.questions.train(s, about, net, qa, c.split(rand.New(tensor.NewRand(c.Seed, splitStream))))
	}
	path := c.Data
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, about.book)
	}
	qa, err := data.LoadQA(path)
	if err != nil {
		return err
	}
	if err := c.questions.train(s, about, net, qa, c.split(data.NewRandomState(bookSplit))); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// split is what divides the examples: the book seeds its one generator for that, and
// goes on with it.
func (c *questions) split(otherwise data.Shuffler) data.Shuffler {
	if c.BookInit {
		return c.state
	}
	return otherwise
}

// bookSplit is the seed of the book's split in training and test.
const bookSplit = 1984

// dateCommand trains the models of chapter 8 on dates.
type dateCommand struct {
	generated `set:"name=date" set:"epochs=3" set:"batch=128" set:"lr=0.001" set:"optimizer=Adam" set:"clip=5" set:"reverse=true"`
	network   `set:"arch=attention" set:"hidden=256" set:"layers=1"`
}

// Help is printed below the flags.
func (dateCommand) Help() string {
	return `Examples:
  wengert train date
  wengert train date --epochs 5 --seed 7 --out runs/seven
  wengert train date --epochs 10 --arch peeky --out runs/peeky
  wengert translate "sep 27, 1994"`
}

// Run trains, evaluates after each epoch, and keeps the best model.
func (c *dateCommand) Run(s *session) error {
	return c.train(s, subject{"Dates", "date.txt", "sep 27, 1994"}, &c.network, data.Dates)
}

// additionCommand trains the models of chapter 7 on sums.
type additionCommand struct {
	generated `set:"name=addition" set:"epochs=25" set:"batch=128" set:"lr=0.001" set:"optimizer=Adam" set:"clip=5" set:"reverse=false"`
	network   `set:"arch=seq2seq" set:"hidden=128" set:"layers=1"`
}

// Help is printed below the flags.
func (additionCommand) Help() string {
	return `Examples:
  wengert train addition --arch peeky --reverse
  wengert train addition --out runs/plain
  wengert translate --model runs/addition/best.safetensors 16+75`
}

// Run trains, evaluates after each epoch, and keeps the best model.
func (c *additionCommand) Run(s *session) error {
	if c.Data == "" && c.Size > data.MaxAdditions {
		return &usageError{fmt.Sprintf("--size %d: there are %d different sums", c.Size, data.MaxAdditions)}
	}
	return c.train(s, subject{"Additions", "addition.txt", "16+75"}, &c.network, data.Additions)
}

// sortCommand trains a model to sort letters: learning an algorithm from examples
// (section 7.5).
type sortCommand struct {
	generated `set:"name=sort" set:"epochs=40" set:"batch=128" set:"lr=0.001" set:"optimizer=Adam" set:"clip=5" set:"reverse=true"`
	network   `set:"arch=attention" set:"hidden=128" set:"layers=1"`
}

// Help is printed below the flags.
func (sortCommand) Help() string {
	return `Examples:
  wengert train sort
  wengert translate --model runs/sort/best.safetensors wengert`
}

// Run trains, evaluates after each epoch, and keeps the best model.
func (c *sortCommand) Run(s *session) error {
	return c.train(s, subject{"Sorting", "sort.txt", "wengert"}, &c.network, data.Sorts)
}

// gnmtCommand trains a deep model on dates.
type gnmtCommand struct {
	generated `set:"name=gnmt" set:"epochs=9" set:"batch=128" set:"lr=0.001" set:"optimizer=Adam" set:"clip=5" set:"reverse=true"`
	deep      `set:"hidden=128" set:"layers=3"`
}

// Help is printed below the flags.
func (gnmtCommand) Help() string {
	return `Examples:
  wengert train gnmt
  wengert train gnmt --layers 4 --dropout 0.2
  wengert translate --model runs/gnmt/best.safetensors --beam 4 "sep 27, 1994"`
}

// Run trains, evaluates after each epoch, and keeps the best model.
func (c *gnmtCommand) Run(s *session) error {
	return c.train(s, subject{"Dates", "date.txt", "sep 27, 1994"}, gnmt{&c.deep}, data.Dates)
}

// gnmt builds the model of section 8.5.1.
type gnmt struct{ *deep }

func (g gnmt) check() error {
	if g.Layers == 1 {
		return &usageError{"--layers 1: a GNMT has at least 2"}
	}
	return g.deep.check()
}

// build returns an untrained model.
func (g gnmt) build(in *nn.Init, p *data.Pairs) *seq2seq.Translator {
	return seq2seq.NewTranslator(in, seq2seq.Config{Arch: seq2seq.Deep, Embed: g.Embed, Hidden: g.Hidden, Layers: g.Layers, Dropout: g.Dropout}, p)
}

// seq2seqCommand trains a model on pairs of texts of one's own (section 7.5).
type seq2seqCommand struct {
	questions `set:"name=seq2seq" set:"epochs=10" set:"batch=128" set:"lr=0.001" set:"optimizer=Adam" set:"clip=5" set:"reverse=true"`
	network   `set:"arch=attention" set:"hidden=256" set:"layers=1"`
	Data      string `required:"" placeholder:"FILE" help:"Pairs of texts, a question, a tab and its answer on each line."`
}

// Help is printed below the flags.
func (seq2seqCommand) Help() string {
	return `Examples:
  wengert train seq2seq --data pairs.tsv
  wengert translate --model runs/seq2seq/best.safetensors "how are you"`
}

// Run trains, evaluates after each epoch, and keeps the best model.
func (c *seq2seqCommand) Run(s *session) error {
	if err := c.begin(&c.training); err != nil {
		return err
	}
	qa, err := data.LoadTSV(c.Data)
	if err != nil {
		return err
	}
	return c.train(s, subject{title: "Answers"}, &c.network, qa, c.split(rand.New(tensor.NewRand(c.Seed, splitStream))))
}

// The streams of a seed that are not a tape's or a parameter's.
const (
	dataStream  = 1<<40 + iota // generated examples
	splitStream                // training and test
)

// positive reports whether v is a number above 0.
func positive(v float64) bool { return v > 0 && !math.IsInf(v, 1) }

// questionsJob is a training under way.
type questionsJob struct {
	*questions
	about          subject
	run            *trainingRun
	examples, test *data.Pairs
	unseen         []int // the examples of test whose question is not among those to train on

	translator *seq2seq.Translator
	ids        struct{ x, in, out []int32 }
}

func (j *questionsJob) train() error {
	params := nn.Params(j.translator.Model)
	fmt.Fprintf(j.run.out, "%d examples to train on, %d to test (%d with a question not seen in training); %d characters; %d parameters\n",
		j.examples.N, j.test.N, len(j.unseen), j.examples.Vocab.Len(), nn.Count(j.translator.Model))
	batches := data.NewBatches(j.examples.N, j.Batch)
	return j.run.train(&job{
		Loop: train.Loop{
			Params:    params,
			Optimizer: &optim.Adam{Params: params, LR: j.LR},
			Batches:   j.shuffled(batches, j.Seed),
			Steps:     batches.Len(),
			Loss:      j.loss,
			Evaluate:  j.evaluate,
		},
		Save:   j.translator.Save,
		Best:   "accuracy",
		Finish: j.finish,
	})
}

func (j *questionsJob) loss(tape *autograd.Tape, batch []int) autograd.Var {
	n, tx, tt := len(batch), j.examples.TX, j.examples.TT-1
	ids := &j.ids
	ids.x, ids.in, ids.out = slices.Grow(ids.x[:0], n*tx)[:n*tx], slices.Grow(ids.in[:0], n*tt)[:n*tt], slices.Grow(ids.out[:0], n*tt)[:n*tt]
	j.examples.Batch(batch, ids.x, ids.in, ids.out)
	return j.translator.Model.Loss(tape, tape.Ints(ids.x, n, tx), tape.Ints(ids.in, n, tt), tape.Ints(ids.out, n, tt))
}

// evaluate measures accuracy and shows ten translations.
func (j *questionsJob) evaluate(int) ([]train.Metric, error) {
	right := j.translator.Right(j.run.be, j.test, evaluationBatch)
	metrics := []train.Metric{{Name: "accuracy", Value: share(right), Unit: "%"}}
	if len(j.unseen) > 0 {
		onUnseen := make([]bool, len(j.unseen))
		data.Gather(onUnseen, right, 1, j.unseen)
		metrics = append(metrics, train.Metric{Name: "unseen", Value: share(onUnseen), Unit: "%"})
	}
	return metrics, j.show()
}

// evaluationBatch is how many questions are answered at once.
const evaluationBatch = 500

func share(right []bool) float64 {
	n := 0
	for _, r := range right {
		if r {
			n++
		}
	}
	return float64(n) / float64(len(right))
}

// show prints the first ten questions of the test with their answers.
func (j *questionsJob) show() error {
	questions, want := j.shown(10)
	answers, err := j.translator.Translate(j.run.be, questions)
	if err != nil {
		return err
	}
	for i, a := range answers {
		mark := "✓"
		if a.Answer != want[i] {
			mark = "✗ " + want[i]
		}
		fmt.Fprintf(j.run.out, "  %s  %s  %s\n", a.Question, a.Answer, mark)
	}
	return nil
}

// shown returns the first n questions of the test as text, with their answers.
func (j *questionsJob) shown(n int) (questions, answers []string) {
	for i := range min(n, j.test.N) {
		qa := j.test.Text(i)
		questions = append(questions, qa.Question)
		answers = append(answers, strings.TrimRight(strings.TrimPrefix(qa.Answer, j.translator.Format.Start), " "))
	}
	return questions, answers
}

// finish draws the curves and the attention weights, and says what to do next.
func (j *questionsJob) finish() error {
	if err := j.run.curves(j.about.title+": accuracy", "share right", "accuracy", "unseen"); err != nil {
		return err
	}
	questions, _ := j.shown(1)
	best, err := openTranslator(j.run.be, j.model())
	if err != nil {
		return err
	}
	answers, err := best.Translate(j.run.be, questions)
	if err != nil {
		return err
	}
	pictures := "the curves are beside it"
	if answers[0].Weights != nil {
		picture := filepath.Join(j.Out, "attention.png")
		if err := attentionMap(answers[0], picture); err != nil {
			return err
		}
		pictures = "attention weights are in " + picture
	}
	flag := ""
	if filepath.Clean(j.Out) != filepath.FromSlash("runs/date") {
		flag = " --model " + j.model()
	}
	_, err = fmt.Fprintf(j.run.out, "The best model, %.2f %% right on the test, is in %s; %s.\nTry: wengert translate %q%s\n",
		100*j.run.value(j.run.bestEpoch()), j.model(), pictures, cmp.Or(j.about.try, strings.TrimRight(questions[0], " ")), flag)
	return err
}

// attentionMap draws which characters of the question each character of the answer
// looked at.
func attentionMap(t seq2seq.Translation, path string) error {
	if t.Weights == nil {
		return fmt.Errorf("draw %s: this model has no attention", path)
	}
	question := data.Chars(strings.TrimRight(t.Question, " "))
	answer, err := data.Pad(t.Answer, len(t.Weights))
	if err != nil {
		return err
	}
	weights := make([][]float32, len(t.Weights))
	for i := range weights {
		weights[i] = t.Weights[i][:len(question)]
	}
	return plot.Attention{Title: "Attention weights", Input: question, Output: data.Chars(answer), Weights: weights}.Save(path)
}
