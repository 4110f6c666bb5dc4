// Package cudaenv makes what a C compiler needs to build gorgonia.org/cu without a
// CUDA toolkit: a header and an empty library.
//
//	env, err := cudaenv.Write(dir)
//	fmt.Println(env.CFlags, env.LDFlags) // for CGO_CFLAGS and CGO_LDFLAGS
//
// The header is made of the one that the module carries for its own generator, CUDA
// 11's declarations without the suffixes of versions, such as _v2 of cuMemAlloc_v2:
// they are put back, since a program would call the 32-bit functions otherwise. With
// a toolkit's own header the module does not compile from CUDA 13 on.
//
// The library is an empty script of the linker: cu asks for -lcuda, and package native
// of backend/cuda defines the functions itself. cgo's flags of one module do not reach
// another, which is why they are in the environment.
package cudaenv
