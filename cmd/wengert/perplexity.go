package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/models/lm"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
)

// openLanguageModel opens a language model of any architecture.
func openLanguageModel(be backend.Backend, path string) (*lm.Text, error) {
	t, err := lm.Open(path, func(architecture string, config []byte, words int) (lm.Model, error) {
		return rnnlm.Build(nn.NewInit(be, 0), architecture, config, words)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no model %s: run `wengert train rnnlm` first, or name another with --model FILE", path)
	}
	return t, err
}

// The book's way of evaluating a language model: so many readers, so many words.
const (
	evaluationStreams = 10
	evaluationSteps   = 35
)

// long reports whether a text can be read the book's way.
func long(ids []int32) bool { return len(ids) > evaluationStreams*evaluationSteps }

// measure prints the perplexity of a text both ways, and its floor if it is english.
func measure(w io.Writer, be backend.Backend, t *lm.Text, name string, c *data.Corpus, english bool) error {
	if long(c.IDs) {
		offset, err := lm.OffsetPerplexity(be, t.Model, c.IDs, evaluationStreams, evaluationSteps)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s perplexity %.2f the book's way (%d readers, windows of %d words)\n", name, offset, evaluationStreams, evaluationSteps)
	}
	// The first word is counted too: what stands before it is the end of a sentence.
	ids, words := c.IDs, len(c.IDs)-1
	if eos, ok := c.Vocab.ID(data.EOS); ok {
		ids, words = append([]int32{eos}, ids...), len(ids)
	}
	strict, err := lm.Perplexity(be, t.Model, ids)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s perplexity %.2f over all %d words in one stream\n", name, strict, words)
	if err != nil || !english {
		return err
	}
	floor, err := data.NewEnglish().Perplexity(c.Vocab.Decode(c.IDs))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s floor %.4f, which is the grammar's own perplexity on these words: the model is %.1f %% above it\n", name, floor, 100*(strict/floor-1))
	return err
}
