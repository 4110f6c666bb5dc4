// Package vec computes on slices of float32 with SIMD instructions: pointwise
// functions and their gradients, sums, softmax, cross entropy, layer normalisation, the rows of
// LSTM and GRU cells, optimiser updates, dropout.
//
// Kernels for AVX-512 and for AVX2 with FMA are Go assembly, written by the
// generator in internal/gen/vec; every kernel also exists in plain Go, which
// runs on other processors and is what the assembly is tested against.
//
//	k, err := vec.Best()        // or vec.For(isa.AVX2)
//	k.Exp(dst, x)               // dst[i] = eˣ[i]
//	k.Axpy(dst, x, 0.5)         // dst[i] += 0.5·x[i]
//	s := k.Sum(x)
//	k.Softmax(dst, rows, v, false, new(vec.Scratch))
//
// The type to know is [Kernels], a table of functions: kernels.go lists them
// with their formulas and accuracy. generic.go has the plain Go versions and is
// the shortest way to see what each computes; rows.go has those that are made
// of others.
//
// # Slices
//
// A kernel handles len(dst) elements (of the first argument, where none is
// called dst). The other slices may be longer; a shorter one panics before
// anything is written. An output may be exactly an input, same start and same length; it must
// not overlap one in any other way. Nothing needs to be aligned, though slices
// that start on a cache line (64 bytes) are faster. Slices handed to a kernel
// are heap memory: calls through a table make them escape.
//
// # Accuracy
//
// Errors are stated in ulps, units in the last place of the exact result: 0.5
// is correctly rounded. Tests hold every kernel to its figure over all of
// float32. NaN gives NaN, infinities and signed zeros are as in package math
// unless a kernel says otherwise. Below 2^-126, among the denormals, the
// pointwise functions keep gradual underflow as IEEE 754 has it. Exp, Tanh, Sigmoid
// and Softplus take no longer for a denormal argument than for another: their
// formulas would run into microcode there, which takes Intel's processors a hundred
// times as long, so they go around it.
//
// The row kernels and the optimisers (softmax, cross entropy, LSTM and GRU cells, SGD,
// Momentum, AdaGrad, Adam) take denormals as zeros and write zeros for them,
// the plain Go versions excepted: a probability of e^-90 or the moments of a row
// that has had no gradient for a thousand steps would otherwise run into that
// microcode. The mode is
// set and restored inside each call of assembly.
//
// # Which bits agree
//
// A kernel's result depends on the values and the length alone, never on
// alignment. What is one operation, or a few that are rounded one by one, has
// the same bits on every instruction set: all that kernels.go calls exact, but
// for Scale, Axpy, AddRows, AddToRows and MulAdd, and Shift, Sum, Max, Min, Uniform and
// Dropout.
// AVX2 and AVX-512 also agree bit for bit in all others but Sigmoid, SiLU, LSTMCell and
// GRUGates: AVX-512 looks powers of 2 up for a sigmoid, so that the last bit may differ.
//
// Sums have a fixed order: 64 partial sums, element i in number i mod 64, that
// are then added in pairs; see generic.go. Slices beyond 65,536 elements are
// taken in pieces of that size, also because a call of assembly cannot be
// interrupted and should stay below 50 µs; the pieces' sums are added in float64.
package vec
