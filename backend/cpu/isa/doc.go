// Package isa says which instruction set the CPU backend's kernels use.
//
// There are three: AVX-512, AVX2 with FMA, and plain Go. The best one that the
// processor and the operating system support is chosen at run time; the
// environment variable WENGERT_ISA chooses a lesser one by hand, to measure it
// or to reproduce another machine's numbers:
//
//	WENGERT_ISA=avx2 go test ./backend/cpu/...
//
// A package with kernels calls [Detect] once, where it builds its table of
// functions, and hands a mistake in the variable to its caller:
//
//	set, err := isa.Detect()
//	if err != nil {
//		return nil, err
//	}
//	kernels := vec.For(set)
//
// The type to know is [ISA]; everything is in isa.go.
package isa
