// Package cuda is the place of the backend for NVIDIA GPUs on gorgonia.org/cu.
//
// It has no kernels yet: [New] returns an error in every build. What is settled is
// the door: build tag cuda, without which the package needs neither a C compiler
// nor a CUDA toolkit, and a constructor that says why there is no device.
//
//	be, err := cuda.New(0)
//	if err != nil { // "cuda: ..."
//		be = cpu.New()
//	}
package cuda
