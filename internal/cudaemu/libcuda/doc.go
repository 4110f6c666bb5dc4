// Package libcuda gives the emulator of package cudaemu the C names of the CUDA
// driver and of cuBLAS, so that code which reaches the driver through cgo runs on it
// unchanged. It is there with the tags cuda and cudaemu, in test builds.
//
// A program that loads the driver by dlopen and dlsym asks this function for each
// name instead:
//
//	void *wengert_cudaemu_symbol(const char *name); // NULL where there is no such name
//
// and a test says which devices there are, before anything is opened:
//
//	libcuda.Use(cudaemu.New(cudaemu.Device{Memory: 64 << 20}))
//
// Names of the driver that the emulator does not have answer CUDA_ERROR_NOT_SUPPORTED
// and say so on the standard error. The C interface returns a number for each
// failure; the text behind the latest one is what [Err] returns.
package libcuda
