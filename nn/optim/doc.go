// Package optim turns gradients into better parameters: optimisers, gradient
// clipping and learning-rate schedules.
//
//	params := nn.Params(net)
//	opt := &optim.Adam{Params: params, LR: 1e-3}
//	var clip optim.Clipper
//	for step := range steps {
//		tape.Backward(loss(tape))
//		clip.ClipNorm(params, 5)
//		opt.Step() // applies the gradients and clears them
//		tape.Reset()
//	}
//
// An optimiser is a struct whose zero options are the defaults. The formulas are
// those of Deep Learning from Scratch 2 (common/optimizer.py), letter for letter:
// w is a parameter, g its gradient, λ the weight decay.
//
// # The three types to know
//
// [Optimizer] is what a training loop asks of [SGD], [Momentum], [Nesterov],
// [AdaGrad], [RMSprop], [Adam] and [AdamW]. [Clipper] limits gradients before the
// step. [Schedule] says what the learning rate is at which step.
//
// # Row-sparse gradients
//
// The gradient of an embedding names the rows it has (see [autograd.Gradient]), and
// a step touches those alone. For SGD and AdaGrad that is exact: without a gradient
// their formulas leave a row as it is. The others are lazy, as PyTorch's SparseAdam
// is: a row that was not looked up keeps its values and its state, where the
// formulas would let the state decay and the row drift on. So is weight decay: it
// shrinks the rows that were looked up. Dense: true gives the formulas' exact
// numbers, at the price of a pass over the whole table.
//
// Read sgd.go next, then adam.go; step.go is what all of them share.
package optim
