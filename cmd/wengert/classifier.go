package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/models/textclass"
	"github.com/wengert-ml/wengert/models/wordvec"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/nn/train"
)

// classifierCommand puts word vectors to use (section 4.4.1).
type classifierCommand struct {
	training `set:"name=classifier" set:"epochs=30" set:"batch=10" set:"lr=0.01" set:"optimizer=Adam" set:"clip=0"`
	Vectors  string `placeholder:"FILE" help:"Word vectors that have learnt from text without labels; without it, the newest that a training left in runs."`
	Data     string `placeholder:"FILE" help:"Labelled texts, a text, a tab and its class on each line; without it, sentences of the artificial English and what they are about."`
	Labels   int    `default:"60" help:"How many labelled texts to train on; the others test."`
}

// Help is printed below the flags.
func (classifierCommand) Help() string {
	return `Three classifiers learn side by side from the same few texts: with the vectors as they
are (frozen), with the vectors as a beginning (fine-tuned), and with random ones. All
begin with the same spread. The test shows what vectors are worth that have read more
text.

Examples:
  wengert train cbow
  wengert train classifier
  wengert train classifier --labels 500
  wengert train classifier --data mails.tsv --vectors vectors.bin`
}

// Run trains the three.
func (c *classifierCommand) Run(s *session) error {
	if err := oneOrMore(size{"labels", c.Labels}); err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	v, err := c.vectors(s)
	if err != nil {
		return err
	}
	j := &classifierJob{classifierCommand: c, words: v.Vocab}
	if j.reader.Texts, j.test, err = c.texts(v.Vocab); err != nil {
		return err
	}
	if j.run, err = c.start(s); err != nil {
		return err
	}
	defer j.run.close()
	some := j.reader.Texts
	j.model = newClassifiers(nn.NewInit(j.run.be, c.Seed), v, some.Classes.Len())
	fmt.Fprintf(j.run.out, "%d texts to train on, %d to test, %d classes; vectors of width %d from %s\n",
		len(some.Texts), len(j.test.Texts), some.Classes.Len(), v.D, c.Vectors)
	if n := some.Unknown + j.test.Unknown; n > 0 {
		fmt.Fprintf(j.run.out, "%d words have no vector and are left out\n", n)
	}
	return j.train()
}

// vectors opens the word vectors, and writes down which ones they are where no flag
// says so.
func (c *classifierCommand) vectors(s *session) (*wordvec.Vectors, error) {
	if c.Vectors == "" {
		if c.Vectors = newestVectors(); c.Vectors == "" {
			return nil, errors.New("there are no word vectors in runs: run `wengert train cbow` first, or name a file with --vectors FILE")
		}
		s.config.add("vectors", c.Vectors)
	}
	v, err := wordvec.Open(c.Vectors)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there are no word vectors %s: run `wengert train cbow` first, or name others with --vectors FILE", c.Vectors)
	}
	return v, err
}

// texts returns those to train on and those to test.
func (c *classifierCommand) texts(words *data.Vocabulary) (train, test *data.Labelled, err error) {
	some, others, err := c.labelled()
	if err != nil {
		return nil, nil, err
	}
	if len(some) < c.Labels || len(others) == 0 {
		return nil, nil, fmt.Errorf("--labels %d: there are %d texts to train on and %d to test; want as many, and one to test", c.Labels, len(some), len(others))
	}
	classes := new(data.Vocabulary)
	for _, texts := range [][]data.LabelledText{some, others} {
		for _, t := range texts {
			classes.Add(t.Class)
		}
	}
	if train, err = data.NewLabelled(some[:c.Labels], words, classes); err == nil {
		test, err = data.NewLabelled(others, words, classes)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("labelled texts for the vectors in %s: %w", c.Vectors, err)
	}
	return train, test, nil
}

// labelled returns texts to train on and texts to test. Those of the artificial English
// are of the parts of it that word vectors do not learn from.
func (c *classifierCommand) labelled() (some, others []data.LabelledText, err error) {
	if c.Data == "" {
		_, valid, test, err := data.Open("english", data.Options{Seed: c.Seed})
		if err != nil {
			return nil, nil, err
		}
		e := data.NewEnglish()
		return e.Labelled(valid.Vocab.Decode(valid.IDs)), e.Labelled(test.Vocab.Decode(test.IDs)), nil
	}
	qa, err := data.LoadTSV(c.Data)
	if err != nil {
		return nil, nil, err
	}
	for _, i := range data.Perm(len(qa), data.NewRandomState(uint32(c.Seed))) {
		class := strings.TrimSpace(strings.TrimPrefix(qa[i].Answer, "_"))
		some = append(some, data.LabelledText{Words: data.Words(qa[i].Question), Class: class})
	}
	n := min(c.Labels, len(some))
	return some[:n], some[n:], nil
}

// classifiers are three that learn side by side. They share no parameter, so each
// learns what it would learn alone.
type classifiers struct {
	Frozen, Tuned, Random *textclass.Classifier
}

func newClassifiers(in *nn.Init, v *wordvec.Vectors, classes int) *classifiers {
	one := func() *textclass.Classifier { return textclass.New(in, v.Vocab.Len(), v.D, classes) }
	m := &classifiers{Frozen: one(), Tuned: one(), Random: one()}
	values := unitSpread(v.Values)
	m.Frozen.Use(values)
	m.Frozen.Embed.W.Frozen = true
	m.Tuned.Use(values)
	m.Random.Embed.W = in.Normal(1, v.Vocab.Len(), v.D)
	return m
}

// unitSpread returns x divided by the root of the mean of its squares. Those of vectors
// that were counted are a hundred times as small as those of others, and a classifier
// would learn from them as much more slowly.
func unitSpread(x []float32) []float32 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	y := slices.Clone(x)
	if scale := float32(math.Sqrt(sum / float64(len(x)))); scale > 0 {
		for i := range y {
			y[i] /= scale
		}
	}
	return y
}

// classifierJob is the training of the three under way.
type classifierJob struct {
	*classifierCommand
	run    *trainingRun
	words  *data.Vocabulary
	reader textclass.Reader // of the texts to train on
	test   *data.Labelled
	model  *classifiers
}

func (j *classifierJob) train() error {
	params := nn.Params(j.model)
	batches := data.NewBatches(len(j.reader.Texts.Texts), j.Batch)
	j.run.quiet, j.run.terminal = max(1, j.Epochs/10), nil
	return j.run.train(&job{
		Loop: train.Loop{
			Params:    params,
			Optimizer: &optim.Adam{Params: params, LR: j.LR},
			Batches:   train.Shuffled(batches, j.Seed),
			Steps:     batches.Len(),
			Loss:      j.loss,
			Evaluate:  j.evaluate,
		},
		Save:   j.save,
		Finish: j.finish,
	})
}

// loss is the sum of three losses, of which each classifier has the gradient of its own.
func (j *classifierJob) loss(tape *autograd.Tape, batch []int) autograd.Var {
	b := j.reader.Batch(tape, batch)
	return j.model.Tuned.Loss(b).Add(j.model.Frozen.Loss(b)).Add(j.model.Random.Loss(b))
}

// evaluate measures the three on the texts to test.
func (j *classifierJob) evaluate(int) ([]train.Metric, error) {
	metrics := []train.Metric{{Name: "fine-tuned", Unit: "%"}, {Name: "frozen", Unit: "%"}, {Name: "random", Unit: "%"}}
	for i, m := range []*textclass.Classifier{j.model.Tuned, j.model.Frozen, j.model.Random} {
		accuracy, err := m.Accuracy(j.run.be, j.test)
		if err != nil {
			return nil, err
		}
		metrics[i].Value = accuracy
	}
	return metrics, nil
}

func (j *classifierJob) save(path string, metadata map[string]string) error {
	for key, v := range map[string]*data.Vocabulary{"vocabulary": j.words, "classes": j.test.Classes} {
		list, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("save model to %s: %w", path, err)
		}
		metadata[key] = string(list)
	}
	metadata["architecture"] = "textclass/three"
	metadata["config"] = fmt.Sprintf(`{"Size":%d}`, j.model.Tuned.Embed.W.Data.Dim(1))
	return nn.Save(path, j.model, metadata)
}

// finish draws the curves.
func (j *classifierJob) finish() error {
	if err := j.run.curves("Text classification", "share right", "fine-tuned", "frozen", "random"); err != nil {
		return err
	}
	_, err := fmt.Fprintf(j.run.out, "The three classifiers are in %s, their curves in %s.\n", j.training.model(), filepath.Join(j.Out, "fine-tuned.png"))
	return err
}
