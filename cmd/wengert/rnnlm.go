package main

import (
	"fmt"

	"github.com/wengert-ml/wengert/models/lm"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
)

// rnnlmCommand trains the language models of chapters 5 and 6.
type rnnlmCommand struct {
	languageModel `set:"name=rnnlm" set:"epochs=4" set:"batch=20" set:"lr=0" set:"optimizer=SGD" set:"clip=0.25"`
	Cell          string `default:"lstm" enum:"rnn,lstm,gru" help:"What the recurrent layer is made of: ${enum}."`
	Embed         int    `default:"100" help:"The width of the word vectors."`
	Hidden        int    `default:"100" help:"The width of the recurrent layer."`
	Size          int    `default:"0" placeholder:"N" help:"Learn the first N words of the text by heart and look at nothing else; 0 for all of the text."`
}

// Help is printed below the flags.
func (rnnlmCommand) Help() string {
	return `The learning rate is the book's 20 unless --lr is given, and 3 for the simple RNN, which
diverges from 20.

Examples:
  wengert train rnnlm
  wengert train rnnlm --corpus ptb
  wengert train rnnlm --cell rnn --corpus ptb --size 1000 --batch 10 --steps 5 --lr 0.1 --clip 0 --epochs 100
  wengert generate`
}

// Run trains, and measures the best model on the test text.
func (c *rnnlmCommand) Run(s *session) error {
	if err := oneOrMore(size{"embed", c.Embed}, size{"hidden", c.Hidden}); err != nil {
		return err
	}
	if c.Size < 0 {
		return &usageError{fmt.Sprintf("--size %d: want a number of words, or 0 for all", c.Size)}
	}
	if c.LR == 0 {
		c.LR = 20
		if rnnlm.Cell(c.Cell) == rnnlm.RNN {
			c.LR = 3
		}
	}
	return c.run(s, c.Size, func(in *nn.Init, v *data.Vocabulary) *lm.Text {
		return rnnlm.NewText(in, rnnlm.Config{Embed: c.Embed, Hidden: c.Hidden, Cell: rnnlm.Cell(c.Cell)}, v)
	}, false)
}
