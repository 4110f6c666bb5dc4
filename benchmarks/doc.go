// Package benchmarks measures kernels, the tape and whole training steps.
//
//	go test -bench . ./benchmarks
//	go test -bench 'Step/model=lstm-lm' -benchtime 3s -count 6 ./benchmarks
//	go test -bench MatMul ./benchmarks -reference
//	go test -tags cuda -bench Pointwise ./benchmarks # a GPU beside the processor
//
// Names are key=value pairs, so that benchstat sets what is to be compared side by
// side: benchstat -col /threads. What is reported is what an engineer compares:
// GFLOP/s, GB/s, ns/element, ns/record, ms/step, tokens/s, allocs/op. A GB/s counts
// each operand once, read or written.
//
// Training steps (steps_test.go) are those of the book's models at the book's sizes:
// data, forward, backward, clipping, the optimiser and Reset, with the state carried
// over. A test holds each of them to no garbage once warm.
//
// Read backends_test.go next, then steps_test.go. How other libraries do on the same
// work is measured in compare, each in a module of its own.
package benchmarks
