// Package seq2seq is models that turn one sequence into another, from Deep
// Learning from Scratch 2, chapters 7 and 8.
//
//	m := seq2seq.NewAttention(in, seq2seq.Config{Vocab: 59, Embed: 16, Hidden: 256})
//	loss := m.Loss(tape, questions, answers)
//	ids, weights := m.Generate(tape, questions, start, 10)
//
// An [Encoder] reads the question, a decoder writes the answer one token at a
// time. [Attention] is the model whose decoder looks back at every position of
// the question; its file, attention.go, is the one to read.
package seq2seq
