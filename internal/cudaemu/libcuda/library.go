//go:build cuda && cudaemu

package libcuda

// #include <stdlib.h>
// #include "symbols.h"
import "C"

import (
	"errors"
	"log"
	"math"
	"sync"
	"syscall"
	"unsafe"

	"github.com/wengert-ml/wengert/internal/cudaemu"
)

// library is the state behind the C interface, of which a process has one.
type library struct {
	mu      sync.Mutex
	driver  *cudaemu.Driver
	objects map[unsafe.Pointer]any     // what handles stand for
	handles map[any]unsafe.Pointer     // of contexts
	primary map[int]*primary           // by device
	current map[int][]*cudaemu.Context // stacks, by thread of the system
	last    error
}

// primary is the context of a device that its users share.
type primary struct {
	ctx  *cudaemu.Context
	uses int
}

// process is the library of this process: C has no place to pass one.
var process = newLibrary(cudaemu.New(cudaemu.Device{}))

func newLibrary(d *cudaemu.Driver) *library {
	return &library{driver: d, objects: map[unsafe.Pointer]any{}, handles: map[any]unsafe.Pointer{}, primary: map[int]*primary{}, current: map[int][]*cudaemu.Context{}}
}

// Use makes d the driver that the C names reach. Contexts of the one before are
// forgotten, so nothing of it may be open.
func Use(d *cudaemu.Driver) {
	process.mu.Lock()
	defer process.mu.Unlock()
	fresh := newLibrary(d)
	process.driver, process.objects, process.handles, process.primary, process.current, process.last =
		fresh.driver, fresh.objects, fresh.handles, fresh.primary, fresh.current, nil
}

// Err returns the latest failure of a call, nil if there was none since the last Err.
func Err() error {
	process.mu.Lock()
	defer process.mu.Unlock()
	err := process.last
	process.last = nil
	return err
}

// Symbol returns the C function of a name, nil where there is none.
func Symbol(name string) unsafe.Pointer {
	c := C.CString(name)
	defer C.free(unsafe.Pointer(c))
	return C.wengert_cudaemu_symbol(c)
}

// code keeps an error and returns its number.
func (l *library) code(err error) C.int {
	r := cudaemu.ResultOf(err)
	if err == nil || r == cudaemu.NotReady {
		return C.int(r)
	}
	l.mu.Lock()
	l.last = err
	l.mu.Unlock()
	switch r {
	case cudaemu.IllegalAddress, cudaemu.MisalignedAddress, cudaemu.LaunchFailed, cudaemu.LaunchTimeout, cudaemu.InvalidPTX:
		log.Printf("cudaemu: %v", err) // C sees the number alone
	}
	return C.int(r)
}

// invalid is the error of a call without a context, or with a handle of nothing.
func invalid(call string, r cudaemu.Result) error { return &cudaemu.Error{Call: call, Result: r} }

// handle returns a C pointer that stands for x.
func (l *library) handle(x any) unsafe.Pointer {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p, ok := l.handles[x]; ok {
		return p
	}
	p := C.malloc(1) // a real address, since Go code holds it as a pointer
	l.objects[p], l.handles[x] = x, p
	return p
}

// drop forgets a handle.
func (l *library) drop(p unsafe.Pointer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.handles, l.objects[p])
	delete(l.objects, p)
	C.free(p)
}

// functions returns the handles of a module's kernels.
func (l *library) functions(m *cudaemu.Module) []unsafe.Pointer {
	l.mu.Lock()
	defer l.mu.Unlock()
	var handles []unsafe.Pointer
	for p, x := range l.objects {
		if f, ok := x.(*cudaemu.Function); ok && f.Module() == m {
			handles = append(handles, p)
		}
	}
	return handles
}

// object returns what a handle stands for; false where it is nothing of that type.
func object[T any](l *library, p unsafe.Pointer) (T, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	x, ok := l.objects[p].(T)
	return x, ok
}

// context returns the current context of the calling thread.
func (l *library) context(call string) (*cudaemu.Context, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	stack := l.current[syscall.Gettid()]
	if len(stack) == 0 || stack[len(stack)-1] == nil {
		return nil, invalid(call, cudaemu.InvalidContext)
	}
	return stack[len(stack)-1], nil
}

// with runs f with the current context.
func with(call string, f func(c *cudaemu.Context) error) C.int {
	c, err := process.context(call)
	if err == nil {
		err = f(c)
	}
	return process.code(err)
}

// onStream runs f with the current context and the stream of a handle. Nil, 1 and 2
// stand for the default stream.
func onStream(call string, p unsafe.Pointer, f func(c *cudaemu.Context, s *cudaemu.Stream) error) C.int {
	return with(call, func(c *cudaemu.Context) error {
		if uintptr(p) <= 2 {
			return f(c, nil)
		}
		s, ok := object[*cudaemu.Stream](process, p)
		if !ok {
			return invalid(call, cudaemu.InvalidHandle)
		}
		return f(c, s)
	})
}

func onEvent(call string, p unsafe.Pointer, f func(c *cudaemu.Context, e *cudaemu.Event) error) C.int {
	return with(call, func(c *cudaemu.Context) error {
		e, ok := object[*cudaemu.Event](process, p)
		if !ok {
			return invalid(call, cudaemu.InvalidHandle)
		}
		return f(c, e)
	})
}

// host returns n bytes of memory of the host.
func host(p unsafe.Pointer, n C.size_t) []byte { return unsafe.Slice((*byte)(p), int(n)) }

// bounded returns a size that fits an int, or an error.
func bounded(call string, n C.size_t) error {
	if uint64(n) > math.MaxInt32 {
		return &cudaemu.Error{Call: call, Result: cudaemu.InvalidValue, Detail: errors.New("more than 2 GiB in one call")}
	}
	return nil
}
