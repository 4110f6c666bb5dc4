// Package count makes word vectors by counting, from Deep Learning from Scratch 2,
// chapter 2: which words stand near which, how much more often than by chance, and
// what of that fits into a few dimensions.
//
//	corpus, err := data.LoadCorpus("text.txt", nil)
//	v, err := count.Config{Window: 2, Size: 100, Seed: 1984}.Vectors(corpus)
//	near, err := v.Similar("car", 5)
//
// The same step by step:
//
//	c := count.CoOccurrence(corpus.IDs, corpus.Vocab.Len(), 2) // counts
//	m := c.PPMI()                                              // surprise, in bits
//	u, s, err := m.RandomSVD(100, rng)                         // u [V, 100] are the vectors
//
// [Matrix] is symmetric and sparse: the counts of the Penn Treebank with a window of
// two words have 10,000 x 10,000 entries, of which 1 in 100 is not zero. No step
// makes a dense matrix of that size but [Matrix.SVD] and [Matrix.Dense], which are
// for small vocabularies.
//
// The two types to know are [Matrix] and [Config]. Read matrix.go next, then svd.go.
package count
