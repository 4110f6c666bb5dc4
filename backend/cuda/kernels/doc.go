// Package kernels holds the kernels of package cuda: kernels.cu and prelude.h, and what
// clang 19 makes of them, which is committed, so that nobody needs a CUDA compiler.
//
// After a change run compile.sh. A test compares the hash of the sources with the one
// stamped in the PTX.
//
// The ptxas of CUDA 12.9 takes the PTX as it is for compute capability 7.0, 8.0 and 9.0.
// Nothing spills; product128x64 has the most registers, 121, so that a multiprocessor
// holds two of its blocks.
package kernels
