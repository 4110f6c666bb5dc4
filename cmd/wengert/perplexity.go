package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/models/lm"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/models/transformer"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
)

// writes reports whether an architecture is that of a language model.
func writes(architecture string) bool {
	return rnnlm.Known(architecture) || transformer.Writes(architecture)
}

// openLanguageModel opens a language model of any architecture.
func openLanguageModel(be backend.Backend, path string) (*lm.Text, error) {
	t, err := lm.Open(path, func(architecture string, config []byte, words int) (lm.Model, error) {
		in := nn.NewInit(be, 0)
		if transformer.Writes(architecture) {
			return transformer.BuildLM(in, architecture, config, words)
		}
		return rnnlm.Build(in, architecture, config, words)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no model %s: run `wengert train rnnlm` first, or name another with --model FILE", path)
	}
	return t, err
}

// encoded returns a text in the words of a model.
func encoded(t *lm.Text, path string, c *data.Corpus) (*data.Corpus, error) {
	known, err := data.NewCorpus(c.Vocab.Decode(c.IDs), t.Vocab)
	if err != nil {
		return nil, fmt.Errorf("model %s was not trained on this text (--corpus, --data): %w", path, err)
	}
	return known, nil
}

// The book's way of evaluating a language model: so many readers, so many words.
const (
	evaluationStreams = 10
	evaluationSteps   = 35
)

// long reports whether a text can be read the book's way.
func long(ids []int32) bool { return len(ids) > evaluationStreams*evaluationSteps }

// perplexities are those of a model on a text.
type perplexities struct {
	Part    string  `json:"part"`              // of the text: train, valid, test
	Offsets float64 `json:"offsets,omitempty"` // the book's way; 0 where the text is too short for it
	All     float64 `json:"all"`               // over all words, in one stream
	Floor   float64 `json:"floor,omitempty"`   // the grammar's own on the same words, if they are artificial English
	words   int
}

// measure returns the perplexities of a part of a text, which is artificial English
// or not.
func measure(be backend.Backend, t *lm.Text, part string, c *data.Corpus, english bool) (p perplexities, err error) {
	p.Part = part
	if long(c.IDs) {
		if p.Offsets, err = lm.OffsetPerplexity(be, t.Model, c.IDs, evaluationStreams, evaluationSteps); err != nil {
			return p, err
		}
	}
	// The first word is counted too: what stands before it is the end of a sentence.
	ids := c.IDs
	if eos, ok := c.Vocab.ID(data.EOS); ok {
		ids = append([]int32{eos}, ids...)
	}
	p.words = len(ids) - 1
	if p.All, err = lm.Perplexity(be, t.Model, ids); err != nil || !english {
		return p, err
	}
	p.Floor, err = data.NewEnglish().Perplexity(c.Vocab.Decode(c.IDs))
	return p, err
}

// print writes a line for each.
func (p perplexities) print(w io.Writer) error {
	if p.Offsets > 0 {
		fmt.Fprintf(w, "%s perplexity %.2f the book's way (%d readers, windows of %d words)\n", p.Part, p.Offsets, evaluationStreams, evaluationSteps)
	}
	_, err := fmt.Fprintf(w, "%s perplexity %.2f over all %d words in one stream\n", p.Part, p.All, p.words)
	if p.Floor > 0 {
		_, err = fmt.Fprintf(w, "%s floor %.4f, which is the grammar's own perplexity on these words: the model is %.1f %% above it\n", p.Part, p.Floor, 100*(p.All/p.Floor-1))
	}
	return err
}
