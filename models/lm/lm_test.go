package lm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/models/lm"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/tensor"
)

// counting is a model whose scores are known: those of word j after a text whose ids
// sum to s are Table[s mod V][j]. So it needs all it has read.
type counting struct{ Table *autograd.Param }

func newCounting(be backend.Backend, table ...[]float32) *counting {
	return &counting{autograd.NewParam(tensor.FromSlice(be, slices.Concat(table...), len(table), len(table[0])))}
}

func (m *counting) Reader() lm.Reader { return &countingReader{model: m} }

type countingReader struct {
	model *counting
	sum   autograd.Var // [N, 1]
}

func (r *countingReader) Read(tape *autograd.Tape, ids tensor.Ints) autograd.Var {
	n, steps, v := ids.Shape()[0], ids.Shape()[1], r.model.Table.Data.Shape()[0]
	x := make([]float32, ids.Len())
	for i, id := range ids.Data() {
		x[i] = float32(id)
	}
	sums := tape.Input(x, n, steps).CumSum(1)
	if !r.sum.IsZero() {
		sums = sums.Add(r.sum)
	}
	r.sum = sums.Slice(1, steps-1, steps)
	rows := make([]int32, ids.Len())
	for i, s := range sums.Float64s() {
		rows[i] = int32(s) % int32(v)
	}
	return r.model.Table.On(tape).Gather(tape.Ints(rows, n, steps))
}

func (r *countingReader) Vars() []*autograd.Var { return []*autograd.Var{&r.sum} }

// table is logarithms of probabilities: of 3 words after each sum mod 3.
var table = [][]float32{
	{lnf(0.5), lnf(0.25), lnf(0.25)},
	{lnf(0.125), lnf(0.75), lnf(0.125)},
	{lnf(0.1), lnf(0.3), lnf(0.6)},
}

func lnf(p float64) float32 { return float32(math.Log(p)) }

// text is ids of the words of table.
func text(n int) []int32 {
	ids, rng := make([]int32, n), rand.New(rand.NewPCG(1, 2))
	for i := range ids {
		ids[i] = rng.Int32N(3)
	}
	return ids
}

// surprise sums -log p of the words of ids[from+1 : from+1+n], read from ids[from] on.
func surprise(ids []int32, from, n int) (nats float64) {
	sum := int32(0)
	for i := from; i < from+n; i++ {
		sum += ids[i]
		nats -= float64(table[sum%3][ids[i+1]])
	}
	return nats
}

func TestPerplexity(t *testing.T) {
	be := reference.New()
	m := newCounting(be, table...)
	for _, n := range []int{2, 100, 129, 300} { // below and above a window of reading
		ids := text(n)
		got, err := lm.Perplexity(be, m, ids)
		require.NoError(t, err)
		assert.InDelta(t, math.Exp(surprise(ids, 0, n-1)/float64(n-1)), got, 1e-6, "%d words", n)
	}
	for _, ids := range [][]int32{nil, {1}} {
		_, err := lm.Perplexity(be, m, ids)
		assert.EqualError(t, err, fmt.Sprintf("perplexity of a text of %d words; want at least 2", len(ids)))
	}
}

func TestOffsetPerplexity(t *testing.T) {
	be := reference.New()
	m := newCounting(be, table...)
	const n, batch, steps = 101, 3, 4
	ids := text(n)
	// 100 words with a successor: 3 readers, 33 words apart, of 8 windows of 4 words.
	nats := surprise(ids, 0, 32) + surprise(ids, 33, 32) + surprise(ids, 66, 32)
	got, err := lm.OffsetPerplexity(be, m, ids, batch, steps)
	require.NoError(t, err)
	assert.InDelta(t, math.Exp(nats/96), got, 1e-6)

	_, err = lm.OffsetPerplexity(be, m, ids[:12], batch, steps)
	assert.ErrorContains(t, err, "perplexity: a text of 12 words is too short")
}

func TestSampler(t *testing.T) {
	const draws = 2_000
	be := reference.New()
	// After every word the probabilities are 0.5, 0.3, 0.2, 0.
	p := []float32{lnf(0.3), lnf(0.5), float32(math.Inf(-1)), lnf(0.2)}
	m := newCounting(be, p, p, p, p)
	for _, c := range []struct {
		name string
		s    lm.Sampler
		want [4]float64
	}{
		{"plain", lm.Sampler{}, [4]float64{0.3, 0.5, 0, 0.2}},
		{"cold", lm.Sampler{Temperature: 0.5}, [4]float64{0.09 / 0.38, 0.25 / 0.38, 0, 0.04 / 0.38}},
		{"hot", lm.Sampler{Temperature: 1e9, Skip: []int32{2}}, [4]float64{1. / 3, 1. / 3, 0, 1. / 3}},
		{"greedy", lm.Sampler{TopK: 1}, [4]float64{0, 1, 0, 0}},
		{"top 2", lm.Sampler{TopK: 2}, [4]float64{0.3 / 0.8, 0.5 / 0.8, 0, 0}},
		{"top 9", lm.Sampler{TopK: 9}, [4]float64{0.3, 0.5, 0, 0.2}},
		{"nucleus of one", lm.Sampler{TopP: 0.4}, [4]float64{0, 1, 0, 0}},
		{"nucleus of two", lm.Sampler{TopP: 0.6}, [4]float64{0.3 / 0.8, 0.5 / 0.8, 0, 0}},
		{"nucleus of the top", lm.Sampler{TopK: 2, TopP: 0.6}, [4]float64{0, 1, 0, 0}}, // 0.5/0.8 is above 0.6
		{"skip", lm.Sampler{Skip: []int32{1}}, [4]float64{0.6, 0, 0, 0.4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			words, err := c.s.Generate(be, m, []int32{0}, draws, rand.New(rand.NewPCG(3, 4)))
			require.NoError(t, err)
			var got [4]float64
			for _, w := range words {
				got[w] += 1 / float64(len(words))
			}
			for i := range got {
				if c.want[i] == 0 || c.want[i] == 1 {
					assert.InDelta(t, c.want[i], got[i], 1e-9, "word %d", i)
				}
				assert.InDelta(t, c.want[i], got[i], 0.04, "word %d", i)
			}
		})
	}
}

// The model reads what it has generated.
func TestGenerateReadsOn(t *testing.T) {
	be := reference.New()
	m := newCounting(be, []float32{0, 9, 0}, []float32{0, 0, 9}, []float32{9, 0, 0})
	words, err := lm.Sampler{TopK: 1}.Generate(be, m, []int32{2, 2}, 6, seeded())
	require.NoError(t, err)
	sum := int32(4)
	for _, w := range words {
		assert.Equal(t, []int32{1, 2, 0}[sum%3], w)
		sum += w
	}
}

func seeded() *rand.Rand { return rand.New(rand.NewPCG(0, 0)) }

func TestSamplerMistakes(t *testing.T) {
	be := reference.New()
	m := newCounting(be, table...)
	for _, c := range []struct {
		s    lm.Sampler
		seed []int32
		want string
	}{
		{lm.Sampler{Temperature: -1}, []int32{0}, "generate: a temperature of -1; want one above 0"},
		{lm.Sampler{Temperature: math.NaN()}, []int32{0}, "a temperature of NaN"},
		{lm.Sampler{TopK: -2}, []int32{0}, "the -2 likeliest words; want 1 or more, or 0 for all"},
		{lm.Sampler{TopP: 1.5}, []int32{0}, "a probability of 1.5"},
		{lm.Sampler{}, nil, "generate: no word to begin with; want at least one"},
		{lm.Sampler{Skip: []int32{0, 1, 2}}, []int32{0}, "generate: all 3 words are skipped"},
	} {
		_, err := c.s.Generate(be, m, c.seed, 1, seeded())
		assert.ErrorContains(t, err, c.want)
	}
}

func TestTextSaveAndOpen(t *testing.T) {
	be := cpu.New()
	path := filepath.Join(t.TempDir(), "model.safetensors")
	saved := &lm.Text{Model: newCounting(be, table...), Vocab: data.NewVocabulary("a", "b", "c"), Architecture: "counting", Config: map[string]int{"Words": 3}}
	require.NoError(t, saved.Save(path, map[string]string{"seed": "7"}))
	build := func(architecture string, config []byte, words int) (lm.Model, error) {
		if architecture != "counting" {
			return nil, fmt.Errorf("its architecture is %q", architecture)
		}
		assert.JSONEq(t, `{"Words":3}`, string(config))
		assert.Equal(t, 3, words)
		return newCounting(be, make([]float32, 3), make([]float32, 3), make([]float32, 3)), nil
	}
	opened, err := lm.Open(path, build)
	require.NoError(t, err)
	assert.Equal(t, saved.Vocab, opened.Vocab)
	a, err := lm.Perplexity(be, saved.Model, text(50))
	require.NoError(t, err)
	b, err := lm.Perplexity(be, opened.Model, text(50))
	require.NoError(t, err)
	assert.Equal(t, a, b)

	again := filepath.Join(t.TempDir(), "again.safetensors")
	require.NoError(t, opened.Save(again, nil))
	_, err = lm.Open(again, build)
	require.NoError(t, err)

	require.NoError(t, nn.Save(again, saved.Model, map[string]string{"architecture": "mlp"}))
	_, err = lm.Open(again, build)
	assert.ErrorContains(t, err, `its architecture is "mlp" and it has no vocabulary; want a language model`)
	require.NoError(t, nn.Save(again, saved.Model, map[string]string{"architecture": "other", "vocabulary": `["a"]`}))
	_, err = lm.Open(again, build)
	assert.ErrorContains(t, err, `its architecture is "other"`)
	require.NoError(t, nn.Save(again, saved.Model, map[string]string{"architecture": "counting", "vocabulary": `3`}))
	_, err = lm.Open(again, build)
	assert.ErrorContains(t, err, "read its vocabulary")
	_, err = lm.Open(filepath.Join(t.TempDir(), "none"), build)
	assert.ErrorContains(t, err, "no such file")
}
