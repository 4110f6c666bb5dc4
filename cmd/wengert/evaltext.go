package main

import (
	"fmt"

	"github.com/wengert-ml/wengert/nn"
)

// textQuestions is the flags that say what text a language model is to predict.
type textQuestions struct {
	device
	corpusFlags
	Part string `default:"test" enum:"train,valid,test" help:"The part of the text that a language model is to predict: ${enum}."`
	Seed uint64 `default:"1984" help:"Of the artificial English."`
}

// eval measures the perplexity of the language model in a file.
func (c *textQuestions) eval(s *session, model, metrics string) error {
	be, err := c.device.open(s)
	if err != nil {
		return err
	}
	text, err := openLanguageModel(be, model)
	if err != nil {
		return err
	}
	train, valid, test, err := c.corpusFlags.open(c.Seed)
	if err != nil {
		return err
	}
	part := test
	switch c.Part {
	case "train":
		part = train
	case "valid":
		part = valid
	}
	if part, err = encoded(text, model, part); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%d words, %d parameters\n", text.Vocab.Len(), nn.Count(text.Model))
	p, err := measure(be, text, c.Part, part, c.english())
	if err != nil {
		return err
	}
	if err := p.print(s.out); err != nil {
		return err
	}
	return writeFigures(metrics, []any{p})
}
