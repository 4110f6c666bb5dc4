package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/nn/safetensors"
)

// interrupter cancels a context once a text has been written to it.
type interrupter struct {
	io.Writer
	after  string
	cancel context.CancelFunc
}

func (i interrupter) Write(p []byte) (int, error) {
	if strings.Contains(string(p), i.after) {
		i.cancel()
	}
	return i.Writer.Write(p)
}

// A run that is stopped and resumed leaves the same bytes as one that is not.
func TestResumeHasTheSameBits(t *testing.T) {
	wholeTraining(t)
	for _, c := range []struct {
		name, after string
		args        []string
	}{
		{"date", "epoch 1:", small},
		{"spiral", "epoch 30:", []string{"train", "spiral", "--epochs", "90"}},
		{"rnnlm", "epoch 1:", smallRNNLM("rnnlm", "text")},
		{"better-rnnlm", "epoch 6:", append(smallRNNLM("better-rnnlm", "text"), "--epochs", "12", "--lr", "40")},
		{"transformer", "epoch 1:", smallTransformer},
		{"ntm", "epoch 1:", smallNTM},
		{"transformer lm", "epoch 1:", smallLM("text")},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := c.args
			w := start(t)
			smallText(t)
			w.ok(append(args, "--out", "whole")...)

			ctx, cancel := context.WithCancel(t.Context())
			stopped := &session{ctx: ctx, out: interrupter{&w.out, c.after, cancel}, err: &w.err}
			assert.Equal(t, 1, run(stopped, append(args, "--out", "halves")))
			assert.Contains(t, w.err.String(), "--resume")
			out := w.ok(append(args, "--out", "halves", "--resume")...)
			assert.Contains(t, out, "resumed in epoch ")

			for _, file := range []string{bestModel, checkpoint} {
				a, err := safetensors.ReadFile(filepath.Join("whole", file))
				require.NoError(t, err)
				b, err := safetensors.ReadFile(filepath.Join("halves", file))
				require.NoError(t, err)
				assert.Equal(t, a.Tensors, b.Tensors, file)
			}
			assert.Equal(t, losses(t, "whole"), losses(t, "halves"))
		})
	}
}

// losses reads the metrics of a run, less the seconds.
func losses(t *testing.T, dir string) (lines []map[string]any) {
	t.Helper()
	lines = jsonLines(t, filepath.Join(dir, "metrics.jsonl"))
	for _, line := range lines {
		delete(line, "seconds")
	}
	return lines
}

// jsonLines reads a file of them.
func jsonLines(t *testing.T, path string) (lines []map[string]any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	d := json.NewDecoder(bytes.NewReader(raw))
	for d.More() {
		var line map[string]any
		require.NoError(t, d.Decode(&line))
		lines = append(lines, line)
	}
	return lines
}

func TestHalfPrecisionAndMetricsFile(t *testing.T) {
	w := start(t)
	w.ok(append(small, "--epochs", "1", "--save-as", "float16", "--metrics", "m/lines.jsonl")...)
	assert.FileExists(t, filepath.Join("m", "lines.jsonl"))
	f, err := safetensors.ReadFile(filepath.Join("runs", "date", bestModel))
	require.NoError(t, err)
	for _, x := range f.Tensors {
		assert.Equal(t, safetensors.F16, x.DType, x.Name)
	}
	w.ok("translate", "9/27/94")
}

// The command line that a run prints and keeps is that run.
func TestConfigurationRepeatsTheRun(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	out := w.ok(append(small, "--no-reverse")...)
	raw, err := os.ReadFile(filepath.Join("runs", "date", "config.json"))
	require.NoError(t, err)
	var c configuration
	require.NoError(t, json.Unmarshal(raw, &c))
	assert.True(t, strings.HasPrefix(out, c.Command+"\n"))
	assert.Contains(t, c.Command, " --no-reverse")
	before := losses(t, filepath.Join("runs", "date"))
	w.ok(strings.Fields(c.Command)[1:]...)
	assert.Equal(t, before, losses(t, filepath.Join("runs", "date")))
}
