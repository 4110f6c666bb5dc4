package ptx

import "fmt"

// Dim3 is a size or a position in a grid or block: x, y, z.
type Dim3 struct{ X, Y, Z int }

// String returns "(x,y,z)".
func (d Dim3) String() string { return fmt.Sprintf("(%d,%d,%d)", d.X, d.Y, d.Z) }

func (d Dim3) count() int { return d.X * d.Y * d.Z }

// position returns the place of the i-th element of d, x running first.
func (d Dim3) position(i int) Dim3 {
	return Dim3{i % d.X, i / d.X % d.Y, i / (d.X * d.Y)}
}

// FaultKind says what a kernel did wrong.
type FaultKind uint8

// The faults that a launch reports.
const (
	OutOfBounds      FaultKind = iota + 1 // no memory of that space at the address, or no longer
	Misaligned                            // an address that is no multiple of the access's size
	Uninitialised                         // a read of memory that nobody has written
	Race                                  // two threads, at least one writing, with nothing to order them
	DivergentBarrier                      // a barrier that not all threads of the block, or not all named lanes, reach together
	Runaway                               // more instructions than [Machine].Limit
	DivideByZero                          // an integer division whose result the hardware does not define
	BadBranch                             // an index past the end of a table of branch targets
)

// String returns the fault in words.
func (k FaultKind) String() string {
	return [...]string{
		OutOfBounds:      "out of bounds",
		Misaligned:       "misaligned",
		Uninitialised:    "uninitialised",
		Race:             "race",
		DivergentBarrier: "divergent barrier",
		Runaway:          "runaway kernel",
		DivideByZero:     "division by zero",
		BadBranch:        "bad branch",
	}[k]
}

// Fault is what ended a launch: one thread's instruction, and what was wrong with it.
type Fault struct {
	Kind   FaultKind
	Kernel string
	Block  Dim3
	Thread Dim3
	Line   int    // of the PTX text, from 1
	Source string // that line
	Addr   uint64 // of a memory access, in its space
	Detail string // the access, and what it met
}

// Error names the kernel, the thread, the line of PTX and what was wrong.
func (f *Fault) Error() string {
	return fmt.Sprintf("ptx: kernel %s, block %v, thread %v, line %d %q: %v: %s", f.Kernel, f.Block, f.Thread, f.Line, f.Source, f.Kind, f.Detail)
}

// SyntaxError is text that the parser does not know. The emulator refuses what it
// cannot execute exactly, so the error names it.
type SyntaxError struct {
	Line   int // from 1
	Source string
	Detail string
}

// Error names the line of PTX and what is wrong there.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("ptx: line %d %q: %s", e.Line, e.Source, e.Detail)
}

// LaunchError is a launch that the device refuses before any thread runs.
type LaunchError struct {
	Kernel string
	Detail string // what was asked for and what would fit
}

// Error names the kernel and the limit.
func (e *LaunchError) Error() string { return fmt.Sprintf("ptx: launch %s: %s", e.Kernel, e.Detail) }
