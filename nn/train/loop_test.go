package train_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/internal/remote"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/nn/train"
)

// net is a model with a dropout, so that a resume must restore the random stream.
type net struct {
	Hidden, Out *nn.Linear
}

func (n *net) Forward(x autograd.Var) autograd.Var {
	return n.Out.Forward(n.Hidden.Forward(x).Tanh().Dropout(0.2))
}

// spiralLoop trains on the book's spiral for some epochs.
func spiralLoop(be backend.Backend, epochs int) *train.Loop {
	const batch = 30
	in := nn.NewInit(be, 1)
	m := &net{nn.NewLinear(in, 2, 8), nn.NewLinear(in, 8, 3)}
	params := nn.Params(m)
	x, labels := data.Spiral(data.NewRandomState(1984))
	xs, ts := make([]float32, 2*batch), make([]int32, batch)
	batches := data.NewBatches(len(labels), batch)
	return &train.Loop{
		Tape: autograd.Config{Seed: 7}.NewTape(be), Params: params, Optimizer: &optim.Adam{Params: params, LR: 0.01}, Clip: 1,
		Epochs: epochs, Batches: train.Shuffled(batches, 3), Steps: batches.Len(),
		Loss: func(tape *autograd.Tape, idx []int) autograd.Var {
			data.Gather(xs, x, 2, idx)
			data.Gather(ts, labels, 1, idx)
			return nn.CrossEntropy(m.Forward(tape.Input(xs, batch, 2)), tape.Ints(ts, batch))
		},
	}
}

// watcher records what an observer is told and may stop the training.
type watcher struct {
	losses  []float64
	reports []train.Report
	after   int
	stop    func()
}

func (w *watcher) Stepped(p train.Progress) {
	w.losses = append(w.losses, p.Loss)
	if len(w.losses) == w.after {
		w.stop()
	}
}

func (w *watcher) Evaluated(r train.Report) { w.reports = append(w.reports, r) }

func TestRunLearnsAndReports(t *testing.T) {
	l := spiralLoop(cpu.New(), 3)
	w := &watcher{}
	l.Observer = w
	evaluated := 0
	l.Evaluate = func(epoch int) ([]train.Metric, error) {
		evaluated = epoch
		return []train.Metric{{Name: "twice", Value: float64(2 * epoch)}}, nil
	}
	require.NoError(t, l.Run(t.Context()))
	require.Len(t, w.losses, 30)
	require.Len(t, w.reports, 3)
	assert.Equal(t, 3, evaluated)
	assert.Equal(t, []train.Metric{{Name: "twice", Value: 6}}, w.reports[2].Metrics)
	mean := 0.0
	for _, loss := range w.losses[20:] {
		mean += loss / 10
	}
	assert.InDelta(t, mean, w.reports[2].Loss, 1e-12)
	assert.Less(t, w.reports[2].Loss, w.reports[0].Loss)
}

// A loop stopped at any step, saved and restored goes on with the same bits.
func TestResumeBitForBit(t *testing.T) {
	whole := &watcher{}
	l := spiralLoop(cpu.New(), 3)
	l.Observer = whole
	require.NoError(t, l.Run(t.Context()))
	for _, after := range []int{1, 10, 17} {
		t.Run(fmt.Sprintf("after=%d", after), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.safetensors")
			ctx, cancel := context.WithCancel(t.Context())
			first := &watcher{after: after, stop: cancel}
			a := spiralLoop(cpu.New(), 3)
			a.Observer = first
			require.ErrorIs(t, a.Run(ctx), train.ErrStopped)
			require.NoError(t, a.Save(path, map[string]string{"note": "mine"}))

			b := spiralLoop(cpu.New(), 3)
			rest := &watcher{}
			b.Observer = rest
			meta, err := b.Restore(path)
			require.NoError(t, err)
			assert.Equal(t, map[string]string{"note": "mine"}, meta)
			require.NoError(t, b.Run(t.Context()))
			assert.Equal(t, whole.losses, append(first.losses, rest.losses...))
			assert.Equal(t, whole.reports[2].Loss, rest.reports[len(rest.reports)-1].Loss)
			for i, p := range l.Params {
				assert.Equal(t, p.Data.Floats(), b.Params[i].Data.Floats(), p.Name)
			}
		})
	}
}

// carrying is a loop over a network whose state goes on from step to step.
func carrying(be backend.Backend) (*train.Loop, *autograd.Var, *[]float64) {
	rnn := nn.NewRNN(nn.NewInit(be, 1), 2, 3)
	params := nn.Params(rnn)
	state, losses := new(autograd.Var), new([]float64)
	steps := data.NewBatches(8, 1)
	return &train.Loop{
		Tape: autograd.NewTape(be), Params: params, Optimizer: &optim.SGD{Params: params, LR: 0.1},
		Epochs: 1, Batches: train.Shuffled(steps, 1), Steps: 8, Carry: []*autograd.Var{state},
		Loss: func(tape *autograd.Tape, idx []int) autograd.Var {
			x := tape.Full(float64(idx[0]), 1, 4, 2)
			var y autograd.Var
			y, *state = rnn.Forward(x, *state)
			loss := y.Square().Mean()
			*losses = append(*losses, loss.Item())
			return loss
		},
	}, state, losses
}

// A fault in a step leaves the carried state as it was before it.
func TestFaultKeepsCarry(t *testing.T) {
	whole, _, want := carrying(reference.New())
	require.NoError(t, whole.Run(t.Context()))
	be := remote.New(reference.New(), 1<<30)
	defer be.Close()
	l, _, got := carrying(be)
	forward, broken := l.Loss, false
	l.Loss = func(tape *autograd.Tape, idx []int) autograd.Var {
		if len(*got) == 3 && !broken {
			broken = true
			be.Break()
		}
		return forward(tape, idx)
	}
	require.Error(t, l.Run(t.Context()))
	require.NoError(t, l.Run(t.Context()))
	assert.InDeltaSlice(t, *want, *got, 1e-6)
}

// The state of a network that reads on through a text is part of a checkpoint.
func TestCarryIsRestored(t *testing.T) {
	build := func() (*train.Loop, *autograd.Var, *[]float64) { return carrying(cpu.New()) }
	whole, _, want := build()
	require.NoError(t, whole.Run(t.Context()))

	ctx, cancel := context.WithCancel(t.Context())
	a, _, first := build()
	a.Observer = &watcher{after: 3, stop: cancel}
	require.ErrorIs(t, a.Run(ctx), train.ErrStopped)
	path := filepath.Join(t.TempDir(), "state.safetensors")
	require.NoError(t, a.Save(path, nil))
	b, _, rest := build()
	_, err := b.Restore(path)
	require.NoError(t, err)
	require.NoError(t, b.Run(t.Context()))
	assert.Equal(t, *want, append(*first, *rest...))
}

func TestRestoreRefuses(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good")
	require.NoError(t, spiralLoop(cpu.New(), 1).Save(good, nil))
	raw, err := os.ReadFile(good)
	require.NoError(t, err)
	truncated := filepath.Join(dir, "truncated")
	require.NoError(t, os.WriteFile(truncated, raw[:len(raw)-5], 0o644))
	model := filepath.Join(dir, "model")
	be := cpu.New()
	require.NoError(t, nn.Save(model, nn.NewLinear(nn.NewInit(be, 1), 2, 2), nil))

	other := func() *train.Loop {
		l := spiralLoop(cpu.New(), 1)
		l.Params = nn.Params(&net{nn.NewLinear(nn.NewInit(be, 1), 2, 9), nn.NewLinear(nn.NewInit(be, 1), 9, 3)})
		return l
	}
	for _, c := range []struct {
		name, path, want string
		loop             *train.Loop
	}{
		{"missing", filepath.Join(dir, "none"), "no such file", spiralLoop(cpu.New(), 1)},
		{"truncated", truncated, "truncated", spiralLoop(cpu.New(), 1)},
		{"a model and no training", model, "is it the checkpoint of a training?", spiralLoop(cpu.New(), 1)},
		{"another width", good, `parameter "Hidden.W" is [2 8] in the file and [2 9] in the model`, other()},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.loop.Restore(c.path)
			require.ErrorContains(t, err, "restore training")
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestDivergedLossIsAnError(t *testing.T) {
	l := spiralLoop(cpu.New(), 1)
	before := l.Params[0].Data.Floats()
	forward := l.Loss
	l.Loss = func(tape *autograd.Tape, idx []int) autograd.Var { return forward(tape, idx).Scale(math.Inf(1), 0) }
	err := l.Run(t.Context())
	require.ErrorContains(t, err, "epoch 1, step 1: the loss is +Inf: the model has diverged")
	assert.Equal(t, before, l.Params[0].Data.Floats(), "nothing was applied")
}

// After a fault in the middle of a step, Run returns it, and running on repeats the
// step exactly.
func TestFaultThenGoOn(t *testing.T) {
	whole := &watcher{}
	l := spiralLoop(reference.New(), 2)
	l.Observer = whole
	require.NoError(t, l.Run(t.Context()))

	be := remote.New(reference.New(), 1<<30)
	defer be.Close()
	l = spiralLoop(be, 2)
	w := &watcher{}
	l.Observer = w
	calls, forward := 0, l.Loss
	l.Loss = func(tape *autograd.Tape, idx []int) autograd.Var {
		if calls++; calls == 4 || calls == 9 {
			be.Break()
		}
		return forward(tape, idx)
	}
	var failures []error
	for range 3 {
		err := l.Run(t.Context())
		if err == nil {
			break
		}
		var failure *backend.Error
		require.ErrorAs(t, err, &failure)
		failures = append(failures, err)
	}
	require.Len(t, failures, 2)
	assert.ErrorContains(t, failures[0], "epoch 1, step 4")
	for i := range whole.losses {
		assert.InDelta(t, whole.losses[i], w.losses[i], 1e-6, "step %d", i)
	}
	assert.Len(t, w.losses, len(whole.losses))
}

func TestJSONLines(t *testing.T) {
	var b bytes.Buffer
	j := &train.JSONLines{W: &b}
	train.Observers{j}.Evaluated(train.Report{Epoch: 1, Loss: 0.5, Metrics: []train.Metric{{Name: "accuracy", Value: 0.25}}})
	train.Observers{j}.Stepped(train.Progress{})
	require.NoError(t, j.Err)
	assert.Equal(t, `{"accuracy":0.25,"epoch":1,"loss":0.5,"seconds":0}`, strings.TrimSpace(b.String()))
	assert.True(t, json.Valid(b.Bytes()))
}

func ExampleLoop() {
	be := cpu.New()
	line := nn.NewLinear(nn.NewInit(be, 1), 1, 1)
	params := nn.Params(line)
	batches := data.NewBatches(4, 4)
	loop := &train.Loop{
		Tape: autograd.NewTape(be), Params: params, Optimizer: &optim.SGD{Params: params, LR: 0.1},
		Epochs: 200, Batches: train.Shuffled(batches, 1), Steps: batches.Len(),
		Loss: func(tape *autograd.Tape, _ []int) autograd.Var { // y = 2x + 1
			x := tape.Input([]float32{-1, 0, 1, 2}, 4, 1)
			return nn.MSE(line.Forward(x), tape.Input([]float32{-1, 1, 3, 5}, 4, 1))
		},
	}
	if err := loop.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%.2f %.2f\n", line.W.Data.Item(), line.B.Data.Item())
	// Output: 2.00 1.00
}
