package main

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/tensor"
)

func TestData(t *testing.T) {
	w := start(t)
	for set, lines := range map[string]int{"english": 10, "dates": 10, "additions": 10, "sorts": 10, "spiral": 10} {
		assert.Equal(t, lines, strings.Count(w.ok("data", set), "\n"), set)
	}
	train, valid := w.ok("data", "english", "--size", "3"), w.ok("data", "english", "--part", "valid", "--size", "3")
	assert.NotEqual(t, train, valid)

	// What is written is what a training generates.
	w.ok("data", "english", "--part", "test", "--out", "text/e.txt")
	read, err := data.LoadCorpus("text/e.txt", nil)
	require.NoError(t, err)
	_, _, test, err := data.Open("english", data.Options{Seed: 1984})
	require.NoError(t, err)
	assert.Equal(t, test.Vocab.Decode(test.IDs), read.Vocab.Decode(read.IDs))

	w.ok("data", "dates", "--size", "400", "--seed", "5", "--out", "dates.txt")
	dates, err := data.LoadQA("dates.txt")
	require.NoError(t, err)
	assert.Equal(t, data.Dates(rand.New(tensor.NewRand(5, dataStream)), 400), dates)
	w.ok(append(small, "--epochs", "1", "--data", "dates.txt")...)

	w.ok("data", "spiral", "--out", "spiral.txt")
	points, err := os.ReadFile("spiral.txt")
	require.NoError(t, err)
	assert.Equal(t, 300, strings.Count(string(points), "\n"))
	assert.True(t, strings.HasSuffix(string(points), "\t2\n"))

	for args, want := range map[string]string{
		"data":                             "expected",
		"data french":                      "must be one of",
		"data dates --size=-1":             "--size -1: want 1 or more",
		"data additions --size 600000":     "there are 500500 sums",
		"data spiral --seed 9999999999999": "want at most 4294967295",
	} {
		assert.Equal(t, 2, w.run(strings.Fields(args)...), args)
		assert.Contains(t, w.err.String(), want)
	}
	assert.Equal(t, 1, w.run("data", "dates", "--out", "spiral.txt/below"))
}

func TestGradcheck(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	out := w.ok("gradcheck")
	for _, name := range []string{"matmul", "sigmoid", "layer norm", "skip-gram", "better language model", "attention"} {
		assert.Contains(t, out, "\n"+name+" ")
	}
	lstm := w.ok("gradcheck", "LSTM", "rnnlm")
	assert.Equal(t, 1+1+4, strings.Count(lstm, "\n"), lstm)
	assert.Equal(t, 2, w.run("gradcheck", "lstn"))
	assert.Contains(t, w.err.String(), "gradcheck lstn: want ops, layers, mlp, word2vec, rnnlm, seq2seq, transformer, ntm, or a name")
}
