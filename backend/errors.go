package backend

import (
	"fmt"
	"sync"
)

// Error is a failure of the world: out of memory, a lost device, a kernel that
// faulted. It travels as a panic from inside an operation, since arithmetic
// returns no errors, and [Catch] turns it into an ordinary error at the edge of
// a step.
type Error struct {
	Backend string // Name of the backend
	Op      string // what was being done: "alloc", "download", "sync" ...
	Err     error
}

// Error says where, what and why: "cpu: alloc: out of memory: ...".
func (e *Error) Error() string { return fmt.Sprintf("%s: %s: %v", e.Backend, e.Op, e.Err) }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Must panics with an [*Error] if err is not nil.
func Must(be Backend, op string, err error) {
	if err != nil {
		panic(&Error{Backend: be.Name(), Op: op, Err: err})
	}
}

// Catch is for defer: it stores a panic with an [*Error] in *err and lets every
// other panic through.
func Catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case *Error:
		*err = r
	default:
		panic(r)
	}
}

// OutOfMemory is what Alloc returns when memory is exhausted. Sizes are in bytes.
type OutOfMemory struct {
	Asked, Used, Limit int64
}

// Error gives the three sizes in MiB.
func (e *OutOfMemory) Error() string {
	mib := func(n int64) float64 { return float64(n) / (1 << 20) }
	return fmt.Sprintf("out of memory: %.3g MiB asked for, %.3g of %.3g MiB in use; a smaller batch needs less",
		mib(e.Asked), mib(e.Used), mib(e.Limit))
}

// Faults is the latch behind Sync and Download for backends whose kernels run
// later. The zero value holds no fault. It is safe for several goroutines.
type Faults struct {
	mu    sync.Mutex
	count uint64
	told  uint64
	last  error
}

// Latch counts a fault.
func (f *Faults) Latch(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	f.last = err
}

// Since is what Sync returns, once the queue is empty.
func (f *Faults) Since(since uint64) (count uint64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.count > since {
		f.told = f.count
		return f.count, f.last
	}
	return f.count, nil
}

// Untold is what Download returns, once the queue is empty: a fault that nobody
// has been told of.
func (f *Faults) Untold() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.count > f.told {
		f.told = f.count
		return f.last
	}
	return nil
}
