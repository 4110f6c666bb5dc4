// Package remote is a toy device: a backend whose memory Go cannot address.
//
// Buffers are handles, kernels wait in a queue and run later in another
// goroutine, memory has a limit, and a fault is noticed long after the call that
// caused it. Code that works on it makes none of the assumptions that hold on a
// CPU and break on a GPU:
//
//	dev := remote.New(reference.New(), 64<<20)
//	defer dev.Close()
//	dev.Break()                     // the next kernel fails,
//	dev.Fill(x, 1)                  // this one,
//	count, err := dev.Sync(0)       // which Sync tells
//
// [Device] is the device and [Float64Device] the same over a float64 backend,
// for gradient checks. It is all in remote.go; docs on the contract are in
// package backend.
package remote
