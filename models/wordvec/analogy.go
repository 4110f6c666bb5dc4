package wordvec

import (
	"strings"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// Analogy returns the n words that best complete a : b = c : ?, those nearest by
// cosine to
//
//	b/|b| - a/|a| + c/|c|
//
// with a, b and c themselves left out. The error is an [*UnknownWord]. As Mikolov, Yih
// and Zweig (2013) do it; [Vectors.BookAnalogy] does not normalise.
func (v *Vectors) Analogy(a, b, c string, n int) ([]Neighbour, error) {
	ids, err := v.known(a, b, c)
	if err != nil {
		return nil, err
	}
	terms := make([]float32, 3*v.D)
	for i, id := range ids {
		normalise(terms[i*v.D:(i+1)*v.D], v.Row(id))
	}
	query := make([]float32, v.D)
	offset(query, terms[:v.D], terms[v.D:2*v.D], terms[2*v.D:])
	return v.Nearest(query, n, ids...), nil
}

// BookAnalogy is [Vectors.Analogy] with vectors that keep their lengths: words are
// ranked by the dot product of theirs with
//
//	q/|q|, q = b - a + c
//
// which is their Similarity. It can be any number, and is large for words with long
// vectors, the frequent ones. As in Deep Learning from Scratch 2, section 4.3.3.
func (v *Vectors) BookAnalogy(a, b, c string, n int) ([]Neighbour, error) {
	ids, err := v.known(a, b, c)
	if err != nil {
		return nil, err
	}
	query, unit := make([]float32, v.D), make([]float32, v.D)
	offset(query, v.Row(ids[0]), v.Row(ids[1]), v.Row(ids[2]))
	normalise(unit, query)
	return v.rank(n, ids, func(row []float32) float64 {
		sum := 0.0
		for i, x := range row {
			sum += float64(x) * float64(unit[i])
		}
		return sum
	}), nil
}

// known returns the ids of words.
func (v *Vectors) known(words ...string) ([]int32, error) {
	ids := make([]int32, len(words))
	for i, word := range words {
		id, ok := v.Vocab.ID(word)
		if !ok {
			return nil, &UnknownWord{Word: word, Size: v.Vocab.Len()}
		}
		ids[i] = id
	}
	return ids, nil
}

// offset sets dst to b - a + c, all [D].
func offset(dst, a, b, c []float32) {
	for i := range dst {
		dst[i] = b[i] - a[i] + c[i]
	}
}

// Answer puts the questions of sections, a : b = c : d, to the vectors and returns
// how many are covered and answered by d, a score for each section. Words are looked
// up as they are written and then in lower case, as corpora often are.
func (v *Vectors) Answer(sections []Section) []Score {
	unit := v.unit()
	scores := make([]Score, len(sections))
	for i, s := range sections {
		covered := v.cover(s.Questions)
		scores[i] = Score{Name: s.Name, Questions: len(s.Questions), Covered: len(covered)}
		const batch = 128 // questions at a time: 5 MB of scores for 10,000 words
		for len(covered) > 0 {
			n := min(batch, len(covered))
			scores[i].Right += v.right(unit, covered[:n])
			covered = covered[n:]
		}
	}
	return scores
}

// Score is how many questions of a section were answered.
type Score struct {
	Name      string
	Questions int // in the section
	Covered   int // of which all four words have a vector
	Right     int // of which the right word came first
}

// Total returns the sum of scores.
func Total(scores []Score) Score {
	t := Score{Name: "total"}
	for _, s := range scores {
		t.Questions += s.Questions
		t.Covered += s.Covered
		t.Right += s.Right
	}
	return t
}

// Accuracy returns the share of the covered questions answered rightly, 0 where
// there are none.
func (s Score) Accuracy() float64 {
	if s.Covered == 0 {
		return 0
	}
	return float64(s.Right) / float64(s.Covered)
}

// cover returns the ids of the questions whose words all have a vector.
func (v *Vectors) cover(questions [][4]string) [][4]int32 {
	var covered [][4]int32
	for _, q := range questions {
		var ids [4]int32
		known := 0
		for i, word := range q {
			if id, ok := v.lookup(word); ok {
				ids[i] = id
				known++
			}
		}
		if known == len(q) {
			covered = append(covered, ids)
		}
	}
	return covered
}

// lookup returns the id of a word as it is written or else in lower case.
func (v *Vectors) lookup(word string) (int32, bool) {
	if id, ok := v.Vocab.ID(word); ok {
		return id, true
	}
	return v.Vocab.ID(strings.ToLower(word))
}

// right counts the questions whose fourth word comes first, by one product of the
// queries [B, D] with the unit vectors [V, D].
func (v *Vectors) right(unit []float32, questions [][4]int32) int {
	n, words := len(questions), v.Vocab.Len()
	row := func(id int32) []float32 { return unit[int(id)*v.D : (int(id)+1)*v.D] }
	queries := make([]float32, n*v.D)
	for i, q := range questions {
		offset(queries[i*v.D:(i+1)*v.D], row(q[0]), row(q[1]), row(q[2]))
	}
	cosines := make([]float32, n*words)
	blas32.Gemm(blas.NoTrans, blas.Trans, 1,
		blas32.General{Rows: n, Cols: v.D, Stride: v.D, Data: queries},
		blas32.General{Rows: words, Cols: v.D, Stride: v.D, Data: unit},
		0, blas32.General{Rows: n, Cols: words, Stride: words, Data: cosines})
	right := 0
	for i, q := range questions {
		best := int32(-1)
		scores := cosines[i*words : (i+1)*words]
		for id, s := range scores {
			id := int32(id)
			if id != q[0] && id != q[1] && id != q[2] && (best < 0 || s > scores[best]) {
				best = id
			}
		}
		if best == q[3] {
			right++
		}
	}
	return right
}
