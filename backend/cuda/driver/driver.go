package driver

import "fmt"

// Driver knows the devices of a machine.
type Driver interface {
	// Devices describes the devices, in the driver's order. The error says why there is
	// no driver; without a device the list is empty.
	Devices() ([]Info, error)

	// Open returns a context on a device, counted from 0. All calls of a context come
	// from the thread of the system that opened it.
	Open(device int) (Context, error)
}

// Info describes a device.
type Info struct {
	Name         string
	Memory       int64 // bytes
	Major, Minor int   // compute capability
}

// Pointer is an address in the memory of a device.
type Pointer uint64

// Function is a kernel. It is understood only by the context that it is of.
type Function any

// Module is a PTX text that was loaded.
type Module interface {
	// Function returns a kernel by its name.
	Function(name string) (Function, error)
}

// Context is memory of a device and one stream of work on it. Errors of calls are
// an [*Error], or what a queued kernel did before.
type Context interface {
	// Load compiles a PTX text for the device.
	Load(ptx string) (Module, error)

	// Alloc returns n > 0 bytes, aligned to 256. Their contents are arbitrary.
	Alloc(n int64) (Pointer, error)

	// Free waits for all work and gives memory back.
	Free(p Pointer) error

	// MemInfo returns the bytes that are free, and all the device has.
	MemInfo() (free, total int64, err error)

	// Upload waits for what was queued and copies src to the device; src may be reused
	// at once.
	Upload(dst Pointer, src []byte) error

	// Download waits likewise and copies to dst.
	Download(dst []byte, src Pointer) error

	// Launch queues a kernel on a grid of blocks, with bytes of shared memory beyond
	// what it declares. Each parameter takes a slot of args, from the low end.
	Launch(f Function, grid, block [3]int, shared int, args []uint64) error

	// Synchronize waits for all work and returns the first fault.
	Synchronize() error

	// Close frees the context with all its memory and modules.
	Close() error
}

// BLAS is what a [Context] offers that has cuBLAS.
type BLAS interface {
	// OpenBLAS readies the library and returns its version; the error says why there is
	// none. With tf32 the factors of products may be rounded to 11 significant bits.
	OpenBLAS(tf32 bool) (version string, err error)

	// Sgemm queues a product.
	Sgemm(g *Gemm) error
}

// Forgetter is what a [Context] offers that tells reads of memory that nobody has
// written from those that are in order, as an emulator does.
type Forgetter interface {
	// Forget queues making n bytes as good as fresh. p and n are multiples of 4.
	Forget(p Pointer, n int64) error
}

// Gemm is z = x·y, or z += x·y, in row-major order: x is [M, K], or [K, M] where it is
// transposed, y [K, N] or [N, K], z [M, N], each with the elements between its rows.
// Count products of such matrices lie Stride elements apart.
type Gemm struct {
	TransX, TransY            bool
	Accumulate                bool
	M, N, K, Count            int
	X, Y, Z                   Pointer
	LdX, LdY, LdZ             int
	StrideX, StrideY, StrideZ int
}

// Error is a call that the driver refused.
type Error struct {
	Call string // as the driver names it: "cuMemAlloc"
	Code int    // CUresult
	Name string // of the code: "CUDA_ERROR_OUT_OF_MEMORY"
	Err  error  // more about it, where there is more
}

// The results that a caller tells apart.
const (
	OutOfMemory    = 2
	NoDevice       = 100
	IllegalAddress = 700
	LaunchTimeout  = 702
	Assert         = 710
	HardwareStack  = 714 // the first of those that a kernel's instructions may end in
	LaunchFailed   = 719 // the last
)

// Fatal reports whether a kernel failed, after which the driver refuses everything
// until the context is closed.
func (e *Error) Fatal() bool {
	switch e.Code {
	case IllegalAddress, LaunchTimeout, Assert:
		return true
	}
	return HardwareStack <= e.Code && e.Code <= LaunchFailed
}

// Error names the call, the result and what was wrong.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s (%d): %v", e.Call, e.Name, e.Code, e.Err)
	}
	return fmt.Sprintf("%s: %s (%d)", e.Call, e.Name, e.Code)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }
