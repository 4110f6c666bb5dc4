package benchmarks

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/cuda"
	"github.com/wengert-ml/wengert/backend/cuda/cudatest"
	"github.com/wengert-ml/wengert/backend/cuda/driver"
	"github.com/wengert-ml/wengert/internal/cudaemu"
	"github.com/wengert-ml/wengert/models/mlp"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/models/seq2seq"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/optim"
)

var update = flag.Bool("update", false, "write docs/launches.md anew")

// spiral is chapter 1's classifier with one hidden layer.
func spiral(batch int) job {
	return job{items: batch, unit: "examples", make: func(tr *trainer, in *nn.Init) {
		x, labels := data.Spiral(data.NewRandomState(1984))
		net := mlp.NewTwoLayer(in, 2, 10, 3)
		tr.params = nn.Params(net)
		tr.opt = &optim.SGD{Params: tr.params, LR: 1}
		tr.loss = func(tape *autograd.Tape) autograd.Var {
			return nn.CrossEntropy(net.Forward(tape.Input(x[:2*batch], batch, 2)), tape.Ints(labels[:batch], batch))
		}
	}}
}

// Training on the emulated GPU goes as on the processor: the same initial weights and
// dropout masks, and losses that differ by rounding.
func TestTrainingOnCUDA(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector makes the emulator ten times as slow")
	}
	for _, c := range []struct {
		job
		steps int
	}{
		{named("spiral", spiral(30)), 20},
		{named("lstm-lm", languageModel(cell(rnnlm.LSTM), lmSize{vocab: 40, embed: 16, hidden: 16, batch: 4, steps: 6})), 8},
		{named("gru-lm", languageModel(cell(rnnlm.GRU), lmSize{vocab: 40, embed: 16, hidden: 16, batch: 4, steps: 6})), 8},
		{named("dropout", languageModel(better, lmSize{vocab: 40, embed: 16, hidden: 16, batch: 4, steps: 4})), 5},
		{named("attention", translation(seq2seq.WithAttention, 8, 16, 4, data.Additions)), 5},
		{named("cbow", cbow(vectorSize{vocab: 50, width: 8, batch: 6, window: 2, negatives: 3}, false)), 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			be, _ := cudatest.Open(t, cudaemu.Device{}, cuda.Config{})
			gpu, cpu := newTrainer(be, c.job), newTrainer(cpu.New(), c.job)
			for i := range c.steps {
				want := cpu.step()
				assert.InEpsilon(t, want, gpu.step(), 1e-4, "step %d", i)
			}
		})
	}
}

// counter is a driver that does nothing but count: what is queued in a step does not
// depend on the numbers.
type counter struct {
	launches int
	copies   int
	bytes    int
	next     driver.Pointer
	peak     int64
}

func (c *counter) Devices() ([]driver.Info, error) {
	return []driver.Info{{Name: "counter", Memory: 1 << 40, Major: 7}}, nil
}
func (c *counter) Open(int) (driver.Context, error)          { return c, nil }
func (c *counter) Load(string) (driver.Module, error)        { return c, nil }
func (c *counter) Function(string) (driver.Function, error)  { return nil, nil }
func (c *counter) Free(driver.Pointer) error                 { return nil }
func (c *counter) MemInfo() (free, total int64, err error)   { return 1 << 40, 1 << 40, nil }
func (c *counter) Synchronize() error                        { return nil }
func (c *counter) Close() error                              { return nil }
func (c *counter) Upload(_ driver.Pointer, src []byte) error { return c.copied(src) }

func (c *counter) Alloc(n int64) (driver.Pointer, error) {
	c.next += driver.Pointer(n)
	c.peak += n
	return c.next, nil
}

func (c *counter) Download(dst []byte, _ driver.Pointer) error {
	clear(dst)
	return c.copied(dst)
}

func (c *counter) copied(b []byte) error {
	c.copies++
	c.bytes += len(b)
	return nil
}

func (c *counter) Launch(driver.Function, [3]int, [3]int, int, []uint64) error {
	c.launches++
	return nil
}

// Ten thousand steps take no more of the device than the first few.
func TestNothingLeaks(t *testing.T) {
	var c counter
	be, err := cuda.Config{Driver: &c}.New()
	require.NoError(t, err)
	tr := newTrainer(be, spiral(30))
	for range 10 {
		tr.step()
	}
	_, err = be.Sync(0)
	require.NoError(t, err)
	warm, launches := c.peak, c.launches
	for range 10_000 {
		tr.step()
	}
	require.NoError(t, be.Close())
	assert.Equal(t, warm, c.peak)
	assert.Greater(t, c.launches, launches+100_000)
}

// launches returns what the fourth step of a job queues.
func launches(t *testing.T, j job) counter {
	t.Helper()
	var c counter
	be, err := cuda.Config{Driver: &c}.New()
	require.NoError(t, err)
	tr := newTrainer(be, j)
	for range 3 {
		tr.step()
	}
	_, err = be.Sync(0)
	require.NoError(t, err)
	before := c
	tr.step()
	_, err = be.Sync(0)
	require.NoError(t, err)
	c.launches, c.copies, c.bytes = c.launches-before.launches, c.copies-before.copies, c.bytes-before.bytes
	return c
}

// launchesPerStep returns what a language model queues for each of its time steps.
func launchesPerStep(t *testing.T, c rnnlm.Cell) int {
	size := ptbRNNLM
	size.steps++
	more := launches(t, languageModel(cell(c), size)).launches
	return more - launches(t, languageModel(cell(c), ptbRNNLM)).launches
}

// TestLaunches holds docs/launches.md to what the models queue now.
func TestLaunches(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# Launches of a training step on a GPU

Counted by a driver that only counts, which needs no GPU: ` + "`go test ./benchmarks -run Launches -update`" + `
writes this page, and a test holds it to what the models do. A step is forward,
backward, clipping where the book clips, and the optimiser; the sizes are those of
[the benchmarks](benchmarks.md).

Copies go between the processor and the GPU: words and labels there, the loss and the
norm of the gradients back. Memory is all that the step and the parameters take of the
device.

| model | launches | copies | KiB copied | MiB of memory |
| --- | ---: | ---: | ---: | ---: |
`)
	for _, j := range bookSteps() {
		c := launches(t, j)
		fmt.Fprintf(&b, "| %s | %d | %d | %.1f | %.1f |\n", j.name, c.launches, c.copies, float64(c.bytes)/1024, float64(c.peak)/(1<<20))
	}
	lstm, gru := launchesPerStep(t, rnnlm.LSTM), launchesPerStep(t, rnnlm.GRU)
	fmt.Fprintf(&b, "\nA time step of the LSTM takes %d launches, forward and backward together, one of the GRU %d.\n", lstm, gru)
	assert.Less(t, lstm, 12)
	assert.Less(t, gru, 12)
	const path = "../docs/launches.md"
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	}
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(page, []byte(b.String())), "docs/launches.md is not what the models do: go test ./benchmarks -run Launches -update")
}
