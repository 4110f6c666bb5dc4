// Package sgemm is a BLAS for Go whose single-precision matrix products run at
// the speed of the machine, without cgo.
//
// It implements [gonum.org/v1/gonum/blas.Float32], so it fits wherever gonum's
// own implementation does:
//
//	set, err := isa.Detect()
//	if err != nil {
//		return err
//	}
//	impl := sgemm.New(set, sgemm.Config{})
//	blas32.Use(impl)
//
// [BLAS] embeds gonum's implementation and overrides Sgemm and Sgemv with
// assembly for AVX-512 or for AVX2 with FMA; SgemmBatch is new. On other
// processors the same division of work runs over gonum's kernels.
//
// # The types to know
//
// [BLAS] is the implementation and [Config] what it is made from; its work is shared
// by the goroutines of package workers.
//
// # How a product is computed
//
// A kernel holds a tile of C in registers, 9 × 48 in AVX-512 and 6 × 16 in
// AVX2, while k runs (kernels_amd64.s, written by internal/gen/sgemm). Around
// it there are three ways through the operands, and plan.go chooses:
//
//   - blocked (blocked.go), for large products: a block of B is packed so that
//     it stays in the second-level cache, a tile of A in the first;
//   - streamed (streamed.go), for few rows of A, as in a recurrent network: B,
//     the weights, passes by once, in place; with AVX-512 also for more rows, where
//     a piece of B fits in the second-level cache and packing it is time lost;
//   - dots (dots.go), for few rows of A and a transposed B: both are read along
//     k, nothing is packed.
//
// # Same bits for any number of threads
//
// An element of C is a sum over k in an order that depends on the shape of the
// whole product alone: the way through the operands and the length of the
// pieces of k. How rows and columns are dealt out to threads does not enter.
//
// # Denormals, NaN and infinities
//
// Arithmetic is IEEE 754 single precision with fused multiply-add, except that
// numbers below 1.2e-38 in magnitude count as zeros and results below it become
// zeros: on Intel's processors arithmetic with them is a hundred times slower,
// and vanishing gradients are full of them. Where beta is 0, C is not read.
// Gonum's kernels, that is, plain Go, keep denormals, and they skip zeros of A,
// so that there 0 · Inf is 0 and not NaN.
//
// Read blas.go next, then plan.go.
package sgemm
