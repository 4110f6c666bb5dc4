package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/nn/safetensors"
	"github.com/wengert-ml/wengert/nn/train"
)

// training is the flags of every command that trains in steps. A command embeds it
// and sets the defaults by tags: set:"name=date" set:"epochs=3" and so on.
type training struct {
	device
	Epochs     int     `default:"${epochs}" help:"How often to go through the examples."`
	Batch      int     `default:"${batch}" help:"Examples in a step."`
	LR         float64 `default:"${lr}" name:"lr" help:"The learning rate of ${optimizer}."`
	Clip       float64 `default:"${clip}" help:"The largest norm of all gradients; 0 for any."`
	Seed       uint64  `default:"1984" help:"Of generated data, initial values and shuffles."`
	Out        string  `default:"runs/${name}" placeholder:"DIR" help:"Where model, pictures and metrics go: ${default}."`
	Resume     bool    `help:"Go on where the run in --out was stopped, with the same bits as if it had not been; with a larger --epochs, also behind its end."`
	Metrics    string  `placeholder:"FILE" help:"Where to write the metrics, a line of JSON for each epoch; metrics.jsonl in --out if not given."`
	StepLosses string  `placeholder:"FILE" help:"Where to write the loss of every step, a line of JSON for each."`
	SaveAs     string  `default:"float32" enum:"float32,float16" help:"How to store the parameters: ${enum}."`
}

// check returns a mistake in the flags.
func (c *training) check() error {
	if err := oneOrMore(size{"epochs", c.Epochs}, size{"batch", c.Batch}); err != nil {
		return err
	}
	if !positive(c.LR) || c.Clip != 0 && !positive(c.Clip) {
		return &usageError{fmt.Sprintf("--lr %g --clip %g: want a rate above 0 and a norm of 0 or more", c.LR, c.Clip)}
	}
	return nil
}

// size is a flag and its value.
type size struct {
	flag string
	n    int
}

// oneOrMore returns a mistake if a size is less.
func oneOrMore(sizes ...size) error {
	for _, s := range sizes {
		if s.n < 1 {
			return &usageError{fmt.Sprintf("--%s %d: want 1 or more", s.flag, s.n)}
		}
	}
	return nil
}

// The names of the files in the folder of a run.
const (
	bestModel  = "best.safetensors"       // the model that commands open
	lastModel  = "last.safetensors"       // the model as it was when training was stopped
	checkpoint = "checkpoint.safetensors" // what --resume goes on from
)

// model is the file that the trained model is saved to.
func (c *training) model() string { return filepath.Join(c.Out, bestModel) }

// job is what one command trains: the rest of a training is the same for all of them.
type job struct {
	// Loop has what the command sets: Params, Optimizer, Batches, Steps, Loss, Carry
	// and Evaluate. The rest comes from the flags. Batches and Loss depend on the epoch
	// and the batch alone, so that a resumed run has the same bits.
	train.Loop

	// Save writes the model in the form that commands open, with metadata.
	Save func(path string, metadata map[string]string) error

	// Best names the metric whose best epoch is kept, "accuracy"; "" keeps the last.
	Best string
	// Least says that the best is the least, as of a perplexity.
	Least bool

	// Finish draws pictures and says what to do next, once training is over. It may
	// be nil.
	Finish func() error
}

// reportsKey is where a checkpoint's metadata keep the reports of the epochs done.
const reportsKey = "reports"

// train runs a job, from the beginning or from where it was stopped: it trains, keeps
// the best model, and saves what Ctrl-C interrupts.
func (r *trainingRun) train(j *job) error {
	c := r.flags
	j.Tape = autograd.Config{Seed: c.Seed}.NewTape(r.be)
	j.Clip, j.Epochs, j.Observer = c.Clip, c.Epochs, r
	r.job = j
	if c.Resume {
		if err := r.restore(); err != nil {
			return err
		}
	}
	err := j.Run(r.ctx)
	r.clearBar()
	switch {
	case r.err != nil:
		return r.err // what has stopped the loop
	case stopped(err):
		return r.interrupted()
	case err != nil:
		return err
	}
	if j.Best == "" {
		if err := r.save(bestModel); err != nil {
			return err
		}
	}
	if err := r.saveCheckpoint(); err != nil {
		return err
	}
	if err := r.saveMetrics(); err != nil {
		return err
	}
	if j.Finish == nil {
		return nil
	}
	return j.Finish()
}

// save writes the model, in half precision if asked to.
func (r *trainingRun) save(name string) error {
	path := filepath.Join(r.dir, name)
	err := r.job.Save(path, map[string]string{
		"seed":  strconv.FormatUint(r.flags.Seed, 10),
		"epoch": strconv.Itoa(r.job.Epoch),
		"step":  strconv.Itoa(r.job.Epoch*r.job.Steps + r.job.Step),
	})
	if err != nil || r.flags.SaveAs == "float32" {
		return err
	}
	f, err := safetensors.ReadFile(path)
	if err != nil {
		return err
	}
	if err := store(f, safetensors.F16); err != nil {
		return err
	}
	return f.WriteFile(path)
}

// keepBest saves the model if no epoch before was better.
func (r *trainingRun) keepBest(report train.Report) error {
	if r.job.Best == "" || r.bestEpoch().Epoch != report.Epoch {
		return nil
	}
	return r.save(bestModel)
}

// bestEpoch is the first report of those with the best metric.
func (r *trainingRun) bestEpoch() (best train.Report) {
	for i, report := range r.reports {
		value, than := r.value(report), r.value(best)
		if i == 0 || value > than && !r.job.Least || value < than && r.job.Least {
			best = report
		}
	}
	return best
}

// lowerRate multiplies the learning rate by factor unless an epoch's metric, of which
// less is better, is the best so far. What the epochs before came to is in their
// reports, also in a resumed run.
func (r *trainingRun) lowerRate(metric, factor float64) {
	opt := r.job.Optimizer
	plateau := optim.Plateau{LR: opt.Rate(), Factor: factor, Found: len(r.reports) > 0, Best: r.value(r.bestEpoch())}
	plateau.Observe(metric)
	opt.SetRate(plateau.LR)
}

// value is that of the metric that decides which epoch is best.
func (r *trainingRun) value(report train.Report) float64 {
	for _, m := range report.Metrics {
		if m.Name == r.job.Best {
			return m.Value
		}
	}
	return report.Loss
}

func (r *trainingRun) saveCheckpoint() error {
	reports, err := json.Marshal(r.reports)
	if err != nil {
		return err
	}
	r.kept = time.Now()
	return r.job.Loop.Save(filepath.Join(r.dir, checkpoint), map[string]string{reportsKey: string(reports)})
}

// restore puts the job where its run was stopped.
func (r *trainingRun) restore() error {
	path := filepath.Join(r.dir, checkpoint)
	metadata, err := r.job.Restore(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is nothing to resume: %s does not exist; train without --resume first, or name the run's folder with --out", path)
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(metadata[reportsKey]), &r.reports); err != nil {
		return fmt.Errorf("resume from %s: read its reports: %w", path, err)
	}
	if r.job.Epoch >= r.flags.Epochs {
		return fmt.Errorf("the run in %s has done its %d epochs; ask for more with --epochs", r.flags.Out, r.job.Epoch)
	}
	for _, report := range r.reports {
		r.lines.Evaluated(report)
	}
	fmt.Fprintf(r.out, "resumed in epoch %d after step %d of %d\n", r.job.Epoch+1, r.job.Step, r.job.Steps)
	return nil
}

// interrupted saves what Ctrl-C has stopped, and says how to go on.
func (r *trainingRun) interrupted() error {
	if err := r.save(lastModel); err != nil {
		return err
	}
	if err := r.saveCheckpoint(); err != nil {
		return err
	}
	return fmt.Errorf("stopped in epoch %d after step %d of %d; the model as it was is in %s; go on with: %s --resume",
		r.job.Epoch+1, r.job.Step, r.job.Steps, filepath.Join(r.dir, lastModel), strings.TrimSuffix(r.config.Command, " --resume"))
}

// changeable are the flags that a resumed run may have otherwise than the one it
// goes on from: they change no bit of what is computed, or only how long.
var changeable = []string{"backend", "threads", "epochs", "out", "resume", "metrics", "step-losses", "save-as"}

// sameFlags compares the flags with those that a run was begun with.
func (c *training) sameFlags(now configuration) error {
	path := filepath.Join(c.Out, "config.json")
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // there is no run: restore says so
	}
	if err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	var before configuration
	if err := json.Unmarshal(raw, &before); err != nil {
		return fmt.Errorf("resume: read %s: %w", path, err)
	}
	for _, f := range now.Flags {
		i := slices.IndexFunc(before.Flags, func(g flagValue) bool { return g.Name == f.Name })
		if i >= 0 && before.Flags[i].Value != f.Value && !slices.Contains(changeable, f.Name) {
			return &usageError{fmt.Sprintf("--%s %s: the run in %s has %q there; resume it with the flags it was begun with: %s",
				f.Name, f.Value, c.Out, before.Flags[i].Value, before.Command)}
		}
	}
	return nil
}
