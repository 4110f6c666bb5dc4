// Package emulated lets package cuda run on the emulator of package cudaemu, for tests
// on machines without a GPU, a driver or a C compiler:
//
//	emulator := cudaemu.New(cudaemu.Device{})
//	be, err := cuda.Config{Driver: emulated.New(emulator)}.New()
package emulated
