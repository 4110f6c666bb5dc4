package benchmarks

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cuda"
	"github.com/wengert-ml/wengert/backend/cuda/cudatest"
	"github.com/wengert-ml/wengert/internal/cudaemu"
	"github.com/wengert-ml/wengert/models/mlp"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/optim"
)

// raggedSpiral is chapter 1's classifier with batches of these sizes, in turn, so that
// memory that is free is seldom of the size asked for.
func raggedSpiral(sizes ...int) job {
	return job{make: func(tr *trainer, in *nn.Init) {
		x, labels := data.Spiral(data.NewRandomState(1984))
		net := mlp.NewTwoLayer(in, 2, 10, 3)
		tr.params = nn.Params(net)
		tr.opt = &optim.Momentum{Params: tr.params, LR: 0.1}
		step := 0
		tr.loss = func(tape *autograd.Tape) autograd.Var {
			n := sizes[step%len(sizes)]
			step++
			return nn.CrossEntropy(net.Forward(tape.Input(x[:2*n], n, 2)), tape.Ints(labels[:n], n))
		}
	}}
}

// raggedLM is the LSTM language model with windows of so many steps, in turn.
func raggedLM(steps ...int) job {
	return job{make: func(tr *trainer, in *nn.Init) {
		const vocab, batch = 40, 4
		m := rnnlm.New(in, rnnlm.Config{Vocab: vocab, Embed: 16, Hidden: 16, Cell: rnnlm.LSTM})
		tr.params = nn.Params(m)
		tr.opt, tr.clip = &optim.SGD{Params: tr.params, LR: 20}, 0.25
		text, step := words(1000, vocab), 0
		tr.loss = func(tape *autograd.Tape) (loss autograd.Var) {
			n := steps[step%len(steps)]
			step++
			x, t := text[step:step+batch*n], text[step+1:step+1+batch*n]
			loss, tr.state = m.Loss(tape, tape.Ints(x, batch, n), tape.Ints(t, batch, n), tr.state)
			return loss
		}
	}}
}

// history is what a training leaves: the bits of each loss and then of the parameters.
func history(t *testing.T, d cudaemu.Device, j job, steps int) ([]uint64, cudaemu.Stats) {
	t.Helper()
	driver, emulator := cudatest.Emulated(t, d)
	be, err := cuda.Config{Driver: driver}.New()
	require.NoError(t, err)
	tr := newTrainer(be, j)
	var bits []uint64
	for range steps {
		bits = append(bits, math.Float64bits(tr.step()))
	}
	for _, p := range tr.params {
		for _, v := range p.Data.Floats() {
			bits = append(bits, uint64(math.Float32bits(v)))
		}
	}
	stats, err := emulator.Stats(0)
	require.NoError(t, err)
	require.NoError(t, be.Close())
	return bits, stats
}

// A training has the same bits whatever order a device runs blocks and streams in, when
// it runs them, and however often memory has to be given back.
func TestTrainingUnderStress(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector makes the emulator ten times as slow")
	}
	for _, c := range []struct {
		job
		memory float64 // of what the training takes of a large device, that it can do with
	}{
		{named("spiral", raggedSpiral(30, 200, 7, 100)), 0.65},
		{named("lstm-lm", raggedLM(6, 2, 9, 1)), 0.88},
	} {
		t.Run(c.name, func(t *testing.T) {
			const steps = 12
			want, ample := history(t, cudaemu.Device{}, c.job, steps)
			launches := ample.Launches
			delete(launches, "copy4")
			for name, d := range map[string]cudaemu.Device{
				"eager":     {Eager: true},
				"backwards": {Backwards: true},
				"reorder":   {Reorder: true},
				"small":     {Memory: uint64(c.memory * float64(ample.PeakBytes))},
			} {
				t.Run(name, func(t *testing.T) {
					got, stats := history(t, d, c.job, steps)
					assert.Equal(t, want, got)
					// With little memory buffers have other sizes, and what could be exchanged is copied.
					delete(stats.Launches, "copy4")
					assert.Equal(t, launches, stats.Launches)
					if d.Memory > 0 {
						assert.Greater(t, stats.Frees, 50, "little memory was given back")
					}
				})
			}
		})
	}
}
