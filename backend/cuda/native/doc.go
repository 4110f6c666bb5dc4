// Package native is the CUDA driver of this machine, by gorgonia.org/cu, and cuBLAS
// where it is installed. It is there with the build tag cuda, on Linux with cgo:
//
//	d, err := native.New()
//	devices, err := d.Devices() // the error says why there are none
//
// Neither is linked to: libcuda.so.1 is looked for when the program starts, libcublas
// when a device is opened, so that a program built with the tag runs on a machine
// without them, and can be built without a toolkit. For that the package defines every
// function of the driver that gorgonia.org/cu calls, as a jump to where the library
// was found (trampolines.c), and the linker is given an empty libcuda.so (see package
// cudaenv). With the tag cudaemu they lead to the emulator of internal/cudaemu.
package native
