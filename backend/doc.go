// Package backend is the contract between arrays and the machine that holds
// and transforms their memory.
//
// A [Backend] owns buffers and runs kernels on them. It knows nothing of
// tensors, tapes or models: it is given a [View], which is a buffer with a
// [Layout] (shape, strides, offset), and it is told what to compute.
//
//	be := cpu.New()
//	buf, err := be.Alloc(backend.F32, 6)
//	x := &backend.View{Buf: buf, Layout: backend.Contiguous(2, 3)}
//	err = be.Upload(x, []float32{1, 2, 3, 4, 5, 6})
//	be.Unary(backend.Exp, x, x, 0, 0) // in place: x = e^x
//
// # The three types to know
//
// [Backend] is the interface, [View] is what kernels are given, and the tables
// [Unaries] and [Binaries] define every pointwise function: its name, formula,
// float64 reference and domain. A row of a table is the definition; a backend
// may have a faster kernel for it, and the conformance suite compares the two.
//
// # Optional interfaces
//
// What a backend can do faster than by composition it offers through an
// optional interface (files named after what they speed up: softmax.go,
// lstm.go, gru.go ...), as in io/fs. Package tensor asks for it and otherwise composes
// the methods of Backend, so a new backend starts with the interface alone.
//
// # Rules every backend keeps
//
//   - Ranks go from 0 to [MaxRank]; strides are never negative; a stride of 0
//     repeats an element and appears only in inputs.
//   - An output equals an input exactly (same buffer, same layout) or does not
//     overlap it. Inputs may overlap each other.
//   - Only what may fail for reasons of the world returns an error. Kernels
//     return nothing, may run later, and latch a fault that Sync reports.
//   - Buffers from Alloc are not cleared; a kernel writes every element of its
//     output (MatMul with accumulate, ScatterAdd and Copy into a part excepted).
//   - The same call gives the same bits for any number of threads.
//   - Shapes were checked by the caller (package tensor); kernels rely on it.
//   - Methods may be called from several goroutines, but not on the same
//     buffer while one of them writes it.
//
// Read backend.go next, then package reference, which is a whole backend in
// plain loops, and run package backendtest on your own.
package backend
