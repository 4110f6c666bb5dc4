//go:build cuda && linux && cgo

package native

// #include "library.h"
import "C"

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"unicode"
	"unsafe"

	"gorgonia.org/cu"

	"github.com/wengert-ml/wengert/backend/cuda/driver"
)

// New returns the CUDA driver of this machine. The error says why there is none.
func New() (driver.Driver, error) {
	if why := C.wengert_cuda_missing(); why != nil {
		return nil, fmt.Errorf("there is no NVIDIA driver: %s", C.GoString(why))
	}
	return machine{}, nil
}

// machine is the driver, of which a process has one.
type machine struct{}

func (machine) Devices() ([]driver.Info, error) {
	n, err := cu.NumDevices()
	if err != nil {
		return nil, refused("cuDeviceGetCount", err)
	}
	list := make([]driver.Info, n)
	for i := range list {
		d, err := cu.GetDevice(i)
		if err != nil {
			return nil, refused("cuDeviceGet", err)
		}
		info := &list[i]
		if info.Name, err = d.Name(); err != nil {
			return nil, refused("cuDeviceGetName", err)
		}
		if info.Memory, err = d.TotalMem(); err != nil {
			return nil, refused("cuDeviceTotalMem", err)
		}
		if info.Major, info.Minor, err = d.ComputeCapability(); err != nil {
			return nil, refused("cuDeviceGetAttribute", err)
		}
	}
	return list, nil
}

func (machine) Open(device int) (driver.Context, error) {
	d, err := cu.GetDevice(device)
	if err != nil {
		return nil, refused("cuDeviceGet", err)
	}
	primary, err := d.RetainPrimaryCtx()
	if err != nil {
		return nil, refused("cuDevicePrimaryCtxRetain", err)
	}
	c := &context{device: d, allocated: map[driver.Pointer]bool{}, staging: make([]byte, stagingSize)}
	if err := cu.SetCurrentContext(primary); err != nil {
		return nil, errors.Join(refused("cuCtxSetCurrent", err), c.Close())
	}
	for i := range c.args {
		c.pointers[i] = unsafe.Pointer(&c.args[i])
	}
	return c, nil
}

// stagingSize is how many bytes are copied at once.
const stagingSize = 1 << 20

// maxArgs is how many parameters a kernel may have here.
const maxArgs = 256

// context is the primary context of a device, current on the thread that opened it.
// Its stream is the default one, which copies wait for.
type context struct {
	device    cu.Device
	modules   []cu.Module
	allocated map[driver.Pointer]bool
	blas      *blas
	staging   []byte

	// cu reads 8 bytes behind each pointer.
	args     [maxArgs]uint64
	pointers [maxArgs]unsafe.Pointer
}

type module struct{ m cu.Module }

func (m module) Function(name string) (driver.Function, error) {
	f, err := m.m.Function(name)
	return f, refused("cuModuleGetFunction", err)
}

func (c *context) Load(ptx string) (driver.Module, error) {
	log := &cu.JITErrorLogBuffer{Buffer: make([]byte, 8<<10)}
	m, err := cu.LoadDataEx(ptx, log)
	if err != nil {
		failed := refused("cuModuleLoadDataEx", err)
		text, _, _ := bytes.Cut(log.Buffer, []byte{0})
		if e := (*driver.Error)(nil); errors.As(failed, &e) && len(text) > 0 {
			e.Err = errors.New(string(bytes.TrimSpace(text)))
		}
		return nil, failed
	}
	runtime.KeepAlive(log) // the driver has its address as a number
	c.modules = append(c.modules, m)
	return module{m}, nil
}

func (c *context) Alloc(n int64) (driver.Pointer, error) {
	p, err := cu.MemAlloc(n)
	if err != nil {
		return 0, refused("cuMemAlloc", err)
	}
	c.allocated[driver.Pointer(p)] = true
	return driver.Pointer(p), nil
}

func (c *context) Free(p driver.Pointer) error {
	delete(c.allocated, p)
	return refused("cuMemFree", cu.MemFree(cu.DevicePtr(p)))
}

func (c *context) MemInfo() (free, total int64, err error) {
	free, total, err = cu.MemInfo()
	return free, total, refused("cuMemGetInfo", err)
}

// Copies go by way of c.staging: cgo looks for pointers in all of the object that a
// slice is a part of, and refuses one that has any.

func (c *context) Upload(dst driver.Pointer, src []byte) error {
	for len(src) > 0 {
		n := copy(c.staging, src)
		if err := cu.MemcpyHtoD(cu.DevicePtr(dst), unsafe.Pointer(&c.staging[0]), int64(n)); err != nil {
			return refused("cuMemcpyHtoD", err)
		}
		src, dst = src[n:], dst+driver.Pointer(n)
	}
	return nil
}

func (c *context) Download(dst []byte, src driver.Pointer) error {
	for len(dst) > 0 {
		n := min(len(dst), len(c.staging))
		if err := cu.MemcpyDtoH(unsafe.Pointer(&c.staging[0]), cu.DevicePtr(src), int64(n)); err != nil {
			return refused("cuMemcpyDtoH", err)
		}
		copy(dst, c.staging[:n])
		dst, src = dst[n:], src+driver.Pointer(n)
	}
	return nil
}

func (c *context) Launch(f driver.Function, grid, block [3]int, shared int, args []uint64) error {
	n := copy(c.args[:], args)
	return refused("cuLaunchKernel", f.(cu.Function).Launch(grid[0], grid[1], grid[2], block[0], block[1], block[2], shared, cu.NoStream, c.pointers[:n]))
}

func (c *context) Synchronize() error { return refused("cuCtxSynchronize", cu.Synchronize()) }

// Close goes on where something fails, as all does after the fault of a kernel, so
// that the device is given back.
func (c *context) Close() error {
	var failed []error
	if c.blas != nil {
		failed = append(failed, c.blas.close())
	}
	for p := range c.allocated {
		failed = append(failed, c.Free(p))
	}
	for _, m := range c.modules {
		failed = append(failed, refused("cuModuleUnload", m.Unload()))
	}
	failed = append(failed, refused("cuDevicePrimaryCtxRelease", c.device.ReleasePrimaryCtx()))
	for _, err := range failed {
		if err != nil {
			return err // the first; what follows is mostly the same
		}
	}
	return nil
}

// refused returns a failure of cu as one of the driver.
func refused(call string, err error) error {
	if err == nil {
		return nil
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		// The type is not exported: a number that prints as "OutOfMemory".
		if v := reflect.ValueOf(e); v.Kind() == reflect.Int {
			return &driver.Error{Call: call, Code: int(v.Int()), Name: constant(e.Error())}
		}
	}
	return fmt.Errorf("%s: %w", call, err)
}

// constant returns the driver's name of a result: CUDA_ERROR_OUT_OF_MEMORY.
func constant(name string) string {
	const prefix = "CUDA_ERROR"
	if strings.ContainsRune(name, ':') { // "UnknownErrorCode:222" is newer than cu
		return prefix
	}
	var b strings.Builder
	b.WriteString(prefix)
	for _, r := range name {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}
