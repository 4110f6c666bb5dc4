// Package autograd records operations on a tape and differentiates them by
// walking the tape backwards.
//
//	tape := autograd.NewTape(be)
//	x := tape.Leaf(tensor.FromSlice(be, []float32{1, 2, 3}, 3))
//	y := x.Square().Sum()
//	tape.Backward(y)
//	g, _ := x.Grad() // 2x
//
// The tape is a Wengert list (R. E. Wengert, 1964): every operation appends one
// record as it runs, so control flow is Go's own, and the gradient is a loop from
// the last record to the first. The derivatives are themselves made of recorded
// operations, so [Tape.Grad] of a Grad gives derivatives of any order.
//
// # The four types to know
//
// [Var] is a value on a tape: a small handle with the arithmetic as its methods.
// [Tape] is the record. [Param] is a leaf that outlives tapes: a model's weights,
// with their gradient. [Op] is a primitive: its name, its forward computation in
// tensor arithmetic and its derivative in other primitives. The built-in ops and
// yours come through the same door, [Apply].
//
// # A training step
//
//	loss := nn.CrossEntropy(net.Forward(tape.Const(x)), labels)
//	tape.Backward(loss) // adds to Param.Grad
//	opt.Step()          // applies the gradients and clears them
//	tape.Reset()        // takes all memory back
//
// A Var is readable until Reset; one used later panics and says how old it is. A
// tape belongs to one goroutine; several tapes may share one model.
//
// Read tape.go next, then backward.go; matmul.go shows what an op looks like.
package autograd
