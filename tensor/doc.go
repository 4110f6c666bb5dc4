// Package tensor is n-dimensional float32 arrays over a backend: shapes, views,
// NumPy's broadcasting and eager arithmetic.
//
//	be := cpu.New()
//	x := tensor.FromSlice(be, []float32{1, 2, 3, 4, 5, 6}, 2, 3)
//	y := x.MatMul(x.T()).Sqrt()
//	fmt.Println(y)
//
// It knows nothing of gradients: package autograd records operations on a tape
// and runs them with the functions of this package.
//
// # The three types to know
//
// [Tensor] is an array: a layout (shape, strides, offset) over a buffer of a
// backend. Transposes, slices, expansions and most reshapes are views that
// share the buffer. [Ints] is an immutable array of int32: token ids, labels.
// [Arena] is memory that is taken back all at once, for tapes and optimisers.
//
// # Where a result lives
//
// The result of an operation lives where its operands live: in the arena of the
// first operand that has one, else on the heap, where the garbage collector
// finds it. So one implementation of arithmetic serves eager code and the tape,
// and code written with tensors runs in either.
//
// # Mistakes and failures
//
// Shapes are checked here, before memory is taken, and only here. A mistake
// panics with a [*ShapeError] that names the operation, every shape and what
// would fit. A failure of the world (no memory, a lost device) panics with a
// [*backend.Error], which autograd.Try turns into an error.
//
// Read tensor.go next, then view.go and arena.go.
package tensor
