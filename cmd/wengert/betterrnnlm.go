package main

import (
	"fmt"

	"github.com/wengert-ml/wengert/models/lm"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
)

// betterRNNLMCommand trains the model that chapter 6 arrives at.
type betterRNNLMCommand struct {
	languageModel `set:"name=better-rnnlm" set:"epochs=40" set:"batch=20" set:"lr=20" set:"optimizer=SGD" set:"clip=0.25"`
	Hidden        int     `default:"650" help:"The width of the word vectors and of the two LSTM layers."`
	Dropout       float64 `default:"0.5" help:"The probability of a unit being left out in training."`
}

// Help is printed below the flags.
func (betterRNNLMCommand) Help() string {
	return `Every epoch begins at the beginning of the text. After one that has not made the
perplexity on the validation text better the learning rate is divided by 4.

Examples:
  wengert train better-rnnlm --hidden 100 --dropout 0.1 --epochs 12
  wengert train better-rnnlm --corpus ptb
  wengert generate --model runs/better-rnnlm/best.safetensors`
}

// Run trains, and measures the best model on the test text.
func (c *betterRNNLMCommand) Run(s *session) error {
	if err := oneOrMore(size{"hidden", c.Hidden}); err != nil {
		return err
	}
	if !(c.Dropout >= 0 && c.Dropout < 1) {
		return &usageError{fmt.Sprintf("--dropout %g: want a probability of 0 or more and below 1", c.Dropout)}
	}
	return c.run(s, 0, func(in *nn.Init, v *data.Vocabulary) *lm.Text {
		return rnnlm.NewBetterText(in, rnnlm.BetterConfig{Hidden: c.Hidden, Dropout: c.Dropout}, v)
	}, true)
}
