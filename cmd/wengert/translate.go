package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/models/seq2seq"
	"github.com/wengert-ml/wengert/nn"
)

// translateCommand answers questions with a trained model.
type translateCommand struct {
	device
	Model     string   `default:"runs/date/best.safetensors" placeholder:"FILE" help:"The model: ${default}."`
	Attention string   `placeholder:"FILE" help:"Also draw the attention weights of the first question to FILE (.png or .svg)."`
	Text      []string `arg:"" optional:"" help:"What to translate; without it, lines are read from standard input."`
}

// Help is printed below the flags.
func (translateCommand) Help() string {
	return `Examples:
  wengert translate "sep 27, 1994"
  wengert translate --attention map.png "TUESDAY, SEPTEMBER 27, 1994"
  wengert translate < dates.txt`
}

// Run translates the arguments, or standard input line by line.
func (c *translateCommand) Run(s *session) error {
	be, err := c.open()
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
		return seq2seq.Build(nn.NewInit(be, 0), architecture, config, tokens)
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
