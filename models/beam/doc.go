// Package beam writes sequences with a trained model: not the likeliest token at each
// step, which may lead to an unlikely whole, but the likeliest of several sequences
// that are followed side by side.
//
//	found := beam.Search{Beams: 5, LengthPenalty: 0.6}.Run(tape, decoder, questions, start, end, 20)
//	found[0][0].IDs // the best answer to the first question
//
// A model joins by a [Decoder]: what it has read of the question and written of the
// answer, for many rows at once, whose rows can be doubled and dropped. The models of
// package seq2seq have one, and those of package transformer.
//
// Deep Learning from Scratch 2 is greedy, in section 7.3; with one beam so is this.
package beam
