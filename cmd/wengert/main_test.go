package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/nn"
)

// wengert runs a command line in a folder of its own.
type wengert struct {
	t   *testing.T
	ctx context.Context
	in  string
	out bytes.Buffer
	err bytes.Buffer
}

// start changes to an empty folder, as a person in a fresh one.
func start(t *testing.T) *wengert {
	t.Chdir(t.TempDir())
	return &wengert{t: t, ctx: t.Context()}
}

func (w *wengert) run(args ...string) (status int) {
	w.out.Reset()
	w.err.Reset()
	return run(&session{ctx: w.ctx, in: strings.NewReader(w.in), out: &w.out, err: &w.err}, args)
}

func (w *wengert) ok(args ...string) string {
	w.t.Helper()
	require.Zero(w.t, w.run(args...), "%v: %s", args, &w.err)
	return w.out.String()
}

// wholeTraining skips a test with -short, as the race detector is run: what a training
// shares between goroutines is the backend, which has tests of its own there, and a few
// commands are run with it all the same. The parser of the command line, too, takes
// seconds under it.
func wholeTraining(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("a whole training, or several")
	}
}

// small is a training of dates that takes a second or two.
var small = []string{"train", "date", "--size", "400", "--epochs", "2", "--hidden", "16", "--batch", "32", "--seed", "5"}

func TestDateFromTrainingToTranslation(t *testing.T) {
	w := start(t)
	out := w.ok(small...)
	assert.Contains(t, out, "360 examples to train on, 40 to test")
	assert.Contains(t, out, "epoch 2: loss ")
	assert.Contains(t, out, "unseen ")
	assert.Contains(t, out, `Try: wengert translate "sep 27, 1994"`)
	for _, name := range []string{"best.safetensors", "attention.png", "loss.png", "accuracy.png", "metrics.jsonl", "config.json"} {
		assert.FileExists(t, filepath.Join("runs", "date", name))
	}
	picture, err := os.Open(filepath.Join("runs", "date", "attention.png"))
	require.NoError(t, err)
	defer picture.Close()
	_, err = png.Decode(picture)
	assert.NoError(t, err)

	metrics, err := os.ReadFile(filepath.Join("runs", "date", "metrics.jsonl"))
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(metrics)), "\n")
	require.Len(t, lines, 2)
	var line map[string]float64
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &line))
	assert.Equal(t, 2.0, line["epoch"])
	assert.Contains(t, line, "accuracy")

	answer := w.ok("translate", "sep 27, 1994")
	assert.Equal(t, 1, strings.Count(answer, "\n"))
	w.in = "sep 27, 1994\n9/27/94\n"
	answers := w.ok("translate")
	assert.Equal(t, 2, strings.Count(answers, "\n"))
	w.in = "\n \r\nsep 27, 1994"
	assert.Equal(t, "\n\n"+answer, w.ok("translate"), "an empty line is answered by one")
	assert.True(t, strings.HasPrefix(answers, answer), "a line read from standard input is answered as an argument is")
	w.ok("translate", "--attention", "map.svg", "9/27/94")
	assert.FileExists(t, "map.svg")
}

func TestSameSeedSameModel(t *testing.T) {
	w := start(t)
	a := w.ok(append(small, "--out", "a", "--threads", "1")...)
	b := w.ok(append(small, "--out", "b", "--threads", "2")...)
	examples := func(out string) string { return strings.Split(strings.SplitN(out, "\n", 2)[1], "epoch 1")[0] }
	assert.Equal(t, examples(a), examples(b))
	x, err := os.ReadFile("a/best.safetensors")
	require.NoError(t, err)
	y, err := os.ReadFile("b/best.safetensors")
	require.NoError(t, err)
	assert.True(t, bytes.Equal(x, y), "one thread and two give the same bits")
}

func TestSpiral(t *testing.T) {
	w := start(t)
	out := w.ok("train", "spiral", "--epochs", "60")
	assert.Contains(t, out, "epoch 60: loss ")
	for _, name := range []string{"boundary.png", "loss.png", "accuracy.png", "best.safetensors"} {
		assert.FileExists(t, filepath.Join("runs", "spiral", name))
	}
	c, err := nn.Open(filepath.Join("runs", "spiral", "best.safetensors"))
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"format": nn.FormatVersion, "architecture": "mlp/twolayer", "config": `{"Hidden":10}`, "seed": "1984", "epoch": "60", "step": "600"}, c.Metadata)
}

// All that answers questions goes the way of the dates.
func TestQuestions(t *testing.T) {
	wholeTraining(t)
	for _, c := range []struct{ name, args, ask string }{
		{"addition", "--arch seq2seq", "16+75"},
		{"addition", "--arch peeky --reverse", "16+75"},
		{"sort", "--arch attention", "wengert"},
		{"gnmt", "--layers 3", "9/27/94"},
		{"date", "--arch attention --bidirectional --layers 2 --residual --dropout 0.1 --attention-to both", "9/27/94"},
		{"date", "--arch peeky", "9/27/94"},
		{"addition", "--data book --arch attention", "1+1"},
		{"seq2seq", "--data pairs.tsv", "how are you"},
	} {
		t.Run(c.name+" "+c.args, func(t *testing.T) {
			w := start(t)
			require.NoError(t, os.Mkdir("book", 0o755))
			require.NoError(t, os.WriteFile("book/addition.txt", []byte(strings.Repeat("1+1_2 \n2+9_11\n", 10)), 0o644))
			require.NoError(t, os.WriteFile("pairs.tsv", []byte(strings.Repeat("how are you\tfine\nwho is there\tit is me\n", 6)), 0o644))
			args := []string{"train", c.name, "--epochs", "2", "--hidden", "8", "--batch", "32"}
			if !strings.Contains(c.args, "--data") {
				args = append(args, "--size", "100")
			}
			out := w.ok(append(args, strings.Fields(c.args)...)...)
			model := filepath.Join("runs", c.name, bestModel)
			assert.Contains(t, out, "The best model")
			if c.name != "date" {
				assert.Contains(t, out, " --model "+model)
			}
			assert.FileExists(t, filepath.Join("runs", c.name, "accuracy.png"))
			_, err := os.Stat(filepath.Join("runs", c.name, "attention.png"))
			attends := strings.Contains(c.args, "attention") || c.name == "seq2seq" || c.name == "gnmt"
			assert.Equal(t, attends, err == nil, "attention weights are drawn where there are any")
			assert.Equal(t, 1, strings.Count(w.ok("translate", "--model", model, c.ask), "\n"))
			assert.Equal(t, 3, strings.Count(w.ok("translate", "--model", model, "--beam", "3", "--length-penalty", "0.6", c.ask), "\n"))
			assert.Equal(t, !attends, w.run("translate", "--model", model, "--attention", "map.png", c.ask) == 1)
		})
	}
}

func TestInterruptSaves(t *testing.T) {
	w := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.ctx = ctx
	assert.Equal(t, 1, w.run(small...))
	assert.Contains(t, w.err.String(), "stopped in epoch 1 after step 0")
	assert.FileExists(t, filepath.Join("runs", "date", "last.safetensors"))
	w.ctx = t.Context()
	w.ok("translate", "--model", filepath.Join("runs", "date", "last.safetensors"), "9/27/94")

	w.ctx = ctx
	assert.Equal(t, 1, w.run("train", "spiral"))
	assert.Contains(t, w.err.String(), "stopped in epoch 1 after step 0 of 10")
	assert.FileExists(t, filepath.Join("runs", "spiral", "last.safetensors"))
}

func TestMistakes(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	w.ok(append(small, "--epochs", "1")...)
	model := filepath.Join("runs", "date", "best.safetensors")
	raw, err := os.ReadFile(model)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("short.safetensors", raw[:len(raw)/2], 0o644))
	require.NoError(t, os.WriteFile("text", []byte("no model at all\n"), 0o644))
	require.NoError(t, os.WriteFile("ragged.txt", []byte("9/27/94  _1994-09-27\nsep 27  _1994-9-27\n"), 0o644))
	require.NoError(t, os.WriteFile("few.txt", []byte("9/27/94  _1994-09-27\n"), 0o644))
	require.NoError(t, os.WriteFile("empty.txt", nil, 0o644))
	w.ok("train", "spiral", "--epochs", "1")

	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"train", 2, "expected one of"},
		{"train dates", 2, "unexpected argument dates"},
		{"train date --epoch 3", 2, "unknown flag --epoch"},
		{"train date --epochs three", 2, "three"},
		{"train date --epochs 0", 2, "--epochs 0: want 1 or more"},
		{"train date --lr=-1", 2, "want a rate above 0"},
		{"train date --lr=NaN", 2, "want a rate above 0"},
		{"train date --clip=Inf", 2, "want a rate above 0"},
		{"train spiral --lr=Inf", 2, "a rate above 0"},
		{"train date --threads=-1", 2, "--threads -1: want a number of cores"},
		{"train date --backend abacus", 2, "--backend abacus: want cpu, cuda"},
		{"train date --backend cuda:first", 2, "--backend cuda:first: want cpu, cuda"},
		{"train date --backend cpu:0", 2, "--backend cpu:0: want cpu, cuda"},
		{"train date --tf32", 2, "--tf32 is for NVIDIA GPUs, not for --backend cpu"},
		{"train date --backend cuda:1", 1, "cuda: th"}, // there is no driver, or: this program was built without CUDA
		{"train date --size 5", 1, "5 examples are too few: want at least 10"},
		{"train date --data none.txt", 1, "no such file"},
		{"train date --data empty.txt", 1, "empty.txt"},
		{"train date --data few.txt", 1, "1 examples are too few"},
		{"train date --data ragged.txt", 1, "ragged.txt:2"},
		{"train addition --size 600000", 2, "there are 500500 different sums"},
		{"train addition --arch transformer", 2, "must be one of"},
		{"train date --arch peeky --attention-to lstm", 2, "--arch peeky has no attention"},
		{"train date --dropout 1", 2, "--dropout 1: want a probability"},
		{"train gnmt --layers 1", 2, "a GNMT has at least 2"},
		{"translate --beam 0 9/27/94", 2, "--beam 0: want 1 or more"},
		{"translate --beam 2 --attention map.png 9/27/94", 2, "leave --beam away"},
		{"translate --length-penalty=-1 9/27/94", 2, "want a number from 0 to 10"},
		{"train seq2seq", 2, "--data"},
		{"train seq2seq --data few.txt", 1, "few.txt:1"},
		{"train sort --data none", 1, "no such file"},
		{"train date --out text/below", 1, "text"},
		{"train date --out elsewhere --resume", 1, "there is nothing to resume"},
		{"train date --resume --size 400 --epochs 2 --hidden 16 --batch 64 --seed 5", 2, `--batch 64: the run in runs/date has "32" there`},
		{"train date --resume --size 400 --epochs 1 --hidden 16 --batch 32 --seed 5", 1, "has done its 1 epochs"},
		{"train date --save-as float8", 2, "must be one of"},
		{"translate --model none.safetensors 9/27/94", 1, "run `wengert train date` first"},
		{"translate --model short.safetensors 9/27/94", 1, "short.safetensors"},
		{"translate --model text 9/27/94", 1, "text"},
		{"translate --model runs/spiral/best.safetensors 9/27/94", 1, `its architecture is "mlp/twolayer"`},
		{"translate September+the+twenty-seventh+of+1994", 1, "want at most 29"},
		{"translate 9~27~94", 1, "~"},
		{"translate --attention text/map.png 9/27/94", 1, "map.png"},
		{"translate --attention map.gif 9/27/94", 1, "map.gif"},
	} {
		t.Run(c.args, func(t *testing.T) {
			assert.Equal(t, c.status, w.run(strings.Fields(c.args)...))
			msg := w.err.String()
			assert.Contains(t, msg, c.want)
			assert.True(t, strings.Contains(msg, "wengert: "), "the sentence says who speaks: %s", msg)
			assert.NotContains(t, msg, "goroutine", "no stack trace")
		})
	}
	leftover, err := filepath.Glob("*.tmp*")
	require.NoError(t, err)
	assert.Empty(t, leftover, "nothing half-written")
}

func TestMistakesOnStandardInput(t *testing.T) {
	w := start(t)
	w.ok(append(small, "--epochs", "1")...)
	for _, c := range []struct{ in, want string }{
		{"9/27/94\n\n9~27\n", "standard input, line 3: translate \"9~27\""},
		{"9/27/94\n" + strings.Repeat("9", 1<<17), "standard input, line 2: more than 65536 bytes"},
	} {
		w.in = c.in
		assert.Equal(t, 1, w.run("translate"))
		assert.Contains(t, w.err.String(), c.want)
	}
}

// TestNoRunWithoutData: what is wrong with the data is said before a folder is
// touched, so that its config.json stays that of the model beside it.
func TestNoRunWithoutData(t *testing.T) {
	w := start(t)
	assert.Equal(t, 1, w.run("train", "date", "--data", "none.txt"))
	assert.NoDirExists(t, "runs")
}

func TestHelpAndVersion(t *testing.T) {
	w := start(t)
	assert.Contains(t, w.ok("--help"), "train date")
	assert.Contains(t, w.ok("train", "date", "--help"), "wengert train date --epochs 5")
	assert.Regexp(t, `^wengert \S+ go\S+ \w+/\w+\n$`, w.ok("version"))
}
