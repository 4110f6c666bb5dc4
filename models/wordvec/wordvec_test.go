package wordvec_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/models/word2vec"
	"github.com/wengert-ml/wengert/models/wordvec"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/safetensors"
	"github.com/wengert-ml/wengert/tensor"
)

// family is a plane in which one axis is male to female and the other common to
// royal, words of each at different lengths.
func family(t testing.TB) *wordvec.Vectors {
	t.Helper()
	v, err := wordvec.New(data.NewVocabulary("man", "woman", "king", "queen", "stone"), 3, []float32{
		1, 0, 1,
		0, 1, 1,
		2, 0, 0,
		0, 3, 0.1,
		-1, -1, 0,
	})
	require.NoError(t, err)
	return v
}

func random(t testing.TB, words, d int) *wordvec.Vectors {
	t.Helper()
	r := tensor.NewRand(1, 7)
	vocab, values := new(data.Vocabulary), make([]float32, words*d)
	for i := range words {
		vocab.Add(fmt.Sprint("w", i))
	}
	for i := range values {
		values[i] = float32(2*r.Float64() - 1)
	}
	v, err := wordvec.New(vocab, d, values)
	require.NoError(t, err)
	return v
}

func TestSimilar(t *testing.T) {
	v := family(t)
	near, err := v.Similar("king", 10)
	require.NoError(t, err)
	assert.Equal(t, []string{"man", "woman", "queen", "stone"}, words(near), "equal ones in the order of their ids")
	assert.InDelta(t, math.Sqrt(0.5), near[0].Similarity, 1e-7)
	assert.InDelta(t, -math.Sqrt(0.5), near[3].Similarity, 1e-7)
	two, err := v.Similar("king", 2)
	require.NoError(t, err)
	assert.Equal(t, near[:2], two)
	none, err := v.Similar("king", 0)
	require.NoError(t, err)
	assert.Empty(t, none)

	_, err = v.Similar("emperor", 1)
	var unknown *wordvec.UnknownWord
	require.ErrorAs(t, err, &unknown)
	assert.EqualError(t, err, `"emperor" is not one of the 5 words that have a vector`)
	assert.PanicsWithValue(t, "Vectors.Nearest: a query of width 2; want 3", func() { v.Nearest(make([]float32, 2), 1) })
	assert.Zero(t, wordvec.Cosine([]float32{0, 0}, []float32{1, 2}), "a zero vector is like none")
}

// TestNearestIsASort holds the list kept sorted to a sort of all cosines.
func TestNearestIsASort(t *testing.T) {
	v := random(t, 60, 4)
	all := v.Nearest(v.Row(3), 60)
	for i := 1; i < len(all); i++ {
		assert.GreaterOrEqual(t, all[i-1].Similarity, all[i].Similarity)
	}
	require.Len(t, all, 60)
	assert.Equal(t, "w3", all[0].Word)
	for _, n := range []int{1, 2, 7, 59} {
		assert.Equal(t, all[:n], v.Nearest(v.Row(3), n))
		assert.Equal(t, all[1:n+1], v.Nearest(v.Row(3), n, 3))
	}
}

func words(near []wordvec.Neighbour) []string {
	var w []string
	for _, n := range near {
		w = append(w, n.Word)
	}
	return w
}

func TestAnalogy(t *testing.T) {
	v := family(t)
	found, err := v.Analogy("king", "queen", "man", 2)
	require.NoError(t, err)
	assert.Equal(t, "woman", found[0].Word)
	assert.NotContains(t, words(found), "queen", "none of the three")
	for _, q := range [][3]string{{"x", "man", "king"}, {"man", "x", "king"}, {"man", "king", "x"}} {
		_, err = v.Analogy(q[0], q[1], q[2], 1)
		assert.ErrorContains(t, err, `"x" is not one of`)
	}
}

// TestAnswerIsAnalogy holds the batched evaluation to single questions.
func TestAnswerIsAnalogy(t *testing.T) {
	v := random(t, 40, 5)
	r := tensor.NewRand(1, 8)
	word := func() string { return fmt.Sprint("w", r.Uint64()%42) } // two are not covered
	sections := []wordvec.Section{{Name: "one"}, {Name: "empty"}}
	want := wordvec.Score{Name: "one", Questions: 300}
	for range want.Questions {
		q := [4]string{word(), word(), word(), word()}
		_, err := v.Vector(q[3])
		if found, aerr := v.Analogy(q[0], q[1], q[2], 1); errors.Join(err, aerr) == nil {
			want.Covered++
			if want.Covered%3 == 0 {
				q[3] = found[0].Word
			}
			if q[3] == found[0].Word {
				want.Right++
			}
		}
		q[0] = strings.ToUpper(q[0]) // looked up in lower case
		sections[0].Questions = append(sections[0].Questions, q)
	}
	scores := v.Answer(sections)
	require.Equal(t, []wordvec.Score{want, {Name: "empty"}}, scores)
	assert.Greater(t, want.Covered, 200)
	assert.Less(t, want.Covered, 300)
	assert.Greater(t, want.Right, 60)
	total := wordvec.Total(append(scores, want))
	assert.Equal(t, wordvec.Score{Name: "total", Questions: 600, Covered: 2 * want.Covered, Right: 2 * want.Right}, total)
	assert.InDelta(t, float64(want.Right)/float64(want.Covered), total.Accuracy(), 1e-15)
	assert.Zero(t, scores[1].Accuracy())
}

func TestSpearman(t *testing.T) {
	for _, c := range []struct {
		name string
		x, y []float64
		want float64
	}{
		{"same-order", []float64{1, 2, 3}, []float64{10, 200, 3000}, 1},
		{"reverse", []float64{1, 2, 3}, []float64{3, 2, 1}, -1},
		// 1 - 6 Σd²/(n(n²-1)) with d = 1, 1, 0, 0 and no ties.
		{"one-swap", []float64{1, 2, 3, 4}, []float64{2, 1, 3, 4}, 0.8},
		// ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: 4.5 / sqrt(4.5 * 5)
		{"ties", []float64{1, 2, 2, 3}, []float64{1, 3, 2, 4}, math.Sqrt(0.9)},
		{"constant", []float64{1, 1}, []float64{1, 2}, math.NaN()},
		{"one", []float64{1}, []float64{1}, math.NaN()},
		{"none", nil, nil, math.NaN()},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := wordvec.Spearman(c.x, c.y)
			if math.IsNaN(c.want) {
				assert.True(t, math.IsNaN(got), "%v", got)
				return
			}
			assert.InDelta(t, c.want, got, 1e-12)
		})
	}
	assert.Panics(t, func() { wordvec.Spearman([]float64{1}, nil) })
}

func TestRate(t *testing.T) {
	a := family(t).Rate([]wordvec.Pair{{"King", "man", 8}, {"king", "queen", 5}, {"king", "stone", 1}, {"king", "moon", 9}})
	assert.Equal(t, wordvec.Agreement{Spearman: 1, Pairs: 4, Covered: 3}, a)
}

func TestReadPairs(t *testing.T) {
	want := []wordvec.Pair{{"tiger", "cat", 7.35}, {"tiger", "tiger", 10}}
	for name, text := range map[string]string{
		"tabs":   "tiger\tcat\t7.35\ntiger\ttiger\t10.00\n",
		"spaces": "# WordSim-353\n\ntiger cat 7.35\r\ntiger tiger 10.00",
		"commas": "Word 1,Word 2,Human (mean)\ntiger,cat,7.35\ntiger, tiger, 10\n",
		"simlex": "word1\tword2\tPOS\tSimLex999\tconc(w1)\ntiger\tcat\tN\t7.35\t3\ntiger\ttiger\tN\t10\t3\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := wordvec.ReadPairs(strings.NewReader(text), name)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
	for text, want := range map[string]string{
		"":                                "f: no pairs; want a word, a word and a score a line",
		"a b":                             "f:1: 2 columns; want a word, a word and a score in column 3",
		"a b 1\na b c":                    `f:2: score "c"; want a number`,
		"a b 1\na b NaN":                  `f:2: score "NaN"; want a number`,
		"a,b,1\na,,2":                     "f:2: 3 columns; want a word, a word and a score in column 3",
		"a b 1\n\xff b 2":                 "f:2: not valid UTF-8",
		"w1 w2 header\na b c":             `f:2: score "c"; want a number`,
		"a b " + strings.Repeat("1", 1e5): "f:1: bufio.Scanner: token too long",
	} {
		_, err := wordvec.ReadPairs(strings.NewReader(text), "f")
		assert.EqualError(t, err, want)
	}
}

func TestReadQuestions(t *testing.T) {
	got, err := wordvec.ReadQuestions(strings.NewReader(": family\nking man queen woman\n\n: capital cities\nParis France Rome Italy\n"), "q")
	require.NoError(t, err)
	assert.Equal(t, []wordvec.Section{
		{"family", [][4]string{{"king", "man", "queen", "woman"}}},
		{"capital cities", [][4]string{{"Paris", "France", "Rome", "Italy"}}},
	}, got)
	got, err = wordvec.ReadQuestions(strings.NewReader("a b c d"), "q")
	require.NoError(t, err)
	assert.Equal(t, []wordvec.Section{{"", [][4]string{{"a", "b", "c", "d"}}}}, got)
	for text, want := range map[string]string{
		"":                                 "q: no analogies; want four words a line",
		": family\na b c":                  `q:2: 3 words; want four, as in "king man queen woman", or ": name"`,
		"a b c \xff":                       "q:1: not valid UTF-8",
		": n\n" + strings.Repeat("a", 1e5): "q:2: bufio.Scanner: token too long",
	} {
		_, err := wordvec.ReadQuestions(strings.NewReader(text), "q")
		assert.EqualError(t, err, want)
	}
}

func TestNewRefuses(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		d      int
		values []float32
		want   string
	}{
		{2, make([]float32, 3), "word vectors: 3 values for 2 words of width 2; want at least one word, and a vector for each"},
		{0, nil, "word vectors: 0 values for 2 words of width 0; want at least one word, and a vector for each"},
		{2, []float32{0, 0, 1, nan}, `word vectors: component 1 of "b" is NaN; want a finite number`},
		{1, []float32{float32(math.Inf(1)), 1}, `word vectors: component 0 of "a" is +Inf; want a finite number`},
	} {
		_, err := wordvec.New(data.NewVocabulary("a", "b"), c.d, c.values)
		assert.EqualError(t, err, c.want)
	}
}

func TestFilesKeepEveryBit(t *testing.T) {
	v := random(t, 9, 4)
	v.Values[0], v.Values[1] = math.SmallestNonzeroFloat32, -math.MaxFloat32
	vocab := data.NewVocabulary("été", "a\u00a0b", "<eos>", "'s", "0", "1", "2", "3", "4")
	v, err := wordvec.New(vocab, 4, v.Values)
	require.NoError(t, err)
	for _, name := range []string{"v.safetensors", "v.bin", "v.txt", "v.vec"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "below", name)
			require.NoError(t, v.Save(path))
			got, err := wordvec.Open(path)
			require.NoError(t, err)
			assert.Equal(t, v.Values, got.Values)
			assert.Equal(t, 4, got.D)
			for id := range int32(vocab.Len()) {
				assert.Equal(t, vocab.Token(id), got.Vocab.Token(id))
			}
			_, err = wordvec.Open(path + ".none")
			assert.ErrorIs(t, err, fs.ErrNotExist)
			left, err := os.ReadDir(filepath.Dir(path))
			require.NoError(t, err)
			assert.Len(t, left, 1, "nothing half-written")
		})
	}
}

// TestFormatsOfTheTool pins the bytes that other programs read.
func TestFormatsOfTheTool(t *testing.T) {
	v, err := wordvec.New(data.NewVocabulary("a", "bc"), 2, []float32{1, -0.5, 0.1, 1e-8})
	require.NoError(t, err)
	var text, bin bytes.Buffer
	require.NoError(t, v.WriteText(&text))
	assert.Equal(t, "2 2\na 1 -0.5\nbc 0.1 1e-08\n", text.String())
	require.NoError(t, v.WriteBinary(&bin))
	assert.Equal(t, "2 2\na \x00\x00\x80?\x00\x00\x00\xbf\nbc \xcd\xcc\xcc=w\xcc+2\n", bin.String())

	// Without newlines after the vectors, as other writers have it.
	plain := []byte("2 2\na ")
	plain = binary.LittleEndian.AppendUint32(plain, math.Float32bits(1))
	plain = binary.LittleEndian.AppendUint32(plain, math.Float32bits(-0.5))
	plain = append(plain, "bc "...)
	plain = binary.LittleEndian.AppendUint32(plain, math.Float32bits(0.1))
	plain = binary.LittleEndian.AppendUint32(plain, math.Float32bits(1e-8))
	got, err := wordvec.ReadBinary(bytes.NewReader(plain), "b")
	require.NoError(t, err)
	assert.Equal(t, v.Values, got.Values)
	got, err = wordvec.ReadText(strings.NewReader("2 2 \r\na\t1 -0.5 \r\nbc 0.1 1e-8 \n\n"), "t")
	require.NoError(t, err)
	assert.Equal(t, v.Values, got.Values)
}

func TestWriteRefusesWords(t *testing.T) {
	for word, want := range map[string]string{
		"":       "write word vectors: an empty word",
		"new or": `write word vectors: word "new or" holds white space, which ends a word`,
		"a\n":    `write word vectors: word "a\n" holds white space, which ends a word`,
		"\xff":   `write word vectors: word "\xff" is not valid UTF-8`,
	} {
		v, err := wordvec.New(data.NewVocabulary(word), 1, []float32{1})
		require.NoError(t, err)
		var b bytes.Buffer
		assert.EqualError(t, v.WriteText(&b), want)
		assert.EqualError(t, v.WriteBinary(&b), want)
		assert.Empty(t, b.String())
	}
}

func TestReadTextRefuses(t *testing.T) {
	header := `t:1: no header; want two numbers, of words and of dimensions, as in "10000 100"`
	for text, want := range map[string]string{
		"":                      header,
		"a 1 2\n":               header,
		"x 2\n":                 `t:1: "x" words; want a number from 1 to 2147483647`,
		"0 2\n":                 `t:1: "0" words; want a number from 1 to 2147483647`,
		"1 0\n":                 `t:1: "0" dimensions; want a number from 1 to 65536`,
		"1 99999999999999999\n": `t:1: "99999999999999999" dimensions; want a number from 1 to 65536`,
		"2 1\na 1\n":            "t: 1 vectors; want 2, as the header says",
		"1 1\na 1\nb 1\n":       `t:3: a vector of "b"; want no more than 1, as the header says`,
		"2 1\na 1\na 1\n":       `t:3: a second vector of "a"`,
		"1 2\na 1\n":            "t:2: 2 fields; want a word and 2 components",
		"1 1\n\n":               "t:2: 0 fields; want a word and 1 components",
		"1 1\na x\n":            `t:2: component "x" of "a"; want a number that float32 can hold`,
		"1 1\na 1e39\n":         `t:2: component "1e39" of "a"; want a number that float32 can hold`,
		"1 1\na NaN\n":          `t: word vectors: component 0 of "a" is NaN; want a finite number`,
		"1 1\n\xff 1\n":         `t:2: word "\xff" is not valid UTF-8`,
	} {
		_, err := wordvec.ReadText(strings.NewReader(text), "t")
		assert.EqualError(t, err, want, "%q", text)
	}
}

func TestReadBinaryRefuses(t *testing.T) {
	const one = "\x00\x00\x80?"
	header := `b: no header; want two numbers, of words and of dimensions, as in "10000 100"`
	for text, want := range map[string]string{
		"":                                   header,
		"1 1":                                header,
		"1 x\n":                              `b: "x" dimensions; want a number from 1 to 65536`,
		"1 1\n":                              "b: word 1 of 1: read the word: unexpected EOF",
		"1 1\na \x00\x00":                    `b: word 1 of 1: read the vector of "a": unexpected EOF`,
		"2 1\na " + one + "a " + one:         `b: word 2 of 2: a second vector of "a"`,
		"1 1\n " + one:                       "b: word 1 of 1: an empty word",
		"1 1\na\tb " + one:                   `b: word 1 of 1: word "a\tb" holds white space, which ends a word`,
		"1 1\na " + one + "b " + one:         "b: more bytes after the last of 1 words",
		"1 1\na " + one + "x":                "b: more bytes after the last of 1 words",
		"1 1\na \x00\x00\xc0\x7f":            `b: word vectors: component 0 of "a" is NaN; want a finite number`,
		"1 1\n" + strings.Repeat("a", 1<<17): "b: word 1 of 1: no space in 65536 bytes; want one after the word",
		"2000000000 65536\na ":               `b: word 1 of 2000000000: read the vector of "a": unexpected EOF`,
	} {
		_, err := wordvec.ReadBinary(strings.NewReader(text), "b")
		assert.EqualError(t, err, want, "%.30q", text)
	}
}

// TestOpenModels: the checkpoint of a model whose input layer has a row for each
// word is read as well.
func TestOpenModels(t *testing.T) {
	in := nn.NewInit(cpu.New(), 1)
	cbow, simple := word2vec.NewCBOW(in, 3, 2), word2vec.NewSimpleSkipGram(in, 3, 2)
	for _, c := range []struct {
		model any
		want  []float32
	}{{cbow, cbow.Embed.W.Data.Floats()}, {simple, simple.In.W.Data.Floats()}} {
		path := filepath.Join(t.TempDir(), "m.safetensors")
		require.NoError(t, nn.Save(path, c.model, map[string]string{"vocabulary": `["a","b","c"]`}))
		v, err := wordvec.Open(path)
		require.NoError(t, err)
		assert.Equal(t, c.want, v.Values)
	}
}

func TestOpenSafetensorsRefuses(t *testing.T) {
	save := func(name string, shape []int, metadata map[string]string) string {
		n := 1
		for _, s := range shape {
			n *= s
		}
		x, err := safetensors.FromFloat32(name, safetensors.F32, shape, make([]float32, n))
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), "v.safetensors")
		require.NoError(t, (&safetensors.File{Metadata: metadata, Tensors: []safetensors.Tensor{x}}).WriteFile(path))
		return path
	}
	two := map[string]string{"vocabulary": `["a","b"]`}
	for _, c := range []struct{ path, want string }{
		{save("vectors", []int{2, 1}, nil), `its metadata has no "vocabulary"`},
		{save("vectors", []int{2, 1}, map[string]string{"vocabulary": `["a","a"]`}), `token "a" has the ids 0 and 1`},
		{save("vectors", []int{3, 1}, two), `tensor "vectors" is [3 1]; want a row for each of 2 words`},
		{save("vectors", []int{2}, two), `tensor "vectors" is [2]; want a row for each of 2 words`},
		{save("Out.W", []int{2, 1}, two), `it has none of the tensors ["vectors" "Embed.W" "In.W"]`},
	} {
		_, err := wordvec.Open(c.path)
		assert.ErrorContains(t, err, c.want)
		assert.ErrorContains(t, err, c.path)
	}
}

func TestPCA(t *testing.T) {
	// Points on a line in space, two of them a little beside it: the first component
	// is the place on the line, the second what is beside.
	v, err := wordvec.New(data.NewVocabulary("a", "b", "c", "unused"), 3, []float32{
		4, 8, 8,
		-1 + 0.2, -2 - 0.1, -2,
		-3 - 0.2, -6 + 0.1, -6,
		99, 0, 0,
	})
	require.NoError(t, err)
	x, y, err := v.PCA([]string{"a", "b", "c"})
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{12, -3, -9}, x, 0.01)
	assert.InDeltaSlice(t, []float64{0, math.Sqrt(0.05), -math.Sqrt(0.05)}, y, 0.1)

	x, y, err = v.PCA([]string{"b"})
	require.NoError(t, err)
	assert.Equal(t, []float64{0}, x)
	assert.Equal(t, []float64{0}, y)
	_, _, err = v.PCA(nil)
	assert.EqualError(t, err, "principal components of no words; want at least one")
	_, _, err = v.PCA([]string{"z"})
	assert.ErrorContains(t, err, `"z" is not one of`)
}

func FuzzReadText(f *testing.F) {
	f.Add([]byte("2 2\na 1 -0.5\nbc 0.1 3e-08\n"))
	f.Add([]byte("1 1\na 0x1p-2\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := wordvec.ReadText(bytes.NewReader(b), "t")
		if err == nil {
			roundTrip(t, v)
		}
	})
}

func FuzzReadBinary(f *testing.F) {
	f.Add([]byte("2 1\na \x00\x00\x80?\nbc \xcd\xcc\xcc=\n"))
	f.Add([]byte("1 2\na \x00\x00\x80?\x00\x00\x80?"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := wordvec.ReadBinary(bytes.NewReader(b), "b")
		if err == nil {
			roundTrip(t, v)
		}
	})
}

// roundTrip writes what was read in both formats and reads it again.
func roundTrip(t *testing.T, v *wordvec.Vectors) {
	var text, bin bytes.Buffer
	require.NoError(t, v.WriteText(&text))
	require.NoError(t, v.WriteBinary(&bin))
	fromText, err := wordvec.ReadText(&text, "t")
	require.NoError(t, err)
	assert.Equal(t, v, fromText)
	fromBin, err := wordvec.ReadBinary(&bin, "b")
	require.NoError(t, err)
	assert.Equal(t, v, fromBin)
}

func FuzzReadPairs(f *testing.F) {
	f.Add([]byte("tiger\tcat\t7.35\n"))
	f.Add([]byte("w1,w2,SimLex999\na,b,1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		pairs, err := wordvec.ReadPairs(bytes.NewReader(b), "p")
		for _, p := range pairs {
			assert.True(t, p.A != "" && p.B != "" && !math.IsNaN(p.Score), "%v", p)
		}
		assert.Equal(t, err == nil, len(pairs) > 0)
	})
}

func FuzzReadQuestions(f *testing.F) {
	f.Add([]byte(": family\nking man queen woman\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		sections, err := wordvec.ReadQuestions(bytes.NewReader(b), "q")
		assert.Equal(t, err == nil, len(sections) > 0)
		for _, s := range sections {
			for _, q := range s.Questions {
				assert.NotContains(t, q, "")
			}
		}
	})
}

func ExampleVectors_Similar() {
	v, _ := wordvec.ReadText(strings.NewReader("4 2\ncar 1 0.1\ntruck 0.9 0.2\ntree 0 1\nflower 0.1 0.9\n"), "example")
	near, _ := v.Similar("car", 2)
	for _, n := range near {
		fmt.Printf("%s %.4f\n", n.Word, n.Similarity)
	}
	// Output:
	// truck 0.9929
	// flower 0.2088
}

func ExampleVectors_Analogy() {
	v, _ := wordvec.ReadText(strings.NewReader("5 3\nking 1 1 0\nman 0 1 0.5\nqueen 1 -1 0\nwoman 0 -1 0.5\ntree -1 0 1\n"), "example")
	found, _ := v.Analogy("king", "man", "queen", 1) // king : man = queen : ?
	fmt.Printf("%s %.2f\n", found[0].Word, found[0].Similarity)
	// Output: woman 0.97
}

func ExampleVectors_BookAnalogy() {
	v, _ := wordvec.ReadText(strings.NewReader("6 2\nking 1 1\nman 0 1\nqueen 1 -1\nwoman 0 -1\nthe 2 -9\ntree -1 0\n"), "example")
	found, _ := v.BookAnalogy("king", "man", "queen", 2) // king : man = queen : ?
	for _, n := range found {
		fmt.Printf("%s %.2f\n", n.Word, n.Similarity)
	}
	// Output:
	// the 9.00
	// woman 1.00
}

func ExampleVectors_Rate() {
	v, _ := wordvec.ReadText(strings.NewReader("4 2\ncar 1 0.1\ntruck 0.9 0.2\ntree 0 1\nflower 0.1 0.9\n"), "example")
	pairs, _ := wordvec.ReadPairs(strings.NewReader("car truck 8.5\ncar tree 2\ntree flower 7\nsun moon 5\n"), "people")
	a := v.Rate(pairs)
	fmt.Printf("%.2f over %d of %d pairs\n", a.Spearman, a.Covered, a.Pairs)
	// Output: 0.50 over 3 of 4 pairs
}

func ExampleVectors_PCA() {
	v, _ := wordvec.ReadText(strings.NewReader("3 3\na 1 1 1\nb 2 2 2\nc 4 4 4\n"), "example")
	x, _, _ := v.PCA([]string{"a", "b", "c"})
	fmt.Printf("%.2f\n", x)
	// Output: [-2.31 -0.58 2.89]
}
