package main

import (
	"fmt"
	"math"
	"math/rand/v2"
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

// dateCommand trains the attention model of chapter 8 on dates.
type dateCommand struct {
	training `set:"name=date" set:"epochs=3" set:"batch=128" set:"lr=0.001" set:"optimizer=Adam" set:"clip=5"`
	Data     string `placeholder:"FILE" help:"Questions and answers, one 'question_answer' a line, instead of generated ones."`
	Size     int    `default:"50000" help:"How many examples to generate."`
	Embed    int    `default:"16" help:"The width of the character vectors."`
	Hidden   int    `default:"256" help:"The width of the LSTMs."`
	Reverse  bool   `default:"true" negatable:"" help:"Read questions from right to left."`
}

// Help is printed below the flags.
func (dateCommand) Help() string {
	return `Examples:
  wengert train date
  wengert train date --epochs 5 --seed 7 --out runs/seven
  wengert translate "sep 27, 1994"`
}

func (c *dateCommand) check() error {
	if err := oneOrMore(size{"size", c.Size}, size{"embed", c.Embed}, size{"hidden", c.Hidden}); err != nil {
		return err
	}
	return c.training.check()
}

// Run trains, evaluates after each epoch, and keeps the best model.
func (c *dateCommand) Run(s *session) error {
	if err := c.check(); err != nil {
		return err
	}
	pairs, err := c.pairs()
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
	training, test := pairs.Split(pairs.N/10, rand.New(tensor.NewRand(c.Seed, splitStream)))
	job := &dateJob{dateCommand: c, run: r, examples: training, test: test, unseen: test.Unseen(training)}
	return job.train()
}

// The streams of a seed that are not a tape's or a parameter's.
const (
	dataStream  = 1<<40 + iota // generated examples
	splitStream                // training and test
)

// positive reports whether v is a number above 0.
func positive(v float64) bool { return v > 0 && !math.IsInf(v, 1) }

func (c *dateCommand) pairs() (*data.Pairs, error) {
	if c.Data == "" {
		return data.NewPairs(data.Dates(rand.New(tensor.NewRand(c.Seed, dataStream)), c.Size), nil)
	}
	qa, err := data.LoadQA(c.Data)
	if err != nil {
		return nil, err
	}
	p, err := data.NewPairs(qa, nil)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", c.Data, err)
	}
	return p, nil
}

// dateJob is a training under way.
type dateJob struct {
	*dateCommand
	run            *trainingRun
	examples, test *data.Pairs
	unseen         []int // the examples of test whose question is not among those to train on

	translator *seq2seq.Translator
	ids        struct{ x, in, out []int32 }
}

func (j *dateJob) train() error {
	j.translator = seq2seq.NewTranslator(nn.NewInit(j.run.be, j.Seed), seq2seq.Config{Embed: j.Embed, Hidden: j.Hidden}, j.examples)
	params := nn.Params(j.translator.Model)
	fmt.Fprintf(j.run.out, "%d examples to train on, %d to test (%d with a question not seen in training); %d characters; %d parameters\n",
		j.examples.N, j.test.N, len(j.unseen), j.examples.Vocab.Len(), nn.Count(j.translator.Model))
	batches := data.NewBatches(j.examples.N, j.Batch)
	return j.run.train(&job{
		Loop: train.Loop{
			Params:    params,
			Optimizer: &optim.Adam{Params: params, LR: j.LR},
			Batches:   train.Shuffled(batches, j.Seed),
			Steps:     batches.Len(),
			Loss:      j.loss,
			Evaluate:  j.evaluate,
		},
		Save:   j.translator.Save,
		Best:   "accuracy",
		Finish: j.finish,
	})
}

func (j *dateJob) loss(tape *autograd.Tape, batch []int) autograd.Var {
	n, tx, tt := len(batch), j.examples.TX, j.examples.TT-1
	ids := &j.ids
	ids.x, ids.in, ids.out = slices.Grow(ids.x[:0], n*tx)[:n*tx], slices.Grow(ids.in[:0], n*tt)[:n*tt], slices.Grow(ids.out[:0], n*tt)[:n*tt]
	j.examples.Batch(batch, ids.x, ids.in, ids.out)
	return j.translator.Model.Loss(tape, tape.Ints(ids.x, n, tx), tape.Ints(ids.in, n, tt), tape.Ints(ids.out, n, tt))
}

// evaluate measures accuracy and shows ten translations.
func (j *dateJob) evaluate(int) ([]train.Metric, error) {
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
func (j *dateJob) show() error {
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
func (j *dateJob) shown(n int) (questions, answers []string) {
	for i := range min(n, j.test.N) {
		qa := j.test.Text(i)
		questions = append(questions, qa.Question)
		answers = append(answers, strings.TrimRight(strings.TrimPrefix(qa.Answer, j.translator.Format.Start), " "))
	}
	return questions, answers
}

// finish draws the attention weights and the curves, and says what to do next.
func (j *dateJob) finish() error {
	questions, _ := j.shown(1)
	answers, err := j.translator.Translate(j.run.be, questions)
	if err != nil {
		return err
	}
	picture := filepath.Join(j.Out, "attention.png")
	if err := attentionMap(answers[0], picture); err != nil {
		return err
	}
	if err := j.run.curves("Dates: accuracy", "share right", "accuracy", "unseen"); err != nil {
		return err
	}
	_, err = fmt.Fprintf(j.run.out, "The best model, %.2f %% right on the test, is in %s; attention weights are in %s.\nTry: wengert translate \"sep 27, 1994\"%s\n",
		100*j.run.value(j.run.bestEpoch()), j.model(), picture, modelFlag(j.Out))
	return err
}

// modelFlag is what translate needs to find a model outside its usual place.
func modelFlag(dir string) string {
	if filepath.Clean(dir) == filepath.FromSlash("runs/date") {
		return ""
	}
	return " --model " + filepath.Join(dir, "best.safetensors")
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
