//go:build cuda && cudaemu

package libcuda

// #include <stddef.h>
import "C"

import (
	"encoding/binary"
	"slices"
	"syscall"
	"unsafe"

	"github.com/wengert-ml/wengert/internal/cudaemu"
	"github.com/wengert-ml/wengert/internal/cudaemu/ptx"
)

// version is that of CUDA 12.0.
const version = 12000

//export emu_cuDriverGetVersion
func emu_cuDriverGetVersion(v *C.int) C.int {
	*v = version
	return 0
}

//export emu_cuDeviceGetCount
func emu_cuDeviceGetCount(n *C.int) C.int {
	count, err := process.driver.Count()
	*n = C.int(count)
	return process.code(err)
}

//export emu_cuDeviceGet
func emu_cuDeviceGet(device *C.int, ordinal C.int) C.int {
	_, err := process.driver.Name(int(ordinal))
	*device = ordinal
	return process.code(err)
}

//export emu_cuDeviceGetName
func emu_cuDeviceGetName(text *C.char, n, device C.int) C.int {
	name, err := process.driver.Name(int(device))
	if err == nil && n > 0 {
		dst := host(unsafe.Pointer(text), C.size_t(n))
		dst[copy(dst[:n-1], name)] = 0
	}
	return process.code(err)
}

//export emu_cuDeviceTotalMem_v2
func emu_cuDeviceTotalMem_v2(bytes *C.size_t, device C.int) C.int {
	n, err := process.driver.TotalMemory(int(device))
	*bytes = C.size_t(n)
	return process.code(err)
}

//export emu_cuDeviceGetAttribute
func emu_cuDeviceGetAttribute(v *C.int, attribute, device C.int) C.int {
	x, err := process.driver.Attribute(int(device), int(attribute))
	*v = C.int(x)
	return process.code(err)
}

//export emu_cuCtxCreate_v2
func emu_cuCtxCreate_v2(p *unsafe.Pointer, _ C.uint, device C.int) C.int {
	c, err := process.driver.NewContext(int(device))
	if err != nil {
		return process.code(err)
	}
	*p = process.handle(c)
	process.push(c)
	return 0
}

// push makes c current on the calling thread.
func (l *library) push(c *cudaemu.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	tid := syscall.Gettid()
	l.current[tid] = append(l.current[tid], c)
}

// close ends a context, wherever it is current.
func (l *library) close(c *cudaemu.Context) error {
	p := l.handle(c)
	l.mu.Lock()
	for tid, stack := range l.current {
		l.current[tid] = slices.DeleteFunc(stack, func(o *cudaemu.Context) bool { return o == c })
	}
	l.mu.Unlock()
	l.drop(p)
	return c.Close()
}

//export emu_cuCtxDestroy_v2
func emu_cuCtxDestroy_v2(p unsafe.Pointer) C.int {
	c, ok := object[*cudaemu.Context](process, p)
	if !ok {
		return process.code(invalid("cuCtxDestroy", cudaemu.InvalidContext))
	}
	return process.code(process.close(c))
}

//export emu_cuDevicePrimaryCtxRetain
func emu_cuDevicePrimaryCtxRetain(p *unsafe.Pointer, device C.int) C.int {
	process.mu.Lock()
	shared := process.primary[int(device)]
	process.mu.Unlock()
	if shared == nil {
		c, err := process.driver.NewContext(int(device))
		if err != nil {
			return process.code(err)
		}
		shared = &primary{ctx: c}
		process.mu.Lock()
		process.primary[int(device)] = shared
		process.mu.Unlock()
	}
	shared.uses++
	*p = process.handle(shared.ctx)
	return 0
}

//export emu_cuDevicePrimaryCtxRelease_v2
func emu_cuDevicePrimaryCtxRelease_v2(device C.int) C.int {
	return process.release("cuDevicePrimaryCtxRelease", int(device), 1)
}

//export emu_cuDevicePrimaryCtxReset_v2
func emu_cuDevicePrimaryCtxReset_v2(device C.int) C.int {
	process.mu.Lock()
	shared := process.primary[int(device)]
	process.mu.Unlock()
	if shared == nil {
		return 0
	}
	return process.release("cuDevicePrimaryCtxReset", int(device), shared.uses)
}

// release takes uses from a device's primary context, and ends it with the last.
func (l *library) release(call string, device, uses int) C.int {
	l.mu.Lock()
	shared := l.primary[device]
	if shared == nil {
		l.mu.Unlock()
		return l.code(invalid(call, cudaemu.InvalidContext))
	}
	if shared.uses -= uses; shared.uses > 0 {
		l.mu.Unlock()
		return 0
	}
	delete(l.primary, device)
	l.mu.Unlock()
	return l.code(l.close(shared.ctx))
}

//export emu_cuCtxSetCurrent
func emu_cuCtxSetCurrent(p unsafe.Pointer) C.int {
	c, ok := object[*cudaemu.Context](process, p)
	if !ok && p != nil {
		return process.code(invalid("cuCtxSetCurrent", cudaemu.InvalidContext))
	}
	process.mu.Lock()
	defer process.mu.Unlock()
	tid := syscall.Gettid()
	stack := process.current[tid]
	if len(stack) > 0 {
		stack = stack[:len(stack)-1]
	}
	if c != nil {
		stack = append(stack, c)
	}
	process.current[tid] = stack
	return 0
}

//export emu_cuCtxGetCurrent
func emu_cuCtxGetCurrent(p *unsafe.Pointer) C.int {
	*p = nil
	if c, err := process.context("cuCtxGetCurrent"); err == nil {
		*p = process.handle(c)
	}
	return 0
}

//export emu_cuCtxPushCurrent_v2
func emu_cuCtxPushCurrent_v2(p unsafe.Pointer) C.int {
	c, ok := object[*cudaemu.Context](process, p)
	if !ok {
		return process.code(invalid("cuCtxPushCurrent", cudaemu.InvalidContext))
	}
	process.push(c)
	return 0
}

//export emu_cuCtxPopCurrent_v2
func emu_cuCtxPopCurrent_v2(p *unsafe.Pointer) C.int {
	c, err := process.context("cuCtxPopCurrent")
	if err != nil {
		return process.code(err)
	}
	if p != nil {
		*p = process.handle(c)
	}
	process.mu.Lock()
	defer process.mu.Unlock()
	tid := syscall.Gettid()
	process.current[tid] = process.current[tid][:len(process.current[tid])-1]
	return 0
}

//export emu_cuCtxGetDevice
func emu_cuCtxGetDevice(device *C.int) C.int {
	return with("cuCtxGetDevice", func(c *cudaemu.Context) error {
		*device = C.int(c.Device())
		return nil
	})
}

//export emu_cuCtxSynchronize
func emu_cuCtxSynchronize() C.int {
	return with("cuCtxSynchronize", (*cudaemu.Context).Synchronize)
}

//export emu_cuMemGetInfo_v2
func emu_cuMemGetInfo_v2(free, total *C.size_t) C.int {
	return with("cuMemGetInfo", func(c *cudaemu.Context) error {
		f, t, err := c.MemInfo()
		*free, *total = C.size_t(f), C.size_t(t)
		return err
	})
}

//export emu_cuMemAlloc_v2
func emu_cuMemAlloc_v2(p *C.ulonglong, n C.size_t) C.int {
	return with("cuMemAlloc", func(c *cudaemu.Context) error {
		addr, err := c.Alloc(uint64(n))
		*p = C.ulonglong(addr)
		return err
	})
}

//export emu_cuMemFree_v2
func emu_cuMemFree_v2(p C.ulonglong) C.int {
	return with("cuMemFree", func(c *cudaemu.Context) error { return c.Free(uint64(p)) })
}

//export emu_cuMemGetAddressRange_v2
func emu_cuMemGetAddressRange_v2(base *C.ulonglong, n *C.size_t, p C.ulonglong) C.int {
	return with("cuMemGetAddressRange", func(c *cudaemu.Context) error {
		b, size, err := c.Range(uint64(p))
		if base != nil {
			*base = C.ulonglong(b)
		}
		if n != nil {
			*n = C.size_t(size)
		}
		return err
	})
}

//export emu_cuMemcpyHtoD_v2
func emu_cuMemcpyHtoD_v2(dst C.ulonglong, src unsafe.Pointer, n C.size_t) C.int {
	return with("cuMemcpyHtoD", func(c *cudaemu.Context) error { return c.CopyToDevice(uint64(dst), host(src, n)) })
}

//export emu_cuMemcpyDtoH_v2
func emu_cuMemcpyDtoH_v2(dst unsafe.Pointer, src C.ulonglong, n C.size_t) C.int {
	return with("cuMemcpyDtoH", func(c *cudaemu.Context) error { return c.CopyToHost(host(dst, n), uint64(src)) })
}

//export emu_cuMemcpyDtoD_v2
func emu_cuMemcpyDtoD_v2(dst, src C.ulonglong, n C.size_t) C.int {
	return emu_cuMemcpyDtoDAsync_v2(dst, src, n, nil)
}

//export emu_cuMemcpyHtoDAsync_v2
func emu_cuMemcpyHtoDAsync_v2(dst C.ulonglong, src unsafe.Pointer, n C.size_t, stream unsafe.Pointer) C.int {
	return onStream("cuMemcpyHtoDAsync", stream, func(c *cudaemu.Context, s *cudaemu.Stream) error {
		return c.CopyToDeviceAsync(s, uint64(dst), host(src, n))
	})
}

//export emu_cuMemcpyDtoHAsync_v2
func emu_cuMemcpyDtoHAsync_v2(dst unsafe.Pointer, src C.ulonglong, n C.size_t, stream unsafe.Pointer) C.int {
	return onStream("cuMemcpyDtoHAsync", stream, func(c *cudaemu.Context, s *cudaemu.Stream) error {
		return c.CopyToHostAsync(s, host(dst, n), uint64(src))
	})
}

//export emu_cuMemcpyDtoDAsync_v2
func emu_cuMemcpyDtoDAsync_v2(dst, src C.ulonglong, n C.size_t, stream unsafe.Pointer) C.int {
	const call = "cuMemcpyDtoDAsync"
	return onStream(call, stream, func(c *cudaemu.Context, s *cudaemu.Stream) error {
		if err := bounded(call, n); err != nil {
			return err
		}
		return c.CopyAsync(s, uint64(dst), uint64(src), int(n))
	})
}

//export emu_cuMemsetD8_v2
func emu_cuMemsetD8_v2(dst C.ulonglong, v C.uchar, n C.size_t) C.int {
	return emu_cuMemsetD8Async(dst, v, n, nil)
}

//export emu_cuMemsetD32_v2
func emu_cuMemsetD32_v2(dst C.ulonglong, v C.uint, n C.size_t) C.int {
	return emu_cuMemsetD32Async(dst, v, n, nil)
}

//export emu_cuMemsetD8Async
func emu_cuMemsetD8Async(dst C.ulonglong, v C.uchar, n C.size_t, stream unsafe.Pointer) C.int {
	return memset("cuMemsetD8", dst, []byte{byte(v)}, n, stream)
}

//export emu_cuMemsetD32Async
func emu_cuMemsetD32Async(dst C.ulonglong, v C.uint, n C.size_t, stream unsafe.Pointer) C.int {
	return memset("cuMemsetD32", dst, binary.LittleEndian.AppendUint32(nil, uint32(v)), n, stream)
}

func memset(call string, dst C.ulonglong, pattern []byte, n C.size_t, stream unsafe.Pointer) C.int {
	return onStream(call, stream, func(c *cudaemu.Context, s *cudaemu.Stream) error {
		if err := bounded(call, n*C.size_t(len(pattern))); err != nil {
			return err
		}
		return c.FillAsync(s, uint64(dst), pattern, int(n))
	})
}

//export emu_cuStreamCreate
func emu_cuStreamCreate(p *unsafe.Pointer, flags C.uint) C.int {
	return with("cuStreamCreate", func(c *cudaemu.Context) error {
		s, err := c.NewStream(flags&1 != 0)
		if err == nil {
			*p = process.handle(s)
		}
		return err
	})
}

//export emu_cuStreamDestroy_v2
func emu_cuStreamDestroy_v2(p unsafe.Pointer) C.int {
	return onStream("cuStreamDestroy", p, func(c *cudaemu.Context, s *cudaemu.Stream) error {
		err := c.DestroyStream(s)
		if s != nil {
			process.drop(p)
		}
		return err
	})
}

//export emu_cuStreamSynchronize
func emu_cuStreamSynchronize(p unsafe.Pointer) C.int {
	return onStream("cuStreamSynchronize", p, (*cudaemu.Context).SynchronizeStream)
}

//export emu_cuStreamQuery
func emu_cuStreamQuery(p unsafe.Pointer) C.int {
	return onStream("cuStreamQuery", p, (*cudaemu.Context).QueryStream)
}

//export emu_cuStreamWaitEvent
func emu_cuStreamWaitEvent(stream, event unsafe.Pointer, _ C.uint) C.int {
	return onStream("cuStreamWaitEvent", stream, func(c *cudaemu.Context, s *cudaemu.Stream) error {
		e, ok := object[*cudaemu.Event](process, event)
		if !ok {
			return invalid("cuStreamWaitEvent", cudaemu.InvalidHandle)
		}
		return c.Await(s, e)
	})
}

//export emu_cuEventCreate
func emu_cuEventCreate(p *unsafe.Pointer, _ C.uint) C.int {
	return with("cuEventCreate", func(c *cudaemu.Context) error {
		e, err := c.NewEvent()
		if err == nil {
			*p = process.handle(e)
		}
		return err
	})
}

//export emu_cuEventDestroy_v2
func emu_cuEventDestroy_v2(p unsafe.Pointer) C.int {
	return onEvent("cuEventDestroy", p, func(c *cudaemu.Context, e *cudaemu.Event) error {
		process.drop(p)
		return c.DestroyEvent(e)
	})
}

//export emu_cuEventRecord
func emu_cuEventRecord(event, stream unsafe.Pointer) C.int {
	return onStream("cuEventRecord", stream, func(c *cudaemu.Context, s *cudaemu.Stream) error {
		e, ok := object[*cudaemu.Event](process, event)
		if !ok {
			return invalid("cuEventRecord", cudaemu.InvalidHandle)
		}
		return c.Record(e, s)
	})
}

//export emu_cuEventQuery
func emu_cuEventQuery(p unsafe.Pointer) C.int {
	return onEvent("cuEventQuery", p, (*cudaemu.Context).QueryEvent)
}

//export emu_cuEventSynchronize
func emu_cuEventSynchronize(p unsafe.Pointer) C.int {
	return onEvent("cuEventSynchronize", p, (*cudaemu.Context).SynchronizeEvent)
}

//export emu_cuModuleLoadData
func emu_cuModuleLoadData(p *unsafe.Pointer, image *C.char) C.int {
	return with("cuModuleLoadData", func(c *cudaemu.Context) error {
		m, err := c.Load(C.GoString(image))
		if err == nil {
			*p = process.handle(m)
		}
		return err
	})
}

// jitErrorLog and jitErrorLogSize are options of cuModuleLoadDataEx: where the
// compiler's messages go, and how many bytes there are.
const (
	jitErrorLog     = 5
	jitErrorLogSize = 6
)

//export emu_cuModuleLoadDataEx
func emu_cuModuleLoadDataEx(p *unsafe.Pointer, image *C.char, n C.uint, options *C.int, values *unsafe.Pointer) C.int {
	code := emu_cuModuleLoadData(p, image)
	if code == 0 || n == 0 {
		return code
	}
	names, vals := unsafe.Slice(options, int(n)), unsafe.Slice(values, int(n))
	at, size := slices.Index(names, jitErrorLog), slices.Index(names, jitErrorLogSize)
	process.mu.Lock()
	err := process.last
	process.mu.Unlock()
	if at >= 0 && size >= 0 && err != nil {
		if room := uintptr(vals[size]); room > 0 {
			dst := host(vals[at], C.size_t(room))
			dst[copy(dst[:room-1], err.Error())] = 0
		}
	}
	return code
}

//export emu_cuModuleUnload
func emu_cuModuleUnload(p unsafe.Pointer) C.int {
	return with("cuModuleUnload", func(c *cudaemu.Context) error {
		m, ok := object[*cudaemu.Module](process, p)
		if !ok {
			return invalid("cuModuleUnload", cudaemu.InvalidHandle)
		}
		for _, f := range process.functions(m) {
			process.drop(f)
		}
		process.drop(p)
		return c.Unload(m)
	})
}

//export emu_cuModuleGetFunction
func emu_cuModuleGetFunction(p *unsafe.Pointer, module unsafe.Pointer, name *C.char) C.int {
	return with("cuModuleGetFunction", func(*cudaemu.Context) error {
		m, ok := object[*cudaemu.Module](process, module)
		if !ok {
			return invalid("cuModuleGetFunction", cudaemu.InvalidHandle)
		}
		f, err := m.Function(C.GoString(name))
		if err == nil {
			*p = process.handle(f)
		}
		return err
	})
}

//export emu_cuLaunchKernel
func emu_cuLaunchKernel(function unsafe.Pointer, gx, gy, gz, bx, by, bz, shared C.uint, stream unsafe.Pointer, params, extra *unsafe.Pointer) C.int {
	const call = "cuLaunchKernel"
	return onStream(call, stream, func(c *cudaemu.Context, s *cudaemu.Stream) error {
		f, ok := object[*cudaemu.Function](process, function)
		if !ok {
			return invalid(call, cudaemu.InvalidHandle)
		}
		if extra != nil || params == nil && len(f.Params()) > 0 {
			return invalid(call, cudaemu.InvalidValue)
		}
		var args []uint64
		for i, p := range f.Params() {
			var slot [8]byte
			copy(slot[:], host(unsafe.Slice(params, len(f.Params()))[i], C.size_t(p.Size)))
			args = append(args, binary.LittleEndian.Uint64(slot[:]))
		}
		return c.Launch(s, f, ptx.Shape{
			Grid: ptx.Dim3{X: int(gx), Y: int(gy), Z: int(gz)}, Block: ptx.Dim3{X: int(bx), Y: int(by), Z: int(bz)}, Shared: int(shared),
		}, args)
	})
}
