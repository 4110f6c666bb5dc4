package cuda

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"unsafe"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cuda/driver"
)

// buffer is memory of the device.
type buffer struct {
	owner *Backend
	addr  driver.Pointer
	size  int64
}

// memory keeps what is freed for the next who asks for as much. All work is on one
// stream, so memory may be used again before the work that used it has run.
type memory struct {
	mu      sync.Mutex
	shelves map[int64][]*buffer // by size
	held    int64               // bytes taken of the device
	used    int64               // of those, handed out
	limit   int64
}

// class rounds a size up: to 512 bytes, or above 1 MiB to 2 MiB.
func class(size int64) int64 {
	step := int64(512)
	if size > 1<<20 {
		step = 2 << 20
	}
	return (size + step - 1) / step * step
}

// Alloc returns memory for n elements of dtype. Where the device has no more, it waits
// for queued work, gives back what is kept for later, and tries again; the error is an
// [*backend.OutOfMemory] if that does not help.
func (b *Backend) Alloc(dtype backend.DType, n int) (backend.Buffer, error) {
	asked := int64(math.MaxInt64)
	if int64(n) <= math.MaxInt32 { // places are counted in 32 bits
		asked = int64(n) * int64(dtype.Size())
	}
	m := &b.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	if asked > m.limit {
		return nil, &backend.OutOfMemory{Asked: asked, Used: m.used, Limit: m.limit}
	}
	size := min(class(asked), m.limit)
	if shelf := m.shelves[size]; len(shelf) > 0 {
		last := len(shelf) - 1
		taken := shelf[last]
		m.shelves[size] = shelf[:last]
		m.used += size
		return taken, nil
	}
	var addr driver.Pointer
	err := b.ask(func(ctx driver.Context) (err error) {
		if m.held+size <= m.limit {
			addr, err = ctx.Alloc(size)
			if !outOfMemory(err) {
				return err
			}
		}
		if err = m.release(ctx); err != nil {
			return err
		}
		if m.held+size > m.limit {
			return &driver.Error{Call: "cuMemAlloc", Code: driver.OutOfMemory}
		}
		addr, err = ctx.Alloc(size)
		return err
	})
	if outOfMemory(err) {
		return nil, &backend.OutOfMemory{Asked: asked, Used: m.used, Limit: min(m.limit, m.held+b.free())}
	}
	if err != nil {
		return nil, err
	}
	m.held += size
	m.used += size
	return &buffer{owner: b, addr: addr, size: size}, nil
}

// free returns the bytes that nobody has of the device, this program or another.
func (b *Backend) free() (n int64) {
	err := b.ask(func(ctx driver.Context) (err error) {
		n, _, err = ctx.MemInfo()
		return err
	})
	if err != nil { // then the limit is all that is known
		return b.memory.limit
	}
	return n
}

func outOfMemory(err error) bool {
	var e *driver.Error
	return errors.As(err, &e) && e.Code == driver.OutOfMemory
}

// release gives back all that is kept for later.
func (m *memory) release(ctx driver.Context) error {
	if err := ctx.Synchronize(); err != nil {
		return err
	}
	for size, shelf := range m.shelves {
		for _, kept := range shelf {
			if err := ctx.Free(kept.addr); err != nil {
				return err
			}
			m.held -= size
		}
		delete(m.shelves, size)
	}
	return nil
}

// Free keeps the memory for the next who asks for as much.
func (b *Backend) Free(buf backend.Buffer) {
	b.Forget(buf)
	kept := buf.(*buffer)
	m := &b.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used -= kept.size
	m.shelves[kept.size] = append(m.shelves[kept.size], kept)
}

// Forget lets an emulator count the memory as unwritten. A GPU has nothing of the kind.
func (b *Backend) Forget(buf backend.Buffer) {
	if b.forgetter == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return // and all memory is given back
	}
	b.flush()
	b.queue <- work{forget: buf.(*buffer)}
}

// desk is memory for what a method computes between two launches. All methods share it,
// one after the other, and it is kept: a device may be full of what a tape holds for
// later, which only a demand of the tape's own gives back.
type desk struct {
	mu  sync.Mutex // held from the first launch that uses it to the last
	buf *buffer
}

// scratch calls f with memory for n words that it may use in launches.
func (b *Backend) scratch(op string, n int, f func(p driver.Pointer)) {
	d := &b.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.buf != nil && d.buf.size < 4*int64(n) {
		b.Free(d.buf)
		d.buf = nil
	}
	if d.buf == nil {
		buf, err := b.Alloc(backend.F32, n)
		if err != nil {
			b.faults.Latch(fmt.Errorf("%s: %w", op, err))
			return
		}
		d.buf = buf.(*buffer)
	}
	f(d.buf.addr)
	b.Forget(d.buf)
}

// bytes returns the memory of a slice.
func bytes[T float32 | int32](x []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*4)
}

// Upload copies src to dst, waiting for it.
func (b *Backend) Upload(dst *backend.View, src []float32) error { return b.upload(dst, bytes(src)) }

// UploadInts copies src to dst, waiting for it.
func (b *Backend) UploadInts(dst *backend.View, src []int32) error {
	return b.upload(dst, bytes(src))
}

func (b *Backend) upload(dst *backend.View, src []byte) error {
	if len(src) == 0 {
		return nil
	}
	if dst.IsContiguous() {
		to := b.at("upload", dst)
		return b.ask(func(ctx driver.Context) error { return ctx.Upload(to, src) })
	}
	return b.packed(dst, func(v *backend.View) error {
		if err := b.upload(v, src); err != nil {
			return err
		}
		b.Copy(dst, v)
		return nil
	})
}

// packed calls f with a contiguous view of v's shape in memory of its own.
func (b *Backend) packed(v *backend.View, f func(v *backend.View) error) error {
	buf, err := b.Alloc(v.DType, v.Len())
	if err != nil {
		return err
	}
	defer b.Free(buf)
	return f(&backend.View{Buf: buf, DType: v.DType, Layout: v.Packed()})
}

// Download waits for what was queued and copies src to dst.
func (b *Backend) Download(dst []float32, src *backend.View) error {
	err := b.download(dst, src)
	if fault := b.faults.Untold(); fault != nil {
		return fault
	}
	return err
}

func (b *Backend) download(dst []float32, src *backend.View) error {
	if len(dst) == 0 {
		return b.ask(driver.Context.Synchronize)
	}
	if src.IsContiguous() {
		from := b.at("download", src)
		return b.ask(func(ctx driver.Context) error { return ctx.Download(bytes(dst), from) })
	}
	return b.packed(src, func(v *backend.View) error {
		b.Copy(v, src)
		return b.download(dst, v)
	})
}
