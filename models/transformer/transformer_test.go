package transformer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/models/beam"
	"github.com/wengert-ml/wengert/models/lm"
	"github.com/wengert-ml/wengert/models/seq2seq"
	"github.com/wengert-ml/wengert/models/transformer"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/tensor"
)

const (
	vocab = 7
	pad   = 6
)

// shapes are models that differ in every option.
var shapes = map[string]transformer.Config{
	"sinusoidal":  {Vocab: vocab, Width: 4, Layers: 2, Heads: 2, Inner: 5},
	"learned":     {Vocab: vocab, Width: 4, Layers: 1, Heads: 1, Positions: transformer.Learned, Context: 5},
	"tied":        {Vocab: vocab, Width: 6, Layers: 1, Heads: 3, Inner: 4, Tied: true, Context: 8},
	"pad/dropout": {Vocab: vocab, Width: 4, Layers: 1, Heads: 2, Inner: 4, Pad: []int32{pad}, Dropout: 0.3, Context: 16},
}

func TestGradients(t *testing.T) {
	const n, tx, s = 2, 3, 2
	for name, c := range shapes {
		t.Run(name+"/encoder-decoder", func(t *testing.T) {
			m := transformer.NewEncoderDecoder(nn.NewInit(reference.New(), 3), c)
			gradtest.Config{Directions: 1}.Model(t, nn.Params(m), func(tape *autograd.Tape) autograd.Var {
				return m.Loss(tape, tape.Ints([]int32{0, 1, pad, 3, 4, 0}, n, tx), tape.Ints([]int32{4, 1, 4, 2}, n, s), tape.Ints([]int32{1, 3, 2, 0}, n, s))
			})
		})
		t.Run(name+"/lm", func(t *testing.T) {
			m := transformer.NewLM(nn.NewInit(reference.New(), 5), c)
			gradtest.Config{Directions: 1}.Model(t, nn.Params(m), func(tape *autograd.Tape) autograd.Var {
				return m.Loss(tape, tape.Ints([]int32{0, 1, 2, 3, 4, 0}, n, tx), tape.Ints([]int32{1, 2, 3, 4, 0, 5}, n, tx))
			})
		})
	}
}

// What is kept in generation changes nothing: word by word, in windows or all at once,
// the scores are the same.
func TestCache(t *testing.T) {
	const n, steps = 2, 5
	be := reference.New()
	ids := []int32{0, 1, 2, 3, 4, 5, 4, 0, 2, 2}
	for name, c := range shapes {
		t.Run(name, func(t *testing.T) {
			m := transformer.NewLM(nn.NewInit(be, 4), c)
			tape := autograd.Config{Inference: true}.NewTape(be)
			want := m.Forward(tape, tape.Ints(ids, n, steps), nil)
			require.Equal(t, []int{n, steps, vocab}, want.Shape())
			for _, cuts := range [][]int{{5}, {1, 2, 3, 4, 5}, {2, 5}, {3, 4, 5}} {
				var past transformer.Cache
				from := 0
				for _, to := range cuts {
					got := m.Forward(tape, columns(tape, ids, n, from, to), &past)
					assert.InDeltaSlice(t, want.Slice(1, from, to).Float64s(), got.Float64s(), 1e-12, "words %d to %d of %v", from, to, cuts)
					from = to
					assert.Equal(t, to, past.Len())
				}
			}
		})
	}
}

// columns returns the columns from to to-1 of ids [n, ...].
func columns(tape *autograd.Tape, ids []int32, n, from, to int) tensor.Ints {
	width := len(ids) / n
	var part []int32
	for i := range n {
		part = append(part, ids[i*width+from:i*width+to]...)
	}
	return tape.Ints(part, n, to-from)
}

// A reader carries what it has read over a Reset, and behind its context predicts from
// the words it still knows.
func TestReaderForgets(t *testing.T) {
	be := reference.New()
	m := transformer.NewLM(nn.NewInit(be, 4), shapes["tied"]) // looks back on 8 words
	const n, words = 2, 30
	texts := make([]int32, n*words)
	for i := range texts {
		texts[i] = int32(i*i) % vocab
	}
	tape := autograd.Config{Inference: true}.NewTape(be)
	r := m.Reader()
	got := make([][]float64, n)
	for _, cut := range [][2]int{{0, 3}, {3, 4}, {4, 19}, {19, 20}, {20, words}} {
		scores := r.Read(tape, columns(tape, texts, n, cut[0], cut[1]))
		for i := range got {
			got[i] = append(got[i], scores.Select(0, i).Float64s()...)
		}
		tape.Reset(r.Vars()...)
	}
	for at := range words {
		known := 0 // the first word it knows: 0, then 4 more each time that 8 are full
		for at-known >= 8 {
			known += 4
		}
		scores := m.Forward(tape, columns(tape, texts, n, known, at+1), nil).Select(1, -1)
		for i := range got {
			assert.InDeltaSlice(t, scores.Select(0, i).Float64s(), got[i][at*vocab:(at+1)*vocab], 1e-12, "word %d of text %d", at, i)
		}
	}
}

// The answer that Generate writes with what it keeps is the one that the scores of all
// its tokens at once prefer.
func TestGenerateFollowsForward(t *testing.T) {
	const n, tx, steps = 2, 4, 5
	be := reference.New()
	for name, c := range shapes {
		t.Run(name, func(t *testing.T) {
			m := transformer.NewEncoderDecoder(nn.NewInit(be, 8), c)
			tape := autograd.Config{Inference: true}.NewTape(be)
			questions := tape.Ints([]int32{3, 1, 2, 6, 6, 0, 1, 6}, n, tx)
			ids, weights := m.Generate(tape, questions, 5, steps)
			require.Equal(t, []int{n, steps}, ids.Shape())
			require.Equal(t, []int{n, steps, tx}, weights.Shape())
			for _, sum := range weights.Sum(2).Float64s() {
				assert.InDelta(t, 1, sum, 1e-12)
			}
			given := make([]int32, 0, n*steps)
			for i := range n {
				given = append(append(given, 5), ids.Data()[i*steps:(i+1)*steps-1]...)
			}
			encoded, mask := m.Encode(tape, questions)
			scores, attended := m.Decoder.Forward(tape.Ints(given, n, steps), encoded, mask, nil)
			assert.Equal(t, ids.Data(), scores.ArgMax(-1).Data())
			assert.InDeltaSlice(t, attended.Float64s(), weights.Float64s(), 1e-12)
		})
	}
}

// With one beam the search writes what Generate does, and with more of them nothing
// less likely; the probability that it gives is the one of the loss.
func TestSearch(t *testing.T) {
	const n, steps = 2, 3
	be := reference.New()
	for name, c := range shapes {
		t.Run(name, func(t *testing.T) {
			m := transformer.NewEncoderDecoder(nn.NewInit(be, 8), c)
			tape := autograd.Config{Inference: true}.NewTape(be)
			questions := tape.Ints([]int32{3, 1, 2, 6, 6, 0, 1, 6}, n, 4)
			ids, _ := m.Generate(tape, questions, 5, steps)
			one := beam.Search{}.Run(tape, m.Start(tape, questions), n, 5, beam.NoEnd, steps)
			several := beam.Search{Beams: 4}.Run(tape, m.Start(tape, questions), n, 5, beam.NoEnd, steps)
			for q := range n {
				assert.Equal(t, ids.Data()[q*steps:(q+1)*steps], one[q][0].IDs)
				require.Len(t, several[q], 4)
				assert.GreaterOrEqual(t, several[q][0].LogProb, one[q][0].LogProb-1e-6)
				question := columns(tape, questions.Data()[q*4:(q+1)*4], 1, 0, 4)
				for _, found := range several[q] {
					given := append([]int32{5}, found.IDs[:steps-1]...)
					loss := m.Loss(tape, question, tape.Ints(given, 1, steps), tape.Ints(found.IDs, 1, steps)).Item()
					assert.InDelta(t, -loss*steps, found.LogProb, 1e-5)
				}
			}
		})
	}
}

// Filling a question up changes nothing, on either side; the same token in its midst
// does.
func TestPaddingIsLeftOut(t *testing.T) {
	be := reference.New()
	m := transformer.NewEncoderDecoder(nn.NewInit(be, 8), shapes["pad/dropout"])
	tape := autograd.Config{Inference: true}.NewTape(be)
	_, weights := m.Generate(tape, tape.Ints([]int32{6, 6, 3, 6, 1, 6}, 1, 6), 0, 1)
	for i, w := range weights.Float64s() {
		assert.Equal(t, i >= 2 && i <= 4, w > 0, "position %d", i)
	}
	long, _ := m.Encode(tape, tape.Ints([]int32{3, 6, 1, 6, 6}, 1, 5))
	short, _ := m.Encode(tape, tape.Ints([]int32{3, 6, 1}, 1, 3))
	assert.InDeltaSlice(t, short.Float64s(), long.Slice(1, 0, 3).Float64s(), 1e-12)
	empty, _ := m.Encode(tape, tape.Ints([]int32{6, 6}, 1, 2))
	for _, v := range empty.Float64s() {
		assert.False(t, math.IsNaN(v))
	}
}

func TestLearnsSumsByHeart(t *testing.T) {
	p, err := data.NewPairs(data.Additions(rand.New(tensor.NewRand(2, 2)), 8), nil)
	require.NoError(t, err)
	be := cpu.New()
	tr := transformer.NewTranslator(nn.NewInit(be, 1984), transformer.Config{Width: 32, Layers: 1, Heads: 4, Dropout: 0.05}, p)
	params := nn.Params(tr.Model)
	tape, opt := autograd.NewTape(be), &optim.Adam{Params: params, LR: 0.003}
	x, in, out := make([]int32, p.N*p.TX), make([]int32, p.N*(p.TT-1)), make([]int32, p.N*(p.TT-1))
	p.Batch([]int{0, 1, 2, 3, 4, 5, 6, 7}, x, in, out)
	for i := range 80 {
		loss := tr.Model.Loss(tape, tape.Ints(x, p.N, p.TX), tape.Ints(in, p.N, p.TT-1), tape.Ints(out, p.N, p.TT-1))
		if i == 0 {
			assert.InDelta(t, math.Log(13), loss.Item(), 1, "at first a guess of 13 characters")
		}
		tape.Backward(loss)
		opt.Step()
		tape.Reset()
	}
	assert.NotContains(t, tr.Right(be, p, 5), false)
}

// A text of a period of five words is soon known by heart.
func TestLearnsText(t *testing.T) {
	be := cpu.New()
	m := transformer.NewLM(nn.NewInit(be, 1984), transformer.Config{Vocab: 5, Width: 16, Layers: 1, Heads: 2, Tied: true, Context: 10})
	ids := make([]int32, 100)
	for i := range ids {
		ids[i] = []int32{0, 1, 0, 2, 3}[i%5] // what follows 0 depends on the word before it
	}
	before, err := lm.Perplexity(be, m, ids)
	require.NoError(t, err)
	assert.Greater(t, before, 3.0)
	tape, opt := autograd.NewTape(be), &optim.Adam{Params: nn.Params(m), LR: 0.01}
	for i := range 120 {
		tape.Backward(m.Loss(tape, tape.Ints(ids[i%5:i%5+80], 8, 10), tape.Ints(ids[i%5+1:i%5+81], 8, 10)))
		opt.Step()
		tape.Reset()
	}
	after, err := lm.Perplexity(be, m, ids)
	require.NoError(t, err)
	assert.Less(t, after, 1.1)
	words, err := lm.Sampler{TopK: 1}.Generate(be, m, ids[:4], 31, rand.New(rand.NewPCG(1, 2)))
	require.NoError(t, err)
	assert.Equal(t, ids[4:35], words)
}

func TestFiles(t *testing.T) {
	be := cpu.New()
	p, err := data.NewPairs(data.Additions(rand.New(tensor.NewRand(2, 2)), 20), nil)
	require.NoError(t, err)
	c := transformer.Config{Width: 8, Layers: 1, Heads: 2, Positions: transformer.Learned}
	tr := transformer.NewTranslator(nn.NewInit(be, 7), c, p)
	want, err := tr.Translate(be, []string{"1+2", "999+1"})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "model.safetensors")
	require.NoError(t, tr.Save(path, nil))
	back, err := seq2seq.OpenTranslator(path, func(architecture string, config []byte, tokens int) (seq2seq.Model, error) {
		return transformer.Build(nn.NewInit(be, 0), architecture, config, tokens)
	})
	require.NoError(t, err)
	assert.True(t, transformer.Translates(back.Architecture))
	got, err := back.Translate(be, []string{"1+2", "999+1"})
	require.NoError(t, err)
	assert.Equal(t, want, got)

	build := func(architecture string, config []byte, words int) (lm.Model, error) {
		return transformer.BuildLM(nn.NewInit(be, 0), architecture, config, words)
	}
	_, err = lm.Open(path, build)
	assert.ErrorContains(t, err, `its architecture is "transformer/encoder-decoder"; want "transformer/lm"`)

	text := transformer.NewText(nn.NewInit(be, 7), transformer.Config{Width: 8, Layers: 1, Heads: 2}, data.NewVocabulary("a", "b", "c"))
	require.NoError(t, text.Save(path, nil))
	opened, err := lm.Open(path, build)
	require.NoError(t, err)
	assert.True(t, transformer.Writes(opened.Architecture))
	ids := []int32{0, 1, 2, 0, 2, 1}
	a, err := lm.Perplexity(be, text.Model, ids)
	require.NoError(t, err)
	b, err := lm.Perplexity(be, opened.Model, ids)
	require.NoError(t, err)
	assert.Equal(t, a, b)

	for _, c := range []struct{ config, want string }{
		{"", "read its configuration"},
		{`{"Vocab":4}`, "its configuration is for 4 tokens and its vocabulary has 3"},
		{`{"Vocab":3,"Width":8,"Layers":1,"Heads":3}`, "3 heads for a width of 8"},
	} {
		_, err := transformer.BuildLM(nn.NewInit(be, 0), "transformer/lm", []byte(c.config), 3)
		assert.ErrorContains(t, err, c.want)
	}
}

func TestMistakes(t *testing.T) {
	for _, c := range []struct {
		change func(c *transformer.Config)
		want   string
	}{
		{func(c *transformer.Config) { c.Layers = 0 }, "0 layers"},
		{func(c *transformer.Config) { c.Heads = 3 }, "3 heads for a width of 4: want a number of heads that divides it"},
		{func(c *transformer.Config) { c.Dropout = 1 }, "a dropout of 1"},
		{func(c *transformer.Config) { c.Positions = "round" }, `positions "round"`},
		{func(c *transformer.Config) { c.Positions = transformer.Learned }, "learned positions without a context"},
		{func(c *transformer.Config) { c.Pad = []int32{vocab} }, "padding by token 7 of a vocabulary of 7"},
	} {
		config := shapes["sinusoidal"]
		c.change(&config)
		assert.ErrorContains(t, config.Check(), c.want)
		assert.Panics(t, func() { transformer.NewLM(nn.NewInit(reference.New(), 1), config) })
	}
}

func TestStepsMakeNoGarbage(t *testing.T) {
	const n, tx, s = 3, 4, 5
	be := cpu.Config{Threads: 1}.New()
	ids := make([]int32, n*s)
	for i := range ids {
		ids[i] = int32(i % vocab)
	}
	c := shapes["pad/dropout"]
	m, writer := transformer.NewEncoderDecoder(nn.NewInit(be, 1), c), transformer.NewLM(nn.NewInit(be, 1), c)
	for name, loss := range map[string]func(tape *autograd.Tape) autograd.Var{
		"encoder-decoder": func(tape *autograd.Tape) autograd.Var {
			return m.Loss(tape, tape.Ints(ids[:n*tx], n, tx), tape.Ints(ids, n, s), tape.Ints(ids, n, s))
		},
		"lm": func(tape *autograd.Tape) autograd.Var {
			return writer.Loss(tape, tape.Ints(ids, n, s), tape.Ints(ids, n, s))
		},
	} {
		t.Run(name, func(t *testing.T) {
			tape, params := autograd.NewTape(be), nn.Params([]any{m, writer})
			step := func() {
				tape.Backward(loss(tape))
				nn.ZeroGrad(params)
				tape.Reset()
			}
			for range 4 {
				step()
			}
			assert.Zero(t, testing.AllocsPerRun(10, step))
		})
	}
}

func ExampleEncoderDecoder() {
	be := cpu.New()
	m := transformer.NewEncoderDecoder(nn.NewInit(be, 1984), transformer.Config{Vocab: 13, Width: 32, Layers: 2, Heads: 4})
	tape := autograd.Config{Inference: true}.NewTape(be)
	ids, weights := m.Generate(tape, tape.Ints([]int32{1, 2, 3, 4, 5, 6, 7}, 1, 7), 0, 4)
	fmt.Println(ids.Shape(), weights.Shape())
	// Output: [1 4] [1 4 7]
}

// What one token looked at is kept for the next.
func ExampleLM() {
	be := cpu.New()
	m := transformer.NewLM(nn.NewInit(be, 1984), transformer.Config{Vocab: 100, Width: 32, Layers: 2, Heads: 4, Tied: true})
	tape := autograd.Config{Inference: true}.NewTape(be)
	var past transformer.Cache
	m.Forward(tape, tape.Ints([]int32{3, 14, 15}, 1, 3), &past)
	scores := m.Forward(tape, tape.Ints([]int32{92}, 1, 1), &past)
	fmt.Println(scores.Shape(), past.Len())
	// Output: [1 1 100] 4
}
