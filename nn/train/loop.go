package train

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"time"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/tensor"
)

// Loop trains a model.
type Loop struct {
	Tape      *autograd.Tape
	Params    []*autograd.Param
	Optimizer optim.Optimizer
	Clip      float64 // scales gradients to a global norm of at most this; 0 leaves them alone
	Epochs    int     // how many to train in all

	// Batches yields the batches of an epoch, counted from 0: their number and the
	// indices of their examples. An epoch must give the same ones each time.
	Batches func(epoch int) iter.Seq2[int, []int]

	// Steps is the number of batches in an epoch, for the progress bar.
	Steps int

	// Loss computes the loss [] of a batch.
	Loss func(tape *autograd.Tape, batch []int) autograd.Var

	// Carry are Vars that live on in the next step: the state of a network that
	// reads on through a text. It may be nil.
	Carry []*autograd.Var

	// Evaluate measures the model after an epoch. It may be nil.
	Evaluate func(epoch int) ([]Metric, error)

	// Observer is told of every step and epoch. It may be nil.
	Observer Observer

	Epoch int // epochs done
	Step  int // steps done in the epoch under way

	lossSum float64        // of those steps
	before  []autograd.Var // what Carry held before the step
	clipper optim.Clipper
}

// Metric is a measured value with its name: "accuracy" 0.995.
type Metric struct {
	Name  string
	Value float64
	Unit  string // "%" for a share of 1 that people read as a percentage, "bits"; "" for a plain number
}

// Observer is told how training goes.
type Observer interface {
	// Stepped is called after every step.
	Stepped(Progress)
	// Evaluated is called after every epoch.
	Evaluated(Report)
}

// Progress is one step.
type Progress struct {
	Epoch, Epochs int     // the epoch, counted from 1, and how many there will be
	Step, Steps   int     // the step in the epoch, counted from 1, and how many it has
	Examples      int     // in the batch
	Loss          float64 // of the batch, in nats for the losses of package nn
}

// Report is one epoch.
type Report struct {
	Epoch   int     // counted from 1
	Loss    float64 // the mean of the steps'
	Metrics []Metric
	Elapsed time.Duration // since Run began or the epoch before ended, evaluation included
}

// ErrStopped is what Run returns when its context is cancelled: the step under way
// was finished, and the loop can be saved.
var ErrStopped = errors.New("training was stopped")

// Shuffled yields the batches of b in an order that depends on seed and epoch
// alone.
func Shuffled(b *data.Batches, seed uint64) func(epoch int) iter.Seq2[int, []int] {
	return func(epoch int) iter.Seq2[int, []int] {
		return b.Epoch(rand.New(tensor.NewRand(seed, shuffleStream+uint64(epoch))))
	}
}

// shuffleStream keeps the streams of shuffles apart from those of parameters and
// tapes, which count from 0.
const shuffleStream = 1 << 32

// Run trains until Epochs are done. It returns [ErrStopped] when ctx is cancelled,
// after the step under way; an error if the loss is no number or the backend
// fails; and what Evaluate returned.
func (l *Loop) Run(ctx context.Context) error {
	began := time.Now()
	for l.Epoch < l.Epochs {
		for i, batch := range l.Batches(l.Epoch) {
			if i < l.Step { // done before this loop was restored
				continue
			}
			if ctx.Err() != nil {
				return ErrStopped
			}
			loss, err := l.step(batch)
			if err != nil {
				return fmt.Errorf("epoch %d, step %d: %w", l.Epoch+1, i+1, err)
			}
			l.Step++
			l.lossSum += loss
			if l.Observer != nil {
				l.Observer.Stepped(Progress{Epoch: l.Epoch + 1, Epochs: l.Epochs, Step: l.Step, Steps: l.Steps, Examples: len(batch), Loss: loss})
			}
		}
		r := Report{Epoch: l.Epoch + 1, Loss: l.lossSum / float64(max(l.Step, 1))}
		if l.Evaluate != nil {
			metrics, err := l.Evaluate(r.Epoch)
			if err != nil {
				return fmt.Errorf("evaluate after epoch %d: %w", r.Epoch, err)
			}
			r.Metrics = metrics
		}
		l.Epoch, l.Step, l.lossSum = l.Epoch+1, 0, 0
		r.Elapsed = time.Since(began)
		began = time.Now()
		if l.Observer != nil {
			l.Observer.Evaluated(r)
		}
	}
	return nil
}

// step trains on one batch. After a failure of the backend the gradients are
// discarded and the tape is reset, so that the step can be repeated.
func (l *Loop) step(batch []int) (loss float64, err error) {
	drawn := l.Tape.Rand().Pos
	l.before = l.before[:0]
	for _, v := range l.Carry {
		l.before = append(l.before, *v)
	}
	err = autograd.Try(func() {
		y := l.Loss(l.Tape, batch)
		loss = y.Item()
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return
		}
		l.Tape.Backward(y)
		if l.Clip > 0 {
			l.clipper.ClipNorm(l.Params, l.Clip)
		}
		l.Optimizer.Step()
	})
	if err == nil && (math.IsNaN(loss) || math.IsInf(loss, 0)) {
		err = fmt.Errorf("the loss is %v: the model has diverged; lower the learning rate or clip the gradients (Config.Anomaly names the operation)", loss)
	}
	if err != nil {
		nn.ZeroGrad(l.Params)
		_ = l.Tape.Sync()         // the same fault, if it surfaced elsewhere
		l.Tape.Rand().Pos = drawn // repeated, the step draws the same masks
		for i, v := range l.Carry {
			*v = l.before[i]
		}
		l.Tape.Reset(l.Carry...)
		return 0, err
	}
	l.Tape.Reset(l.Carry...)
	return loss, nil
}
