package main

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"path/filepath"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/cmd/wengert/internal/plot"
	"github.com/wengert-ml/wengert/models/lm"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/models/transformer"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/nn/train"
)

// languageModel is the flags of trainings of language models.
type languageModel struct {
	training
	corpusFlags
	bookInit
	Steps int `default:"35" help:"The words of a window, over which gradients flow back."`
}

func (c *languageModel) check() error {
	if err := oneOrMore(size{"steps", c.Steps}); err != nil {
		return err
	}
	return c.training.check()
}

// run trains a model that build returns, on the first n words of the text alone
// unless n is 0. better is the training of section 6.5: every epoch begins at the
// beginning of the text, and the rate falls where validation stops improving.
func (c *languageModel) run(s *session, n int, build func(in *nn.Init, v *data.Vocabulary) *lm.Text, better bool) error {
	if err := c.check(); err != nil {
		return err
	}
	if err := c.begin(&c.training); err != nil {
		return err
	}
	j := &lmJob{languageModel: c, better: better, english: c.english()}
	var err error
	if j.text, j.valid, j.test, err = c.corpusFlags.open(c.Seed); err != nil {
		return err
	}
	if n > 0 {
		if j.text, err = data.NewCorpus(j.text.Vocab.Decode(j.text.IDs[:min(n, len(j.text.IDs))]), nil); err != nil {
			return err
		}
		j.valid, j.test = nil, nil
	}
	if j.streams, err = data.NewStreams(j.text.IDs, c.Batch, c.Steps); err != nil {
		return fmt.Errorf("the text to train on: %w; give a smaller --batch or --steps", err)
	}
	if j.run, err = c.start(s); err != nil {
		return err
	}
	defer j.run.close()
	j.lm = build(c.init(j.run.be, c.Seed), j.text.Vocab)
	return j.train()
}

// lmJob is the training of a language model under way.
type lmJob struct {
	*languageModel
	run         *trainingRun
	text        *data.Corpus // to train on
	valid, test *data.Corpus // nil where text alone is looked at
	english     bool         // they are artificial English, of which the floor is known
	better      bool         // the training of section 6.5

	lm        *lm.Text
	streams   *data.Streams
	state     nn.LSTMState // of a recurrent network
	x, t      []int32      // a window
	optimizer optim.Optimizer
}

// words is what a window holds.
func (j *lmJob) words() int { return j.Batch * j.Steps }

func (j *lmJob) train() error {
	j.x, j.t = make([]int32, j.words()), make([]int32, j.words())
	params := nn.Params(j.lm.Model)
	j.optimizer = &optim.SGD{Params: params, LR: j.LR}
	if _, ok := j.lm.Model.(*transformer.LM); ok {
		j.optimizer = &optim.Adam{Params: params, LR: j.LR}
	}
	r := j.run
	r.unit, r.perExample, r.perplexity = "words", j.words(), true
	fmt.Fprintf(r.out, "%d words to train on, %d different; %d parameters\n", len(j.text.IDs), j.text.Vocab.Len(), nn.Count(j.lm.Model))
	if j.valid != nil && j.english {
		floor, err := data.NewEnglish().Perplexity(j.valid.Vocab.Decode(j.valid.IDs))
		if err != nil {
			return err
		}
		fmt.Fprintf(r.out, "the floor of the perplexity on the validation text is %.4f\n", floor)
	}
	task := &job{
		Loop: train.Loop{
			Params:    params,
			Optimizer: j.optimizer,
			Batches:   j.windows,
			Steps:     j.streams.Len(),
			Loss:      j.loss,
			Carry:     j.state.Vars(),
			Evaluate:  j.evaluate,
		},
		Save:   j.lm.Save,
		Finish: j.finish,
	}
	if j.valid != nil {
		task.Best, task.Least = "validation", true
	}
	return r.train(task)
}

// windows yields the numbers of an epoch's windows, counted from the first epoch's.
func (j *lmJob) windows(epoch int) iter.Seq2[int, []int] {
	return func(yield func(int, []int) bool) {
		window := make([]int, 1)
		for i := range j.streams.Len() {
			window[0] = i
			if !j.better {
				window[0] += epoch * j.streams.Len()
			}
			if !yield(i, window) {
				return
			}
		}
	}
}

func (j *lmJob) loss(tape *autograd.Tape, window []int) (loss autograd.Var) {
	if window[0] == 0 {
		j.state = nn.LSTMState{}
	}
	j.streams.Seek(window[0])
	j.streams.Next(j.x, j.t)
	ids, targets := tape.Ints(j.x, j.Batch, j.Steps), tape.Ints(j.t, j.Batch, j.Steps)
	if m, ok := j.lm.Model.(*transformer.LM); ok {
		return m.Loss(tape, ids, targets)
	}
	loss, j.state = j.lm.Model.(rnnlm.Model).Loss(tape, ids, targets, j.state)
	return loss
}

// evaluate measures the perplexity on the validation text, and lowers the rate.
func (j *lmJob) evaluate(int) ([]train.Metric, error) {
	if j.valid == nil {
		return nil, nil
	}
	p, err := j.validation()
	if err != nil {
		return nil, err
	}
	if math.IsInf(p, 0) {
		return nil, errors.New("the perplexity on the validation text is too large for a number: the model has diverged; lower the learning rate or clip the gradients")
	}
	metrics := []train.Metric{{Name: "validation", Value: p}}
	if _, ok := j.optimizer.(*optim.Adam); ok {
		j.run.lowerRate(p, 0.5)
		return metrics, nil // without the rate, which is too small to be read
	}
	if j.better {
		j.run.lowerRate(p, 0.25)
	}
	return append(metrics, train.Metric{Name: "rate", Value: j.optimizer.Rate()}), nil
}

// validation measures the perplexity on the validation text: the book's way, or of
// all its words in one stream where it is too short for that.
func (j *lmJob) validation() (float64, error) {
	if long(j.valid.IDs) {
		return lm.OffsetPerplexity(j.run.be, j.lm.Model, j.valid.IDs, evaluationStreams, evaluationSteps)
	}
	return lm.Perplexity(j.run.be, j.lm.Model, j.valid.IDs)
}

// finish draws the perplexity over the epochs and measures the best model on the
// test text.
func (j *lmJob) finish() error {
	r := j.run
	training, validation := plot.Series{Name: "training"}, plot.Series{Name: "validation"}
	for _, report := range r.reports {
		training.Y = append(training.Y, math.Exp(report.Loss))
		if j.valid != nil {
			validation.Y = append(validation.Y, r.value(report))
		}
	}
	picture := plot.Curves{Title: "Perplexity", XLabel: "epoch", YLabel: "perplexity", Series: []plot.Series{training}}
	if j.valid != nil {
		picture.Series = append(picture.Series, validation)
	}
	if err := picture.Save(filepath.Join(j.Out, "perplexity.png")); err != nil {
		return err
	}
	model := j.training.model()
	if j.valid == nil {
		_, err := fmt.Fprintf(r.out, "The model is in %s, the curve in perplexity.png beside it.\n", model)
		return err
	}
	best, err := openLanguageModel(r.be, model)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.out, "The model of epoch %d, the best on the validation text, is in %s, the curves in perplexity.png beside it.\n", r.bestEpoch().Epoch, model)
	test, err := measure(r.be, best, "test", j.test, j.english)
	if err != nil {
		return err
	}
	if err := test.print(r.out); err != nil {
		return err
	}
	if err := writeFigures(filepath.Join(j.Out, "eval.jsonl"), []any{test}); err != nil {
		return err
	}
	flag := ""
	if filepath.Clean(j.Out) != filepath.FromSlash("runs/rnnlm") {
		flag = " --model " + model
	}
	_, err = fmt.Fprintf(r.out, "Try: wengert generate%s\n", flag)
	return err
}
