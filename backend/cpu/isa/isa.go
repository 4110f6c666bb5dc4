package isa

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/cpu"
)

// ISA is a set of instructions that kernels are written for. A larger one
// includes the smaller ones.
type ISA uint8

// The instruction sets, slowest first.
const (
	Generic ISA = iota // plain Go, on every processor
	AVX2               // AVX2 and FMA: Intel since 2013 (Haswell), AMD since 2015 (Excavator)
	AVX512             // AVX-512 F, BW, DQ and VL: Intel servers since 2017 (Skylake), AMD since 2022 (Zen 4)
)

var names = [...]string{Generic: "generic", AVX2: "avx2", AVX512: "avx512"}

// Env is the environment variable that chooses an instruction set by hand.
const Env = "WENGERT_ISA"

// String returns the name that [Parse] reads: "generic", "avx2" or "avx512".
func (i ISA) String() string { return names[i] }

// Parse returns the instruction set of that name. It fails for any other name.
func Parse(name string) (ISA, error) {
	if i := slices.Index(names[:], name); i >= 0 {
		return ISA(i), nil
	}
	return Generic, fmt.Errorf("unknown instruction set %q; want one of %s", name, strings.Join(names[:], ", "))
}

// Supported returns the instruction sets that this machine runs, slowest first.
// Generic is always the first.
func Supported() []ISA {
	have := []ISA{Generic}
	// The assembly is for 64-bit programs; a 32-bit one may see the same processor.
	if runtime.GOARCH != "amd64" || !cpu.X86.HasAVX2 || !cpu.X86.HasFMA {
		return have
	}
	have = append(have, AVX2)
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL {
		have = append(have, AVX512)
	}
	return have
}

// Detect returns the best instruction set of this machine, or the one that the
// variable WENGERT_ISA names. It fails where the variable names none, or one
// that this machine does not run.
func Detect() (ISA, error) { return choose(os.Getenv(Env), Supported()) }

// Choose returns the instruction set of that name or, where name is empty, what
// Detect chooses. It fails where Detect does, and for a name that is none of the
// machine's instruction sets.
func Choose(name string) (ISA, error) {
	if name == "" {
		return Detect()
	}
	return named(name, Supported())
}

// choose is Detect without the machine. An empty want is no wish.
func choose(want string, have []ISA) (ISA, error) {
	if want == "" {
		return have[len(have)-1], nil
	}
	i, err := named(want, have)
	if err != nil {
		return Generic, fmt.Errorf("%s: %w", Env, err)
	}
	return i, nil
}

// named returns the instruction set of that name, if it is among those of have.
func named(name string, have []ISA) (ISA, error) {
	i, err := Parse(name)
	if err != nil {
		return Generic, err
	}
	if best := have[len(have)-1]; i > best {
		return Generic, fmt.Errorf("this machine does not run %s; the best it runs is %s", i, best)
	}
	return i, nil
}
