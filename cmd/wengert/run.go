package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/cmd/wengert/internal/plot"
	"github.com/wengert-ml/wengert/cmd/wengert/internal/progress"
	"github.com/wengert-ml/wengert/internal/atomicfile"
	"github.com/wengert-ml/wengert/nn/train"
)

// trainingRun is what every training shows and leaves behind: a progress bar and a
// line for each epoch on the terminal; config.json, metrics.jsonl, checkpoints and
// curves in a folder. It is a train.Observer.
type trainingRun struct {
	ctx    context.Context // cancelled by Ctrl-C, and where the folder cannot be written to
	cancel context.CancelFunc
	out    io.Writer
	dir    string
	config configuration

	// Of trainings in steps.
	flags *training
	be    backend.Backend
	job   *job

	// What the bar counts: "words", "tokens", samples if empty; how many of them an
	// example of a batch is, 1 if 0; and whether it shows the loss as a perplexity.
	unit       string
	perExample int
	perplexity bool

	quiet    int      // print every quiet-th epoch; 0 for all
	terminal *os.File // where the bar goes; nil for none
	bar      *progress.Bar
	metrics  bytes.Buffer
	losses   bytes.Buffer // of the steps, if they are asked for
	lines    train.JSONLines
	reports  []train.Report
	kept     time.Time // when the last checkpoint was written
	err      error     // the first failure to write
}

// newRun makes the folder and writes the configuration to it, so that a folder
// that cannot be written to is noticed before the training and not after it. From
// then on Ctrl-C cancels the run's context; a second one ends the program at once.
func newRun(s *session, dir string) (*trainingRun, error) {
	r := &trainingRun{out: s.out, dir: dir, config: s.config}
	ctx, stop := signal.NotifyContext(s.ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	r.ctx, r.cancel = context.WithCancel(ctx)
	r.lines.W = &r.metrics
	r.terminal, _ = s.err.(*os.File)
	err := r.write("config.json", func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(r.config)
	})
	if err != nil {
		r.close()
	}
	return r, err
}

// start is newRun for a training in steps: it opens the backend as well, and prints
// the command line with which the run can be repeated. The caller closes the run.
func (c *training) start(s *session) (*trainingRun, error) {
	be, err := c.open(s)
	if err != nil {
		return nil, err
	}
	if c.Resume {
		if err := c.sameFlags(s.config); err != nil {
			return nil, err
		}
	}
	r, err := newRun(s, c.Out)
	if err != nil {
		return nil, err
	}
	r.flags, r.be = c, be
	_, err = fmt.Fprintln(r.out, r.config.Command)
	return r, err
}

func (r *trainingRun) write(name string, f func(io.Writer) error) error {
	return atomicfile.WriteFile(filepath.Join(r.dir, name), 0o644, f)
}

// close ends the run.
func (r *trainingRun) close() {
	r.clearBar()
	r.cancel()
}

// clearBar ends the progress bar.
func (r *trainingRun) clearBar() {
	if r.bar != nil {
		r.bar.Done()
		r.bar = nil
	}
}

// Stepped moves the bar.
func (r *trainingRun) Stepped(p train.Progress) {
	if r.flags.StepLosses != "" {
		fmt.Fprintf(&r.losses, "{\"epoch\":%d,\"step\":%d,\"loss\":%v}\n", p.Epoch, p.Step, p.Loss)
	}
	if r.terminal == nil {
		return
	}
	each := max(r.perExample, 1)
	if r.bar == nil {
		left := p.Steps - p.Step + 1 // fewer where the run was resumed within the epoch
		r.bar = progress.New(r.terminal, left*p.Examples*each, fmt.Sprintf("epoch %d/%d", p.Epoch, p.Epochs))
		r.bar.Unit, r.bar.Perplexity = r.unit, r.perplexity
	}
	r.bar.Step(p.Examples*each, p.Loss)
	if p.Step == p.Steps {
		r.clearBar()
	}
}

// keptEvery is how often a checkpoint is written at the end of an epoch, at most:
// the epochs of small models take milliseconds.
const keptEvery = 20 * time.Second

// Evaluated prints a line, writes the metrics and keeps the model.
func (r *trainingRun) Evaluated(report train.Report) {
	if r.perplexity {
		report.Metrics = append([]train.Metric{{Name: "perplexity", Value: math.Exp(report.Loss)}}, report.Metrics...)
	}
	r.reports = append(r.reports, report)
	r.lines.Evaluated(report)
	if err := r.keepBest(report); err != nil {
		r.fail(err)
	}
	if r.quiet > 0 && report.Epoch%r.quiet != 0 {
		return
	}
	r.print(report)
	if err := r.saveMetrics(); err != nil {
		r.fail(err)
	}
	if time.Since(r.kept) < keptEvery {
		return
	}
	if err := r.saveCheckpoint(); err != nil {
		r.fail(err)
	}
}

// fail stops the training: what it learns could not be kept.
func (r *trainingRun) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.cancel()
}

func (r *trainingRun) saveMetrics() error {
	if r.flags.StepLosses != "" {
		err := atomicfile.WriteFile(r.flags.StepLosses, 0o644, func(w io.Writer) error { _, err := w.Write(r.losses.Bytes()); return err })
		if err != nil {
			return err
		}
	}
	path := filepath.Join(r.dir, "metrics.jsonl")
	if r.flags.Metrics != "" {
		path = r.flags.Metrics
	}
	return atomicfile.WriteFile(path, 0o644, func(w io.Writer) error { _, err := w.Write(r.metrics.Bytes()); return err })
}

func (r *trainingRun) print(report train.Report) {
	fmt.Fprintf(r.out, "epoch %d: loss %.4f", report.Epoch, report.Loss)
	for _, m := range report.Metrics {
		fmt.Fprintf(r.out, ", %s %s", m.Name, metricText(m))
	}
	fmt.Fprintf(r.out, ", %v\n", report.Elapsed.Round(100*time.Millisecond))
}

// metricText is a metric's value with its unit: "99.78 %", "136.07".
func metricText(m train.Metric) string {
	switch m.Unit {
	case "":
		return fmt.Sprintf("%.2f", m.Value)
	case "%":
		return fmt.Sprintf("%.2f %%", 100*m.Value)
	}
	return fmt.Sprintf("%.4g %s", m.Value, m.Unit)
}

// lossCurve draws the mean loss of each epoch to loss.png.
func (r *trainingRun) lossCurve() error {
	loss := plot.Series{Name: "loss"}
	for _, report := range r.reports {
		loss.Y = append(loss.Y, report.Loss)
	}
	return plot.Curves{Title: "Loss", XLabel: "epoch", YLabel: "loss", Series: []plot.Series{loss}}.Save(filepath.Join(r.dir, "loss.png"))
}

// curves draws the loss, and the named metrics in a picture of their own, called
// after the first of them; one that was never measured is left out.
func (r *trainingRun) curves(title, yLabel string, names ...string) error {
	if err := r.lossCurve(); err != nil {
		return err
	}
	var series []plot.Series
	for _, name := range names {
		s := plot.Series{Name: name}
		for _, report := range r.reports {
			for _, m := range report.Metrics {
				if m.Name == name {
					s.Y = append(s.Y, m.Value)
				}
			}
		}
		if len(s.Y) > 0 {
			series = append(series, s)
		}
	}
	if len(series) == 0 {
		return nil
	}
	return plot.Curves{Title: title, XLabel: "epoch", YLabel: yLabel, Series: series}.Save(filepath.Join(r.dir, names[0]+".png"))
}
