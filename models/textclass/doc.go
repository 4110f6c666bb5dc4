// Package textclass sorts texts into classes by the words that are in them: what word
// vectors are of use for, in Deep Learning from Scratch 2, section 4.4.1.
//
//	m := textclass.New(in, words, 100, classes)
//	m.Use(v.Values)          // vectors that have read more text, for the random ones
//	m.Embed.W.Frozen = true  // only the classifier is trained
//	loss := m.Loss(reader.Batch(tape, idx))
//
// A [Classifier] has an embedding and an affine layer. Its embedding is random and
// trained with the rest, or comes from a model that has read much text without labels,
// as those of package word2vec do, and then stays as it is or is trained on. Where few
// texts have labels, most words are met for the first time when the classifier is put
// to use: all that is known of them is then in their vectors.
//
// A [Reader] makes a [Batch] of labelled texts. Read classifier.go next.
package textclass
