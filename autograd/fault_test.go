package autograd_test

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/internal/remote"
	"github.com/wengert-ml/wengert/tensor"
)

// failing is a remote device that fails where a test says: at the n-th Alloc and
// all after it until it is healed, or in the n-th kernel.
type failing struct {
	*remote.Float64Device
	allocs, kernels          atomic.Int64
	failAlloc, breakAtKernel int64 // counted from 1; 0: never
}

func newFailing(t *testing.T) *failing {
	d := &failing{Float64Device: remote.NewFloat64(reference.New(), 16<<20)}
	t.Cleanup(d.Close)
	return d
}

// arm starts counting anew.
func (d *failing) arm(alloc, kernel int64) {
	d.allocs.Store(0)
	d.kernels.Store(0)
	d.failAlloc, d.breakAtKernel = alloc, kernel
}

func (d *failing) Alloc(dtype backend.DType, n int) (backend.Buffer, error) {
	if k := d.allocs.Add(1); d.failAlloc > 0 && k >= d.failAlloc {
		return nil, &backend.OutOfMemory{Asked: int64(n * dtype.Size()), Limit: d.Limit()}
	}
	return d.Float64Device.Alloc(dtype, n)
}

func (d *failing) tick() {
	if k := d.kernels.Add(1); k == d.breakAtKernel {
		d.Break()
	}
}

func (d *failing) Copy(dst, src *backend.View) { d.tick(); d.Float64Device.Copy(dst, src) }

func (d *failing) Fill(dst *backend.View, v float64) { d.tick(); d.Float64Device.Fill(dst, v) }

func (d *failing) Unary(op backend.UnaryOp, dst, src *backend.View, a, b float64) {
	d.tick()
	d.Float64Device.Unary(op, dst, src, a, b)
}

func (d *failing) Binary(op backend.BinaryOp, dst, x, y *backend.View) {
	d.tick()
	d.Float64Device.Binary(op, dst, x, y)
}

func (d *failing) Where(dst, cond, x, y *backend.View) {
	d.tick()
	d.Float64Device.Where(dst, cond, x, y)
}

func (d *failing) Reduce(op backend.ReduceOp, dst, src *backend.View) {
	d.tick()
	d.Float64Device.Reduce(op, dst, src)
}

func (d *failing) MatMul(dst, x, y *backend.View, accumulate bool) {
	d.tick()
	d.Float64Device.MatMul(dst, x, y, accumulate)
}

func (d *failing) Gather(dst, table, ids *backend.View) {
	d.tick()
	d.Float64Device.Gather(dst, table, ids)
}

func (d *failing) ScatterAdd(dst, rows, ids *backend.View) {
	d.tick()
	d.Float64Device.ScatterAdd(dst, rows, ids)
}

func (d *failing) Random(dst *backend.View, dist backend.Dist, key, counter uint64) {
	d.tick()
	d.Float64Device.Random(dst, dist, key, counter)
}

// faultyStep is a training step of a small language model on a failing device: dropout,
// a tied row-sparse embedding, a gradient penalty where second is set.
type faultyStep struct {
	m      *lm
	tape   *autograd.Tape
	second bool
	w      window
}

func newFaultyStep(be backend.Backend, tied, second bool) *faultyStep {
	s := &faultyStep{m: newLM(be, 7, 2, tied), tape: autograd.NewTape(be), second: second, w: newWindow(0, 2, 2, 7)}
	s.m.drop = 0.25
	return s
}

// run computes loss and gradients, waiting for the device at the end, as Step does.
func (s *faultyStep) run() error {
	return autograd.Try(func() {
		loss := s.m.fresh(s.tape, s.w)
		if s.second {
			for _, g := range s.tape.Grad(vars{loss}, vars{s.m.wx.On(s.tape), s.m.embed.On(s.tape)}) {
				loss = loss.Add(g.Square().Sum())
			}
		}
		s.tape.Backward(loss)
		loss.Item()
	})
}

// grads returns the gradients in float64, which are the same bits or not.
func (s *faultyStep) grads() (all [][]float64) {
	for _, p := range s.m.params() {
		all = append(all, append([]float64{}, p.Grad.Tensor().Float64s()...))
	}
	return all
}

// recover does what is to be done after an error.
func (s *faultyStep) recover() {
	for _, p := range s.m.params() {
		p.Grad.Zero()
	}
	s.tape.Reset()
	s.tape.Rand().Pos = 0
}

var faultCases = []struct {
	name         string
	tied, second bool
}{{"tied", true, false}, {"row-sparse", false, false}, {"second-order", true, true}}

// stride is the distance between the points where a step is made to fail: all of
// them, but under the race detector, which is ten times as slow, one in five.
func stride() int64 {
	if raceEnabled {
		return 5
	}
	return 1
}

// Out of memory at every allocation of a cold step: Try returns it, and after
// Reset the next step is exact.
func TestOutOfMemoryEverywhere(t *testing.T) {
	for _, c := range faultCases {
		t.Run(c.name, func(t *testing.T) {
			dev := newFailing(t)
			clean := newFaultyStep(dev, c.tied, c.second)
			dev.arm(0, 0)
			require.NoError(t, clean.run())
			points, want := dev.allocs.Load(), clean.grads()
			require.Greater(t, points, int64(15))
			for n := int64(1); n <= points; n += stride() {
				dev.arm(0, 0)
				s := newFaultyStep(dev, c.tied, c.second)
				dev.arm(n, 0)
				err := s.run()
				var failure *backend.Error
				require.ErrorAs(t, err, &failure, "allocation %d", n)
				var oom *backend.OutOfMemory
				require.ErrorAs(t, err, &oom, "allocation %d", n)
				dev.arm(0, 0)
				s.recover()
				require.NoError(t, s.run(), "the step after allocation %d", n)
				require.Equal(t, want, s.grads(), "the step after allocation %d", n)
				s.recover() // gives back what the next round needs
				s.tape.Trim()
			}
		})
	}
}

// A kernel that fails, at any point of forward or backward: Try returns it when
// the step waits for the device, and after Reset the next step is exact.
func TestKernelFaultsEverywhere(t *testing.T) {
	for _, c := range faultCases {
		t.Run(c.name, func(t *testing.T) {
			dev := newFailing(t)
			s := newFaultyStep(dev, c.tied, c.second)
			dev.arm(0, 0)
			require.NoError(t, s.run())
			points, want := dev.kernels.Load(), s.grads()
			require.Greater(t, points, int64(50))
			for n := int64(1); n <= points; n += stride() {
				s.recover()
				dev.arm(0, n)
				err := s.run()
				require.ErrorIs(t, err, remote.ErrInjected, "kernel %d", n)
				var failure *backend.Error
				require.ErrorAs(t, err, &failure)
				dev.arm(0, 0)
				s.recover()
				require.NoError(t, s.run(), "the step after kernel %d", n)
				require.Equal(t, want, s.grads(), "the step after kernel %d", n)
			}
		})
	}
}

// Each of several tapes learns of a fault once, and none of it twice.
func TestEveryTapeLearnsOfAFault(t *testing.T) {
	dev := newFailing(t)
	a, b := autograd.NewTape(dev), autograd.NewTape(dev)
	dev.Break()
	x := a.Full(1, 2)
	assert.Error(t, autograd.Try(func() { x.Square().Floats() }))
	assert.NoError(t, autograd.Try(func() { a.Full(1, 2).Floats() }))
	assert.Error(t, autograd.Try(func() { b.Full(1, 2).Floats() }))
	assert.NoError(t, autograd.Try(func() { b.Full(1, 2).Floats() }))
}

// A gradient knows how many faults its tape had been told of: an optimiser
// compares that with the device's count before it writes.
func TestGradientKnowsItsFaults(t *testing.T) {
	dev := newFailing(t)
	p, tape := param(dev, 1, 2), autograd.NewTape(dev)
	tape.Backward(p.On(tape).Square().Sum())
	count, err := dev.Sync(p.Grad.Faults())
	require.NoError(t, err)
	assert.Equal(t, count, p.Grad.Faults())

	p.Grad.Zero()
	tape.Reset()
	dev.Break()
	tape.Backward(p.On(tape).Square().Sum())
	_, err = dev.Sync(p.Grad.Faults())
	assert.Error(t, err, "what was computed with a fault is told from what was not")

	// Of two tapes that add to one gradient, the one that knows less counts.
	p.Grad.Zero()
	tape.Reset()
	require.Error(t, tape.Sync())
	unaware := autograd.NewTape(dev)
	tape.Backward(p.On(tape).Square().Sum())
	assert.Equal(t, uint64(1), p.Grad.Faults())
	unaware.Backward(p.On(unaware).Square().Sum())
	assert.Zero(t, p.Grad.Faults())
}

// Only failures of the backend become errors.
func TestTryLetsMistakesThrough(t *testing.T) {
	be := reference.New()
	tape := autograd.NewTape(be)
	assert.PanicsWithError(t, "add: [2] × [3]: sizes 2 and 3 of axis -1 differ; want equal sizes, or one of them 1, counted from the last axis\n    2\n    ^\n    3\n    ^",
		func() { _ = autograd.Try(func() { leaf(tape, 1, 2).Add(leaf(tape, 1, 2, 3)) }) })
	stale := leaf(tape, 1)
	tape.Reset()
	assert.Panics(t, func() { _ = autograd.Try(func() { stale.Item() }) })
	own := errors.New("own")
	assert.PanicsWithValue(t, own, func() { _ = autograd.Try(func() { panic(own) }) })
	assert.NoError(t, autograd.Try(func() {}))
	err := autograd.Try(func() { tensor.New(be, 1<<30, 1<<20) })
	assert.ErrorContains(t, err, "reference: alloc: out of memory")
}

// A mistake in the middle of a step leaves the tape sound after Reset.
func TestResetAfterAPanic(t *testing.T) {
	be := reference.New()
	tape, p := autograd.NewTape(be), param(be, 1, 2)
	for _, mistake := range []func(x autograd.Var){
		func(x autograd.Var) { x.Square().Add(tape.Zeros(3)) },
		func(x autograd.Var) { tape.Backward(autograd.Apply(badVJP{}, x.Square()).Sum()) },
		func(x autograd.Var) { tape.Grad(vars{autograd.Apply(badVJP{}, x.Square()).Sum()}, vars{x}) },
		func(x autograd.Var) { tape.NoGrad(func() { x.Add(tape.Zeros(3)) }) },
	} {
		assert.Panics(t, func() { mistake(p.On(tape)) })
		tape.Reset()
		p.Grad.Zero()
		x := p.On(tape)
		assert.True(t, x.Square().NeedsGrad())
		tape.Backward(x.Square().Sum())
		assert.Equal(t, []float32{2, 4}, p.Grad.Floats())
		p.Grad.Zero()
		assert.Equal(t, []float32{2, 4}, tape.Grad(vars{x.Square()}, vars{x})[0].Floats())
		tape.Reset()
	}
}

// badVJP gives a gradient of another shape than its input's.
type badVJP struct{}

func (*badVJP) Name() string                           { return "badVJP" }
func (*badVJP) Forward(f *autograd.Fwd) *tensor.Tensor { return f.In(0).Exp() }
func (*badVJP) VJP(b *autograd.Bwd)                    { b.Add(0, b.Grad().Sum()) }

func TestVJPOfAnotherShape(t *testing.T) {
	tape := autograd.NewTape(reference.New())
	x := leaf(tape, 1, 2)
	assert.PanicsWithError(t, "backward: [2] × []: a VJP gave a gradient of another shape than its input's; want the input's shape: SumLike undoes broadcasting",
		func() { tape.Backward(autograd.Apply(badVJP{}, x).Sum()) })
}
