// Package gradtest checks gradients where numbers are float64.
//
// It compares what the tape derives with central differences, on
// backend/reference, where a difference is good to eight digits instead of the
// three of float32: a wrong factor, a forgotten term and a gradient added twice
// all show.
//
//	func TestSoftClip(t *testing.T) {
//		gradtest.Run(t, func(tape *autograd.Tape, in []autograd.Var) autograd.Var {
//			return in[0].Div(in[1]).Tanh().Mul(in[1])
//		}, gradtest.Uniform(-2, 2, 3, 4), gradtest.Uniform(0.5, 2, 4))
//	}
//
// # What is checked
//
// [Run] draws the inputs, reduces the result to a number with random weights and
// checks
//
//   - the first derivative along random directions of each input;
//   - the whole Jacobian, where it is small;
//   - the second derivative, which is the gradient of a random combination of the
//     gradients, along random directions;
//   - that Backward leaves at Params and leaves what Grad returns, that a second
//     Backward doubles it, and both for the derivative of a derivative;
//   - all of it again with inputs that are not contiguous.
//
// [Check] is Run that returns an error. [Model] does the same for the Params of a
// whole model. [Fused] compares a backend's fused kernels with their definition.
// [Config] changes backend, tolerance and the rest, and has the same methods.
//
// # What to choose
//
// Keep the inputs away from poles and from places without a derivative: the
// difference across a kink is neither side's slope. The tape's random stream
// starts anew for every evaluation, so dropout draws the same mask each time.
//
// Read gradtest.go next; subject.go has the differences.
package gradtest
