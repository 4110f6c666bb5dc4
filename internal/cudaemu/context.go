package cudaemu

import (
	"errors"
	"fmt"

	"github.com/wengert-ml/wengert/internal/cudaemu/ptx"
)

// Context is a CUDA context. Work on its streams is queued and runs when something
// waits for it. After a fault of a kernel every call returns that fault, until the
// context is closed, as with a real device.
type Context struct {
	driver      *Driver
	device      *device
	index       int
	streams     []*Stream // the first is the default stream
	events      map[*Event]bool
	modules     map[*Module]bool
	allocations map[uint64]bool
	sticky      *Error
	closed      bool
}

// enter locks the driver and returns why the context can do nothing, if it cannot.
func (c *Context) enter(call string) error {
	c.driver.mu.Lock()
	switch {
	case c.closed:
		return &Error{Call: call, Result: ContextIsDestroyed}
	case c.sticky != nil:
		return &Error{Call: call, Result: c.sticky.Result, Detail: fmt.Errorf("the context is unusable since %w", error(c.sticky))}
	}
	return nil
}

func (c *Context) leave() { c.driver.mu.Unlock() }

// Device returns the index of the context's device.
func (c *Context) Device() int { return c.index }

// Close waits for nothing: it drops queued work, frees the context's memory and
// modules, and ends the state after a fault.
func (c *Context) Close() error {
	c.driver.mu.Lock()
	defer c.driver.mu.Unlock()
	if c.closed {
		return &Error{Call: "cuCtxDestroy", Result: ContextIsDestroyed}
	}
	c.closed = true
	for addr := range c.allocations {
		c.device.memory.Free(addr)
	}
	for m := range c.modules {
		m.module.Unload()
	}
	return nil
}

// Synchronize waits for the work on all streams. The error is the first fault.
func (c *Context) Synchronize() error {
	const call = "cuCtxSynchronize"
	err := c.enter(call)
	defer c.leave()
	if err != nil {
		return err
	}
	c.device.stats.Waits++
	return c.drainAll(call)
}

// MemInfo returns the bytes that are free, and all the device has.
func (c *Context) MemInfo() (free, total uint64, err error) {
	err = c.enter("cuMemGetInfo")
	defer c.leave()
	m := &c.device.memory
	return m.Limit() - m.Used(), m.Limit(), err
}

// Alloc returns the address of n > 0 bytes. They hold a NaN, and count as read before
// written until something writes them.
func (c *Context) Alloc(n uint64) (uint64, error) {
	const call = "cuMemAlloc"
	err := c.enter(call)
	defer c.leave()
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, &Error{Call: call, Result: InvalidValue, Detail: errors.New("0 bytes")}
	}
	m := &c.device.memory
	addr, ok := m.Alloc(n)
	if !ok {
		return 0, &Error{Call: call, Result: OutOfMemory, Detail: fmt.Errorf("%d bytes of which %d of %d are free", n, m.Limit()-m.Used(), m.Limit())}
	}
	c.allocations[addr] = true
	c.device.stats.Allocations++
	c.device.stats.PeakBytes = max(c.device.stats.PeakBytes, m.Used())
	return addr, nil
}

// Free waits for all work, as the driver does, and frees the memory that begins at
// an address. Freed addresses are never used again.
func (c *Context) Free(addr uint64) error {
	const call = "cuMemFree"
	err := c.enter(call)
	defer c.leave()
	if err != nil {
		return err
	}
	if err := c.drainAll(call); err != nil {
		return err
	}
	if !c.allocations[addr] {
		return &Error{Call: call, Result: InvalidValue, Detail: fmt.Errorf("no memory of this context begins at %#x", addr)}
	}
	delete(c.allocations, addr)
	c.device.memory.Free(addr)
	c.device.stats.Frees++
	return nil
}

// Range returns the allocation that an address is in.
func (c *Context) Range(addr uint64) (base, size uint64, err error) {
	const call = "cuMemGetAddressRange"
	err = c.enter(call)
	defer c.leave()
	if err != nil {
		return 0, 0, err
	}
	base, size, ok := c.device.memory.Range(addr)
	if !ok {
		return 0, 0, &Error{Call: call, Result: InvalidValue, Detail: fmt.Errorf("nothing is allocated at %#x", addr)}
	}
	return base, size, nil
}

// CopyToDevice waits for the streams that the default one waits for, and copies.
func (c *Context) CopyToDevice(dst uint64, src []byte) error {
	const call = "cuMemcpyHtoD"
	return c.now(call, func() error { return c.toDevice(call, dst, src) }, span{dst, len(src)})
}

// CopyToHost waits likewise and copies.
func (c *Context) CopyToHost(dst []byte, src uint64) error {
	const call = "cuMemcpyDtoH"
	return c.now(call, func() error { return c.toHost(call, dst, src) }, span{src, len(dst)})
}

// CopyToDeviceAsync queues a copy. src is read when it runs.
func (c *Context) CopyToDeviceAsync(s *Stream, dst uint64, src []byte) error {
	const call = "cuMemcpyHtoDAsync"
	return c.later(call, s, func() error { return c.toDevice(call, dst, src) }, span{dst, len(src)})
}

// CopyToHostAsync queues a copy. dst is written when it runs.
func (c *Context) CopyToHostAsync(s *Stream, dst []byte, src uint64) error {
	const call = "cuMemcpyDtoHAsync"
	return c.later(call, s, func() error { return c.toHost(call, dst, src) }, span{src, len(dst)})
}

// CopyAsync queues a copy of n bytes on the device.
func (c *Context) CopyAsync(s *Stream, dst, src uint64, n int) error {
	const call = "cuMemcpyDtoDAsync"
	return c.later(call, s, func() error { return c.onDevice(call, dst, src, n) }, span{dst, n}, span{src, n})
}

// FillAsync queues writing the pattern n times at dst. The pattern has 1, 2 or 4 bytes.
func (c *Context) FillAsync(s *Stream, dst uint64, pattern []byte, n int) error {
	const call = "cuMemsetAsync"
	return c.later(call, s, func() error {
		p, err := c.device.memory.Bytes(dst, uint64(n*len(pattern)))
		if err != nil {
			return &Error{Call: call, Result: InvalidValue, Detail: err}
		}
		for i := range p {
			p[i] = pattern[i%len(pattern)]
		}
		c.device.stats.Fills++
		return c.device.memory.Initialise(dst, uint64(len(p)))
	}, span{dst, n * len(pattern)})
}

// Forget queues making n bytes at addr as good as fresh: a NaN, and read before written
// until something writes them. It is for an allocator that hands out memory again, and no
// real driver has it. addr and n are multiples of 4.
func (c *Context) Forget(s *Stream, addr uint64, n int) error {
	const call = "forget"
	return c.later(call, s, func() error {
		if err := c.device.memory.Forget(addr, uint64(n)); err != nil {
			return &Error{Call: call, Result: InvalidValue, Detail: err}
		}
		return nil
	}, span{addr, n})
}

// span is n bytes of device memory that a call names.
type span struct {
	addr uint64
	n    int
}

// check returns an error if a span is not wholly allocated.
func (c *Context) check(call string, spans []span) error {
	for _, s := range spans {
		if s.n < 0 {
			return &Error{Call: call, Result: InvalidValue, Detail: fmt.Errorf("%d bytes", s.n)}
		}
		if _, err := c.device.memory.Bytes(s.addr, uint64(s.n)); err != nil {
			return &Error{Call: call, Result: InvalidValue, Detail: err}
		}
	}
	return nil
}

// now runs work on the default stream and waits for it.
func (c *Context) now(call string, work func() error, spans ...span) error {
	err := c.enter(call)
	defer c.leave()
	if err != nil {
		return err
	}
	if err := c.check(call, spans); err != nil {
		return err
	}
	c.device.stats.Waits++
	if err := c.drainLegacy(call); err != nil {
		return err
	}
	return work()
}

// later queues work on a stream; nil is the default one.
func (c *Context) later(call string, s *Stream, work func() error, spans ...span) error {
	err := c.enter(call)
	defer c.leave()
	if err != nil {
		return err
	}
	if err := c.check(call, spans); err != nil {
		return err
	}
	return c.queue(call, s, work)
}

func (c *Context) toDevice(call string, dst uint64, src []byte) error {
	if err := c.device.memory.Write(dst, src); err != nil {
		return &Error{Call: call, Result: InvalidValue, Detail: err}
	}
	c.device.stats.ToDevice += uint64(len(src))
	c.device.stats.CopiesToDevice++
	return nil
}

func (c *Context) toHost(call string, dst []byte, src uint64) error {
	p, err := c.device.memory.Bytes(src, uint64(len(dst)))
	if err != nil {
		return &Error{Call: call, Result: InvalidValue, Detail: err}
	}
	copy(dst, p)
	c.device.stats.ToHost += uint64(len(dst))
	c.device.stats.CopiesToHost++
	return nil
}

func (c *Context) onDevice(call string, dst, src uint64, n int) error {
	m := &c.device.memory
	to, err := m.Bytes(dst, uint64(n))
	if err != nil {
		return &Error{Call: call, Result: InvalidValue, Detail: err}
	}
	from, err := m.Bytes(src, uint64(n))
	if err != nil {
		return &Error{Call: call, Result: InvalidValue, Detail: err}
	}
	if dst < src+uint64(n) && src < dst+uint64(n) && n > 0 {
		return &Error{Call: call, Result: InvalidValue, Detail: fmt.Errorf("%d bytes at %#x and %#x overlap", n, dst, src)}
	}
	copy(to, from)
	c.device.stats.OnDevice += uint64(n)
	return m.CopyState(dst, src, uint64(n))
}

// Launch queues a kernel. Each of its parameters takes a slot of args, from the low
// end. A shape that the device refuses is an error at once; a fault of the kernel is
// one of whatever waits for it.
func (c *Context) Launch(s *Stream, f *Function, shape ptx.Shape, args []uint64) error {
	const call = "cuLaunchKernel"
	err := c.enter(call)
	defer c.leave()
	if err != nil {
		return err
	}
	if f == nil || !c.modules[f.module] {
		return &Error{Call: call, Result: InvalidHandle, Detail: errors.New("the function's module is not loaded in this context")}
	}
	m := &c.device.machine
	if err := m.Check(f.kernel, shape, len(args)); err != nil {
		return &Error{Call: call, Result: InvalidValue, Detail: err}
	}
	args = append([]uint64(nil), args...)
	c.device.stats.Launches[f.kernel.Name]++
	return c.queue(call, s, func() error {
		if err := m.Launch(f.kernel, shape, args); err != nil {
			return &Error{Call: call, Result: ofFault(err), Detail: err}
		}
		return nil
	})
}
