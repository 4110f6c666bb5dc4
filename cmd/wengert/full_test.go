package main

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var full = flag.Bool("full", false, "train until the figures of docs/results.md come out, which takes minutes to hours: choose one with -run TestFull/NAME")

// TestFull trains as a person would and holds the last line of a file that has a
// figure to what is published of it.
func TestFull(t *testing.T) {
	if !*full {
		t.Skip("takes minutes to hours; -full runs it")
	}
	for _, c := range []struct {
		name, args  string
		file        string // in the folder of the run
		figure      string
		least, most float64
	}{
		// Within 5 % of the floor, 3.5054: docs/english.md.
		{"english", "train better-rnnlm --hidden 100 --dropout 0.1 --epochs 12", "eval.jsonl", "all", 3.5, 3.68},
		// The book's are about 5 (after 100 epochs, by a seed that is not set) and 136.
		{"simple-rnnlm", "train rnnlm --corpus ptb --cell rnn --size 1000 --batch 10 --steps 5 --lr 0.1 --clip 0 --epochs 100", "metrics.jsonl", "perplexity", 4.5, 7},
		{"rnnlm", "train rnnlm --corpus ptb", "eval.jsonl", "offsets", 130, 140},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := start(t)
			w.ok(append(strings.Fields(c.args), "--out", "run")...)
			figure := -1.0
			for _, line := range jsonLines(t, filepath.Join("run", c.file)) {
				if v, ok := line[c.figure].(float64); ok {
					figure = v
				}
			}
			require.GreaterOrEqual(t, figure, 0.0, "no %q in %s", c.figure, c.file)
			assert.GreaterOrEqual(t, figure, c.least)
			assert.LessOrEqual(t, figure, c.most)
		})
	}
}

// TestFullAnalogies holds the default trainings of word vectors to the analogies of
// chapter 4: what the artificial English says in parallel sentences comes out first.
func TestFullAnalogies(t *testing.T) {
	if !*full {
		t.Skip("takes a minute or two; -full runs it")
	}
	for name, least := range map[string]float64{"cbow": 0.9, "skipgram": 0.8} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			out := w.ok("train", name, "--out", "run")
			for question, first := range map[string]string{
				"king : man = queen": "woman", "take : took = go": "went", "car : cars = child": "children", "good : better = bad": "worse",
			} {
				assert.Regexp(t, question+` : \?\n +\S+  `+first+`\n`, out)
			}
			lines := losses(t, "run")
			assert.GreaterOrEqual(t, lines[len(lines)-1]["analogies"], least)
		})
	}
}
