package wordvec

import (
	"fmt"
	"math"
	"slices"

	"github.com/wengert-ml/wengert/nn/data"
)

// Vectors is a vector for each word of a vocabulary. Methods only read, so several
// goroutines may call them.
type Vectors struct {
	Vocab  *data.Vocabulary
	D      int       // the width of a vector
	Values []float32 // [V, D], row-major
}

// New returns vectors of width d for the words of a vocabulary; values is [V, D]
// and is not copied. It is an error if there is no word, if values has another
// length, or if a value is not finite, as after a training that diverged.
func New(vocab *data.Vocabulary, d int, values []float32) (*Vectors, error) {
	if vocab.Len() == 0 || d < 1 || len(values) != vocab.Len()*d {
		return nil, fmt.Errorf("word vectors: %d values for %d words of width %d; want at least one word, and a vector for each", len(values), vocab.Len(), d)
	}
	for i, x := range values {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return nil, fmt.Errorf("word vectors: component %d of %q is %v; want a finite number", i%d, vocab.Token(int32(i/d)), x)
		}
	}
	return &Vectors{Vocab: vocab, D: d, Values: values}, nil
}

// Row returns the vector of an id, [D], without a copy.
func (v *Vectors) Row(id int32) []float32 { return v.Values[int(id)*v.D : (int(id)+1)*v.D] }

// Vector returns the vector of a word, [D], without a copy. The error is an
// [*UnknownWord].
func (v *Vectors) Vector(word string) ([]float32, error) {
	id, ok := v.Vocab.ID(word)
	if !ok {
		return nil, &UnknownWord{Word: word, Size: v.Vocab.Len()}
	}
	return v.Row(id), nil
}

// UnknownWord is the error for a word that has no vector.
type UnknownWord struct {
	Word string
	Size int // how many words have one
}

// Error names the word.
func (e *UnknownWord) Error() string {
	return fmt.Sprintf("%q is not one of the %d words that have a vector", e.Word, e.Size)
}

// Neighbour is a word and how similar it is to what was asked for.
type Neighbour struct {
	Word       string
	Similarity float64 // the cosine, in [-1, 1], where nothing else is said
}

// Similar returns the n words with the vectors most similar to that of word, itself
// left out, the most similar first, equal ones in the order of their ids. The error
// is an [*UnknownWord]. As most_similar in Deep Learning from Scratch 2, section
// 2.3.6.
func (v *Vectors) Similar(word string, n int) ([]Neighbour, error) {
	id, ok := v.Vocab.ID(word)
	if !ok {
		return nil, &UnknownWord{Word: word, Size: v.Vocab.Len()}
	}
	return v.Nearest(v.Row(id), n, id), nil
}

// Nearest returns the n words with the vectors most similar to query [D], those of
// the ids in except left out, the most similar first. It panics where query has
// another length.
func (v *Vectors) Nearest(query []float32, n int, except ...int32) []Neighbour {
	if len(query) != v.D {
		panic(fmt.Sprintf("Vectors.Nearest: a query of width %d; want %d", len(query), v.D))
	}
	return v.rank(n, except, func(row []float32) float64 { return Cosine(query, row) })
}

// rank returns the n words whose vectors are the most similar, but for those in except.
func (v *Vectors) rank(n int, except []int32, similarity func(row []float32) float64) []Neighbour {
	type hit struct {
		id         int32
		similarity float64
	}
	var best []hit // sorted; n is small, so a heap would not be quicker
	for id := range int32(v.Vocab.Len()) {
		if slices.Contains(except, id) {
			continue
		}
		h := hit{id, similarity(v.Row(id))}
		if len(best) == n && (n == 0 || best[n-1].similarity >= h.similarity) {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, h, func(a, b hit) int {
			if a.similarity >= b.similarity {
				return -1
			}
			return 1
		})
		best = slices.Insert(best, at, h)
		best = best[:min(n, len(best))]
	}
	near := make([]Neighbour, len(best))
	for i, h := range best {
		near[i] = Neighbour{v.Vocab.Token(h.id), h.similarity}
	}
	return near
}

// Cosine returns the cosine of the angle between x [D] and y [D],
//
//	x·y / (|x| |y|)
//
// and 0 where one of them is zero. The book adds 1e-8 to each norm instead; the
// difference is below what float32 shows unless a vector is shorter than 0.1.
func Cosine(x, y []float32) float64 {
	var xy, xx, yy float64
	for i, a := range x {
		a, b := float64(a), float64(y[i])
		xy += a * b
		xx += a * a
		yy += b * b
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / (math.Sqrt(xx) * math.Sqrt(yy))
}

// unit returns the vectors divided by their norms, [V, D]; zeros stay zeros.
func (v *Vectors) unit() []float32 {
	u := make([]float32, len(v.Values))
	for id := range int32(v.Vocab.Len()) {
		normalise(u[int(id)*v.D:(int(id)+1)*v.D], v.Row(id))
	}
	return u
}

func normalise(dst, x []float32) {
	sum := 0.0
	for _, a := range x {
		sum += float64(a) * float64(a)
	}
	if sum == 0 {
		return
	}
	norm := math.Sqrt(sum)
	for i, a := range x {
		dst[i] = float32(float64(a) / norm)
	}
}
