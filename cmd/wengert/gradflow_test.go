package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestGradflow(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	out := w.ok("gradflow", "--steps", "12", "--hidden", "8")
	// The book's experiment, section 6.1: five steps back its list of norms has 8.0808.
	assert.Regexp(t, `Wh normal +1.22 +8.08 +25.7 `, out)
	assert.Contains(t, out, "LSTM, forget gate open")
	assert.FileExists(t, filepath.Join("runs", "gradflow", "product.png"))
	assert.FileExists(t, filepath.Join("runs", "gradflow", "cells.png"))

	dir := smallText(t)
	w.ok(append(smallRNNLM("rnnlm", dir), "--epochs", "1", "--cell", "gru")...)
	w.ok(append(smallRNNLM("better-rnnlm", dir), "--epochs", "1")...)
	gru, better := filepath.Join("runs", "rnnlm", bestModel), filepath.Join("runs", "better-rnnlm", bestModel)
	out = w.ok("gradflow", "--data", dir, "--model", gru, "--model", better, "--steps", "10")
	assert.Regexp(t, `(?s)rnnlm/gru .*rnnlm/better `, out)
	assert.FileExists(t, filepath.Join("runs", "gradflow", "models.png"))

	assert.Equal(t, 2, w.run("gradflow", "--steps", "0"))
	assert.Equal(t, 1, w.run("gradflow", "--model", gru))
	assert.Contains(t, w.err.String(), "was not trained on this text (--corpus, --data)")
	assert.Equal(t, 1, w.run("gradflow", "--model", "none"))
	assert.Contains(t, w.err.String(), "there is no model none")
}
