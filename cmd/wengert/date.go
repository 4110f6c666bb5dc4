package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
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
	device
	Data   string  `placeholder:"FILE" help:"Questions and answers, one 'question_answer' a line, instead of generated ones."`
	Size   int     `default:"50000" help:"How many examples to generate."`
	Epochs int     `default:"3" help:"How often to go through the examples."`
	Batch  int     `default:"128" help:"Examples in a step."`
	LR     float64 `default:"0.001" name:"lr" help:"The learning rate of Adam."`
	Clip   float64 `default:"5" help:"The largest norm of all gradients; 0 for any."`
	Embed  int     `default:"16" help:"The width of the character vectors."`
	Hidden int     `default:"256" help:"The width of the LSTMs."`
	Seed   uint64  `default:"1984" help:"Of data, initial values and shuffles."`

	Reverse bool   `default:"true" negatable:"" help:"Read questions from right to left."`
	Out     string `default:"runs/date" placeholder:"DIR" help:"Where model, pictures and metrics go: ${default}."`
}

// Help is printed below the flags.
func (dateCommand) Help() string {
	return `Examples:
  wengert train date
  wengert train date --epochs 5 --seed 7 --out runs/seven
  wengert translate "sep 27, 1994"`
}

func (c *dateCommand) check() error {
	for _, n := range []struct {
		flag string
		n    int
	}{{"size", c.Size}, {"epochs", c.Epochs}, {"batch", c.Batch}, {"embed", c.Embed}, {"hidden", c.Hidden}} {
		if n.n < 1 {
			return &usageError{fmt.Sprintf("--%s %d: want 1 or more", n.flag, n.n)}
		}
	}
	if !positive(c.LR) || c.Clip != 0 && !positive(c.Clip) {
		return &usageError{fmt.Sprintf("--lr %g --clip %g: want a rate above 0 and a norm of 0 or more", c.LR, c.Clip)}
	}
	return nil
}

// Run trains, evaluates after each epoch, and keeps the best model.
func (c *dateCommand) Run(s *session) error {
	if err := c.check(); err != nil {
		return err
	}
	be, err := c.open()
	if err != nil {
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
	r, err := newRun(s, c.Out, c)
	if err != nil {
		return err
	}
	defer r.close()
	training, test := pairs.Split(pairs.N/10, rand.New(tensor.NewRand(c.Seed, splitStream)))
	job := &dateJob{dateCommand: c, be: be, run: r, training: training, test: test, unseen: test.Unseen(training)}
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
	be             backend.Backend
	run            *trainingRun
	training, test *data.Pairs
	unseen         []int // the examples of test whose question is not in training

	translator *seq2seq.Translator
	loop       *train.Loop
	best       float64 // accuracy on the test split
	ids        struct{ x, in, out []int32 }
}

func (j *dateJob) train() error {
	j.translator = seq2seq.NewTranslator(nn.NewInit(j.be, j.Seed), seq2seq.Config{Embed: j.Embed, Hidden: j.Hidden}, j.training)
	params := nn.Params(j.translator.Model)
	fmt.Fprintf(j.run.out, "%d examples to train on, %d to test (%d with a question not seen in training); %d characters; %d parameters\n",
		j.training.N, j.test.N, len(j.unseen), j.training.Vocab.Len(), nn.Count(j.translator.Model))
	batches := data.NewBatches(j.training.N, j.Batch)
	j.loop = &train.Loop{
		Tape:      autograd.Config{Seed: j.Seed}.NewTape(j.be),
		Params:    params,
		Optimizer: &optim.Adam{Params: params, LR: j.LR},
		Clip:      j.Clip,
		Epochs:    j.Epochs,
		Batches:   train.Shuffled(batches, j.Seed),
		Steps:     batches.Len(),
		Loss:      j.loss,
		Evaluate:  j.evaluate,
		Observer:  j.run,
	}
	if err := j.loop.Run(j.run.ctx); stopped(err) {
		return j.stop()
	} else if err != nil {
		return err
	}
	return j.finish()
}

func (j *dateJob) loss(tape *autograd.Tape, batch []int) autograd.Var {
	n, tx, tt := len(batch), j.training.TX, j.training.TT-1
	ids := &j.ids
	ids.x, ids.in, ids.out = slices.Grow(ids.x[:0], n*tx)[:n*tx], slices.Grow(ids.in[:0], n*tt)[:n*tt], slices.Grow(ids.out[:0], n*tt)[:n*tt]
	j.training.Batch(batch, ids.x, ids.in, ids.out)
	return j.translator.Model.Loss(tape, tape.Ints(ids.x, n, tx), tape.Ints(ids.in, n, tt), tape.Ints(ids.out, n, tt))
}

// evaluate measures accuracy, shows ten translations, and saves the best model.
func (j *dateJob) evaluate(epoch int) ([]train.Metric, error) {
	right := j.translator.Right(j.be, j.test, evaluationBatch)
	metrics := []train.Metric{{Name: "accuracy", Value: share(right)}}
	if len(j.unseen) > 0 {
		onUnseen := make([]bool, len(j.unseen))
		data.Gather(onUnseen, right, 1, j.unseen)
		metrics = append(metrics, train.Metric{Name: "unseen", Value: share(onUnseen)})
	}
	if err := j.show(); err != nil {
		return nil, err
	}
	if accuracy := metrics[0].Value; accuracy > j.best || epoch == 1 {
		j.best = accuracy
		return metrics, j.save("best.safetensors", epoch)
	}
	return metrics, nil
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
	questions, want := j.examples(10)
	answers, err := j.translator.Translate(j.be, questions)
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

// examples returns the first n questions of the test as text, with their answers.
func (j *dateJob) examples(n int) (questions, answers []string) {
	for i := range min(n, j.test.N) {
		qa := j.test.Text(i)
		questions = append(questions, qa.Question)
		answers = append(answers, strings.TrimRight(strings.TrimPrefix(qa.Answer, j.translator.Format.Start), " "))
	}
	return questions, answers
}

func (j *dateJob) save(name string, epoch int) error {
	return j.translator.Save(filepath.Join(j.Out, name), map[string]string{
		"seed":  strconv.FormatUint(j.Seed, 10),
		"epoch": strconv.Itoa(epoch),
		"step":  strconv.Itoa(j.loop.Epoch*j.loop.Steps + j.loop.Step),
	})
}

// stop saves what Ctrl-C has interrupted.
func (j *dateJob) stop() error {
	if err := j.save("last.safetensors", j.loop.Epoch); err != nil {
		return err
	}
	return fmt.Errorf("stopped in epoch %d after step %d of %d; the model as it was is in %s",
		j.loop.Epoch+1, j.loop.Step, j.loop.Steps, filepath.Join(j.Out, "last.safetensors"))
}

// finish draws the attention weights and the curves, and says what to do next.
func (j *dateJob) finish() error {
	questions, _ := j.examples(1)
	answers, err := j.translator.Translate(j.be, questions)
	if err != nil {
		return err
	}
	picture := filepath.Join(j.Out, "attention.png")
	if err := attentionMap(answers[0], picture); err != nil {
		return err
	}
	if err := j.run.curves("Dates: accuracy", "accuracy", "unseen"); err != nil {
		return err
	}
	_, err = fmt.Fprintf(j.run.out, "The best model, %.2f %% right on the test, is in %s; attention weights are in %s.\nTry: wengert translate \"sep 27, 1994\"%s\n",
		100*j.best, filepath.Join(j.Out, "best.safetensors"), picture, modelFlag(j.Out))
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
