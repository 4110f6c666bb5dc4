// Package cudatest gives tests a CUDA backend. What it runs on is a matter of build tags:
//
//	go test ./...                    the emulator of internal/cudaemu, in pure Go
//	go test -tags cuda,cudaemu ./... the same behind the driver's C names, reached through gorgonia.org/cu
//	go test -tags cuda ./...         the first NVIDIA GPU; without one the tests are skipped
//
// A test asks for a backend, and for an emulated device where it needs a small one, or
// counts:
//
//	be, emulator := cudatest.Open(t, cudaemu.Device{Memory: 4 << 20}, cuda.Config{})
package cudatest
