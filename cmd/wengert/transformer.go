package main

import (
	"github.com/wengert-ml/wengert/models/lm"
	"github.com/wengert-ml/wengert/models/seq2seq"
	"github.com/wengert-ml/wengert/models/transformer"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
)

// transformerCommand trains the Transformers that section 8.5.2 looks out on.
type transformerCommand struct {
	languageModel `set:"name=transformer" set:"epochs=5" set:"batch=64" set:"lr=0.001" set:"optimizer=Adam" set:"clip=1"`
	Arch          string  `default:"encoder-decoder" enum:"encoder-decoder,lm" help:"The network: ${enum}."`
	Size          int     `default:"50000" help:"How many dates to generate for the encoder-decoder."`
	Width         int     `default:"64" help:"The width of the vector at each position."`
	Layers        int     `default:"2" help:"Blocks, in encoder and decoder each."`
	Heads         int     `default:"4" help:"Heads of each attention; a divisor of the width."`
	Dropout       float64 `default:"0.1" help:"The probability of a number being left out in training."`
	Positions     string  `default:"sinusoidal" enum:"sinusoidal,learned" help:"How positions are told apart: ${enum}."`
	Tied          bool    `help:"Let the token vectors be the weights of the scores as well."`
}

// Help is printed below the flags.
func (transformerCommand) Help() string {
	return `An encoder-decoder learns dates, those of --data (one 'question_answer' a line) or
generated ones. With --arch lm the decoder alone learns a text, --corpus or --data, in
windows of --steps words; after an epoch that has not made the perplexity on the validation
text better the learning rate is halved.

Examples:
  wengert train transformer
  wengert translate --model runs/transformer/best.safetensors "sep 27, 1994"
  wengert train transformer --arch lm --batch 16 --steps 64 --epochs 12 --lr 0.002 --width 96 --tied --out runs/transformer-lm
  wengert generate --model runs/transformer-lm/best.safetensors`
}

// config is the shape of the model; context is the number of words in a window of text.
func (c *transformerCommand) config(context int) transformer.Config {
	return transformer.Config{
		Width: c.Width, Layers: c.Layers, Heads: c.Heads, Dropout: c.Dropout, Tied: c.Tied,
		Positions: transformer.Positions(c.Positions), Context: context,
	}
}

// build returns an untrained encoder-decoder.
func (c *transformerCommand) build(in *nn.Init, p *data.Pairs) *seq2seq.Translator {
	return transformer.NewTranslator(in, c.config(0), p)
}

// check returns a mistake in the flags.
func (c *transformerCommand) check() error {
	shape := c.config(c.Steps)
	shape.Vocab = 1 // is not known yet
	if err := shape.Check(); err != nil {
		return &usageError{err.Error()}
	}
	return c.languageModel.check()
}

// Run trains one of the two, evaluates it after each epoch and keeps the best.
func (c *transformerCommand) Run(s *session) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.Arch == "lm" {
		return c.run(s, 0, func(in *nn.Init, v *data.Vocabulary) *lm.Text {
			return transformer.NewText(in, c.config(c.Steps), v)
		}, false)
	}
	dates := generated{questions: questions{training: c.training}, Size: c.Size, Data: c.Data}
	return dates.train(s, subject{"Dates", "date.txt", "sep 27, 1994"}, c, data.Dates)
}
