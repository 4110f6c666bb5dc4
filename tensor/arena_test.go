package tensor_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/backendtest"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/internal/remote"
	"github.com/wengert-ml/wengert/tensor"
)

// bytes of a tensor of 64 or fewer elements in an arena: its class.
const small = 64 * 4

func TestArenaStats(t *testing.T) {
	a := tensor.NewArena(reference.New())
	assert.Equal(t, tensor.Stats{}, a.Stats())
	x := a.New(100) // in a class of 112
	assert.Equal(t, tensor.Stats{Live: 448, Peak: 448, Held: 448, Buffers: 1}, a.Stats())
	y := a.Zeros(2, 2)
	assert.Equal(t, make([]float32, 4), y.Floats())
	assert.Equal(t, tensor.Stats{Live: 704, Peak: 704, Held: 704, Buffers: 2}, a.Stats())
	view := x.Slice(0, 1, 3)
	x.Release()
	assert.EqualValues(t, 704, a.Stats().Live, "a view keeps the buffer")
	view.Release()
	assert.Equal(t, tensor.Stats{Live: 256, Peak: 704, Held: 704, Buffers: 2}, a.Stats())
	a.New(100)
	assert.Equal(t, tensor.Stats{Live: 704, Peak: 704, Held: 704, Buffers: 2}, a.Stats(), "taken again")
}

// A buffer up to three classes larger than needed is taken, a larger one is not.
func TestArenaTakesLargerBuffers(t *testing.T) {
	a := tensor.NewArena(reference.New())
	a.New(112).Release()
	a.New(70).Release()
	a.New(10).Release()
	assert.Equal(t, 1, a.Stats().Buffers, "both fit into 112")
	a.New(128).Release()
	assert.Equal(t, 2, a.Stats().Buffers)
	assert.EqualValues(t, 4*(112+128), a.Stats().Held)
	a.New(113).Release()
	assert.Equal(t, 2, a.Stats().Buffers, "113 fits into 128")
	a.New(1000).Release()
	a.New(300).Release()
	assert.Equal(t, 4, a.Stats().Buffers, "300 does not take 1000")
}

func TestArenaBeginEnd(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		a := tensor.NewArena(w.be)
		x := a.Put(tensor.Ones(w.be, 3, 4))
		a.Begin()
		mean := x.MeanKeep(-1)
		saved := x.Sub(mean)
		result := saved.Square().Sum()
		a.End(result, saved)
		assert.EqualValues(t, 2*small, a.Stats().Live, "result and saved")
		assert.Equal(t, 0.0, result.Item())
		assert.Equal(t, make([]float32, 12), saved.Floats())

		a.Begin()
		only := x.Exp()
		a.End(only, nil)
		assert.EqualValues(t, 3*small, a.Stats().Live)
		x.Exp()
		assert.EqualValues(t, 4*small, a.Stats().Live, "outside nothing is taken back")
		assert.Equal(t, tensor.Ones(w.be, 3, 4).Exp().Floats(), only.Floats())
	})
}

func TestArenaReset(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		a := tensor.NewArena(w.be)
		heap := tensor.Full(w.be, 5, 2)
		for step := range 4 {
			in := a.Put(heap)
			for range 80 { // more headers than one slab of them
				in.Add(in)
			}
			h := in.Scale(1, float64(step))
			c := in.Scale(-1, 0)
			keep := []*tensor.Tensor{c, h, h.Slice(0, 1, 2), h.Alias(), in, heap}
			a.Reset(keep)
			assert.EqualValues(t, 2*small, a.Stats().Live, "h, its view and its alias share a buffer; c has one")
			for range 80 { // nothing kept may be overwritten
				a.New(2).Fill(-99)
			}
			s := float32(step)
			assert.Equal(t, []float32{-5, -5}, keep[0].Floats())
			assert.Equal(t, []float32{5 + s, 5 + s}, keep[1].Floats())
			assert.Equal(t, []float32{5 + s}, keep[2].Floats())
			assert.Equal(t, []float32{5 + s, 5 + s}, keep[3].Floats())
			assert.Equal(t, []float32{5, 5}, keep[4].Floats(), "heap memory in an arena's header")
			assert.Equal(t, []float32{5, 5}, keep[5].Floats(), "a heap tensor")
			assert.False(t, keep[1].Exclusive())
			assert.True(t, keep[0].Exclusive())

			for _, k := range keep[1:4] {
				k.Release()
			}
			a.Reset(nil)
			assert.Zero(t, a.Stats().Live)
		}
		assert.Equal(t, []float32{5, 5}, heap.Floats())
	})
}

// Memory that nobody else holds changes hands; any other is copied.
func TestTakeFrom(t *testing.T) {
	be := cpu.New()
	a, b := tensor.NewArena(be), tensor.NewArena(be)
	six := tensor.Arange(be, 0, 6, 1)
	from := func(shape ...int) *tensor.Tensor {
		y := a.Zeros(shape...)
		y.CopyFrom(six.Reshape(shape...))
		return y
	}
	for name, c := range map[string]struct {
		y     *tensor.Tensor
		moves bool
	}{
		"exclusive":  {from(2, 3), true},
		"transposed": {from(3, 2).T(), false},
		"broadcast":  {from(2, 3).Slice(0, 0, 1), false},
		"heap":       {six.Reshape(2, 3).Clone(), false},
	} {
		t.Run(name, func(t *testing.T) {
			full := c.y.Expand(2, 3)
			x, want := b.Zeros(2, 3), full.Floats()
			full.Release()
			x.TakeFrom(c.y)
			assert.Equal(t, want, x.Floats())
			if c.moves {
				assert.Equal(t, make([]float32, 6), c.y.Floats())
			}
			x.Fill(7)
			assert.NotContains(t, c.y.Floats(), float32(7))
			x.Release()
		})
	}
	a.Reset(nil)
	b.Reset(nil)
	assert.Zero(t, a.Stats().Live+b.Stats().Live)
}

// What is put into an arena is shared, and its memory stays where it was.
func TestArenaPut(t *testing.T) {
	be := reference.New()
	a, b := tensor.NewArena(be), tensor.NewArena(be)
	own := a.Zeros(2)
	again := a.Put(own)
	assert.False(t, own.Exclusive(), "shared within the arena")
	again.Release()
	assert.True(t, own.Exclusive())

	other := b.Put(own)
	assert.False(t, other.Exclusive())
	assert.True(t, own.Exclusive(), "b does not count what is a's")
	assert.Zero(t, b.Stats().Live)
	other.AddInPlace(tensor.Ones(be, 2))
	assert.Equal(t, []float32{1, 1}, own.Floats(), "without a copy")
	other.Release()
	b.Reset(nil)
	assert.EqualValues(t, small, a.Stats().Live)
	assert.Same(t, be, b.Backend())
}

// Copies that kernels need of views go back at once.
func TestArenaTakesBackCopies(t *testing.T) {
	for _, be := range []backend.Backend{cpu.New(), backend.Basic(cpu.New())} {
		a := tensor.NewArena(be)
		x := a.Zeros(4, 4)
		view, ids := x.T(), a.Ints([]int32{0, 1, 2, 3}, 4)
		x.Gather(ids).Release() // from now on the ids are on the backend
		before := a.Stats().Live
		_, fused := be.(backend.LSTMCeller)
		for name, f := range map[string]func() []*tensor.Tensor{
			"softmax":  func() []*tensor.Tensor { return []*tensor.Tensor{view.Softmax()} },
			"dropout":  func() []*tensor.Tensor { return []*tensor.Tensor{view.Dropout(0.5, 1, 2)} },
			"variance": func() []*tensor.Tensor { return []*tensor.Tensor{view.Variance(0)} },
			"gather": func() []*tensor.Tensor {
				return []*tensor.Tensor{view.Reshape(2, 2, 4).Transpose(0, 1).Gather(tensor.NewInts([]int32{1}, 1))}
			},
			"take": func() []*tensor.Tensor { return []*tensor.Tensor{view.Take(1, ids)} },
			"flip": func() []*tensor.Tensor { return []*tensor.Tensor{view.Flip(0)} },
			"takeAlong": func() []*tensor.Tensor {
				return []*tensor.Tensor{view.TakeAlong(0, tensor.NewInts(make([]int32, 4), 1, 4))}
			},
			"pad":    func() []*tensor.Tensor { return []*tensor.Tensor{view.Pad(0, 1, 1, 0)} },
			"cumSum": func() []*tensor.Tensor { return []*tensor.Tensor{view.CumSum(0)} },
			"stack":  func() []*tensor.Tensor { return []*tensor.Tensor{tensor.Stack(0, view, view)} },
			"tile":   func() []*tensor.Tensor { return []*tensor.Tensor{view.Tile(2, 1, 1)} },
			"argMax": func() []*tensor.Tensor { view.ArgMax(0); return nil },
			"string": func() []*tensor.Tensor { _ = view.Expand(100, 4, 4).String(); return nil },
			"matmul": func() []*tensor.Tensor { return []*tensor.Tensor{view.MatMul(view.Select(0, 1))} },
			"crossEntropy": func() []*tensor.Tensor {
				if !fused {
					return nil
				}
				loss, probs := tensor.CrossEntropy(view, ids, 0)
				return []*tensor.Tensor{loss, tensor.CrossEntropyGrad(probs, loss, ids, 0)}
			},
			"lstmCell": func() []*tensor.Tensor {
				if !fused {
					return nil
				}
				c := view.Slice(1, 0, 1)
				out, gates := tensor.LSTMCell(view, c)
				gy := x.Slice(1, 0, 2).Unsqueeze(-1).Transpose(0, 1)
				dz, dc := tensor.LSTMCellGrad(gy, out, gates, c)
				return []*tensor.Tensor{out, dz, dc}
			},
		} {
			for _, y := range f() {
				y.Release()
			}
			assert.Equal(t, before, a.Stats().Live, "%s, fused %v", name, fused)
		}
	}
}

// State that is kept over many steps, under a changing batch size, takes no more
// memory than the largest step.
func TestArenaMemoryStaysFlat(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		a := tensor.NewArena(w.be)
		r := seeded(17)
		weight := tensor.Full(w.be, 0.1, 8, 8)
		step := func(n int) {
			h := []*tensor.Tensor{a.Zeros(n, 8)}
			for range 3 {
				x := h[0].MatMul(weight).Tanh()
				h[0] = x.Add(x.Sum(0))
				a.Reset(h)
			}
			a.Reset(nil)
		}
		for n := range 41 {
			step(n)
		}
		held := a.Stats()
		for range 50 {
			step(r.IntN(41))
		}
		assert.Equal(t, held.Held, a.Stats().Held)
		assert.Equal(t, held.Buffers, a.Stats().Buffers)
		assert.Equal(t, held.Peak, a.Stats().Peak)
	})
}

// A warm arena makes no garbage.
func TestArenaWarmAllocatesNothing(t *testing.T) {
	be := cpu.Config{Threads: 1}.New()
	a := tensor.NewArena(be)
	w, b := tensor.Full(be, 0.1, 8, 8), tensor.Zeros(be, 8)
	keep := make([]*tensor.Tensor, 1)
	ids := []int32{0, 3, 1}
	out := make([]float32, 24)
	keep[0] = a.Zeros(3, 8)
	step := func() {
		h := keep[0]
		a.Begin()
		x := tensor.Affine(b, h, w).Tanh()
		y := x.Mul(h).Sub(x).Sigmoid().Add(b)
		y.AddInPlace(x)
		y.ScaleInPlace(0.5)
		a.End(x, y)
		tensor.Where(x.Greater(y), x, y).Sum(1)
		x.T().Reshape(24).Slice(0, 0, 24).Select(0, 3)
		x.SumTo(1, 8).MaxKeep(-1)
		x.Mean(0).Unsqueeze(0).Expand(3, 8).Dropout(0.5, 1, 2)
		x.MatMul(y.T()).Softmax().LogSoftmax()
		tab := a.Put(w)
		rows := tab.Gather(a.Ints(ids, 3))
		tab.Clone().ScatterAdd(a.Ints(ids, 3), rows)
		x.Read(out)
		y.Slice(0, 0, 1).Slice(1, 0, 1).Item()
		keep[0] = x
		a.Reset(keep)
	}
	step()
	step()
	assert.Zero(t, testing.AllocsPerRun(50, step))
}

func TestArenaTrim(t *testing.T) {
	q := backendtest.NewQuota(reference.New(), 1<<20)
	a := tensor.NewArena(q)
	x := a.New(1000)
	a.New(2000).Release()
	x.Fill(3)
	used := q.Used()
	assert.Equal(t, used, a.Stats().Held)
	a.Trim()
	assert.EqualValues(t, 4*1024, q.Used())
	assert.Equal(t, q.Used(), a.Stats().Held)
	assert.Equal(t, 1, a.Stats().Buffers)
	assert.Equal(t, float32(3), x.Floats()[999])
	a.New(2000).Fill(1)
	assert.Equal(t, used, q.Used())
	a.Reset(nil)
	a.Trim()
	assert.Zero(t, q.Used())
	assert.Equal(t, int64(0), a.Stats().Held)
}

// Where memory runs out, what other shapes left behind is given back and asked for
// again; where that is not enough, the panic is an error of the backend, and the
// arena goes on.
func TestArenaOutOfMemory(t *testing.T) {
	dev := remote.New(reference.New(), 8192)
	defer dev.Close()
	a := tensor.NewArena(dev)
	a.New(1000).Release() // 4096 bytes, of a class that 2000 does not fit
	kept := a.Zeros(10)
	big := a.New(1700) // 7168 bytes
	assert.Equal(t, 2, a.Stats().Buffers, "the first was trimmed")
	assert.EqualValues(t, 7168+small, dev.Used())

	try := func() (err error) {
		defer backend.Catch(&err)
		a.New(1700)
		return nil
	}
	err := try()
	var oom *backend.OutOfMemory
	require.ErrorAs(t, err, &oom)
	assert.EqualValues(t, 7168, oom.Asked)
	assert.EqualValues(t, 7168+small, oom.Used)
	assert.EqualError(t, err, "remote:reference: alloc: "+oom.Error())

	big.Release()
	require.NoError(t, try())
	assert.Equal(t, make([]float32, 10), kept.Floats())
}

// A fault surfaces where a number is read, once. Printing does not use it up: the
// package fmt would swallow the panic.
func TestFaults(t *testing.T) {
	open := func() *remote.Device {
		dev := remote.New(reference.New(), 1<<20)
		t.Cleanup(dev.Close)
		return dev
	}
	read := func(x *tensor.Tensor) (err error) {
		defer backend.Catch(&err)
		x.Floats()
		return nil
	}
	t.Run("heap", func(t *testing.T) {
		dev := open()
		x := tensor.Ones(dev, 2)
		require.NoError(t, read(x))
		dev.Break()
		x.Add(x)
		assert.EqualError(t, read(x), "remote:reference: download: kernel failed (injected)")
		assert.NoError(t, read(x))
	})
	t.Run("arena", func(t *testing.T) {
		dev := open()
		a, b := tensor.NewArena(dev), tensor.NewArena(dev)
		x, y := a.Put(tensor.Ones(dev, 2)), b.Put(tensor.Ones(dev, 2))
		dev.Break()
		x.Add(x)
		assert.Equal(t, "<kernel failed (injected)>", x.String())
		assert.Equal(t, "<kernel failed (injected)>", y.String())
		assert.EqualError(t, read(x), "remote:reference: sync: kernel failed (injected)")
		assert.ErrorIs(t, read(y), remote.ErrInjected, "each arena is told")
		assert.NoError(t, read(x))
		assert.NoError(t, read(y))
		assert.Equal(t, "[1. 1.]", x.String())
		assert.EqualValues(t, 1, a.Faults())
		a.Check()
	})
}

// Memory that the collector does not know is freed when the last tensor that
// shows it is collected, not before.
func TestHeapTensorsAreFreed(t *testing.T) {
	q := backendtest.NewQuota(cpu.New(), 1<<20)
	view := tensor.Ones(q, 1000).Slice(0, 10, 12)
	waitFor(t, func() bool { return q.Used() <= 4000 })
	assert.Equal(t, []float32{1, 1}, view.Floats())
	assert.EqualValues(t, 4000, q.Used())
	runtime.KeepAlive(view)
	view = nil
	waitFor(t, func() bool { return q.Used() == 0 })
}

// waitFor collects garbage until cleanups have made ok true.
func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for range 200 {
		if runtime.GC(); ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("memory was not given back")
}

// An arena that nobody holds any more gives its buffers back to a device.
func TestArenaDroppedFreesItsBuffers(t *testing.T) {
	be := remote.New(reference.New(), 1<<20)
	defer be.Close()
	func() {
		a := tensor.NewArena(be)
		a.New(100)
		a.New(50)
		require.Positive(t, be.Used())
	}()
	for range 100 {
		runtime.GC()
		if be.Used() == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d bytes are still in use", be.Used())
}
