// Package wordvec works with word vectors, whatever made them: counting, CBOW,
// skip-gram, or a file from elsewhere.
//
//	v, err := wordvec.Open("runs/count/best.safetensors")
//	near, err := v.Similar("car", 5)                    // by cosine similarity
//	found, err := v.Analogy("king", "man", "queen", 5)  // king : man = queen : ?
//	x, y, err := v.PCA([]string{"car", "truck", "tree"}) // for a map of words
//
// # The three types to know
//
// [Vectors] is a vocabulary and a matrix [V, D] with a row for each word. How good
// vectors are is measured in two ways: [Vectors.Rate] sets their similarities
// beside those that people gave to a list of [Pair], and [Vectors.Answer] counts
// right answers to the analogies of a [Section].
//
// # Files
//
// [Open] and [Vectors.Save] go by the end of a file's name:
//
//	.safetensors  a matrix "vectors", the words as a JSON list in the metadata
//	.bin          the binary format of the word2vec tool
//	any other     its text format
//
// Files are written whole or not at all. Readers take no memory on the word of a
// header, and their errors say in which line, or at which word, a file is wrong.
//
// Read vectors.go next, then analogy.go.
package wordvec
