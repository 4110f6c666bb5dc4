// Package mlp is networks of fully connected layers, from Deep Learning from
// Scratch 2, chapter 1.
//
//	net := mlp.NewTwoLayer(in, 2, 10, 3)
//	loss := nn.CrossEntropy(net.Forward(tape.Const(x)), labels)
package mlp
