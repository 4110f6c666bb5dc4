// Command vec writes the assembly of package backend/cpu/vec: every kernel for
// AVX-512 and for AVX2 with FMA, from one description.
//
//	go generate ./backend/cpu/vec
//
// It is a module of its own, so that avo, the assembler library it is written
// with, stays out of the go.mod of users. Read the files in this order:
//
//   - kernel.go: a kernel under construction; instructions on vectors of lanes
//   - stream.go: the loop that every kernel runs in, with its tail
//   - math.go: exp, log, tanh and the others, as sequences of instructions
//   - pointwise.go, reduce.go, lstm.go, gru.go, optim.go, philox.go: the kernels
//   - main.go: assembles and prints the files
package main
