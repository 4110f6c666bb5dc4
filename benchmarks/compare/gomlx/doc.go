// Command gomlx does the work of the comparison with GoMLX's backend in Go
// ("simplego"). It is a module of its own so that GoMLX stays out of wengert's.
//
// GoMLX compiles a graph for a training step once; parameters and the optimiser's
// state go in and come out, and their buffers are donated, so that they are reused.
// The backend has no gradient of slicing (it lacks Pad), so an LSTM's weights are cut
// into its four gates before training: the same products, in narrower matrices.
package main
