package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"

	"github.com/wengert-ml/wengert/models/wordvec"
)

// vectors is the flags of commands that use word vectors.
type vectors struct {
	Model string `default:"runs/count/best.safetensors" placeholder:"FILE" help:"Word vectors (.safetensors, word2vec .bin or text): ${default}."`
	Top   int    `default:"5" help:"How many words to print."`
}

// open reads the vectors.
func (v vectors) open() (*wordvec.Vectors, error) {
	if v.Top < 1 {
		return nil, &usageError{fmt.Sprintf("--top %d: want 1 or more", v.Top)}
	}
	m, err := wordvec.Open(v.Model)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no model %s: run `wengert train count` first, or name another with --model FILE", v.Model)
	}
	return m, err
}

// similarCommand prints the neighbours of words.
type similarCommand struct {
	vectors
	Words []string `arg:"" help:"The words whose neighbours to print."`
}

// Help is printed below the flags.
func (similarCommand) Help() string {
	return `Examples:
  wengert similar you
  wengert similar --model vectors.txt --top 10 you year car toyota`
}

// Run prints the words most similar to each word.
func (c *similarCommand) Run(s *session) error {
	m, err := c.open()
	if err != nil {
		return err
	}
	for _, word := range c.Words {
		near, err := m.Similar(word, c.Top)
		if err != nil {
			return err
		}
		if err := printNeighbours(s.out, word, near); err != nil {
			return err
		}
	}
	return nil
}

// printNeighbours prints a title and a line for each word.
func printNeighbours(w io.Writer, title string, near []wordvec.Neighbour) error {
	if _, err := fmt.Fprintln(w, title); err != nil {
		return err
	}
	for _, n := range near {
		cosine := math.Round(n.Cosine*1e4)/1e4 + 0 // -0.00001 is not printed as -0
		if _, err := fmt.Fprintf(w, "  %7.4f  %s\n", cosine, n.Word); err != nil {
			return err
		}
	}
	return nil
}
