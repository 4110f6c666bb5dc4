package cuda

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cuda/driver"
	"github.com/wengert-ml/wengert/backend/cuda/kernels"
	"github.com/wengert-ml/wengert/backend/cuda/native"
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

	// OwnProducts has products of matrices computed by this package's kernels even
	// where cuBLAS is installed. Without cuBLAS they are in any case.
	OwnProducts bool

	// TF32 lets cuBLAS round the factors of products to 11 significant bits, which is
	// several times as fast from compute capability 8.0 on. Without cuBLAS it is an error.
	TF32 bool
}

// Backend computes on a GPU. It implements [backend.Backend] and the optional
// interfaces for fused kernels. Its methods may be called from any goroutine: one
// goroutine, on a thread of the system of its own, does all that is asked of the
// driver, in the order of the calls, and nobody waits for it but who wants a result.
type Backend struct {
	name     string
	faults   backend.Faults
	memory   memory
	desk     desk
	products string

	mu      sync.Mutex // orders calls
	queue   chan work
	closed  bool
	pending updates

	// Of the goroutine that has the thread.
	ctx       driver.Context
	functions [numKernels]driver.Function
	blas      driver.BLAS      // nil: own kernels
	forgetter driver.Forgetter // nil: nobody asks what is read
	fault     error            // of a kernel, the first
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
	backend.Forgetter
} = (*Backend)(nil)

// New returns the backend on a device, counted from 0. The error says why there is none.
func New(device int) (*Backend, error) { return Config{Device: device}.New() }

// Devices describes the GPUs of this machine. The error says why there are none.
func Devices() ([]driver.Info, error) {
	_, list, err := Config{}.devices()
	return list, err
}

// devices returns the driver of c and its devices, of which there is at least one.
func (c Config) devices() (d driver.Driver, list []driver.Info, err error) {
	if d = c.Driver; d == nil {
		if d, err = native.New(); err != nil {
			return nil, nil, fmt.Errorf("cuda: %w", err)
		}
	}
	if list, err = d.Devices(); err != nil {
		return nil, nil, fmt.Errorf("cuda: %w", err)
	}
	if len(list) == 0 {
		return nil, nil, errors.New("cuda: the driver knows of no GPU")
	}
	return d, list, nil
}

// New returns a Backend. Close gives the device back.
func (c Config) New() (*Backend, error) {
	d, devices, err := c.devices()
	if err != nil {
		return nil, err
	}
	if c.Device < 0 || c.Device >= len(devices) {
		return nil, fmt.Errorf("cuda: device %d: want one of the %d that there are, counted from 0", c.Device, len(devices))
	}
	b := &Backend{name: fmt.Sprintf("cuda:%d", c.Device), queue: make(chan work, queueLength)}
	b.memory = memory{limit: c.Memory, shelves: map[int64][]*buffer{}}
	if b.memory.limit <= 0 {
		b.memory.limit = devices[c.Device].Memory
	}
	opened := make(chan error)
	c.Driver = d
	go b.serve(c, opened)
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

// work is one thing for the thread to do: a launch, a product of cuBLAS, memory to
// forget, or a call to answer.
type work struct {
	launch launch
	gemm   driver.Gemm                    // where its Count is not 0
	forget *buffer                        // where it is not nil
	call   func(ctx driver.Context) error // where it is not nil
	done   chan error
}

// serve opens the device and does the work of the queue until it is closed.
func (b *Backend) serve(c Config, opened chan<- error) {
	runtime.LockOSThread() // contexts belong to threads; it ends with the goroutine
	if err := b.open(c); err != nil {
		opened <- err
		return
	}
	opened <- nil
	var w work // one for all: the driver is given a part of it
	for w = range b.queue {
		if w.call != nil {
			w.done <- b.broken(w.call(b.ctx))
			continue
		}
		if w.gemm.Count > 0 {
			if err := b.blas.Sgemm(&w.gemm); err != nil {
				b.faults.Latch(b.broken(fmt.Errorf("matmul: %w", err)))
			}
			continue
		}
		if w.forget != nil {
			if err := b.forgetter.Forget(w.forget.addr, w.forget.size); err != nil {
				b.faults.Latch(b.broken(err))
			}
			continue
		}
		l := &w.launch
		if err := b.ctx.Launch(b.functions[l.kernel], l.grid, [3]int{l.threads, 1, 1}, 0, l.args[:l.n]); err != nil {
			b.faults.Latch(b.broken(fmt.Errorf("kernel %s: %w", kernelNames[l.kernel], err)))
		}
	}
}

// broken returns the error of a call. After the fault of a kernel the driver has the
// same answer to everything, and what is told is how it began: where launches do not
// wait for their kernel, all that is known is that it was one of them.
func (b *Backend) broken(err error) error {
	var e *driver.Error
	if !errors.As(err, &e) || !e.Fatal() {
		return err
	}
	if b.fault == nil {
		b.fault = err
		if e.Call != "cuLaunchKernel" {
			b.fault = fmt.Errorf("a kernel failed; with CUDA_LAUNCH_BLOCKING=1 in the environment it is named: %w", err)
		}
	}
	return b.fault
}

func (b *Backend) open(c Config) (err error) {
	if b.ctx, err = c.Driver.Open(c.Device); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.ctx.Close())
		}
	}()
	b.forgetter, _ = b.ctx.(driver.Forgetter)
	module, err := b.ctx.Load(kernels.PTX)
	if err != nil {
		return fmt.Errorf("load kernels: %w", err)
	}
	for k := range b.functions {
		if b.functions[k], err = module.Function(kernelNames[k]); err != nil {
			return fmt.Errorf("kernel %s: %w", kernelNames[k], err)
		}
	}
	return b.openBLAS(c)
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
	b.enqueue(work{launch: *l})
}

// enqueue hands over work that is not waited for.
func (b *Backend) enqueue(w work) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		b.faults.Latch(errClosed)
		return
	}
	b.flush()
	b.queue <- w
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
	done := make(chan error, 1)
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return errClosed
	}
	b.flush()
	b.queue <- work{done: done, call: func(ctx driver.Context) error {
		err := ctx.Synchronize()
		if closing := ctx.Close(); err == nil {
			err = closing
		}
		return err
	}}
	b.closed = true // before the context is gone: the garbage collector frees at any time
	close(b.queue)
	b.mu.Unlock()
	err := <-done
	if fault := b.faults.Untold(); fault != nil {
		return fault
	}
	return err
}
