package data_test

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/nn/data"
)

// The parser's sum over all derivations equals the probability of the one that drew
// the sentence: there is no other.
func TestEnglishLogLikelihood(t *testing.T) {
	e, rng := data.NewEnglish(), pcg(1984, 0)
	var text []string
	total := 0.0
	for range 2_000 {
		words, want := e.Sentence(rng)
		got, err := e.LogLikelihood(words)
		require.NoError(t, err)
		require.InDelta(t, want, got, 1e-9, "%q", words)
		text = append(text, words...)
		total += want
	}
	got, err := e.LogLikelihood(text)
	require.NoError(t, err)
	assert.InDelta(t, total, got, 1e-7)
	perplexity, err := e.Perplexity(text)
	require.NoError(t, err)
	assert.InDelta(t, math.Exp(-total/float64(len(text))), perplexity, 1e-9)
	assert.Equal(t, text, e.Sentences(pcg(1984, 0), 2_000))

	text = e.Sentences(pcg(1984, 1), 100)
	each, err := e.LogProbs(text)
	require.NoError(t, err)
	sum := 0.0
	for i, nats := range each {
		require.LessOrEqual(t, nats, 1e-12, "word %d, %q", i, text[i])
		sum += nats
	}
	want, err := e.LogLikelihood(text)
	require.NoError(t, err)
	assert.InDelta(t, want, sum, 1e-9)
}

func TestEnglishEntropy(t *testing.T) {
	const n = 20_000
	e, rng := data.NewEnglish(), pcg(1984, 1)
	nats, words := e.Entropy()
	var sum, squares, length float64
	for range n {
		sentence, p := e.Sentence(rng)
		sum -= p
		squares += p * p
		length += float64(len(sentence))
	}
	mean := sum / n
	deviation := math.Sqrt((squares/n - mean*mean) / n)
	assert.InDelta(t, nats, mean, 4*deviation, "entropy of a sentence; standard deviation %.4f", deviation)
	assert.Less(t, deviation, 0.02)
	assert.InDelta(t, words, length/n, 0.05)
}

func TestEnglishUnlikely(t *testing.T) {
	e := data.NewEnglish()
	tests := []struct{ name, text, err string }{
		{"unknown-word", "the quean", `token 2: no sentence of the grammar goes on with "quean" after "the"`},
		{"wrong-gender", "we took the bus yesterday <eos> the king likes her crown <eos>", `token 10: no sentence of the grammar goes on with "her" after "the king likes"`},
		{"wrong-tense", "we take the bus yesterday <eos>", `token 5: no sentence of the grammar goes on with "yesterday" after "we take the bus"`},
		{"first-word", "we took the bus yesterday <eos> queen", `token 7: no sentence of the grammar begins with "queen"`},
		{"symbol", "Sentence", `token 1: no sentence of the grammar begins with "Sentence"`},
		{"too-early", "the king likes <eos>", `token 4: no sentence of the grammar goes on with "<eos>" after "the king likes"`},
		{"no-end", "the king likes his crown", `the text ends within the sentence "the king likes his crown"; want whole ones, each with its <eos>`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			words := strings.Fields(test.text)
			_, err := e.LogLikelihood(words)
			assert.EqualError(t, err, test.err)
			_, again := e.LogProbs(words)
			assert.Equal(t, err, again)
			_, again = e.Perplexity(words)
			assert.Equal(t, err, again)
		})
	}
	perplexity, err := e.Perplexity(nil)
	assert.NoError(t, err)
	assert.Equal(t, 1.0, perplexity)
}

func FuzzEnglishLogLikelihood(f *testing.F) {
	for _, s := range []string{"the king likes his crown <eos>", "we", "", "<eos>", "the king <eos> <eos>", "Sentence -1"} {
		f.Add(s)
	}
	e := data.NewEnglish()
	f.Fuzz(func(t *testing.T, s string) {
		words := strings.Fields(s)
		nats, err := e.LogLikelihood(words)
		each, again := e.LogProbs(words)
		require.Equal(t, err, again)
		sum := 0.0
		for _, p := range each {
			sum += p
		}
		require.InDelta(t, nats, sum, 1e-9)
		require.False(t, nats > 0 || math.IsNaN(nats) || err == nil && len(words) > 0 && words[len(words)-1] != data.EOS)
	})
}

// No sentence says which words are a pair, and every word is there to be learnt.
func TestEnglishRelations(t *testing.T) {
	e := data.NewEnglish()
	pairOf := make(map[string][2]string)
	for _, r := range e.Relations() {
		for _, p := range r.Pairs {
			for _, word := range p {
				assert.NotContains(t, pairOf, word, "in two pairs")
				pairOf[word] = p
			}
		}
	}
	train, _, _, err := data.Open("english", data.Options{Seed: 1984})
	require.NoError(t, err)
	words := train.Vocab.Decode(train.IDs)
	found := ""
	for _, word := range words {
		switch {
		case word == data.EOS:
			require.NotEmpty(t, found, "a sentence about no pair")
			found = ""
		case pairOf[word] != [2]string{}:
			require.Empty(t, found, "%s in the same sentence", word)
			found = word
		}
	}
	for _, word := range e.Words() {
		_, ok := train.Vocab.ID(word)
		assert.True(t, ok, "%q does not appear", word)
	}
	assert.Equal(t, len(e.Words()), train.Vocab.Len())
	for word := range pairOf {
		id, _ := train.Vocab.ID(word)
		assert.Greater(t, train.Counts()[id], 100, word)
	}

	all := e.Analogies()
	assert.Len(t, all, 2*(3*16*15+14*13+10*9+12*11))
	for _, want := range []data.Analogy{
		{"gender", "king", "queen", "man", "woman"},
		{"tense", "take", "took", "go", "went"},
		{"number", "car", "cars", "child", "children"},
		{"comparative", "good", "better", "bad", "worse"},
		{"capital", "italy", "rome", "france", "paris"},
		{"young", "dog", "puppy", "cat", "kitten"},
	} {
		assert.Contains(t, all, want)
	}
}

// Rows of positive pointwise mutual information answer the analogies (chapter 2 of
// the book, 2.4.1), so they are in the corpus to be found.
func TestEnglishAnalogiesComeOut(t *testing.T) {
	train, _, _, err := data.Open("english", data.Options{Seed: 1984})
	require.NoError(t, err)
	vectors := ppmi(train, 5)
	id := func(word string) int {
		id, ok := train.Vocab.ID(word)
		require.True(t, ok, word)
		return int(id)
	}
	right, asked := 0, 0
	for i, q := range data.NewEnglish().Analogies() {
		if i%16 != 0 {
			continue
		}
		a, b, c := id(q.A), id(q.B), id(q.C)
		best, answer := math.Inf(-1), 0
		for i, v := range vectors {
			if i == a || i == b || i == c {
				continue
			}
			dot := 0.0
			for k := range v {
				dot += v[k] * (vectors[b][k] - vectors[a][k] + vectors[c][k])
			}
			if dot > best {
				best, answer = dot, i
			}
		}
		asked++
		if answer == id(q.D) {
			right++
		}
	}
	assert.GreaterOrEqual(t, float64(right), 0.98*float64(asked), "%d of %d", right, asked)
}

// ppmi returns the rows of the PPMI matrix [V, V], each divided by its norm.
func ppmi(c *data.Corpus, window int) [][]float64 {
	rows := make([][]float64, c.Vocab.Len())
	for i := range rows {
		rows[i] = make([]float64, len(rows))
	}
	sums, total := make([]float64, len(rows)), 0.0
	for i, a := range c.IDs {
		for _, b := range c.IDs[i+1 : min(i+1+window, len(c.IDs))] {
			rows[a][b]++
			rows[b][a]++
			sums[a]++
			sums[b]++
			total += 2
		}
	}
	for i, row := range rows {
		norm := 0.0
		for j, n := range row {
			row[j] = math.Max(0, math.Log2(n*total/(sums[i]*sums[j])+1e-8))
			norm += row[j] * row[j]
		}
		for j := range row {
			row[j] /= math.Sqrt(norm)
		}
	}
	return rows
}

// docs/english.md states what ExampleEnglish_Perplexity computes.
func TestEnglishDocument(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "english.md"))
	require.NoError(t, err)
	e := data.NewEnglish()
	parts := make([]string, 0, 3)
	for i, n := range []int{data.EnglishTrain, data.EnglishHeld, data.EnglishHeld} {
		words := e.Sentences(pcg(1984, uint64(i)), n)
		perplexity, err := e.Perplexity(words)
		require.NoError(t, err)
		parts = append(parts, fmt.Sprintf("| %d | %d | %.4f |", n, len(words), perplexity))
	}
	for _, line := range parts {
		assert.Contains(t, string(doc), line)
	}
	train := make(map[string]bool)
	for sentence := range sentences(e.Sentences(pcg(1984, 0), data.EnglishTrain)) {
		train[sentence] = true
	}
	seen := 0.0
	for sentence := range sentences(e.Sentences(pcg(1984, 2), data.EnglishHeld)) {
		if train[sentence] {
			seen++
		}
	}
	assert.Contains(t, string(doc), fmt.Sprintf("%.0f %% of the test sentences stand in the train text", 100*seen/data.EnglishHeld))
	for _, r := range e.Relations() {
		for _, p := range r.Pairs {
			assert.Contains(t, string(doc), p[0]+" "+p[1])
		}
	}
	nats, words := e.Entropy()
	assert.Contains(t, string(doc), fmt.Sprintf("exp(%.4f / %.4f) = %.4f", nats, words, math.Exp(nats/words)))
	assert.Contains(t, string(doc), fmt.Sprintf("%d words", len(e.Words())))
	assert.Contains(t, string(doc), fmt.Sprintf("%d questions", len(e.Analogies())))
	assert.True(t, slices.IsSorted(e.Words()))
}

// sentences yields the texts of sentences, without their EOS.
func sentences(words []string) iter.Seq[string] {
	return strings.SplitSeq(strings.TrimSuffix(strings.Join(words, " "), " "+data.EOS), " "+data.EOS+" ")
}

func ExampleEnglish_Perplexity() {
	_, _, test, err := data.Open("english", data.Options{Seed: 1984})
	if err != nil {
		fmt.Println(err)
		return
	}
	floor, err := data.NewEnglish().Perplexity(test.Vocab.Decode(test.IDs))
	fmt.Printf("%d words, perplexity %.4f, %v\n", len(test.IDs), floor, err)
	// Output: 19097 words, perplexity 3.5054, <nil>
}

func ExampleEnglish_LogProbs() {
	e := data.NewEnglish()
	words := strings.Fields("yesterday we took the bus <eos>")
	nats, err := e.LogProbs(words)
	for i, word := range words {
		fmt.Printf("%.4f %s\n", math.Exp(nats[i]), word)
	}
	fmt.Println(err)
	// Output:
	// 0.0068 yesterday
	// 0.2500 we
	// 0.0625 took
	// 1.0000 the
	// 0.5000 bus
	// 1.0000 <eos>
	// <nil>
}

func ExampleEnglish() {
	e := data.NewEnglish()
	words := e.Sentences(rand.New(rand.NewPCG(1984, 0)), 4)
	fmt.Print(strings.ReplaceAll(strings.Join(words, " ")+" ", " "+data.EOS+" ", "\n"))
	// Output:
	// nobody gives the girl her kite and thanks her
	// no smell is bad enough for us
	// everybody sells amber in the city of warsaw
	// the woman who smiles in the kitchen likes her office
}
