// Package train is the training loop: epochs, batches, the step, evaluation,
// checkpoints and an orderly stop.
//
//	loop := &train.Loop{
//		Tape: tape, Params: nn.Params(net), Optimizer: opt, Clip: 5, Epochs: 3,
//		Batches: train.Shuffled(data.NewBatches(n, 128), seed),
//		Loss: func(tape *autograd.Tape, batch []int) autograd.Var { ... },
//		Evaluate: func(epoch int) ([]train.Metric, error) { ... },
//		Observer: bar,
//	}
//	err := loop.Run(ctx)
//
// A [Loop] is a plain struct; [Loop.Run] goes on from where Epoch and Step stand,
// so a loop that was interrupted, saved with [Loop.Save] and restored with
// [Loop.Restore] continues bit for bit. It prints nothing: an [Observer] is told
// of every step and epoch. [JSONLines] is one that writes metrics to a file.
//
// Nothing here is needed to train: a loop of your own is eight lines (see the
// example of package nn).
package train
