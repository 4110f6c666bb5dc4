package remote_test

import (
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/backendtest"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/internal/remote"
)

func TestConformance(t *testing.T) {
	backendtest.Run(t, func(t *testing.T) backend.Backend {
		dev := remote.NewFloat64(reference.New(), 8<<20)
		t.Cleanup(func() {
			assert.Zero(t, dev.Used(), "bytes that the suite left behind")
			dev.Close()
		})
		return dev
	})
}

// vector returns a view of n fresh elements.
func vector(t *testing.T, be backend.Backend, n int) *backend.View {
	t.Helper()
	buf, err := be.Alloc(backend.F32, n)
	require.NoError(t, err)
	return &backend.View{Buf: buf, Layout: backend.Contiguous(n)}
}

func TestOptionalInterfaces(t *testing.T) {
	var dev backend.Backend = remote.New(reference.New(), 1<<10)
	defer dev.(*remote.Device).Close()
	_, wide := dev.(backend.Float64)
	assert.False(t, wide, "a Device is float32")
	_, collected := dev.(backend.Collected)
	assert.False(t, collected, "memory is not Go's: somebody has to Free it")
}

// TestKernelsRunLate pins that a device is as adversarial as it says: a fault is
// not known before somebody waits.
func TestKernelsRunLate(t *testing.T) {
	inner := &counting{Backend: reference.New()}
	dev := remote.New(inner, 1<<10)
	defer dev.Close()
	x := vector(t, dev, 3)
	for range 10 {
		dev.Fill(x, 1)
	}
	time.Sleep(10 * time.Millisecond)
	before := inner.fills.Load()
	_, err := dev.Sync(0)
	require.NoError(t, err)
	assert.Zero(t, before)
	assert.EqualValues(t, 10, inner.fills.Load())
}

func TestClose(t *testing.T) {
	goroutines := runtime.NumGoroutine()
	dev := remote.New(reference.New(), 1<<10)
	x := vector(t, dev, 3)
	dev.Fill(x, 1)
	dev.Close()
	dev.Close()      // twice is fine
	for range 1000 { // it says that it is done just before it ends
		if runtime.NumGoroutine() <= goroutines {
			break
		}
		time.Sleep(time.Millisecond)
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines, "the device's goroutine has ended")

	_, err := dev.Alloc(backend.F32, 1)
	require.ErrorIs(t, err, remote.ErrClosed)
	require.ErrorIs(t, dev.Upload(x, []float32{1, 2, 3}), remote.ErrClosed)
	require.ErrorIs(t, dev.Download(make([]float32, 3), x), remote.ErrClosed)
	_, err = dev.Sync(0)
	require.ErrorIs(t, err, remote.ErrClosed)
	dev.Fill(x, 1) // nothing happens
	dev.Free(x.Buf)
}

func TestMistakesAreFaults(t *testing.T) {
	dev := remote.New(reference.New(), 1<<10)
	defer dev.Close()
	x := vector(t, dev, 3)
	dev.Free(x.Buf)
	dev.Fill(x, 1)
	_, err := dev.Sync(0)
	require.ErrorIs(t, err, remote.ErrFreed)
	assert.Panics(t, func() { dev.Free(x.Buf) }, "freed twice")
}

func TestInnerFaults(t *testing.T) {
	dead := errors.New("dead")
	dev := remote.New(&refusing{reference.New(), dead}, 1<<10)
	defer dev.Close()
	x := vector(t, dev, 3) // a handle, for now
	dev.Fill(x, 1)
	count, err := dev.Sync(0)
	require.Error(t, err)
	assert.EqualValues(t, 2, count, "the Alloc that was refused, and the kernel without memory")
}

// refusing is a backend that never has memory.
type refusing struct {
	backend.Backend
	err error
}

func (r *refusing) Alloc(backend.DType, int) (backend.Buffer, error) { return nil, r.err }

// counting counts the calls of Fill.
type counting struct {
	backend.Backend
	fills atomic.Int64
}

func (c *counting) Fill(dst *backend.View, v float64) {
	c.fills.Add(1)
	c.Backend.Fill(dst, v)
}
