package sgemm

import "github.com/wengert-ml/wengert/backend/cpu/isa"

// kernelsFor returns the kernels of an instruction set, nil for plain Go.
func kernelsFor(set isa.ISA) *kernels {
	switch set {
	case isa.AVX512:
		return avx512Kernels()
	case isa.AVX2:
		return avx2Kernels()
	}
	return nil
}
