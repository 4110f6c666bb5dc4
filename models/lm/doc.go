// Package lm is what all language models have in common, whatever network is inside:
// perplexity, text generation, and files that hold a model with its vocabulary. From
// Deep Learning from Scratch 2, sections 5.5, 6.4 and 7.1.
//
//	book, err := lm.OffsetPerplexity(be, m, ids, 10, 35) // the book's way
//	strict, err := lm.Perplexity(be, m, ids)             // all words, in one stream
//	words, err := lm.Sampler{Temperature: 0.8, TopK: 40}.Generate(be, m, seed, 100, rng)
//
// A [Model] gives out a [Reader], which reads a text on, window by window, and says
// which words may follow each; the recurrent networks of package rnnlm are models,
// and so is the decoder of package transformer. A [Sampler] chooses among the words
// that may follow. A [Text] is a model with the vocabulary of its words.
//
// Read model.go next, then perplexity.go and sampler.go.
package lm
