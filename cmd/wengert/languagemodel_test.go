package main

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// smallText writes a text in three parts and returns its folder: 40 short sentences
// to train on.
func smallText(t *testing.T) string {
	t.Helper()
	dir := "text"
	require.NoError(t, os.Mkdir(dir, 0o755))
	for name, n := range map[string]int{"train": 40, "valid": 12, "test": 60} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "small."+name+".txt"), []byte(strings.Repeat("you say goodbye\nand i say hello\n", n)), 0o644))
	}
	return dir
}

// smallRNNLM is the training of a language model that takes a moment.
func smallRNNLM(model, dir string) []string {
	return []string{"train", model, "--data", dir, "--epochs", "3", "--hidden", "8", "--batch", "4", "--steps", "5", "--lr", "2"}
}

func TestRNNLMFromTrainingToText(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	dir := smallText(t)
	for _, cell := range []string{"lstm", "gru", "rnn"} {
		out := w.ok(append(smallRNNLM("rnnlm", dir), "--embed", "7", "--cell", cell)...)
		assert.Contains(t, out, "360 words to train on, 7 different")
		assert.Regexp(t, `epoch 3: loss [\d.]+, perplexity [\d.]+, validation [\d.]+, rate 2.00`, out)
		assert.Regexp(t, `test perplexity [\d.]+ the book's way`, out)
		assert.Regexp(t, `test perplexity [\d.]+ over all 540 words in one stream`, out)
		assert.NotContains(t, out, "floor")
		assert.FileExists(t, filepath.Join("runs", "rnnlm", "perplexity.png"))
		lines := losses(t, filepath.Join("runs", "rnnlm"))
		require.Len(t, lines, 3)
		assert.Contains(t, lines[2], "validation")
		assert.InEpsilon(t, math.Exp(lines[2]["loss"].(float64)), lines[2]["perplexity"], 1e-9)
		figures, err := os.ReadFile(filepath.Join("runs", "rnnlm", "eval.jsonl"))
		require.NoError(t, err)
		assert.Regexp(t, `^{"part":"test","offsets":[\d.]+,"all":[\d.]+}\n$`, string(figures))
	}
	text := w.ok("generate", "--words", "12", "--seed-text", "you say")
	assert.Len(t, strings.Fields(text)[:2], 2)
	assert.True(t, strings.HasPrefix(text, "you say "), text)
	assert.Equal(t, text, w.ok("generate", "--words", "12", "--seed-text", "you say"), "the same seed")
	assert.NotEqual(t, text, w.ok("generate", "--words", "12", "--seed-text", "you say", "--seed", "2"))
	assert.NotContains(t, w.ok("generate", "--skip", "say,<unk>", "--words", "50"), "say")
	greedy := w.ok("generate", "--top-k", "1")
	assert.Equal(t, greedy, w.ok("generate", "--top-k", "1", "--seed", "9"))
	assert.Equal(t, greedy, w.ok("generate", "--top-p", "1e-9"))
	assert.Equal(t, greedy, w.ok("generate", "--temperature", "1e-6"))
}

func TestEvalOfALanguageModel(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	dir := smallText(t)
	trained := w.ok(append(smallRNNLM("rnnlm", dir), "--epochs", "1")...)
	out := w.ok("eval", "--data", dir, "--metrics", "figures.jsonl")
	assert.Contains(t, out, "rnnlm/lstm")
	figures := regexp.MustCompile(`test perplexity [\d.]+ .*\n`).FindAllString(out, -1)
	require.Len(t, figures, 2)
	assert.Contains(t, trained, strings.Join(figures, ""), "what training has measured")
	assert.FileExists(t, "figures.jsonl")
	assert.Contains(t, w.ok("eval", "--data", dir, "--part", "valid"), "valid perplexity")
	assert.Equal(t, 1, w.run("eval"))
	assert.Contains(t, w.err.String(), "was not trained on this text (--corpus, --data): token")
	assert.Equal(t, 2, w.run("eval", "--data", dir, "--part", "all"))
}

func TestBetterRNNLM(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	out := w.ok(append(smallRNNLM("better-rnnlm", smallText(t)), "--epochs", "12", "--lr", "40")...)
	assert.Regexp(t, `epoch \d+: loss [\d.]+, perplexity [\d.]+, validation [\d.]+, rate 10.00`, out, "a quarter, once validation has stopped improving")
	assert.NotEmpty(t, w.ok("generate", "--model", filepath.Join("runs", "better-rnnlm", bestModel)))
}

// The simple RNN has a rate of its own, and both can be chosen.
func TestRNNLMRates(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	base := []string{"train", "rnnlm", "--data", smallText(t), "--epochs", "1", "--hidden", "8", "--batch", "4", "--steps", "5"}
	assert.Contains(t, w.ok(base...), "rate 20.00")
	assert.Contains(t, w.ok(append(base, "--cell", "rnn")...), "rate 3.00")
	assert.Contains(t, w.ok(append(base, "--cell", "rnn", "--lr", "0.5")...), "rate 0.50")
}

// Without other parts of the text there is nothing to validate on.
func TestRNNLMOfTheFirstWords(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	out := w.ok(append(smallRNNLM("rnnlm", smallText(t)), "--size", "100", "--clip", "0")...)
	assert.Contains(t, out, "100 words to train on, 7 different")
	assert.NotContains(t, out, "validation")
	assert.NotContains(t, out, "test")
}

// The floor stands beside the perplexity of the artificial English.
func TestFloor(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 20,000 words")
	}
	w := start(t)
	out := w.ok("train", "rnnlm", "--epochs", "1", "--hidden", "2", "--embed", "2", "--batch", "200", "--seed", "1984")
	assert.Contains(t, out, "validation text is 3.5144")
	assert.Contains(t, out, "floor 3.5054")
}

func TestLanguageModelMistakes(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	dir := smallText(t)
	w.ok(append(smallRNNLM("rnnlm", dir), "--epochs", "1")...)
	w.ok("train", "spiral", "--epochs", "1")
	require.NoError(t, os.WriteFile("short.txt", []byte("you say goodbye and i say hello"), 0o644))
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"train rnnlm --cell lstn", 2, "must be one of"},
		{"train rnnlm --hidden 0", 2, "--hidden 0: want 1 or more"},
		{"train rnnlm --steps 0", 2, "--steps 0: want 1 or more"},
		{"train rnnlm --size=-1", 2, "--size -1: want a number of words"},
		{"train rnnlm --data none", 1, "no such file"},
		{"train rnnlm --data short.txt", 1, "too short for 20 streams of 35 steps; want at least 701; give a smaller --batch or --steps"},
		{"train rnnlm --data text", 1, "too short"},
		{"train rnnlm --lr 1e30 --clip 0 --data text --batch 2 --steps 3 --hidden 4 --embed 4", 1, "the model has diverged"},
		{"train rnnlm --resume --out other", 1, "there is nothing to resume"},
		{"train better-rnnlm --dropout 1", 2, "--dropout 1: want a probability"},
		{"train better-rnnlm --hidden 0", 2, "--hidden 0: want 1 or more"},
		{"generate --model none", 1, "run `wengert train rnnlm` first"},
		{"generate --model runs/spiral/best.safetensors", 1, `its architecture is "mlp/twolayer" and it has no vocabulary; want a language model`},
		{"generate --words 0", 2, "--words 0: want 1 or more"},
		{"generate --temperature 0", 2, "want both above 0; --top-k 1 always takes the likeliest word"},
		{"generate --temperature=-1", 2, "a temperature of -1"},
		{"generate --top-p 2", 2, "a probability of 2"},
		{"generate --top-k=-1", 2, "the -1 likeliest words"},
		{"generate --seed-text frog", 1, `--seed-text: token 1, "frog", is not one of the 7 in the vocabulary`},
		{"generate --skip you,say,goodbye,and,i,hello,<eos>", 1, "all 7 words are skipped"},
	} {
		t.Run(c.args, func(t *testing.T) {
			assert.Equal(t, c.status, w.run(strings.Fields(c.args)...))
			assert.Contains(t, w.err.String(), c.want)
			assert.NotContains(t, w.err.String(), "goroutine")
		})
	}
}
