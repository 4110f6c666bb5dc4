package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
)

// smallTransformer is a training of dates that takes a second or two.
var smallTransformer = []string{"train", "transformer", "--size", "300", "--epochs", "2", "--width", "16", "--layers", "1", "--heads", "2", "--batch", "32", "--seed", "5"}

// smallLM is that of a language model.
func smallLM(dir string) []string {
	return []string{"train", "transformer", "--arch", "lm", "--data", dir, "--epochs", "3", "--width", "8", "--layers", "1", "--heads", "2", "--batch", "4", "--steps", "5", "--lr", "0.01"}
}

func TestTransformerOnDates(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	out := w.ok(append(smallTransformer, "--positions", "learned", "--tied")...)
	assert.Contains(t, out, "270 examples to train on, 30 to test")
	assert.Contains(t, out, `Try: wengert translate "sep 27, 1994" --model runs/transformer/best.safetensors`)
	assert.FileExists(t, filepath.Join("runs", "transformer", "attention.png"))
	w.ok("translate", "--model", "runs/transformer/best.safetensors", "--attention", "map.png", "9/27/94")
	assert.FileExists(t, "map.png")
	assert.Equal(t, 1, w.run("generate", "--model", "runs/transformer/best.safetensors"))
	assert.Contains(t, w.err.String(), `its architecture is "transformer/encoder-decoder"`)
}

func TestTransformerOnText(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	dir := smallText(t)
	out := w.ok(smallLM(dir)...)
	assert.Contains(t, out, "360 words to train on, 7 different")
	assert.Regexp(t, `epoch 3: loss [\d.]+, perplexity [\d.]+, validation [\d.]+, [\d.]+m?s\n`, out)
	assert.Regexp(t, `test perplexity [\d.]+ over all 540 words in one stream`, out)
	model := filepath.Join("runs", "transformer", bestModel)
	assert.Contains(t, out, "Try: wengert generate --model "+model)
	text := w.ok("generate", "--model", model, "--words", "12", "--seed-text", "you say")
	assert.Equal(t, text, w.ok("generate", "--model", model, "--words", "12", "--seed-text", "you say"))
	assert.Contains(t, w.ok("eval", "--model", model, "--data", dir), "transformer/lm")
	assert.Equal(t, 1, w.run("translate", "--model", model, "1"))
	assert.Contains(t, w.err.String(), `its architecture is "transformer/lm"`)
}

func TestTransformerMistakes(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	for _, c := range []struct{ flag, value, want string }{
		{"--heads", "3", "3 heads for a width of 64"},
		{"--dropout", "1", "a dropout of 1"},
		{"--layers", "0", "0 layers"},
		{"--steps", "0", "--steps 0"},
		{"--size", "0", "--size 0"},
		{"--arch", "encoder", "must be one of"},
	} {
		assert.Equal(t, 2, w.run("train", "transformer", c.flag, c.value), "%s %s", c.flag, c.value)
		assert.Contains(t, w.err.String(), c.want)
	}
	assert.NoDirExists(t, "runs")
}
