// Package seq2seq is models that turn one sequence into another, from Deep
// Learning from Scratch 2, chapters 7 and 8.
//
//	m := seq2seq.NewAttention(in, seq2seq.Config{Vocab: 59, Embed: 16, Hidden: 256})
//	loss := m.Loss(tape, questions, given, wanted)
//	ids, weights := m.Generate(tape, questions, start, 10)
//
// An [Encoder] reads the question, a decoder writes the answer one token at a
// time. [Seq2seq] hands the decoder the encoder's last hidden state and nothing
// else; [Peeky] shows it that state at every step; [Attention] lets it look back at
// every position of the question. All three are a [Model], and a [Translator] is a
// Model with what it takes to use it on text.
//
// Read encoder.go and seq2seq.go next, then attention.go.
package seq2seq
