package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The losses of the book's code, which testdata/book/make.py wrote, are those of a run
// with --book-init, step by step.
func TestBookInitFollowsTheBook(t *testing.T) {
	wholeTraining(t)
	dir, err := filepath.Abs("testdata/book")
	require.NoError(t, err)
	var book map[string][]float64
	raw, err := os.ReadFile(filepath.Join(dir, "losses.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &book))

	// A folder whose text to train on is the whole text.
	corpus := t.TempDir()
	text, err := os.ReadFile(filepath.Join(dir, "text.txt"))
	require.NoError(t, err)
	for _, part := range []string{"train", "valid", "test"} {
		require.NoError(t, os.WriteFile(filepath.Join(corpus, "text."+part+".txt"), text, 0o644))
	}

	const (
		windows = " --window 2 --size 20 --batch 50 --epochs 2 --seed 7 --data "
		streams = " --batch 10 --steps 5 --lr 2 --epochs 1 --seed 7 --hidden 20 --data "
		answers = " --hidden 24 --batch 20 --epochs 3 --data "
	)
	for name, args := range map[string]string{
		"spiral":           "spiral --epochs 3",
		"simple-cbow":      "simple-cbow --epochs 15 --seed 7",
		"simple-skipgram":  "simple-skipgram --epochs 15 --seed 7",
		"cbow":             "cbow" + windows + corpus,
		"skipgram":         "skipgram" + windows + corpus,
		"rnnlm-rnn":        "rnnlm --cell rnn --embed 20" + streams + corpus,
		"rnnlm-lstm":       "rnnlm --cell lstm --embed 20" + streams + corpus,
		"better-rnnlm":     "better-rnnlm --dropout 0" + streams + corpus,
		"addition-seq2seq": "addition --no-reverse" + answers + filepath.Join(dir, "additions.txt"),
		"addition-peeky":   "addition --reverse --arch peeky" + answers + filepath.Join(dir, "additions.txt"),
		"date-attention":   "date" + answers + filepath.Join(dir, "dates.txt"),
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			w.ok(strings.Fields("train " + args + " --book-init --step-losses losses.jsonl")...)
			f, err := os.Open("losses.jsonl")
			require.NoError(t, err)
			defer f.Close()
			require.NotEmpty(t, book[name])
			lines := bufio.NewScanner(f)
			for i, want := range book[name] {
				require.True(t, lines.Scan(), "%d steps", i)
				var line struct{ Loss float64 }
				require.NoError(t, json.Unmarshal(lines.Bytes(), &line))
				// Adam divides by what is next to nothing at first, so that roundings grow.
				tolerance := 5e-5
				if i >= 10 {
					tolerance = 5e-4
				}
				require.InEpsilon(t, want, line.Loss, tolerance, "step %d", i+1)
			}
		})
	}
	assert.Len(t, book, 11)
}

func TestBookInitIsNotResumed(t *testing.T) {
	w := start(t)
	assert.Equal(t, 2, w.run("train", "spiral", "--book-init", "--resume"))
	assert.Contains(t, w.err.String(), "one generator for everything")
}
