package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// smallNTM is a training that takes a second.
var smallNTM = []string{"train", "ntm", "--longest", "3", "--steps", "4", "--epochs", "2", "--batch", "3", "--hidden", "8", "--slots", "9", "--width", "4"}

func TestNTM(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	for _, task := range []string{"copy", "recall"} {
		out := w.ok(append(smallNTM, "--task", task)...)
		assert.Contains(t, out, task+": lengths ")
		assert.Regexp(t, `epoch 2: loss [\d.]+, cost [\d.]+ bits, right [\d.]+ %, longer [\d.]+ %`, out)
		assert.Contains(t, out, "length  18:")
		for _, name := range []string{bestModel, "right.png", "loss.png", "memory.png"} {
			assert.FileExists(t, filepath.Join("runs", "ntm", name))
		}
		scores, err := os.ReadFile(filepath.Join("runs", "ntm", "eval.jsonl"))
		require.NoError(t, err)
		assert.Equal(t, 6, strings.Count(string(scores), `,"right":`), "six lengths")
	}
}

func TestNTMMistakes(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	for _, c := range []struct{ flag, want string }{
		{"--longest=-1", "--longest -1: want 1 or more"},
		{"--slots=0", "--slots 0"},
		{"--task=sort", "must be one of"},
	} {
		assert.Equal(t, 2, w.run("train", "ntm", c.flag), c.flag)
		assert.Contains(t, w.err.String(), c.want)
	}
	assert.Equal(t, 2, w.run("train", "ntm", "--task=recall", "--longest=1"))
	assert.Contains(t, w.err.String(), "--longest 1: want 2 or more")
	assert.NoDirExists(t, "runs")
}
