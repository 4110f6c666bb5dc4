// Package data turns text into numbers and numbers into mini-batches: corpora,
// vocabularies, splits, batching, and the generators of the data sets of Deep
// Learning from Scratch 2. It is host data alone, []int32 and []float32; it
// knows nothing of tensors, tapes or models.
//
//	qa := data.Dates(rng, 50_000)        // "Sep 27, 1994" and "_1994-09-27"
//	pairs, err := data.NewPairs(qa, nil) // ids [N, 29] and [N, 11], and their vocabulary
//	train, test := pairs.Reverse().Split(pairs.N/10, data.NewRandomState(1984))
//	batches := data.NewBatches(train.N, 128)
//	for epoch := range epochs {
//		rng := rand.New(rand.NewPCG(seed, epoch))
//		for _, idx := range batches.Epoch(rng) {
//			train.Batch(idx, x, in, out) // fills the caller's buffers
//			...
//		}
//	}
//
// # The three types to know
//
// A [Vocabulary] maps tokens to ids and back. A set of examples holds ids, flat
// and in row-major order: [Pairs] for questions and answers, [Corpus] for running
// text. What walks over a set yields batches: [Batches] for independent examples
// in random order, [Streams] for truncated backpropagation through time, and
// [Windows] for the contexts of word2vec.
//
// # Corpora
//
// [Open] finds a text by its name and cuts it in three parts: the artificial
// [English], of which the floor of every language model's perplexity is known,
// Newton's [Opticks], the Penn Treebank, or a file.
//
//	train, valid, test, err := data.Open("english", data.Options{Seed: 1984})
//
// # Randomness
//
// Whatever is drawn takes its generator as an argument: a *rand.Rand of
// math/rand/v2, over any Source, or a [RandomState], which draws the very numbers
// of NumPy's legacy generator and so repeats the book's splits, shuffles and
// initial values. Both are a [Shuffler].
//
// An order never depends on what was drawn before it: [Batches.Epoch] shuffles
// 0 .. N-1 afresh, so a run that makes its generator from (seed, epoch) can be
// resumed in the middle of an epoch by walking over the batches already done.
//
// # Files
//
// Readers return errors of the form file:line: what is wrong; what is wanted.
// They never change what they read: a line that does not fit is an error.
//
// Read vocabulary.go next, then pairs.go and batches.go.
package data
