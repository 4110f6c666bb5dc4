package autograd_test

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/tensor"
)

var long = flag.String("long", "", "run TestMemoryIsFlat over 100,000 steps and write what it measures to this CSV file")

// trainer is the language model with its tape, state and plain gradient descent.
type trainer struct {
	m    *lm
	tape *autograd.Tape
	h, c autograd.Var
}

func newTrainer(be backend.Backend, vocab, hidden, n int, tied bool) *trainer {
	tr := &trainer{m: newLM(be, vocab, hidden, tied), tape: autograd.NewTape(be)}
	tr.h, tr.c = tr.tape.Zeros(n, hidden), tr.tape.Zeros(n, hidden)
	return tr
}

// step trains on a window and carries the state into the next.
func (tr *trainer) step(w window, ps []*autograd.Param) (loss autograd.Var) {
	loss, tr.h, tr.c = tr.m.loss(tr.tape, w, tr.h, tr.c)
	tr.tape.Backward(loss)
	for _, p := range ps {
		p.Grad.Tensor().ScaleInPlace(-0.1)
		p.Update(func(data *tensor.Tensor) {
			if p.Grad.Rows != nil {
				data.ScatterAdd(p.Grad.RowIDs(), p.Grad.Rows)
				return
			}
			data.AddInPlace(p.Grad.Dense)
		})
	}
	tr.tape.Reset(&tr.h, &tr.c)
	return loss
}

// A warm step makes no garbage: ids and labels, a row-sparse and a dense gradient,
// dropout, the state over Reset.
func TestWarmStepAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, tied := range []bool{false, true} {
		t.Run(fmt.Sprintf("tied=%v", tied), func(t *testing.T) {
			const vocab, hidden, n = 50, 16, 4
			tr := newTrainer(cpu.Config{Threads: 1}.New(), vocab, hidden, n, tied)
			tr.m.drop = 0.3
			w, ps := newWindow(0, 35, n, vocab), tr.m.params()
			for range 3 {
				tr.step(w, ps)
			}
			assert.Zero(t, testing.AllocsPerRun(20, func() { tr.step(w, ps) }))
		})
	}
}

// Each kind of thing that a step does, on its own.
func TestWarmCallsAllocateNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	be := cpu.Config{Threads: 1}.New()
	tape, p := autograd.NewTape(be), autograd.NewParam(tensor.Ones(be, 4, 4))
	ids, labels, data := []int32{1, 3, 1}, []int32{1, -1, 0, 2}, []float32{1, 2, 3, 4}
	for _, c := range []struct {
		name string
		f    func() autograd.Var
	}{
		{"pointwise", func() autograd.Var { return p.On(tape).Tanh().Sigmoid().GELU().Scale(2, 1).Pow(2).Sum() }},
		{"operand-param", func() autograd.Var { return tape.Zeros(4, 4).Add(p).Mul(p).MatMul(p).Sum() }},
		{"views", func() autograd.Var {
			x := p.On(tape)
			return x.T().Slice(0, 1, 3).Reshape(4, 2).Select(1, 0).Unsqueeze(0).Expand(3, 4).Squeeze().Sum()
		}},
		{"split-concat", func() autograd.Var {
			parts := p.On(tape).Split(1, 2)
			return autograd.Concat(0, parts...).Sum()
		}},
		{"stack", func() autograd.Var {
			return autograd.Concat(1, autograd.Stack(0, p.On(tape), p.On(tape)), tape.Zeros(2, 1, 4)).Sum()
		}},
		{"reduce", func() autograd.Var {
			x := p.On(tape)
			return x.Mean(0).Add(x.Max(1)).Add(x.Sum(-1)).Add(x.Variance(0)).LogSumExp()
		}},
		{"rows", func() autograd.Var { return p.On(tape).Gather(tape.Ints(ids, 3)).Dropout(0.5).Sum() }},
		{"softmax", func() autograd.Var {
			return p.On(tape).Softmax().LogSoftmax().CrossEntropy(tape.Ints(labels, 4), 0.1).Mean()
		}},
		{"input", func() autograd.Var { return p.On(tape).Mul(tape.Input(data, 4)).Sum() }},
		{"no-grad", func() autograd.Var {
			tape.NoGrad(func() { p.On(tape).Square() })
			return p.On(tape).Sum()
		}},
		{"grad", func() autograd.Var {
			x := p.On(tape)
			g := tape.Grad(append(tape.List(1)[:0], x.Tanh().Sum()), append(tape.List(1)[:0], x))
			return g[0].Square().Sum()
		}},
		{"custom-op", func() autograd.Var { return SoftAbs(p.On(tape), 0.7).Sum() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			step := func() {
				tape.Backward(c.f())
				p.Grad.Zero()
				tape.Reset()
			}
			for range 3 {
				step()
			}
			assert.Zero(t, testing.AllocsPerRun(20, step))
		})
	}
}

// sample is what memory amounts to after a step.
type sample struct {
	step  int
	stats tensor.Stats
	heap  uint64 // bytes of live Go objects
}

// TestMemoryIsFlat trains with batches and sequences of changing size. Memory must
// stop growing: the tape's, and Go's. With -long FILE it runs 100,000 steps and
// writes a CSV file for the picture in the docs.
func TestMemoryIsFlat(t *testing.T) {
	steps, samplings, out := 1000, 20, io.Discard
	if *long != "" {
		f, err := os.Create(*long)
		require.NoError(t, err)
		defer f.Close()
		b := bufio.NewWriter(f)
		defer b.Flush()
		steps, samplings, out = 100_000, 100, b
	}
	samples := trainChanging(t, steps, samplings)
	fmt.Fprintln(out, "step,live_bytes,peak_bytes,held_bytes,buffers,heap_bytes")
	for _, s := range samples {
		fmt.Fprintf(out, "%d,%d,%d,%d,%d,%d\n", s.step, s.stats.Live, s.stats.Peak, s.stats.Held, s.stats.Buffers, s.heap)
	}
	half := samples[len(samples)/2:]
	for _, s := range half[1:] {
		require.Equal(t, half[0].stats.Held, s.stats.Held, "the tape's memory at step %d", s.step)
		require.Equal(t, half[0].stats.Buffers, s.stats.Buffers)
		require.InDelta(t, float64(half[0].heap), float64(s.heap), 256<<10, "Go's memory at step %d", s.step)
	}
}

// trainChanging trains with sizes drawn anew for each step and samples memory at
// even distances.
func trainChanging(t *testing.T, steps, samplings int) (samples []sample) {
	const vocab, hidden = 40, 8
	tr := newTrainer(cpu.Config{Threads: 1}.New(), vocab, hidden, 1, true)
	tr.m.drop = 0.1
	ps, draw := tr.m.params(), tensor.NewRand(3, 0)
	text := newWindow(0, 12, 12, vocab)
	for k := 1; k <= steps; k++ {
		length, n := 1+int(draw.Uint64()%12), 1+int(draw.Uint64()%12)
		tr.tape.Reset()
		tr.h, tr.c = tr.tape.Zeros(n, hidden), tr.tape.Zeros(n, hidden)
		tr.step(window{text.ids[:length*n], text.labels[:length*n], length, n}, ps)
		if k%(steps/samplings) == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			samples = append(samples, sample{k, tr.tape.Stats(), m.HeapAlloc})
		}
	}
	require.Len(t, samples, samplings)
	return samples
}
