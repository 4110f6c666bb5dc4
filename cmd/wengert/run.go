package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/wengert-ml/wengert/cmd/wengert/internal/plot"
	"github.com/wengert-ml/wengert/cmd/wengert/internal/progress"
	"github.com/wengert-ml/wengert/internal/atomicfile"
	"github.com/wengert-ml/wengert/nn/train"
)

// trainingRun is what every training shows and leaves behind: a progress bar and a
// line for each epoch on the terminal; config.json, metrics.jsonl and curves in a
// folder. It is a train.Observer.
type trainingRun struct {
	ctx  context.Context // cancelled by Ctrl-C
	stop context.CancelFunc
	out  io.Writer
	dir  string

	quiet    int      // print every quiet-th epoch; 0 for all
	terminal *os.File // where the bar goes; nil for none
	bar      *progress.Bar
	metrics  bytes.Buffer
	lines    train.JSONLines
	reports  []train.Report
	err      error // the first failure to write metrics
}

// newRun makes the folder and writes the configuration to it, so that a folder
// that cannot be written to is noticed before the training and not after it. From
// then on Ctrl-C cancels the run's context; a second one ends the program at once.
func newRun(s *session, dir string, config any) (*trainingRun, error) {
	r := &trainingRun{out: s.out, dir: dir}
	r.ctx, r.stop = signal.NotifyContext(s.ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(r.ctx, r.stop)
	r.lines.W = &r.metrics
	r.terminal, _ = s.err.(*os.File)
	err := r.write("config.json", func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(config)
	})
	if err != nil {
		r.close()
	}
	return r, err
}

func (r *trainingRun) write(name string, f func(io.Writer) error) error {
	return atomicfile.WriteFile(filepath.Join(r.dir, name), 0o644, f)
}

// close ends the run.
func (r *trainingRun) close() {
	r.clearBar()
	r.stop()
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
	if r.bar == nil && r.terminal != nil {
		r.bar = progress.New(r.terminal, p.Steps*p.Examples, fmt.Sprintf("epoch %d/%d", p.Epoch, p.Epochs))
	}
	if r.bar != nil {
		r.bar.Step(p.Examples, p.Loss)
		if p.Step == p.Steps {
			r.clearBar()
		}
	}
}

// Evaluated prints a line and writes the metrics.
func (r *trainingRun) Evaluated(report train.Report) {
	r.reports = append(r.reports, report)
	r.lines.Evaluated(report)
	if r.quiet == 0 || report.Epoch%r.quiet == 0 {
		r.print(report)
		r.saveMetrics()
	}
}

func (r *trainingRun) saveMetrics() {
	err := r.write("metrics.jsonl", func(w io.Writer) error { _, err := w.Write(r.metrics.Bytes()); return err })
	if r.err == nil {
		r.err = err
	}
}

func (r *trainingRun) print(report train.Report) {
	fmt.Fprintf(r.out, "epoch %d: loss %.4f", report.Epoch, report.Loss)
	for _, m := range report.Metrics {
		fmt.Fprintf(r.out, ", %s %.2f %%", m.Name, 100*m.Value)
	}
	fmt.Fprintf(r.out, ", %v\n", report.Elapsed.Round(100*time.Millisecond))
}

// curves draws the loss, and the named metrics in a picture of their own.
func (r *trainingRun) curves(title string, names ...string) error {
	r.saveMetrics()
	if r.err != nil {
		return fmt.Errorf("write metrics: %w", r.err)
	}
	loss := plot.Series{Name: "loss"}
	for _, report := range r.reports {
		loss.Y = append(loss.Y, report.Loss)
	}
	if err := (plot.Curves{Title: "Loss", XLabel: "epoch", YLabel: "loss", Series: []plot.Series{loss}}).Save(filepath.Join(r.dir, "loss.png")); err != nil {
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
	return plot.Curves{Title: title, XLabel: "epoch", YLabel: "share right", Series: series}.Save(filepath.Join(r.dir, names[0]+".png"))
}
