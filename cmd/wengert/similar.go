package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/wengert-ml/wengert/models/wordvec"
)

// vectors is the flags of commands that use word vectors.
type vectors struct {
	Model string `placeholder:"FILE" help:"Word vectors (.safetensors, word2vec .bin or text); without it, the newest that train count, cbow or skipgram left in runs."`
	Top   int    `default:"5" help:"How many words to print."`
}

// open reads the vectors.
func (v vectors) open() (*wordvec.Vectors, error) {
	if v.Top < 1 {
		return nil, &usageError{fmt.Sprintf("--top %d: want 1 or more", v.Top)}
	}
	path := v.Model
	if path == "" {
		if path = newestVectors(); path == "" {
			return nil, errors.New("there are no word vectors in runs: run `wengert train count` first, or name a file with --model FILE")
		}
	}
	m, err := wordvec.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no model %s: run `wengert train count` first, or name another with --model FILE", path)
	}
	return m, err
}

// newestVectors is the word vectors that a training has left last in its usual place,
// or "".
func newestVectors() string {
	var paths []string
	for _, name := range []string{"count", "simple-cbow", "simple-skipgram", "cbow", "skipgram"} {
		paths = append(paths, filepath.Join("runs", name, bestModel))
	}
	return newest(paths)
}

// newest is the file that was written last, or "" if there is none of them.
func newest(paths []string) (path string) {
	var written time.Time
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil && info.ModTime().After(written) {
			path, written = p, info.ModTime()
		}
	}
	return path
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
		similarity := math.Round(n.Similarity*1e4)/1e4 + 0 // -0.00001 is not printed as -0
		if _, err := fmt.Fprintf(w, "  %7.4f  %s\n", similarity, n.Word); err != nil {
			return err
		}
	}
	return nil
}
