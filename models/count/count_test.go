package count_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/models/count"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/tensor"
)

// sentence is the book's.
func sentence(t testing.TB) *data.Corpus {
	t.Helper()
	c, err := data.NewCorpus(data.Words("You say goodbye and I say hello."), nil)
	require.NoError(t, err)
	return c
}

func rng(stream uint64) *rand.Rand { return rand.New(tensor.NewRand(1984, stream)) }

// text draws n ids below v, low ones more often, as words are.
func text(r *rand.Rand, n, v int) []int32 {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32(float64(v) * r.Float64() * r.Float64())
	}
	return ids
}

func TestTheBooksSentence(t *testing.T) {
	c := sentence(t)
	m := count.CoOccurrence(c.IDs, c.Vocab.Len(), 1)
	// you say goodbye and i hello .
	assert.Equal(t, mat.NewDense(7, 7, []float64{
		0, 1, 0, 0, 0, 0, 0,
		1, 0, 1, 0, 1, 1, 0,
		0, 1, 0, 1, 0, 0, 0,
		0, 0, 1, 0, 1, 0, 0,
		0, 1, 0, 1, 0, 0, 0,
		0, 1, 0, 0, 0, 0, 1,
		0, 0, 0, 0, 0, 1, 0,
	}), m.Dense())
	assert.Equal(t, 14, m.NonZero())
	assert.InDelta(t, 0.7071067691154799, m.Cosine(0, 4), 1e-9, "you and i")

	p := m.PPMI()
	for _, c := range []struct {
		i, j int
		want float64
	}{{0, 0, 0}, {0, 1, 1.807}, {1, 2, 0.807}, {2, 3, 1.807}, {4, 3, 1.807}, {5, 6, 2.807}, {6, 5, 2.807}, {6, 6, 0}} {
		assert.InDelta(t, c.want, p.At(c.i, c.j), 5e-4, "(%d, %d)", c.i, c.j)
	}

	u, s, err := p.SVD(7)
	require.NoError(t, err)
	assert.InDelta(t, 0.3409, math.Abs(u.At(0, 0)), 5e-5, "the book prints 3.409e-01")
	assert.InDelta(t, 3.168, s[0], 5e-4)
}

// TestCoOccurrenceIsTheBooksLoop compares with the definition, word by word.
func TestCoOccurrenceIsTheBooksLoop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.IntRange(1, 6).Draw(t, "v")
		ids := rapid.SliceOfN(rapid.Int32Range(0, int32(v-1)), 0, 30).Draw(t, "ids")
		window := rapid.IntRange(1, 5).Draw(t, "window")
		want := mat.NewDense(v, v, nil)
		for at, x := range ids {
			for i := 1; i <= window; i++ {
				for _, other := range []int{at - i, at + i} {
					if other >= 0 && other < len(ids) {
						want.Set(int(x), int(ids[other]), want.At(int(x), int(ids[other]))+1)
					}
				}
			}
		}
		m := count.CoOccurrence(ids, v, window)
		require.Equal(t, want, m.Dense())
		require.True(t, mat.Equal(m.Dense(), m.Dense().T()), "symmetric")

		p, total := m.PPMI(), mat.Sum(want)
		for i := range v {
			for j := range v {
				si, sj := mat.Sum(want.ColView(i)), mat.Sum(want.ColView(j))
				pmi := math.Log2(want.At(i, j)*total/(si*sj) + 1e-8)
				if si*sj == 0 {
					pmi = 0
				}
				require.InDelta(t, max(0, pmi), p.At(i, j), 1e-12)
				x, y := want.RowView(i), want.RowView(j)
				require.InDelta(t, mat.Dot(x, y)/((mat.Norm(x, 2)+1e-8)*(mat.Norm(y, 2)+1e-8)), m.Cosine(i, j), 1e-12)
			}
		}
		require.True(t, mat.Equal(p.Dense(), p.Dense().T()), "symmetric to the last bit")
	})
}

func TestExactSVDIsADecomposition(t *testing.T) {
	m := count.CoOccurrence(text(rng(1), 2000, 30), 30, 2).PPMI()
	u, s, err := m.SVD(30)
	require.NoError(t, err)
	var uu, aa, usu mat.Dense
	uu.Mul(u.T(), u)
	assert.True(t, mat.EqualApprox(&uu, mat.NewDiagDense(30, ones(30)), 1e-12), "orthonormal")
	aa.Mul(m.Dense(), m.Dense().T())
	squares := ones(30)
	for i := range squares {
		squares[i] = s[i] * s[i]
	}
	usu.Product(u, mat.NewDiagDense(30, squares), u.T())
	assert.True(t, mat.EqualApprox(&aa, &usu, 1e-8*s[0]*s[0]), "A Aᵀ = U S² Uᵀ")
}

func ones(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

// TestRandomSVD compares with the exact decomposition: the first vector stands clear
// and must be the same; the others span nearly as much of the matrix as can be.
func TestRandomSVD(t *testing.T) {
	const v, d = 150, 12
	m := count.CoOccurrence(text(rng(2), 10_000, v), v, 2).PPMI()
	want, sWant, err := m.SVD(d)
	require.NoError(t, err)
	got, s, err := m.RandomSVD(d, rng(3))
	require.NoError(t, err)
	for i := range d {
		assert.InEpsilon(t, sWant[i], s[i], 0.03, "singular value %d", i)
		assert.LessOrEqual(t, s[i], sWant[i]*(1+1e-12), "none is above the exact one")
	}
	assert.InEpsilon(t, sWant[0], s[0], 1e-9)
	for i := range v {
		assert.InDelta(t, want.At(i, 0), got.At(i, 0), 1e-6)
	}
	var uu mat.Dense
	uu.Mul(got.T(), got)
	assert.True(t, mat.EqualApprox(&uu, mat.NewDiagDense(d, ones(d)), 1e-10), "orthonormal")
}

// TestRandomSVDOfLowRank: where the rank is below d + 10 nothing is left out, so the
// result is exact.
func TestRandomSVDOfLowRank(t *testing.T) {
	const v = 200
	m := count.CoOccurrence(text(rng(2), 3000, 8), v, 2) // 8 words of 200 appear
	_, want, err := m.SVD(8)
	require.NoError(t, err)
	_, got, err := m.RandomSVD(8, rng(4))
	require.NoError(t, err)
	assert.InEpsilonSlice(t, want, got, 1e-9)
}

func TestSameSeedSameVectorsOnAnyThreads(t *testing.T) {
	const v = 600 // large enough for the randomised decomposition
	corpus := &data.Corpus{Vocab: new(data.Vocabulary), IDs: text(rng(5), 5000, v)}
	for i := range v {
		corpus.Vocab.Add(fmt.Sprint("w", i))
	}
	c := count.Config{Size: 5, Seed: 7}
	a, err := c.Vectors(corpus)
	require.NoError(t, err)
	threads := runtime.GOMAXPROCS(1)
	b, err := c.Vectors(corpus)
	runtime.GOMAXPROCS(threads)
	require.NoError(t, err)
	assert.Equal(t, a.Values, b.Values)
	c.Seed = 8
	b, err = c.Vectors(corpus)
	require.NoError(t, err)
	assert.NotEqual(t, a.Values, b.Values, "the seed is used")
	assert.Len(t, a.Values, 5*v)
}

func TestVectors(t *testing.T) {
	c := sentence(t)
	v, err := count.Config{Window: 1}.Vectors(c)
	require.NoError(t, err)
	assert.Equal(t, 4, v.D, "half the words, where those are few")
	near, err := v.Similar("goodbye", 1)
	require.NoError(t, err)
	assert.Equal(t, "i", near[0].Word, "the word with the same neighbours")
	assert.InDelta(t, 1, near[0].Similarity, 1e-6)

	_, err = count.Config{Size: 8}.Vectors(c)
	assert.EqualError(t, err, "vectors of width 8 for 7 different words; want at most as many as there are words")
	empty, err := data.NewCorpus(nil, nil)
	require.NoError(t, err)
	_, err = count.Config{}.Vectors(empty)
	assert.ErrorContains(t, err, "for 0 different words")
}

func TestPanics(t *testing.T) {
	m := count.CoOccurrence([]int32{0, 1}, 2, 1)
	for _, c := range []struct {
		want string
		f    func()
	}{
		{"count.CoOccurrence: window of 0 words; want 1 or more", func() { count.CoOccurrence(nil, 1, 0) }},
		{"count.CoOccurrence: id 2 at position 1; want one in [0, 2)", func() { count.CoOccurrence([]int32{0, 2}, 2, 1) }},
		{"count.CoOccurrence: id -1 at position 0; want one in [0, 2)", func() { count.CoOccurrence([]int32{-1}, 2, 1) }},
		{"Matrix.SVD: 3 singular values of a matrix of 2 rows; want 1 to 2", func() { _, _, _ = m.SVD(3) }},
		{"Matrix.RandomSVD: 0 singular values of a matrix of 2 rows; want 1 to 2", func() { _, _, _ = m.RandomSVD(0, rng(1)) }},
	} {
		assert.PanicsWithValue(t, c.want, c.f)
	}
}

func ExampleCoOccurrence() {
	c, _ := data.NewCorpus(strings.Fields("you say goodbye and i say hello ."), nil)
	m := count.CoOccurrence(c.IDs, c.Vocab.Len(), 1)
	cols, counts := m.Row(1)
	fmt.Println("say:", c.Vocab.Decode(cols), counts)
	fmt.Printf("you and i: %.4f\n", m.Cosine(0, 4))
	// Output:
	// say: [you goodbye i hello] [1 1 1 1]
	// you and i: 0.7071
}

func ExampleMatrix_PPMI() {
	c, _ := data.NewCorpus(strings.Fields("you say goodbye and i say hello ."), nil)
	m := count.CoOccurrence(c.IDs, c.Vocab.Len(), 1).PPMI()
	fmt.Printf("%.3f\n", mat.Formatted(m.Dense()))
	// Output:
	// ⎡0.000  1.807  0.000  0.000  0.000  0.000  0.000⎤
	// ⎢1.807  0.000  0.807  0.000  0.807  0.807  0.000⎥
	// ⎢0.000  0.807  0.000  1.807  0.000  0.000  0.000⎥
	// ⎢0.000  0.000  1.807  0.000  1.807  0.000  0.000⎥
	// ⎢0.000  0.807  0.000  1.807  0.000  0.000  0.000⎥
	// ⎢0.000  0.807  0.000  0.000  0.000  0.000  2.807⎥
	// ⎣0.000  0.000  0.000  0.000  0.000  2.807  0.000⎦
}

func ExampleConfig_Vectors() {
	c, _ := data.NewCorpus(strings.Fields("the king rules . the queen rules . the man walks . the woman walks ."), nil)
	v, _ := count.Config{Window: 1, Size: 3}.Vectors(c)
	near, _ := v.Similar("king", 1)
	fmt.Printf("%s %.2f\n", near[0].Word, near[0].Similarity)
	// Output: queen 1.00
}
