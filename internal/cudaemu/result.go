package cudaemu

import (
	"errors"
	"fmt"

	"github.com/wengert-ml/wengert/internal/cudaemu/ptx"
)

// Result is a CUresult, with the driver's own numbers.
type Result int

// The results that the emulator returns.
const (
	Success            Result = 0
	InvalidValue       Result = 1
	OutOfMemory        Result = 2
	NotInitialized     Result = 3
	NoDevice           Result = 100
	InvalidDevice      Result = 101
	InvalidImage       Result = 200
	InvalidContext     Result = 201
	InvalidPTX         Result = 218
	InvalidHandle      Result = 400
	NotFound           Result = 500
	NotReady           Result = 600
	IllegalAddress     Result = 700
	LaunchTimeout      Result = 702
	ContextIsDestroyed Result = 709
	MisalignedAddress  Result = 716
	LaunchFailed       Result = 719
	NotSupported       Result = 801
)

var resultNames = map[Result]string{
	Success: "SUCCESS", InvalidValue: "INVALID_VALUE", OutOfMemory: "OUT_OF_MEMORY", NotInitialized: "NOT_INITIALIZED",
	NoDevice: "NO_DEVICE", InvalidDevice: "INVALID_DEVICE", InvalidImage: "INVALID_IMAGE", InvalidContext: "INVALID_CONTEXT",
	InvalidPTX: "INVALID_PTX", InvalidHandle: "INVALID_HANDLE", NotFound: "NOT_FOUND", NotReady: "NOT_READY",
	IllegalAddress: "ILLEGAL_ADDRESS", LaunchTimeout: "LAUNCH_TIMEOUT",
	ContextIsDestroyed: "CONTEXT_IS_DESTROYED", MisalignedAddress: "MISALIGNED_ADDRESS", LaunchFailed: "LAUNCH_FAILED",
	NotSupported: "NOT_SUPPORTED",
}

// Error returns the driver's name of the result and its number.
func (r Result) Error() string {
	name, ok := resultNames[r]
	if !ok {
		name = "UNKNOWN"
	}
	return fmt.Sprintf("CUDA_ERROR_%s (%d)", name, int(r))
}

// Error is a call that did not succeed. It unwraps to its Result, and to the
// [*ptx.Fault], [*ptx.LaunchError] or [*ptx.SyntaxError] behind it.
type Error struct {
	Call   string // as the driver names it: "cuMemAlloc"
	Result Result
	Detail error // nil where the result says all
}

// Error names the call, the result and what was wrong.
func (e *Error) Error() string {
	if e.Detail == nil {
		return e.Call + ": " + e.Result.Error()
	}
	return e.Call + ": " + e.Result.Error() + ": " + e.Detail.Error()
}

// Unwrap returns the result and the detail.
func (e *Error) Unwrap() []error {
	if e.Detail == nil {
		return []error{e.Result}
	}
	return []error{e.Result, e.Detail}
}

// ResultOf returns the driver's number for an error: Success for nil, and
// LaunchFailed for what is no [*Error].
func ResultOf(err error) Result {
	var e *Error
	switch {
	case err == nil:
		return Success
	case errors.As(err, &e):
		return e.Result
	}
	return LaunchFailed
}

// ofFault returns what the hardware would report for a fault. It does not know races
// and reads of fresh memory: those are failures here.
func ofFault(err error) Result {
	var fault *ptx.Fault
	if !errors.As(err, &fault) {
		return LaunchFailed
	}
	switch fault.Kind {
	case ptx.OutOfBounds:
		return IllegalAddress
	case ptx.Misaligned:
		return MisalignedAddress
	case ptx.Runaway:
		return LaunchTimeout
	}
	return LaunchFailed
}
