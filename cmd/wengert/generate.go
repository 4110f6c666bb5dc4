package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/wengert-ml/wengert/models/lm"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/tensor"
)

// generateCommand lets a language model write (section 7.1).
type generateCommand struct {
	device
	Model       string   `default:"runs/rnnlm/best.safetensors" placeholder:"FILE" help:"The model: ${default}."`
	SeedText    string   `placeholder:"TEXT" help:"What to go on from; without it, the beginning of a sentence."`
	Words       int      `default:"100" help:"How many words to generate."`
	Temperature float64  `default:"1" help:"Below 1, likely words become likelier still; above 1, unlikely ones do."`
	TopK        int      `default:"0" placeholder:"K" help:"Choose among the K likeliest words only: 1 always takes the likeliest; 0 for all."`
	TopP        float64  `default:"1" name:"top-p" placeholder:"P" help:"Choose among the likeliest words only that together have probability P."`
	Skip        []string `default:"<unk>,N,$" help:"Words that are never chosen: ${default}."`
	Seed        uint64   `default:"1984" help:"Of the choices: the same seed, the same text."`
}

// Help is printed below the flags.
func (generateCommand) Help() string {
	return `Examples:
  wengert generate
  wengert generate --seed-text "the queen who" --temperature 0.7 --words 20
  wengert generate --model runs/better-rnnlm/best.safetensors --seed-text "the meaning of life is"`
}

// Run prints the text, a sentence a line.
func (c *generateCommand) Run(s *session) error {
	if err := oneOrMore(size{"words", c.Words}); err != nil {
		return err
	}
	sampler := lm.Sampler{Temperature: c.Temperature, TopK: c.TopK, TopP: c.TopP}
	if c.Temperature == 0 || c.TopP == 0 {
		return &usageError{fmt.Sprintf("--temperature %g --top-p %g: want both above 0; --top-k 1 always takes the likeliest word", c.Temperature, c.TopP)}
	}
	if err := sampler.Check(); err != nil {
		return &usageError{err.Error()}
	}
	be, err := c.open(s)
	if err != nil {
		return err
	}
	text, err := openLanguageModel(be, c.Model)
	if err != nil {
		return err
	}
	seed, err := c.start(text.Vocab)
	if err != nil {
		return err
	}
	for _, word := range c.Skip {
		if id, ok := text.Vocab.ID(word); ok { // one that is not there is never chosen anyway
			sampler.Skip = append(sampler.Skip, id)
		}
	}
	ids, err := sampler.Generate(be, text.Model, seed, c.Words, rand.New(tensor.NewRand(c.Seed, 0)))
	if err != nil {
		return err
	}
	words := text.Vocab.Decode(append(seed, ids...))
	_, err = fmt.Fprintln(s.out, sentences(words))
	return err
}

// start returns the words that generation goes on from: those of the seed text, or
// the end of a sentence, so that a new one begins.
func (c *generateCommand) start(v *data.Vocabulary) ([]int32, error) {
	if words := strings.Fields(c.SeedText); len(words) > 0 {
		seed, err := v.Encode(words)
		if err != nil {
			return nil, fmt.Errorf("--seed-text: %w", err)
		}
		return seed, nil
	}
	if eos, ok := v.ID(data.EOS); ok {
		return []int32{eos}, nil
	}
	return []int32{0}, nil
}

// sentences sets out words as lines, ended by each end of sentence.
func sentences(words []string) string {
	text := strings.ReplaceAll(strings.Join(words, " ")+" ", data.EOS+" ", "\n")
	lines := strings.Split(strings.Trim(text, " \n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}
