package count

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/wengert-ml/wengert/models/wordvec"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/tensor"
)

// Config says how to make word vectors by counting.
type Config struct {
	Window int    // how many words on each side are neighbours; 0 means 2, as in the book
	Size   int    // the width of the vectors; 0 means 100, or half the words where there are fewer than 200
	Seed   uint64 // of the random directions that a large vocabulary needs
}

// WithDefaults returns c with its zeros replaced for a vocabulary of v words. Vectors
// as wide as there are words would be of no use: they are at right angles, all of
// them.
func (c Config) WithDefaults(v int) Config {
	if c.Window == 0 {
		c.Window = 2
	}
	if c.Size == 0 {
		c.Size = min(100, (v+1)/2)
	}
	return c
}

// exactBelow is the size of a vocabulary below which the exact decomposition takes
// less than a second.
const exactBelow = 500

// Vectors returns the left singular vectors of the PPMI of the co-occurrences in a
// corpus, those with the largest singular values: [V, Size]. As in Deep Learning
// from Scratch 2, sections 2.4.3 and 2.4.5. Below 500 words, and where Size is
// nearly their number, the decomposition is exact; otherwise it is [Matrix.RandomSVD].
//
// It is an error if the corpus has no words or the vectors are to be wider than it
// has different words. It panics where Window or Size is below 0.
func (c Config) Vectors(corpus *data.Corpus) (*wordvec.Vectors, error) {
	v := corpus.Vocab.Len()
	c = c.WithDefaults(v)
	if c.Size > v || v == 0 {
		return nil, fmt.Errorf("vectors of width %d for %d different words; want at most as many as there are words", c.Size, v)
	}
	m := CoOccurrence(corpus.IDs, v, c.Window).PPMI()
	u, _, err := c.decompose(m)
	if err != nil {
		return nil, fmt.Errorf("decompose the PPMI of %d words: %w", v, err)
	}
	values := make([]float32, v*c.Size)
	for i, x := range u.RawMatrix().Data { // u has no gaps between rows
		values[i] = float32(x)
	}
	return wordvec.New(corpus.Vocab, c.Size, values)
}

// decompose chooses between the two decompositions.
func (c Config) decompose(m *Matrix) (*mat.Dense, []float64, error) {
	if m.Len() < exactBelow || c.Size+oversampling >= m.Len() {
		return m.SVD(c.Size)
	}
	return m.RandomSVD(c.Size, rand.New(tensor.NewRand(c.Seed, randomStream)))
}

// randomStream is the stream of a seed that random directions are drawn from.
const randomStream = 1 << 41
