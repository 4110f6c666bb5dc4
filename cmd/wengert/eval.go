package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/wengert-ml/wengert/internal/atomicfile"
	"github.com/wengert-ml/wengert/models/wordvec"
	"github.com/wengert-ml/wengert/nn"
)

// evalCommand measures a model of any kind; what is measured, its architecture says.
type evalCommand struct {
	Model   string `placeholder:"FILE" help:"The model; without it, the newest that a training left in runs."`
	Metrics string `placeholder:"FILE" help:"Where to write the figures as well, a line of JSON for each."`

	wordQuestions
	textQuestions
}

// Help is printed below the flags.
func (evalCommand) Help() string {
	return `Examples:
  wengert eval
  wengert eval --model runs/cbow/best.safetensors
  wengert eval --model runs/rnnlm/best.safetensors
  wengert eval --model vectors.bin --wordsim EN-WS-353-ALL.txt --questions questions-words.txt`
}

// Run measures the model.
func (c *evalCommand) Run(s *session) error {
	if c.Model == "" {
		models, err := filepath.Glob(filepath.Join("runs", "*", bestModel))
		if err != nil {
			return err
		}
		if c.Model = newest(models); c.Model == "" {
			return errors.New("there are no models in runs: run `wengert train cbow` or another training first, or name a file with --model FILE")
		}
	}
	if _, err := os.Stat(c.Model); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no model %s: train one first (wengert train --help), or name another with --model FILE", c.Model)
	}
	architecture, err := architectureOf(c.Model)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %s\n", c.Model, architecture)
	switch family, _, _ := strings.Cut(architecture, "/"); family {
	case wordvec.Architecture, "word2vec":
		return c.wordQuestions.eval(s, c.Model, c.Metrics)
	}
	if writes(architecture) {
		return c.textQuestions.eval(s, c.Model, c.Metrics)
	}
	return fmt.Errorf("model %s: nothing is known to measure of the architecture %q; want word vectors or a language model", c.Model, architecture)
}

// architectureOf returns what a model file says that it is. A file in a format of
// the word2vec tool is word vectors.
func architectureOf(path string) (string, error) {
	if filepath.Ext(path) != ".safetensors" {
		return wordvec.Architecture, nil
	}
	f, err := nn.Open(path)
	if err != nil {
		return "", err
	}
	return f.Metadata["architecture"], nil
}

// writeFigures writes a line of JSON for each figure to path; "" is no file.
func writeFigures(path string, figures []any) error {
	if path == "" {
		return nil
	}
	return atomicfile.WriteFile(path, 0o644, func(w io.Writer) error {
		e := json.NewEncoder(w)
		for _, f := range figures {
			if err := e.Encode(f); err != nil {
				return err
			}
		}
		return nil
	})
}
