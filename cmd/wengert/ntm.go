package main

import (
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"path/filepath"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/cmd/wengert/internal/plot"
	"github.com/wengert-ml/wengert/models/ntm"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/nn/train"
	"github.com/wengert-ml/wengert/tensor"
)

// ntmCommand trains the Neural Turing Machine that section 8.5.3 looks out on.
type ntmCommand struct {
	training `set:"name=ntm" set:"epochs=10" set:"batch=16" set:"lr=0.001" set:"optimizer=Adam" set:"clip=1"`
	Task     string `default:"copy" enum:"copy,recall" help:"What to learn: ${enum}."`
	Longest  int    `default:"0" placeholder:"N" help:"The longest sequence to train on: vectors to copy, items to recall; 0 for 20 and 6."`
	Steps    int    `default:"250" help:"Batches in an epoch; the sequences of a batch have one length."`
	Hidden   int    `default:"100" help:"The width of the controller."`
	Slots    int    `default:"128" help:"Places in the memory."`
	Width    int    `default:"20" help:"The width of a place."`
}

// Help is printed below the flags.
func (ntmCommand) Help() string {
	return `copy shows random vectors and asks for them again; recall shows items of three vectors
and asks which came behind one of them. Both are also measured on longer sequences than
those trained on. After an epoch that has not made it better the learning rate is halved.

Examples:
  wengert train ntm
  wengert train ntm --task recall --longest 3 --slots 32 --width 16 --lr 0.002 --epochs 20
  wengert train ntm --longest 10 --slots 64 --width 16`
}

// task returns what to learn, and the shortest and the longest sequences of it.
func (c *ntmCommand) task() (task ntm.Task, shortest, longest int) {
	task, shortest, longest = ntm.Copy{}, 1, 20
	if c.Task == "recall" {
		task, shortest, longest = ntm.Recall{}, 2, 6
	}
	if c.Longest > 0 {
		longest = c.Longest
	}
	return task, shortest, longest
}

// Run trains, measures after each epoch, and keeps the best model.
func (c *ntmCommand) Run(s *session) error {
	if err := oneOrMore(size{"steps", c.Steps}, size{"hidden", c.Hidden}, size{"slots", c.Slots}, size{"width", c.Width}); err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	j := &ntmJob{ntmCommand: c}
	j.task, j.shortest, j.longest = c.task()
	if j.longest < j.shortest || c.Longest < 0 {
		return &usageError{fmt.Sprintf("--longest %d: want %d or more", c.Longest, j.shortest)}
	}
	var err error
	if j.run, err = c.start(s); err != nil {
		return err
	}
	defer j.run.close()
	return j.train()
}

// ntmJob is a training under way.
type ntmJob struct {
	*ntmCommand
	run               *trainingRun
	task              ntm.Task
	shortest, longest int

	model *ntm.NTM
	batch ntm.Batch
}

func (j *ntmJob) train() error {
	in, out := j.task.Widths()
	j.model = ntm.New(nn.NewInit(j.run.be, j.Seed), ntm.Config{Inputs: in, Outputs: out, Hidden: j.Hidden, Slots: j.Slots, Width: j.Width})
	params := nn.Params(j.model)
	fmt.Fprintf(j.run.out, "%s: lengths %d to %d; %d parameters\n", j.Task, j.shortest, j.longest, nn.Count(j.model))
	j.run.perExample = j.Batch
	return j.run.train(&job{
		Loop: train.Loop{
			Params:    params,
			Optimizer: &optim.Adam{Params: params, LR: j.LR},
			Batches:   j.batches,
			Steps:     j.Steps,
			Loss:      j.loss,
			Evaluate:  j.evaluate,
		},
		Save:   j.save,
		Best:   "cost",
		Least:  true,
		Finish: j.finish,
	})
}

// batches yields the numbers of an epoch's batches, counted from the first epoch's.
func (j *ntmJob) batches(epoch int) iter.Seq2[int, []int] {
	return func(yield func(int, []int) bool) {
		number := make([]int, 1)
		for i := range j.Steps {
			number[0] = epoch*j.Steps + i
			if !yield(i, number) {
				return
			}
		}
	}
}

// loss draws the sequences of a batch, which depend on its number alone.
func (j *ntmJob) loss(tape *autograd.Tape, number []int) autograd.Var {
	r := rand.New(tensor.NewRand(j.Seed, dataStream+uint64(number[0])<<8))
	j.batch.Draw(j.task, r, j.Batch, j.shortest+r.IntN(j.longest-j.shortest+1))
	return j.model.Loss(tape, &j.batch)
}

// measured is how many sequences of a length are measured.
const measured = 100

// evaluate measures the longest sequences trained on, and some twice as long.
func (j *ntmJob) evaluate(int) ([]train.Metric, error) {
	known, err := ntm.Measure(j.run.be, j.model, j.task, j.Seed, measured, j.longest)
	if err != nil {
		return nil, err
	}
	j.run.lowerRate(known.Cost, 0.5) // or what was learnt is lost again
	longer, err := ntm.Measure(j.run.be, j.model, j.task, j.Seed, measured, 2*j.longest)
	return []train.Metric{
		{Name: "cost", Value: known.Cost, Unit: "bits"},
		{Name: "right", Value: known.Right, Unit: "%"},
		{Name: "longer", Value: longer.Right, Unit: "%"},
	}, err
}

func (j *ntmJob) save(path string, metadata map[string]string) error {
	config, err := json.Marshal(j.model.Config)
	if err != nil {
		return err
	}
	metadata["architecture"], metadata["config"], metadata["task"] = "ntm", string(config), j.Task
	return nn.Save(path, j.model, metadata)
}

// finish measures the best model on sequences of many lengths, and draws what it does.
func (j *ntmJob) finish() error {
	r := j.run
	if _, err := nn.Load(j.training.model(), j.model); err != nil {
		return err
	}
	if err := r.curves("Sequences without a wrong bit", "share right", "right", "longer"); err != nil {
		return err
	}
	fmt.Fprintf(r.out, "The model of epoch %d, the best, is in %s. In the mean of %d sequences:\n", r.bestEpoch().Epoch, j.training.model(), measured)
	var scores []any
	for times := 1; times <= 6; times++ {
		length := j.longest * times
		score, err := ntm.Measure(r.be, j.model, j.task, j.Seed, measured, length)
		if err != nil {
			return err
		}
		fmt.Fprintf(r.out, "length %3d: %6.2f bits wrong, %5.1f %% of the sequences without any\n", length, score.Wrong, 100*score.Right)
		scores = append(scores, score)
	}
	if err := writeFigures(filepath.Join(j.Out, "eval.jsonl"), scores); err != nil {
		return err
	}
	return j.draw(filepath.Join(j.Out, "memory.png"))
}

// draw shows what the machine sees and says at each step of a sequence, and where its
// heads point to.
func (j *ntmJob) draw(path string) error {
	in, out := j.task.Widths()
	all, answer := j.task.Steps(j.longest)
	j.batch.Draw(j.task, rand.New(tensor.NewRand(j.Seed, uint64(j.longest))), 1, j.longest)
	tape := autograd.Config{Inference: true}.NewTape(j.run.be)
	scores, weights, _ := j.model.Watch(j.batch.Input(tape), answer)
	ring := weights.Roll(3, j.Slots/2)                 // a head that goes backwards from the first slot comes to the last
	said := make([]float32, (all-answer)*out, all*out) // nothing counts before the answer
	said = append(said, scores.Sigmoid().Floats()...)
	return plot.Panels{Title: "A Neural Turing Machine at work", Panels: []plot.Panel{
		{Title: "input", Values: columns(j.batch.X, in)},
		{Title: "answer", Values: columns(said, out)},
		{Title: "where it writes: the first slot is in the middle", Values: columns(ring.Select(2, 1).Floats(), j.Slots)},
		{Title: "where it reads", Values: columns(ring.Select(2, 0).Floats(), j.Slots)},
	}}.Save(path)
}

// columns turns steps of a width, one behind the other, into rows over time.
func columns(steps []float32, width int) [][]float32 {
	rows := make([][]float32, width)
	for i := range rows {
		for at := i; at < len(steps); at += width {
			rows[i] = append(rows[i], steps[at])
		}
	}
	return rows
}
