package sgemm

import "github.com/wengert-ml/wengert/backend/cpu/isa"

// kernelsFor returns the kernels of an instruction set, nil for plain Go.
func kernelsFor(set isa.ISA) *kernels {
	switch set {
	case isa.AVX512:
		s := avx512Kernels()
		s.streamDepth, s.ahead, s.places = 64, 1, true
		return s
	case isa.AVX2:
		// A panel is one line wide: the line that the next panel needs has to be asked
		// for earlier than that, and longer pieces of k have fewer ends.
		s := avx2Kernels()
		s.streamDepth, s.ahead = 128, 4
		return s
	}
	return nil
}
