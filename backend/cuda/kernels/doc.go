// Package kernels holds the kernels of package cuda: kernels.cu and prelude.h, and what
// clang 19 makes of them, which is committed, so that nobody needs a CUDA compiler.
//
// After a change run compile.sh. A test compares the hash of the sources with the one
// stamped in the PTX.
package kernels
