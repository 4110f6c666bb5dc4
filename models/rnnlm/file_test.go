package rnnlm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/models/lm"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
)

// texts are fresh models of every architecture.
func texts(in *nn.Init, v *data.Vocabulary) []*lm.Text {
	return []*lm.Text{
		rnnlm.NewText(in, rnnlm.Config{Embed: 3, Hidden: 4, Cell: rnnlm.RNN}, v),
		rnnlm.NewText(in, rnnlm.Config{Embed: 3, Hidden: 4}, v),
		rnnlm.NewText(in, rnnlm.Config{Embed: 3, Hidden: 4, Cell: rnnlm.GRU}, v),
		rnnlm.NewBetterText(in, rnnlm.BetterConfig{Hidden: 4, Dropout: 0.5}, v),
	}
}

func TestSaveAndOpen(t *testing.T) {
	be := cpu.New()
	v := data.NewVocabulary("a", "b", "c", data.EOS)
	ids := []int32{0, 1, 2, 3, 3, 2, 1, 0, 1}
	for i, want := range []string{"rnnlm/rnn", "rnnlm/lstm", "rnnlm/gru", "rnnlm/better"} {
		t.Run(want, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "model.safetensors")
			saved := texts(nn.NewInit(be, 3), v)[i]
			assert.Equal(t, want, saved.Architecture)
			require.NoError(t, saved.Save(path, nil))
			opened, err := lm.Open(path, builder(nn.NewInit(be, 0)))
			require.NoError(t, err)
			a, err := lm.Perplexity(be, saved.Model, ids)
			require.NoError(t, err)
			b, err := lm.Perplexity(be, opened.Model, ids)
			require.NoError(t, err)
			assert.Equal(t, a, b)
		})
	}
}

func builder(in *nn.Init) lm.Builder {
	return func(architecture string, config []byte, words int) (lm.Model, error) {
		return rnnlm.Build(in, architecture, config, words)
	}
}

func TestBuildMistakes(t *testing.T) {
	for _, c := range []struct{ architecture, config, want string }{
		{"seq2seq", "{}", `its architecture is "seq2seq"; want rnnlm/rnn, rnnlm/lstm, rnnlm/gru or rnnlm/better`},
		{"rnnlm/lstn", "{}", `its architecture is "rnnlm/lstn"`},
		{"rnnlm/lstm", "", "read its configuration"},
		{"rnnlm/better", "[]", "read its configuration"},
		{"rnnlm/lstm", `{"Vocab":4,"Embed":1,"Hidden":1,"Cell":"lstm"}`, "want as many words"},
		{"rnnlm/lstm", `{"Vocab":5,"Embed":1,"Hidden":0,"Cell":"lstm"}`, "widths of 1 or more"},
		{"rnnlm/lstm", `{"Vocab":5,"Embed":1,"Hidden":1,"Cell":"gru"}`, "the same cell"},
		{"rnnlm/better", `{"Vocab":5,"Hidden":1,"Dropout":1}`, "a dropout in [0, 1)"},
	} {
		_, err := rnnlm.Build(nn.NewInit(cpu.New(), 0), c.architecture, []byte(c.config), 5)
		assert.ErrorContains(t, err, c.want)
	}
}

// Every model generates the same for the same seed, after a sentence as after its
// words one by one.
func TestReadersReadOn(t *testing.T) {
	be := cpu.New()
	v := data.NewVocabulary("a", "b", "c", data.EOS)
	for _, text := range texts(nn.NewInit(be, 3), v) {
		t.Run(text.Architecture, func(t *testing.T) {
			whole, parts := autograd.Config{Inference: true}.NewTape(be), autograd.Config{Inference: true}.NewTape(be)
			want := text.Model.Reader().Read(whole, whole.Ints([]int32{2, 1, 0}, 1, 3)).Select(1, 2).Floats()
			r := text.Model.Reader()
			r.Read(parts, parts.Ints([]int32{2}, 1, 1))
			parts.Reset(r.Vars()...)
			got := r.Read(parts, parts.Ints([]int32{1, 0}, 1, 2)).Select(1, 1).Floats()
			assert.InDeltaSlice(t, want, got, 1e-6)
		})
	}
}

func ExampleNewText() {
	be := cpu.New()
	corpus, _ := data.NewCorpus(strings.Fields("you say goodbye and i say hello <eos>"), nil)
	text := rnnlm.NewText(nn.NewInit(be, 1984), rnnlm.Config{Embed: 4, Hidden: 8, Cell: rnnlm.LSTM}, corpus.Vocab)
	p, _ := lm.Perplexity(be, text.Model, corpus.IDs)
	words, _ := lm.Sampler{}.Generate(be, text.Model, corpus.IDs[:1], 5, rand.New(rand.NewPCG(1, 2)))
	fmt.Printf("%s: perplexity %.0f of %d words, and %d new ones\n", text.Architecture, math.Round(p), corpus.Vocab.Len(), len(words))
	// Output: rnnlm/lstm: perplexity 7 of 7 words, and 5 new ones
}
