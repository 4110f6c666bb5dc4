package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/nn/pickle"
	"github.com/wengert-ml/wengert/nn/safetensors"
)

// A model goes through every format and answers as before.
func TestConvertModel(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	w.ok(append(small, "--epochs", "1")...)
	model := filepath.Join("runs", "date", bestModel)
	answer := w.ok("translate", "9/27/94")

	w.ok("convert", model, "model.npz")
	assert.Equal(t, "back.safetensors: 8059 parameters in 10 arrays\n", w.ok("convert", "--like", model, "model.npz", "back.safetensors"))
	assert.Equal(t, answer, w.ok("translate", "--model", "back.safetensors", "9/27/94"))

	w.ok("convert", "--dtype", "float32", model, "model.pkl")
	w.ok("convert", "--like", model, "model.pkl", "again.safetensors")
	assert.Equal(t, answer, w.ok("translate", "--model", "again.safetensors", "9/27/94"))

	w.ok("convert", model, "half.pkl")
	v, err := pickle.ReadFile("half.pkl")
	require.NoError(t, err)
	arrays, err := pickle.Arrays(v)
	require.NoError(t, err)
	assert.Equal(t, pickle.Float16, arrays[0].DType, "as the book saves them")

	w.ok("convert", "--dtype", "float16", model, "half.safetensors")
	f, err := safetensors.ReadFile("half.safetensors")
	require.NoError(t, err)
	assert.Equal(t, safetensors.F16, f.Tensors[0].DType)
	w.ok("translate", "--model", "half.safetensors", "9/27/94")

	out := w.ok("inspect", model)
	assert.Contains(t, out, "architecture: seq2seq/attention\n")
	assert.Contains(t, out, "vocabulary: a list of 59\n")
	assert.Regexp(t, `(?m)^Decoder.Out.W +\[32 59\] +F32 +-`, out)
	assert.Contains(t, out, "8059 parameters in 10 arrays\n")
	assert.Contains(t, w.ok("inspect", "half.pkl"), "Encoder.LSTM.Cells.0.Wx  [16 64]")

	w.ok("train", "addition", "--size", "100", "--epochs", "1", "--hidden", "16")
	for _, c := range []struct{ args, want string }{
		{"convert --like runs/addition/best.safetensors model.npz x.safetensors", `model.npz is not like runs/addition/best.safetensors: the parameter "Encoder.Embed.W" is [59 16], and [13 16] there`},
		{"convert --like runs/addition/best.safetensors model.pkl x.safetensors", "it is a seq2seq/attention, not a seq2seq/plain"},
		{"convert none.npz x.pkl", "none.npz"},
		{"convert model.npz x.txt", "does not say which words"},
		{"inspect config.json", "config.json"},
	} {
		assert.Equal(t, 1, w.run(strings.Fields(c.args)...), c.args)
		assert.Contains(t, w.err.String(), c.want)
	}
	assert.NoFileExists(t, "x.safetensors")
}

// Word vectors go through every format and have the same neighbours.
func TestConvertVectors(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	w.ok("train", "simple-cbow", "--epochs", "5")
	near := w.ok("similar", "you")
	from := filepath.Join("runs", "simple-cbow", bestModel)
	for _, to := range []string{"v.txt", "v.bin", "v32.pkl", "v.safetensors"} {
		w.ok("convert", "--dtype", "float32", from, to)
		if filepath.Ext(to) != ".pkl" {
			assert.Equal(t, near, w.ok("similar", "--model", to, "you"), to)
		}
		from = to
	}
	w.ok("convert", "v.bin", "v.pkl")
	v, err := pickle.ReadFile("v.pkl")
	require.NoError(t, err)
	assert.Equal(t, []any{"word_vecs", "word_to_id", "id_to_word"}, v.(*pickle.Dict).Keys)
	require.NoError(t, os.WriteFile("evil.pkl", []byte("\x80\x03cos\nsystem\nX\x02\x00\x00\x00ls\x85R."), 0o644))
	assert.Equal(t, 1, w.run("inspect", "evil.pkl"))
	assert.Contains(t, w.err.String(), "the file calls os.system")
}
