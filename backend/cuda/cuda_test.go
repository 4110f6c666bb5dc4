package cuda_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/cuda"
	"github.com/wengert-ml/wengert/backend/cuda/cudatest"
	"github.com/wengert-ml/wengert/internal/cudaemu"
)

func TestNewSaysWhyThereIsNone(t *testing.T) {
	be, err := cuda.New(0)
	if err == nil {
		require.NoError(t, be.Close())
		t.Skip("skipped: there is a GPU")
	}
	assert.Nil(t, be)
	assert.ErrorContains(t, err, "cuda: th") // is program was built without, or: there is no driver
}

// launched returns what f has the device run, and how often each.
func launched(t *testing.T, be *cuda.Backend, emulator *cudaemu.Driver, f func()) map[string]int {
	t.Helper()
	count := func() cudaemu.Stats {
		_, err := be.Sync(0)
		require.NoError(t, err)
		stats, err := emulator.Stats(0)
		require.NoError(t, err)
		return stats
	}
	before := count()
	f()
	return count().Sub(before).Launches
}

// The garbage collector frees memory while the backend is closed.
func TestFreeDuringClose(t *testing.T) {
	d, _ := cudatest.Emulated(t, cudaemu.Device{})
	for range 20 {
		be, err := cuda.Config{Driver: d}.New()
		require.NoError(t, err)
		buffers := make([]backend.Buffer, 100)
		for i := range buffers {
			buffers[i], err = be.Alloc(backend.F32, 1)
			require.NoError(t, err)
		}
		freed := make(chan struct{})
		go func() {
			defer close(freed)
			for _, buf := range buffers {
				be.Free(buf)
			}
		}()
		require.NoError(t, be.Close())
		<-freed
	}
}

func TestNoSuchDevice(t *testing.T) {
	none, _ := cudatest.Emulated(t)
	_, err := cuda.Config{Driver: none}.New()
	assert.ErrorContains(t, err, "CUDA_ERROR_NO_DEVICE")
	one, _ := cudatest.Emulated(t, cudaemu.Device{})
	for _, device := range []int{-1, 1} {
		_, err = cuda.Config{Device: device, Driver: one}.New()
		assert.ErrorContains(t, err, "want one of the 1 that there are")
	}
}

func TestOutOfMemory(t *testing.T) {
	for name, c := range map[string]struct {
		device cudaemu.Device
		config cuda.Config
	}{
		"limit":  {config: cuda.Config{Memory: 4 << 20}},
		"device": {device: cudaemu.Device{Memory: 4 << 20}},
	} {
		t.Run(name, func(t *testing.T) {
			be, _ := cudatest.OpenEmulated(t, c.device, c.config)
			first, err := be.Alloc(backend.F32, 1<<19) // 2 MiB
			require.NoError(t, err)
			_, err = be.Alloc(backend.F32, 1<<19+1)
			var full *backend.OutOfMemory
			require.ErrorAs(t, err, &full)
			assert.Equal(t, backend.OutOfMemory{Asked: 1<<21 + 4, Used: 2 << 20, Limit: 4 << 20}, *full)

			// It goes on, and what was freed is given back for another size.
			be.Free(first)
			second, err := be.Alloc(backend.F32, 1<<19+1)
			require.NoError(t, err)
			be.Free(second)
		})
	}
}

func TestMemoryIsKeptAndGivenBack(t *testing.T) {
	d, emulator := cudatest.Emulated(t, cudaemu.Device{})
	be, err := cuda.Config{Driver: d}.New()
	require.NoError(t, err)
	before, err := emulator.Stats(0)
	require.NoError(t, err)
	for range 10_000 {
		buf, err := be.Alloc(backend.F32, 100)
		require.NoError(t, err)
		be.Fill(&backend.View{Buf: buf, Layout: backend.Contiguous(100)}, 1)
		be.Free(buf)
	}
	after, err := emulator.Stats(0)
	require.NoError(t, err)
	assert.Equal(t, 1, after.Allocations-before.Allocations)
	require.NoError(t, be.Close())
	after, err = emulator.Stats(0)
	require.NoError(t, err)
	assert.Zero(t, after.Live)
	assert.Error(t, be.Close(), "a second time")
	_, err = be.Alloc(backend.F32, 1000)
	assert.Error(t, err, "after Close")
}

func TestBufferOfAnotherBackend(t *testing.T) {
	be, _ := cudatest.Open(t, cudaemu.Device{}, cuda.Config{})
	buf, err := cpu.New().Alloc(backend.F32, 3)
	require.NoError(t, err)
	view := &backend.View{Buf: buf, Layout: backend.Contiguous(3)}
	defer func() {
		err, _ := recover().(*backend.Error)
		require.NotNil(t, err)
		assert.EqualError(t, err, "cuda:0: tanh: an operand is in memory of another backend (*cpu.memory)")
	}()
	be.Unary(backend.Tanh, view, view, 0, 0)
}

// A kernel that leaves its memory is a fault of the next Sync. Which one it was is known
// where launches wait for their kernel.
func TestFaultOfAKernel(t *testing.T) {
	for want, device := range map[string]cudaemu.Device{
		"a kernel failed": {},
		"kernel fill4: ":  {Eager: true},
	} {
		d, _ := cudatest.Emulated(t, device)
		be, err := cuda.Config{Driver: d}.New()
		require.NoError(t, err)
		buf, err := be.Alloc(backend.F32, 1000)
		require.NoError(t, err)
		be.Fill(&backend.View{Buf: buf, Layout: backend.Contiguous(1100)}, 1)
		count, err := be.Sync(0)
		assert.NotZero(t, count)
		assert.ErrorContains(t, err, want)
		assert.ErrorContains(t, err, "CUDA_ERROR_ILLEGAL_ADDRESS")
		assert.Error(t, be.Close())
	}
}

// An optimiser's calls become one launch, and two of one parameter stay in order.
func TestUpdatesShareALaunch(t *testing.T) {
	be, emulator := cudatest.OpenEmulated(t, cudaemu.Device{}, cuda.Config{})
	fill := func(v float64) *backend.View {
		buf, err := be.Alloc(backend.F32, 300)
		require.NoError(t, err)
		view := &backend.View{Buf: buf, Layout: backend.Contiguous(300)}
		be.Fill(view, v)
		return view
	}
	var ws, gs []*backend.View
	for i := range 11 {
		ws, gs = append(ws, fill(float64(i))), append(gs, fill(1))
	}
	launches := launched(t, be, emulator, func() {
		for i := range ws {
			be.SGD(ws[i], gs[i], nil, 2)
		}
		be.SGD(ws[10], gs[10], nil, 2)
	})
	assert.Equal(t, map[string]int{"update": 3}, launches)
	got := make([]float32, 300)
	for i, w := range ws {
		require.NoError(t, be.Download(got, w))
		want := float32(i - 2)
		if i == 10 {
			want = 6
		}
		assert.Equal(t, []float32{want, want}, []float32{got[0], got[299]}, "parameter %d", i)
	}
}
