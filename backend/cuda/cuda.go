package cuda

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cuda/driver"
	"github.com/wengert-ml/wengert/backend/cuda/kernels"
)

// Config says which device a Backend computes on. The zero value is the first one.
type Config struct {
	// Device counts from 0.
	Device int

	// Driver has the devices; nil means the CUDA driver of this machine, which needs the
	// build tag cuda.
	Driver driver.Driver

	// Memory is how many bytes to take of the device at most; 0 means what it has.
	Memory int64
}

// Backend computes on a GPU. It implements [backend.Backend] and the optional
// interfaces for fused kernels. Its methods may be called from any goroutine: one
// goroutine, on a thread of the system of its own, does all that is asked of the
// driver, in the order of the calls, and nobody waits for it but who wants a result.
type Backend struct {
	name   string
	faults backend.Faults
	memory memory

	mu      sync.Mutex // orders calls
	queue   chan work
	closed  bool
	pending updates

	ctx       driver.Context // of the goroutine that has the thread
	functions [numKernels]driver.Function
}

var _ interface {
	backend.Backend
	backend.Softmaxer
	backend.CrossEntropyer
	backend.LayerNormer
	backend.Dropouter
	backend.LSTMCeller
	backend.GRUCeller
	backend.Updater
	backend.RowMixer
	backend.Normer
} = (*Backend)(nil)

// New returns the backend on a device, counted from 0. The error says why there is none.
func New(device int) (*Backend, error) { return Config{Device: device}.New() }

// New returns a Backend. Close gives the device back.
func (c Config) New() (*Backend, error) {
	d := c.Driver
	if d == nil {
		var err error
		if d, err = native(); err != nil {
			return nil, fmt.Errorf("cuda: %w", err)
		}
	}
	devices, err := d.Devices()
	if err != nil {
		return nil, fmt.Errorf("cuda: %w", err)
	}
	if c.Device < 0 || c.Device >= len(devices) {
		return nil, fmt.Errorf("cuda: device %d: there are %d devices, counted from 0", c.Device, len(devices))
	}
	b := &Backend{name: fmt.Sprintf("cuda:%d", c.Device), queue: make(chan work, queueLength)}
	b.memory = memory{limit: c.Memory, shelves: map[int64][]*buffer{}}
	if b.memory.limit <= 0 {
		b.memory.limit = devices[c.Device].Memory
	}
	opened := make(chan error)
	go b.serve(d, c.Device, opened)
	if err := <-opened; err != nil {
		return nil, fmt.Errorf("cuda: device %d (%s): %w", c.Device, devices[c.Device].Name, err)
	}
	return b, nil
}

// Name returns "cuda:" and the number of the device.
func (b *Backend) Name() string { return b.name }

// queueLength is how many launches may wait for the thread: a training step of a
// small model, so that who makes them is seldom held up.
const queueLength = 256

// work is one thing for the thread to do: a launch, or a call to answer.
type work struct {
	launch launch
	call   func(ctx driver.Context) error // nil: launch
	done   chan error
}

// serve opens the device and does the work of the queue until it is closed.
func (b *Backend) serve(d driver.Driver, device int, opened chan<- error) {
	runtime.LockOSThread() // contexts belong to threads; it ends with the goroutine
	if err := b.open(d, device); err != nil {
		opened <- err
		return
	}
	opened <- nil
	for w := range b.queue {
		if w.call != nil {
			w.done <- w.call(b.ctx)
			continue
		}
		l := &w.launch
		if err := b.ctx.Launch(b.functions[l.kernel], l.grid, [3]int{l.threads, 1, 1}, 0, l.args[:l.n]); err != nil {
			b.faults.Latch(fmt.Errorf("kernel %s: %w", kernelNames[l.kernel], err))
		}
	}
}

func (b *Backend) open(d driver.Driver, device int) (err error) {
	if b.ctx, err = d.Open(device); err != nil {
		return err
	}
	module, err := b.ctx.Load(kernels.PTX)
	if err != nil {
		return fmt.Errorf("load kernels: %w", err)
	}
	for k := range b.functions {
		if b.functions[k], err = module.Function(kernelNames[k]); err != nil {
			return fmt.Errorf("kernel %s: %w", kernelNames[k], err)
		}
	}
	return nil
}

// ask lets the thread run f after all that was queued, and waits for it.
func (b *Backend) ask(f func(ctx driver.Context) error) error {
	done := make(chan error, 1)
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return errClosed
	}
	b.flush()
	b.queue <- work{call: f, done: done}
	b.mu.Unlock()
	return <-done
}

var errClosed = fmt.Errorf("the backend is closed")

// launch queues a kernel.
func (b *Backend) launch(l *launch) {
	if l.grid[0] == 0 || l.grid[1] == 0 || l.grid[2] == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		b.faults.Latch(errClosed)
		return
	}
	b.flush()
	b.queue <- work{launch: *l}
}

// Sync waits until all queued work is done and returns the count of faults, and the
// latest where there are more than since.
func (b *Backend) Sync(since uint64) (count uint64, err error) {
	if err := b.ask(driver.Context.Synchronize); err != nil {
		b.faults.Latch(err)
	}
	return b.faults.Since(since)
}

// Close waits for queued work and gives the device back with all memory. Buffers and
// the backend are of no use afterwards. The error is a fault that nobody was told of.
func (b *Backend) Close() error {
	err := b.ask(func(ctx driver.Context) error {
		err := ctx.Synchronize()
		if closing := ctx.Close(); err == nil {
			err = closing
		}
		return err
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return errClosed
	}
	b.closed = true
	close(b.queue)
	if fault := b.faults.Untold(); fault != nil {
		return fault
	}
	return err
}
