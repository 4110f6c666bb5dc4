package wengert_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write docs/results.md anew")

// result is a figure of the book and the run that reproduces it: a folder of
// docs/results with the config.json and metrics.jsonl that the run left, and the
// eval.jsonl of what wengert eval --metrics measured afterwards.
type result struct {
	run     string
	section string // of the book
	what    string
	figures []figure
	book    string // what the book prints
	curve   string // the metric that is listed epoch by epoch, if any
}

// figure is a number in a run's files.
type figure struct {
	file  string            // metrics or eval
	where map[string]string // what the line has; of several, the best is taken
	key   string
	least bool   // the best is the least
	form  string // "%.2f"; of a share with "%%" it is multiplied by 100
	says  string // what follows the number
}

func accuracy(key, says string) figure {
	return figure{file: "metrics", key: key, form: "%.2f %%", says: says}
}

// right is the share of sequences of a length that a machine says without a wrong bit.
func right(length int) figure {
	n := strconv.Itoa(length)
	return figure{file: "eval", where: map[string]string{"length": n}, key: "right", form: "%.0f %%", says: "of length " + n}
}

// english is the share of the artificial English's analogies that vectors complete.
var english = []figure{{file: "eval", where: map[string]string{"analogies": "total"}, key: "accuracy", form: "%.2f %%", says: "of 2248 analogies"}}

// people is how far vectors agree with people, over the pairs and questions that the
// Penn Treebank has the words of.
var people = []figure{
	{file: "eval", where: map[string]string{"wordsim": "EN-WS-353-ALL.txt"}, key: "spearman", form: "%.3f", says: "rank correlation on WordSim-353"},
	{file: "eval", where: map[string]string{"wordsim": "EN-MEN-TR-3k.txt"}, key: "spearman", form: "%.3f", says: "on MEN"},
	{file: "eval", where: map[string]string{"wordsim": "EN-SIMLEX-999.txt"}, key: "spearman", form: "%.3f", says: "on SimLex-999"},
	{file: "eval", where: map[string]string{"analogies": "total"}, key: "accuracy", form: "%.2f %%", says: "of Google's analogies"},
}

// lastLoss is the loss of a training that only falls.
var lastLoss = figure{file: "metrics", key: "loss", least: true, form: "%.3f", says: "loss at the end"}

// testPerplexity is that of a language model, the book's way and over all words.
var testPerplexity = []figure{
	{file: "eval", where: map[string]string{"part": "test"}, key: "offsets", form: "%.2f", says: "test perplexity"},
	{file: "eval", where: map[string]string{"part": "test"}, key: "all", form: "%.2f", says: "over all words in one stream"},
}

// results are the rows of docs/results.md.
var results = []result{
	{run: "count-ptb", section: "2.4", what: "Counting on the Penn Treebank: PPMI and 100 singular vectors", book: "neighbours", figures: people},
	{run: "count-english", section: "2.4", what: "Counting in the artificial English", book: "nothing", figures: english},
	{run: "simple-cbow", section: "3.4", what: "Simple CBOW on a sentence", book: "a picture", figures: []figure{lastLoss}},
	{run: "simple-skipgram", section: "3.5", what: "Simple skip-gram on a sentence", book: "nothing", figures: []figure{lastLoss}},
	{run: "cbow-ptb", section: "4.2", what: "CBOW on the Penn Treebank, Adam on the rows of a batch", book: "neighbours and analogies", figures: append([]figure{lastLoss}, people...)},
	{run: "cbow-ptb-dense", section: "4.2", what: "CBOW on the Penn Treebank as the book has it, Adam on all rows; 5 of 10 epochs", book: "neighbours and analogies", figures: append([]figure{lastLoss}, people...)},
	{run: "skipgram-ptb", section: "4.2", what: "Skip-gram on the Penn Treebank, Adam on the rows of a batch", book: "nothing", figures: append([]figure{lastLoss}, people...)},
	{run: "cbow-english", section: "4.3", what: "CBOW on the artificial English", book: "nothing", figures: english, curve: "analogies"},
	{run: "skipgram-english", section: "4.3", what: "Skip-gram on the artificial English", book: "nothing", figures: english, curve: "analogies"},
	{run: "classifier", section: "4.4", what: "12 classes from 60 labelled sentences", book: "nothing", figures: []figure{
		accuracy("frozen", "on the vectors of CBOW"), accuracy("fine-tuned", "fine-tuned"), accuracy("random", "on random ones"),
	}},
	{run: "simple-rnnlm", section: "5.5", what: "Simple RNNLM, the first 1,000 words of the Penn Treebank by heart", book: "about 5; its code with this seed 5.72", figures: []figure{
		{file: "metrics", key: "perplexity", least: true, form: "%.2f", says: "training perplexity"},
	}},
	{run: "rnnlm-ptb", section: "6.4", what: "RNNLM with an LSTM on the Penn Treebank", book: "about 136", figures: testPerplexity, curve: "validation"},
	{run: "rnnlm-rnn-ptb", section: "5.5", what: "RNNLM with a simple RNN on the Penn Treebank", book: "nothing", figures: testPerplexity, curve: "validation"},
	{run: "rnnlm-gru-ptb", section: "C", what: "RNNLM with a GRU on the Penn Treebank", book: "nothing", figures: testPerplexity, curve: "validation"},
	{run: "addition-plain", section: "7.3", what: "Additions, plain, with the draws of the book's code", book: "about 10 %", figures: []figure{accuracy("accuracy", "right")}, curve: "accuracy"},
	{run: "addition-reverse", section: "7.4", what: "Additions, questions reversed, with the draws of the book's code", book: "about 50 %", figures: []figure{accuracy("accuracy", "right")}, curve: "accuracy"},
	{run: "addition-peeky", section: "7.4", what: "Additions, reversed and peeky, with the draws of the book's code", book: "over 95 %", figures: []figure{accuracy("accuracy", "right")}, curve: "accuracy"},
	{run: "better-rnnlm-ptb", section: "6.5", what: "BetterRNNLM on the Penn Treebank, the first 2 of 40 epochs", book: "75.76 on the test after 40 epochs",
		figures: append([]figure{{file: "metrics", key: "validation", least: true, form: "%.2f", says: "validation perplexity"}}, testPerplexity...), curve: "validation"},
	{run: "date-seq2seq", section: "8.3", what: "Dates, the book's, plain seq2seq, reversed", book: "about 0 %", figures: []figure{accuracy("accuracy", "right")}, curve: "accuracy"},
	{run: "date-peeky", section: "8.3", what: "Dates, the book's, peeky, reversed; stopped at 99.98 %", book: "about 100 % after 10 epochs", figures: []figure{accuracy("accuracy", "right")}, curve: "accuracy"},
	{run: "date-attention", section: "8.3", what: "Dates, the book's, attention, reversed", book: "about 100 % after 2 or 3 epochs", figures: []figure{accuracy("accuracy", "right")}, curve: "accuracy"},
	{run: "sort", section: "7.5", what: "Up to ten letters into the order of the alphabet", book: "nothing", figures: []figure{accuracy("accuracy", "right")}, curve: "accuracy"},
	{run: "better-rnnlm-english", section: "6.5", what: "BetterRNNLM of 100 units on artificial English, floor 3.51", book: "nothing", figures: testPerplexity, curve: "validation"},
	{run: "rnnlm-english", section: "6.4", what: "RNNLM with an LSTM on artificial English, floor 3.51", book: "nothing", figures: testPerplexity, curve: "validation"},
	{run: "gnmt", section: "8.5.1", what: "Dates, GNMT of three layers", book: "nothing", figures: []figure{accuracy("accuracy", "right")}, curve: "accuracy"},
	{run: "transformer-date", section: "8.5.2", what: "Dates, Transformer", book: "nothing", figures: []figure{accuracy("accuracy", "right")}, curve: "accuracy"},
	{run: "transformer-english", section: "8.5.2", what: "Transformer on artificial English, floor 3.51", book: "nothing", figures: testPerplexity, curve: "validation"},
	{run: "ntm-copy", section: "8.5.3", what: "Neural Turing Machine that copies up to 20 vectors", book: "nothing", figures: []figure{
		right(20), right(40), right(80), right(120),
	}, curve: "cost"},
	{run: "ntm-recall", section: "8.5.3", what: "Neural Turing Machine that recalls one of 2 or 3 items", book: "nothing", figures: []figure{
		accuracy("right", "without a wrong bit"), accuracy("longer", "of 4 to 6 items"),
	}},
}

func TestResultsAreThoseOfTheRuns(t *testing.T) {
	const path = "docs/results.md"
	page := renderResults(t)
	if *update {
		require.NoError(t, os.WriteFile(path, page, 0o644))
	}
	committed, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(page), string(committed), "docs/results.md is not what the runs say: go test . -run Results -update")

	// Every run that is there is shown.
	dirs, err := filepath.Glob("docs/results/*/config.json")
	require.NoError(t, err)
	for _, dir := range dirs {
		name := filepath.Base(filepath.Dir(dir))
		assert.True(t, slices.ContainsFunc(results, func(r result) bool { return r.run == name }), "docs/results/%s is in no row of results", name)
	}
}

// runFiles is what a run has left.
type runFiles struct {
	command, machine, seed string
	lines                  map[string][]map[string]any // by file: metrics, eval
}

func readRun(t *testing.T, name string) (r runFiles) {
	t.Helper()
	dir := filepath.Join("docs", "results", name)
	raw, err := os.ReadFile(filepath.Join(dir, "config.json"))
	require.NoError(t, err)
	var config struct {
		Command, Machine string
		Flags            []struct{ Name, Value string }
	}
	require.NoError(t, json.Unmarshal(raw, &config), name)
	r.command, r.machine = config.Command, config.Machine
	for _, f := range config.Flags {
		if f.Name == "seed" {
			r.seed = f.Value
		}
	}
	r.lines = map[string][]map[string]any{}
	for _, file := range []string{"metrics", "eval"} {
		raw, err := os.ReadFile(filepath.Join(dir, file+".jsonl"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		require.NoError(t, err)
		scan := bufio.NewScanner(bytes.NewReader(raw))
		for scan.Scan() {
			var line map[string]any
			require.NoError(t, json.Unmarshal(scan.Bytes(), &line), "%s/%s", name, file)
			r.lines[file] = append(r.lines[file], line)
		}
	}
	return r
}

// text finds the figure's number in a run.
func (f figure) text(t *testing.T, name string, r runFiles) string {
	t.Helper()
	best, found := math.NaN(), false
	for _, line := range r.lines[f.file] {
		v, ok := line[f.key].(float64)
		for key, want := range f.where {
			ok = ok && fmt.Sprint(line[key]) == want
		}
		if ok && (!found || (v < best) == f.least && v != best) {
			best, found = v, true
		}
	}
	require.True(t, found, "docs/results/%s/%s.jsonl has no %q where %v", name, f.file, f.key, f.where)
	if strings.Contains(f.form, "%%") {
		best *= 100
	}
	return strings.TrimSpace(fmt.Sprintf(f.form, best) + " " + f.says)
}

func renderResults(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintln(&b, "# The book's figures, reproduced")
	fmt.Fprintln(&b)
	fmt.Fprintln(&b, "Each row is a run of one command; what it left is in the folder of [results](results)")
	fmt.Fprintln(&b, "that has its name, and this page is made of those files by `go test . -run Results")
	fmt.Fprintln(&b, "-update`. The runs shared their machine with other work and with each other, one core")
	fmt.Fprintln(&b, "each: the times are what a person would have waited at most. A run has the same bits")
	fmt.Fprintln(&b, "on any number of threads.")
	fmt.Fprintln(&b)
	machines := map[string]bool{}
	runs := map[string]runFiles{}
	for _, r := range results {
		runs[r.run] = readRun(t, r.run)
		machines[runs[r.run].machine] = true
	}
	for _, m := range slices.Sorted(maps.Keys(machines)) {
		fmt.Fprintf(&b, "Machine: %s.\n", m)
	}
	fmt.Fprintln(&b, "\n| section | what | here | the book | epochs | seed | time |\n|---|---|---|---|---|---|---|")
	for _, r := range results {
		files := runs[r.run]
		var here []string
		for _, f := range r.figures {
			here = append(here, f.text(t, r.run, files))
		}
		epochs, seconds := 0, 0.0
		for _, line := range files.lines["metrics"] {
			epochs++
			s, _ := line["seconds"].(float64)
			seconds += s
		}
		took := "seconds"
		if epochs > 0 {
			took = (time.Duration(seconds) * time.Second).String()
		}
		fmt.Fprintf(&b, "| %s | [%s](#%s) | %s | %s | %d | %s | %s |\n", r.section, r.what, r.run, strings.Join(here, "; "), r.book, epochs, files.seed, took)
	}
	for _, r := range results {
		files := runs[r.run]
		fmt.Fprintf(&b, "\n## %s\n\n```\n%s\n```\n", r.run, files.command)
		if r.curve != "" {
			fmt.Fprintf(&b, "\n| epoch | loss | %s |\n|---|---|---|\n", r.curve)
			for _, line := range files.lines["metrics"] {
				fmt.Fprintf(&b, "| %v | %.4f | %.4g |\n", line["epoch"], line["loss"], line[r.curve])
			}
		}
		if lines := files.lines["eval"]; len(lines) > 0 {
			fmt.Fprint(&b, "\nMeasured afterwards:\n\n```\n")
			for _, line := range lines {
				text, err := json.Marshal(line)
				require.NoError(t, err)
				fmt.Fprintf(&b, "%s\n", text)
			}
			fmt.Fprintln(&b, "```")
		}
	}
	return b.Bytes()
}
