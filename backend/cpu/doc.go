// Package cpu is the backend that computes with Go on the processor's cores.
//
//	be := cpu.New()                        // all cores, their best instructions
//	be := cpu.Config{Threads: 2}.New()     // two of them
//	x, _ := be.Alloc(backend.F32, 6)
//	v := &backend.View{Buf: x, Layout: backend.Contiguous(2, 3)}
//	_ = be.Upload(v, []float32{1, 2, 3, 4, 5, 6})
//	be.Reduce(backend.ReduceSum, total, v) // runs at once: nothing to wait for
//
// Three types carry it. [Backend] holds what does not change: threads, BLAS and
// the kernels chosen when it was made. A walk (iter.go) turns any strides into
// short runs of memory, so every kernel sees plain slices. The pool (pool.go)
// spreads the parts of a large kernel over goroutines.
//
// # Instructions
//
// Pointwise functions, rows and sums are those of package vec, matrix products
// those of package sgemm: assembly for AVX-512 and for AVX2, plain Go elsewhere.
// The best that the processor has is chosen at run time; [Config].ISA or the
// environment variable WENGERT_ISA=generic|avx2|avx512 chooses by hand.
//
// # Bits
//
// How a kernel splits its work into parts, and the arithmetic within a part,
// depend on shapes and strides alone, never on the number of threads or on who
// is free: the same call gives the same bits for any Config.Threads and one
// instruction set. Memory starts at a multiple of 64 bytes for the same reason,
// since a BLAS from outside may sum the first, unaligned elements apart.
//
// # Garbage
//
// A kernel call allocates nothing once its scratch has been made. A BLAS from
// outside may: gonum's own Sgemm, which plain Go uses, allocates when it splits a
// product over its goroutines, so it is called on tiles small enough that it does
// not (matmul.go).
//
// # Reading
//
// Start with pointwise.go, which has the tables of package backend with their
// kernels and how strides reach them; then reduce.go and matmul.go. One file each
// has the fused kernels: softmax.go, crossentropy.go, layernorm.go, dropout.go, lstm.go,
// lstmsteps.go, gru.go, update.go, rowmixer.go, norm.go.
package cpu
