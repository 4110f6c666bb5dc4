package seq2seq_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/models/beam"
	"github.com/wengert-ml/wengert/models/seq2seq"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/tensor"
)

// variants are all models, of one size.
func variants(v, d, h int) map[string]seq2seq.Config {
	all := map[string]seq2seq.Config{
		"plain":                   {Arch: seq2seq.Plain},
		"peeky":                   {Arch: seq2seq.WithPeeking},
		"attention":               {Arch: seq2seq.WithAttention},
		"plain/deep":              {Arch: seq2seq.Plain, Layers: 2, Residual: true, Bidirectional: true},
		"peeky/deep":              {Arch: seq2seq.WithPeeking, Layers: 2},
		"attention/bidirectional": {Arch: seq2seq.WithAttention, Bidirectional: true},
		"attention/deep":          {Arch: seq2seq.WithAttention, Layers: 3, Residual: true},
		"attention/lstm":          {Arch: seq2seq.WithAttention, AttentionTo: seq2seq.ToLSTM},
		"attention/both":          {Arch: seq2seq.WithAttention, AttentionTo: seq2seq.ToBoth, Layers: 2, Bidirectional: true},
		"gnmt":                    {Arch: seq2seq.Deep},
		"gnmt/deep":               {Arch: seq2seq.Deep, Layers: 4},
	}
	for name, c := range all {
		c.Vocab, c.Embed, c.Hidden = v, d, h
		all[name] = c
	}
	return all
}

// attends reports whether a model has attention weights.
func attends(c seq2seq.Config) bool {
	return c.Arch == seq2seq.WithAttention || c.Arch == seq2seq.Deep
}

func TestShapes(t *testing.T) {
	const n, tx, tt, v, h = 3, 4, 5, 7, 6
	be := reference.New()
	for name, c := range variants(v, 2, h) {
		t.Run(name, func(t *testing.T) {
			m := seq2seq.New(nn.NewInit(be, 1), c)
			tape := autograd.Config{Inference: true}.NewTape(be)
			questions := tape.Ints([]int32{0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4}, n, tx)
			ids, weights := m.Generate(tape, questions, 6, tt)
			assert.Equal(t, []int{n, tt}, ids.Shape())
			for _, id := range ids.Data() {
				assert.True(t, id >= 0 && id < v)
			}
			assert.Equal(t, attends(c), !weights.IsZero())
			if !weights.IsZero() {
				assert.Equal(t, []int{n, tt, tx}, weights.Shape())
				for _, sum := range weights.Sum(2).Float64s() {
					assert.InDelta(t, 1, sum, 1e-12)
				}
			}
			assert.PanicsWithValue(t, "seq2seq: generate 0 tokens; want at least one", func() { m.Generate(tape, questions, 6, 0) })
		})
	}
}

// What Generate writes is what the scores of Loss prefer: the likeliest answer of
// one token has the smallest loss.
func TestGenerateFollowsLoss(t *testing.T) {
	const v = 5
	be := reference.New()
	for name, c := range variants(v, 3, 4) {
		t.Run(name, func(t *testing.T) {
			m := seq2seq.New(nn.NewInit(be, 8), c)
			tape := autograd.Config{Inference: true}.NewTape(be)
			questions := tape.Ints([]int32{3, 1, 2}, 1, 3)
			ids, _ := m.Generate(tape, questions, 0, 2)
			given := tape.Ints([]int32{0, ids.Data()[0]}, 1, 2)
			best, at := math.Inf(1), int32(-1)
			for last := range int32(v) {
				loss := m.Loss(tape, questions, given, tape.Ints([]int32{ids.Data()[0], last}, 1, 2)).Item()
				if loss < best {
					best, at = loss, last
				}
			}
			assert.Equal(t, ids.Data()[1], at)
		})
	}
}

// One beam writes what Generate does; several find nothing that the model thinks less
// likely, and what they say of its likelihood is the loss.
func TestBeams(t *testing.T) {
	const v, n = 5, 3
	be := reference.New()
	for name, c := range variants(v, 3, 4) {
		t.Run(name, func(t *testing.T) {
			m := seq2seq.New(nn.NewInit(be, 8), c).(seq2seq.Starter)
			tape := autograd.Config{Inference: true}.NewTape(be)
			questions := tape.Ints([]int32{3, 1, 2, 4, 0, 1}, 2, 3)
			ids, _ := m.Generate(tape, questions, 0, n)
			one := beam.Search{}.Run(tape, m.Start(tape, questions), 2, 0, beam.NoEnd, n)
			several := beam.Search{Beams: 4}.Run(tape, m.Start(tape, questions), 2, 0, beam.NoEnd, n)
			for q := range 2 {
				assert.Equal(t, ids.Data()[q*n:(q+1)*n], one[q][0].IDs)
				assert.GreaterOrEqual(t, several[q][0].LogProb, one[q][0].LogProb-1e-9)
				for _, s := range several[q] {
					given := append([]int32{0}, s.IDs[:n-1]...)
					loss := m.Loss(tape, tape.Ints(questions.Data()[q*3:(q+1)*3], 1, 3), tape.Ints(given, 1, n), tape.Ints(s.IDs, 1, n)).Item()
					assert.InDelta(t, -loss*n, s.LogProb, 1e-5)
				}
			}
		})
	}
}

func TestGradients(t *testing.T) {
	const n, tx, s, v = 2, 3, 2, 5
	for name, c := range variants(v, 2, 2) {
		t.Run(name, func(t *testing.T) {
			m := seq2seq.New(nn.NewInit(reference.New(), 3), c)
			gradtest.Config{Directions: 1}.Model(t, nn.Params(m), func(tape *autograd.Tape) autograd.Var {
				return m.Loss(tape, tape.Ints([]int32{0, 1, 2, 3, 4, 0}, n, tx), tape.Ints([]int32{4, 1, 4, 2}, n, s), tape.Ints([]int32{1, 3, 2, 0}, n, s))
			})
		})
	}
}

// pairs are n sums.
func pairs(t testing.TB, n int) *data.Pairs {
	t.Helper()
	p, err := data.NewPairs(data.Additions(rand.New(tensor.NewRand(2, 2)), n), nil)
	require.NoError(t, err)
	return p
}

// train makes steps on all of p at once and returns the first loss and the last.
func train(m seq2seq.Model, p *data.Pairs, steps int) (first, last float64) {
	params := nn.Params(m)
	tape := autograd.NewTape(params[0].Data.Backend())
	opt, clip := &optim.Adam{Params: params, LR: 0.01}, optim.Clipper{}
	all := make([]int, p.N)
	for i := range all {
		all[i] = i
	}
	x, in, out := make([]int32, p.N*p.TX), make([]int32, p.N*(p.TT-1)), make([]int32, p.N*(p.TT-1))
	p.Batch(all, x, in, out)
	for i := range steps {
		loss := m.Loss(tape, tape.Ints(x, p.N, p.TX), tape.Ints(in, p.N, p.TT-1), tape.Ints(out, p.N, p.TT-1))
		last = loss.Item()
		if i == 0 {
			first = last
		}
		tape.Backward(loss)
		clip.ClipNorm(params, 5)
		opt.Step()
		tape.Reset()
	}
	return first, last
}

func TestLearnsSumsByHeart(t *testing.T) {
	p := pairs(t, 8)
	for name, c := range variants(0, 8, 32) {
		t.Run(name, func(t *testing.T) {
			be := cpu.New()
			tr := seq2seq.NewTranslator(nn.NewInit(be, 1984), c, p)
			first, last := train(tr.Model, p, 120)
			assert.InDelta(t, math.Log(13), first, 0.3, "at first a guess of 13 characters")
			assert.Less(t, last, 0.1)
			assert.NotContains(t, tr.Right(be, p, 5), false)
		})
	}
}

// builder makes the models of the package on a backend.
func builder(be backend.Backend) seq2seq.Builder {
	return func(architecture string, config []byte, tokens int) (seq2seq.Model, error) {
		return seq2seq.Build(nn.NewInit(be, 0), architecture, config, tokens)
	}
}

func TestTranslatorRoundTrip(t *testing.T) {
	p := pairs(t, 20).Reverse()
	be := cpu.New()
	questions := []string{"1+2", "999+1"}
	for name, c := range variants(0, 4, 6) {
		t.Run(name, func(t *testing.T) {
			tr := seq2seq.NewTranslator(nn.NewInit(be, 7), c, p)
			want, err := tr.Translate(be, questions)
			require.NoError(t, err)
			path := filepath.Join(t.TempDir(), "model.safetensors")
			require.NoError(t, tr.Save(path, map[string]string{"seed": "7"}))
			file, err := nn.Open(path)
			require.NoError(t, err)
			assert.Equal(t, string(c.Arch), file.Metadata["architecture"])

			back, err := seq2seq.OpenTranslator(path, builder(be))
			require.NoError(t, err)
			again := filepath.Join(t.TempDir(), "again.safetensors")
			require.NoError(t, back.Save(again, nil)) // what was opened can be saved
			back, err = seq2seq.OpenTranslator(again, builder(be))
			require.NoError(t, err)
			assert.Equal(t, tr.Format, back.Format)
			got, err := back.Translate(be, questions)
			require.NoError(t, err)
			assert.Equal(t, want, got)
			assert.Equal(t, attends(c), got[0].Weights != nil)
			found, err := back.Search(be, beam.Search{Beams: 2}, questions)
			require.NoError(t, err)
			require.Len(t, found, len(questions))
			assert.Len(t, found[0], 2)
			found, err = back.Search(be, beam.Search{}, questions)
			require.NoError(t, err)
			assert.Equal(t, got[1].Answer, found[1][0].Text)
			_, err = back.Search(be, beam.Search{}, []string{"x"})
			assert.ErrorContains(t, err, `translate "x"`)
		})
	}
}

// Attention weights are handed out in reading order, whichever way the model reads.
func TestWeightsAreInReadingOrder(t *testing.T) {
	p := pairs(t, 20)
	be := reference.New()
	forward := seq2seq.NewTranslator(nn.NewInit(be, 7), seq2seq.Config{Embed: 4, Hidden: 6}, p)
	reversed := *forward
	reversed.Format.Reversed = true
	a, err := forward.Translate(be, []string{"7654321", "1111111"})
	require.NoError(t, err)
	b, err := reversed.Translate(be, []string{"1234567", "1111111"}) // the model reads the same characters
	require.NoError(t, err)
	for i := range a {
		require.Len(t, a[i].Weights, p.TT-1)
		for s, row := range a[i].Weights {
			for k, w := range row {
				assert.Equal(t, w, b[i].Weights[s][len(row)-1-k])
			}
		}
	}
}

// A checkpoint without an architecture that New knows names those it does.
func TestOpenTranslatorComplains(t *testing.T) {
	be := cpu.New()
	p := pairs(t, 20)
	tr := seq2seq.NewTranslator(nn.NewInit(be, 7), seq2seq.Config{Embed: 4, Hidden: 6}, p)
	vocab, err := json.Marshal(p.Vocab)
	require.NoError(t, err)
	// What the first version of this package wrote.
	config := `{"Vocab":13,"Embed":4,"Hidden":6,"Question":7,"Answer":4,"Start":"_","Reversed":false}`
	for _, c := range []struct{ name, architecture, config, want string }{
		{"first-version", "seq2seq/attention", config, ""},
		{"other-family", "mlp/twolayer", config, `its architecture is "mlp/twolayer"; want one of ["seq2seq/plain" "seq2seq/peeky" "seq2seq/attention" "seq2seq/gnmt"]`},
		{"none", "", config, `its architecture is ""`},
		{"other-model", "seq2seq/peeky", config, `"Decoder.LSTM.Cells.0.Wx" is [4 24] in the file and [10 24] in the model`},
		{"no-config", "seq2seq/plain", "", "read its configuration"},
		{"misfit", "seq2seq/attention", `{"Vocab":12}`, "a vocabulary of 13 tokens"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "model.safetensors")
			require.NoError(t, nn.Save(path, tr.Model, map[string]string{"architecture": c.architecture, "config": c.config, "vocabulary": string(vocab)}))
			got, err := seq2seq.OpenTranslator(path, builder(be))
			if c.want == "" {
				require.NoError(t, err)
				assert.Equal(t, tr.Format, got.Format)
				return
			}
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestUnknownArch(t *testing.T) {
	assert.PanicsWithValue(t, `seq2seq: a model "peeky": want one of ["seq2seq/plain" "seq2seq/peeky" "seq2seq/attention" "seq2seq/gnmt"]`, func() {
		seq2seq.New(nn.NewInit(reference.New(), 1), seq2seq.Config{Arch: "peeky", Vocab: 3, Embed: 2, Hidden: 2})
	})
}

func ExampleSeq2seq() {
	be := cpu.New()
	m := seq2seq.NewSeq2seq(nn.NewInit(be, 1984), seq2seq.Config{Vocab: 13, Embed: 16, Hidden: 128})
	tape := autograd.NewTape(be)
	question := tape.Ints([]int32{1, 2, 3, 4, 5, 6, 7}, 1, 7)                                      // 7 characters
	loss := m.Loss(tape, question, tape.Ints([]int32{0, 8}, 1, 2), tape.Ints([]int32{8, 9}, 1, 2)) // "_8" is to give "89"
	fmt.Printf("%.1f, a guess is ln 13 = %.1f\n", loss.Item(), math.Log(13))
	// Output: 2.6, a guess is ln 13 = 2.6
}

func ExamplePeeky() {
	be := cpu.New()
	m := seq2seq.NewPeeky(nn.NewInit(be, 1984), seq2seq.Config{Vocab: 13, Embed: 16, Hidden: 128})
	for _, p := range nn.Params(m.Decoder) {
		fmt.Println(p.Name, p.Data.Shape())
	}
	// Output:
	// Embed.W [13 16]
	// LSTM.Cells.0.Wx [144 512]
	// LSTM.Cells.0.Wh [128 512]
	// LSTM.Cells.0.B [512]
	// Out.W [256 13]
	// Out.B [13]
}

func ExampleAttention() {
	be := cpu.New()
	m := seq2seq.NewAttention(nn.NewInit(be, 1984), seq2seq.Config{Vocab: 13, Embed: 16, Hidden: 128})
	tape := autograd.Config{Inference: true}.NewTape(be)
	ids, weights := m.Generate(tape, tape.Ints([]int32{1, 2, 3, 4, 5, 6, 7}, 1, 7), 0, 4)
	fmt.Println(ids.Shape(), weights.Shape())
	// Output: [1 4] [1 4 7]
}

func ExampleGNMT() {
	be := cpu.New()
	m := seq2seq.NewGNMT(nn.NewInit(be, 1984), seq2seq.Config{Vocab: 13, Embed: 16, Hidden: 32, Layers: 4})
	tape := autograd.Config{Inference: true}.NewTape(be)
	found := beam.Search{Beams: 3, LengthPenalty: 0.6}.Run(tape, m.Start(tape, tape.Ints([]int32{1, 2, 3, 4, 5, 6, 7}, 1, 7)), 1, 0, beam.NoEnd, 4)
	fmt.Println(len(found[0]), "answers of", len(found[0][0].IDs), "tokens")
	// Output: 3 answers of 4 tokens
}

// A decoder writes about whatever its first state stands for. Here it is the features
// of a picture, brought to the width of the LSTM by an affine map: image captioning,
// section 7.5.3.
func ExampleDecoder() {
	be := cpu.New()
	in := nn.NewInit(be, 1984)
	const features, words = 512, 1000
	captioner := struct {
		Image   *nn.Linear
		Decoder *seq2seq.Decoder
	}{nn.NewLinear(in, features, 64), seq2seq.NewDecoder(in, seq2seq.Config{Vocab: words, Embed: 32, Hidden: 64})}

	tape := autograd.NewTape(be)
	pictures := tape.Full(0.1, 2, features) // what a network for pictures has made of two
	state := nn.LSTMState{H: captioner.Image.Forward(pictures).Tanh().Unsqueeze(0)}
	given, wanted := tape.Ints([]int32{0, 5, 7, 0, 5, 9}, 2, 3), tape.Ints([]int32{5, 7, 1, 5, 9, 1}, 2, 3)
	scores, _ := captioner.Decoder.Forward(tape, given, state)
	loss := nn.CrossEntropy(scores, wanted)
	tape.Backward(loss) // the map of the features learns with the decoder
	fmt.Printf("%.1f, and %d parameters with a gradient\n", loss.Item(), len(nn.Params(captioner)))
	// Output: 6.9, and 8 parameters with a gradient
}
