package rnnlm

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/wengert-ml/wengert/models/lm"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
)

// The names of architectures, as files have them: the prefix with a [Cell], or the
// better one.
const (
	prefix = "rnnlm/"
	better = prefix + "better"
)

// BetterConfig is the shape of a [BetterRNNLM].
type BetterConfig struct {
	Vocab   int     // number of words, V
	Hidden  int     // width of the word vectors and of both LSTM layers, H
	Dropout float64 // the probability of a unit being left out
}

// NewText returns a model with fresh parameters together with its vocabulary, which
// sets c.Vocab. It panics if the cell is none of the kinds.
func NewText(in *nn.Init, c Config, v *data.Vocabulary) *lm.Text {
	c.Vocab = v.Len()
	if c.Cell == "" {
		c.Cell = LSTM
	}
	return &lm.Text{Model: New(in, c), Vocab: v, Architecture: prefix + string(c.Cell), Config: c}
}

// NewBetterText returns a better model with fresh parameters together with its
// vocabulary, which sets c.Vocab.
func NewBetterText(in *nn.Init, c BetterConfig, v *data.Vocabulary) *lm.Text {
	c.Vocab = v.Len()
	return &lm.Text{Model: NewBetter(in, c.Vocab, c.Hidden, c.Dropout), Vocab: v, Architecture: better, Config: c}
}

// Known reports whether an architecture is one of this package's.
func Known(architecture string) bool {
	cell, ok := strings.CutPrefix(architecture, prefix)
	return ok && (architecture == better || Cell(cell).known())
}

// Build is an [lm.Builder] for the architectures that are [Known].
func Build(in *nn.Init, architecture string, config []byte, words int) (lm.Model, error) {
	if !Known(architecture) {
		return nil, fmt.Errorf("its architecture is %q; want rnnlm/rnn, rnnlm/lstm, rnnlm/gru or rnnlm/better", architecture)
	}
	if architecture == better {
		var c BetterConfig
		if err := json.Unmarshal(config, &c); err != nil {
			return nil, fmt.Errorf("read its configuration: %w", err)
		}
		if c.Vocab != words || c.Hidden < 1 || !(c.Dropout >= 0 && c.Dropout < 1) {
			return nil, fmt.Errorf("its configuration is %s for %d words: want as many words, a width of 1 or more and a dropout in [0, 1)", config, words)
		}
		return NewBetter(in, c.Vocab, c.Hidden, c.Dropout), nil
	}
	var c Config
	if err := json.Unmarshal(config, &c); err != nil {
		return nil, fmt.Errorf("read its configuration: %w", err)
	}
	if c.Vocab != words || c.Embed < 1 || c.Hidden < 1 || prefix+string(c.Cell) != architecture {
		return nil, fmt.Errorf("its configuration is %s for %d words and %q: want as many words, widths of 1 or more and the same cell", config, words, architecture)
	}
	return New(in, c), nil
}
