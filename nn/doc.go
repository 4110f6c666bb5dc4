// Package nn is layers, losses and initial values for neural networks, composed
// of the operations of package autograd. No layer has a backward pass.
//
//	in := nn.NewInit(be, 1984)
//	hidden, out := nn.NewLinear(in, 2, 10), nn.NewLinear(in, 10, 3)
//	y := out.Forward(hidden.Forward(x).Sigmoid())
//	loss := nn.CrossEntropy(y, labels)
//
// A layer is a plain struct with a Forward method: parameters are exported
// fields, state is a value that goes in and comes out. A model is a struct of
// layers; [Params] finds its parameters by walking it, and names them after the
// fields: "Hidden.W". There is nothing to register and nothing to inherit.
//
// # The types to know
//
// [Init] draws initial values. [Linear] (the book's Affine) and [Embedding] are
// the layers to start from; [LSTM], [GRU] and [RNN] run over time, [LSTMCell],
// [GRUCell] and [RNNCell] are one step. Losses are functions: [CrossEntropy],
// [MSE]. [Save] and [Load] keep a model in a file.
//
// Shapes are written with the letters of Deep Learning from Scratch 2: N is the
// batch, T the time steps, D the input width, H the hidden width, V the
// vocabulary.
//
// Read linear.go next, then lstm.go and recurrent.go.
package nn
