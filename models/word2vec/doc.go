// Package word2vec is models that learn word vectors by predicting words from
// their neighbours, from Deep Learning from Scratch 2, chapters 3 and 4.
//
//	m := word2vec.NewCBOW(in, vocab, 100)
//	loss := m.Loss(tape, contexts, targets, negatives)
//	m.Embed.W // [V, D], the word vectors
//
// There are two tasks and two ways to compute them. CBOW predicts a word from the
// words around it, skip-gram those from the word. [SimpleCBOW] and
// [SimpleSkipGram] multiply one-hot vectors and take a softmax over the whole
// vocabulary; [CBOW] and [SkipGram] compute the same in the time that a large
// vocabulary leaves: rows are looked up, and the softmax gives way to negative
// sampling. All take contexts [N, C] and targets [N], as data.Windows cuts them.
//
// Read simplecbow.go next, then cbow.go.
package word2vec
