package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"strings"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/models/beam"
	"github.com/wengert-ml/wengert/models/seq2seq"
	"github.com/wengert-ml/wengert/models/transformer"
	"github.com/wengert-ml/wengert/nn"
)

// translateCommand answers questions with a trained model.
type translateCommand struct {
	device
	Model         string   `default:"runs/date/best.safetensors" placeholder:"FILE" help:"The model: ${default}."`
	Attention     string   `placeholder:"FILE" help:"Also draw the attention weights of the first question to FILE (.png or .svg)."`
	Beam          int      `default:"1" placeholder:"N" help:"Follow N answers at once and print the likeliest; with more than 1 all of them are printed, with their probabilities."`
	LengthPenalty float64  `default:"0" placeholder:"ALPHA" help:"How much longer answers are preferred by --beam: log p/((5+n)/6)^ALPHA."`
	Text          []string `arg:"" optional:"" help:"What to translate; without it, lines are read from standard input."`
}

// Help is printed below the flags.
func (translateCommand) Help() string {
	return `Examples:
  wengert translate "sep 27, 1994"
  wengert translate --attention map.png "TUESDAY, SEPTEMBER 27, 1994"
  wengert translate --beam 5 "9/27/94"
  wengert translate < dates.txt`
}

// Run translates the arguments, or standard input line by line.
func (c *translateCommand) Run(s *session) error {
	if err := oneOrMore(size{"beam", c.Beam}); err != nil {
		return err
	}
	if c.Beam > 1 && c.Attention != "" {
		return &usageError{"--attention draws where one answer looked; leave --beam away"}
	}
	if !(c.LengthPenalty >= 0 && c.LengthPenalty <= 10) {
		return &usageError{fmt.Sprintf("--length-penalty %g: want a number from 0 to 10", c.LengthPenalty)}
	}
	be, err := c.open(s)
	if err != nil {
		return err
	}
	t, err := openTranslator(be, c.Model)
	if err != nil {
		return err
	}
	for i, text := range c.Text {
		if err := c.translate(s, be, t, text, i == 0); err != nil {
			return err
		}
	}
	if len(c.Text) > 0 {
		return nil
	}
	return c.translateLines(s, be, t)
}

// openTranslator opens a model that translates, of any architecture.
func openTranslator(be backend.Backend, path string) (*seq2seq.Translator, error) {
	t, err := seq2seq.OpenTranslator(path, func(architecture string, config []byte, tokens int) (seq2seq.Model, error) {
		in := nn.NewInit(be, 0)
		if transformer.Translates(architecture) {
			return transformer.Build(in, architecture, config, tokens)
		}
		return seq2seq.Build(in, architecture, config, tokens)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no model %s: run `wengert train date` first, or name another with --model FILE", path)
	}
	return t, err
}

// translateLines answers standard input line by line, an empty line by an empty line.
func (c *translateCommand) translateLines(s *session, be backend.Backend, t *seq2seq.Translator) error {
	lines := bufio.NewScanner(s.in)
	n, draw := 0, true
	for lines.Scan() {
		n++
		text := strings.TrimSpace(lines.Text())
		if text == "" {
			if _, err := fmt.Fprintln(s.out); err != nil {
				return err
			}
			continue
		}
		if err := c.translate(s, be, t, text, draw); err != nil {
			return fmt.Errorf("standard input, line %d: %w", n, err)
		}
		draw = false
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("standard input, line %d: more than %d bytes; want a question on each line", n+1, bufio.MaxScanTokenSize)
	} else if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	return nil
}

func (c *translateCommand) translate(s *session, be backend.Backend, t *seq2seq.Translator, text string, draw bool) error {
	if c.Beam > 1 {
		return c.search(s, be, t, text)
	}
	answers, err := t.Translate(be, []string{text})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(s.out, answers[0].Answer); err != nil {
		return err
	}
	if draw && c.Attention != "" {
		return attentionMap(answers[0], filepath.Clean(c.Attention))
	}
	return nil
}

// search prints the answers that several beams find, a line each: the probability and
// the text.
func (c *translateCommand) search(s *session, be backend.Backend, t *seq2seq.Translator, text string) error {
	found, err := t.Search(be, beam.Search{Beams: c.Beam, LengthPenalty: c.LengthPenalty}, []string{text})
	if err != nil {
		return err
	}
	for _, a := range found[0] {
		if _, err := fmt.Fprintf(s.out, "%.4f  %s\n", math.Exp(a.LogProb), a.Text); err != nil {
			return err
		}
	}
	return nil
}
