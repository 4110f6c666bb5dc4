// Package transformer is networks of attention alone, without recurrence: what Deep
// Learning from Scratch 2, section 8.5.2, looks out on (Vaswani et al., "Attention is
// all you need", 2017).
//
//	m := transformer.NewEncoderDecoder(in, transformer.Config{Vocab: 59, Width: 64, Layers: 2, Heads: 4})
//	loss := m.Loss(tape, questions, given, wanted)
//
// An [EncoderDecoder] turns one sequence into another and is a model of package
// seq2seq; an [LM] is its decoder by itself, which says what word follows those
// before, and is a model of package lm. Both are stacks of a [Block]: attention and a
// small network at each position, each added to what it was computed from.
//
// Blocks normalise what they read and not what they give (Xiong et al., 2020), so that
// training needs no warm-up of the learning rate. In generation they keep the keys and
// values of the positions before in a [Cache].
//
// Read block.go next, then encoderdecoder.go and lm.go.
package transformer
