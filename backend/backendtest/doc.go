// Package backendtest is the contract of package backend, as a test.
//
// A backend runs it against itself with one call:
//
//	func TestConformance(t *testing.T) {
//		backendtest.Run(t, func(t *testing.T) backend.Backend { return cpu.New() })
//	}
//
// Every method of [backend.Backend], and every optional interface that the
// backend offers, is called with many shapes, layouts and values, and compared
// with package reference or, for fused kernels, with a plain definition in
// float64 that stands in the suite.
//
// # How one call is tried
//
// A trial is one call of one method with all its operands. An operand is a
// layout over host memory that is larger than the view. What the view does not
// cover, and what an output holds before the call, is junk; the trial runs twice
// with different junk (NaN, then a finite number). It fails where
//
//   - an output differs from the reference by more than the method's tolerance,
//   - anything that is no output has changed: inputs, and the guards around
//     and between the elements of an output,
//   - the two runs differ in a bit: junk was read, or the kernel is not
//     deterministic,
//   - the kernel keeps a view, or a slice given to Upload, after it returned:
//     both are scribbled over at once.
//
// Layouts are tried with small whole numbers, for which float32 sums are exact
// in any order, so those comparisons have no tolerance at all. Rounding is tried
// with real numbers and a bound that tolerance.go justifies.
//
// # The files
//
// suite.go lists the groups of checks and has [Run]; trial.go is the
// description above in code; layouts.go has the ways to lie in memory and
// values.go the numbers. Then one file a family of methods.
//
// [SameBits] compares two backends, such as one with one thread and one with
// several. [Poison], [Quota], [Faulter] and [Limited] serve the suites of other
// packages too.
//
// A property that fails leaves the draw in testdata/rapid, to be tried again
// first; such files are not committed.
package backendtest
