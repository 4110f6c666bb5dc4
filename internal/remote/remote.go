package remote

import (
	"errors"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/wengert-ml/wengert/backend"
)

// The errors a device reports.
var (
	ErrClosed   = errors.New("the device is closed")
	ErrInjected = errors.New("kernel failed (injected)")
	ErrFreed    = errors.New("kernel on memory that was freed")
)

// backlog is how many jobs are held back until somebody waits: enough for a
// view that its caller changed too early to be seen changed.
const backlog = 64

// Device runs the kernels of another backend in a goroutine of its own. It
// offers no fused kernels. Its methods may be called from several goroutines.
type Device struct {
	inner  backend.Backend
	limit  int64 // bytes
	used   atomic.Int64
	faults backend.Faults

	mu     sync.RWMutex // closed against the queue: Free may come at any time
	closed bool
	queue  chan job
	done   chan struct{} // closed when the goroutine has ended

	// Only the device's goroutine touches these.
	broken bool   // the next kernel fails
	seen   uint64 // faults of inner that are latched here
}

// job is work for the device's goroutine. Where somebody waits for it, the
// backlog runs at once.
type job struct {
	run  func()
	wait chan struct{} // nil: nobody waits
}

// handle is a Buffer of a Device. Its memory belongs to the device's goroutine.
type handle struct {
	bytes int64
	freed atomic.Bool
	buf   backend.Buffer // nil before Alloc has run and after Free has
}

// New returns a device with limit bytes of memory that computes with inner.
// Call Close when done with it.
func New(inner backend.Backend, limit int64) *Device {
	d := &Device{inner: inner, limit: limit, queue: make(chan job, backlog), done: make(chan struct{})}
	go d.serve()
	return d
}

// serve runs jobs in order, late.
func (d *Device) serve() {
	defer close(d.done)
	var held []job
	for j := range d.queue {
		held = append(held, j)
		if j.wait == nil && len(held) < backlog {
			continue
		}
		flush(held)
		clear(held) // jobs hold memory
		held = held[:0]
	}
	flush(held)
}

func flush(jobs []job) {
	for _, j := range jobs {
		j.run()
		if j.wait != nil {
			close(j.wait)
		}
	}
}

// Close runs what is queued and ends the device's goroutine. Afterwards Alloc,
// transfers and Sync return [ErrClosed], and everything else does nothing.
func (d *Device) Close() {
	d.mu.Lock()
	if !d.closed {
		d.closed = true
		close(d.queue)
	}
	d.mu.Unlock()
	<-d.done
}

// post queues a job. It reports whether the device is open.
func (d *Device) post(j job) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return false
	}
	d.queue <- j
	return true
}

// await runs f in the device's goroutine, after all that was queued.
func (d *Device) await(f func()) error {
	j := job{run: f, wait: make(chan struct{})}
	if !d.post(j) {
		return ErrClosed
	}
	<-j.wait
	return nil
}

// Name returns "remote:" and the name of the inner backend.
func (d *Device) Name() string { return "remote:" + d.inner.Name() }

// Limit returns the size of the device's memory in bytes.
func (d *Device) Limit() int64 { return d.limit }

// Used returns the bytes that are Alloc'd and not yet given to Free.
func (d *Device) Used() int64 { return d.used.Load() }

// Break makes the next kernel fail: it computes nothing, and the fault is
// latched. Later ones work again.
func (d *Device) Break() { d.post(job{run: func() { d.broken = true }}) }

// Alloc returns a handle at once and makes the memory later. The error is an
// [*backend.OutOfMemory] or [ErrClosed]; where the inner backend refuses, that
// is a fault.
func (d *Device) Alloc(dtype backend.DType, n int) (backend.Buffer, error) {
	asked := int64(math.MaxInt64)
	if int64(n) <= math.MaxInt64/int64(dtype.Size()) {
		asked = int64(n) * int64(dtype.Size())
	}
	for {
		used := d.used.Load()
		if asked > d.limit-used {
			return nil, &backend.OutOfMemory{Asked: asked, Used: used, Limit: d.limit}
		}
		if d.used.CompareAndSwap(used, used+asked) {
			break
		}
	}
	h := &handle{bytes: asked}
	open := d.post(job{run: func() {
		var err error
		if h.buf, err = d.inner.Alloc(dtype, n); err != nil {
			h.buf = nil
			d.faults.Latch(err)
		}
	}})
	if !open {
		return nil, ErrClosed
	}
	return h, nil
}

// Free gives memory back once the queued work on it has run. It panics where b
// was freed before.
func (d *Device) Free(b backend.Buffer) {
	h := b.(*handle)
	if h.freed.Swap(true) {
		panic("remote: buffer freed twice")
	}
	d.used.Add(-h.bytes)
	d.post(job{run: func() {
		if h.buf != nil {
			d.inner.Free(h.buf)
		}
		h.buf = nil
	}})
}

// kernel queues f, which is given copies of views over the inner memory.
func (d *Device) kernel(f func(v []*backend.View), views ...*backend.View) {
	v := copies(views)
	d.post(job{run: func() {
		if d.broken {
			d.broken = false
			d.faults.Latch(ErrInjected)
			return
		}
		d.resolved(f, v)
	}})
}

// copies returns copies of views, which their caller may change at once.
func copies(views []*backend.View) []*backend.View {
	v := make([]*backend.View, len(views))
	for i := range views {
		c := *views[i]
		v[i] = &c
	}
	return v
}

// resolved runs f on views whose handles are replaced by inner memory. It is a
// fault where one has none.
func (d *Device) resolved(f func(v []*backend.View), v []*backend.View) {
	for i := range v {
		if v[i].Buf = v[i].Buf.(*handle).buf; v[i].Buf == nil {
			d.faults.Latch(ErrFreed)
			return
		}
	}
	f(v)
}

// upload queues a transfer to the device. Its error is a fault.
func (d *Device) upload(dst *backend.View, f func(dst *backend.View) error) error {
	v := copies([]*backend.View{dst})
	open := d.post(job{run: func() {
		d.resolved(func(v []*backend.View) {
			if err := f(v[0]); err != nil {
				d.faults.Latch(err)
			}
		}, v)
	}})
	if !open {
		return ErrClosed
	}
	return nil
}

// download waits for a transfer from the device, and for all before it.
func (d *Device) download(src *backend.View, f func(src *backend.View) error) error {
	v := copies([]*backend.View{src})
	var failed error
	err := d.await(func() {
		d.collect()
		d.resolved(func(v []*backend.View) { failed = f(v[0]) }, v)
	})
	if err != nil {
		return err
	}
	if err := d.faults.Untold(); err != nil {
		return err
	}
	return failed
}

// collect latches what the inner backend reports.
func (d *Device) collect() {
	count, err := d.inner.Sync(d.seen)
	d.seen = count
	if err != nil {
		d.faults.Latch(err)
	}
}

// Upload copies src and queues the transfer.
func (d *Device) Upload(dst *backend.View, src []float32) error {
	src = slices.Clone(src)
	return d.upload(dst, func(v *backend.View) error { return d.inner.Upload(v, src) })
}

// UploadInts copies src and queues the transfer.
func (d *Device) UploadInts(dst *backend.View, src []int32) error {
	src = slices.Clone(src)
	return d.upload(dst, func(v *backend.View) error { return d.inner.UploadInts(v, src) })
}

// Download waits for the queue and copies src to dst.
func (d *Device) Download(dst []float32, src *backend.View) error {
	return d.download(src, func(v *backend.View) error { return d.inner.Download(dst, v) })
}

// Sync waits for the queue and tells of faults beyond since.
func (d *Device) Sync(since uint64) (uint64, error) {
	if err := d.await(d.collect); err != nil {
		return since, err
	}
	return d.faults.Since(since)
}

// Convert queues the kernel.
func (d *Device) Convert(dst, src *backend.View) {
	d.kernel(func(v []*backend.View) { d.inner.Convert(v[0], v[1]) }, dst, src)
}

// Copy queues the kernel.
func (d *Device) Copy(dst, src *backend.View) {
	d.kernel(func(v []*backend.View) { d.inner.Copy(v[0], v[1]) }, dst, src)
}

// Fill queues the kernel.
func (d *Device) Fill(dst *backend.View, x float64) {
	d.kernel(func(v []*backend.View) { d.inner.Fill(v[0], x) }, dst)
}

// Unary queues the kernel.
func (d *Device) Unary(op backend.UnaryOp, dst, src *backend.View, a, b float64) {
	d.kernel(func(v []*backend.View) { d.inner.Unary(op, v[0], v[1], a, b) }, dst, src)
}

// Binary queues the kernel.
func (d *Device) Binary(op backend.BinaryOp, dst, x, y *backend.View) {
	d.kernel(func(v []*backend.View) { d.inner.Binary(op, v[0], v[1], v[2]) }, dst, x, y)
}

// Where queues the kernel.
func (d *Device) Where(dst, cond, x, y *backend.View) {
	d.kernel(func(v []*backend.View) { d.inner.Where(v[0], v[1], v[2], v[3]) }, dst, cond, x, y)
}

// Reduce queues the kernel.
func (d *Device) Reduce(op backend.ReduceOp, dst, src *backend.View) {
	d.kernel(func(v []*backend.View) { d.inner.Reduce(op, v[0], v[1]) }, dst, src)
}

// MatMul queues the kernel.
func (d *Device) MatMul(dst, x, y *backend.View, accumulate bool) {
	d.kernel(func(v []*backend.View) { d.inner.MatMul(v[0], v[1], v[2], accumulate) }, dst, x, y)
}

// Gather queues the kernel.
func (d *Device) Gather(dst, table, ids *backend.View) {
	d.kernel(func(v []*backend.View) { d.inner.Gather(v[0], v[1], v[2]) }, dst, table, ids)
}

// ScatterAdd queues the kernel.
func (d *Device) ScatterAdd(dst, rows, ids *backend.View) {
	d.kernel(func(v []*backend.View) { d.inner.ScatterAdd(v[0], v[1], v[2]) }, dst, rows, ids)
}

// Random queues the kernel.
func (d *Device) Random(dst *backend.View, dist backend.Dist, key, counter uint64) {
	d.kernel(func(v []*backend.View) { d.inner.Random(v[0], dist, key, counter) }, dst)
}
