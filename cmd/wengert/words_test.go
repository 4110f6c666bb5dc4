package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/models/wordnet"
	"github.com/wengert-ml/wengert/models/wordvec"
	"github.com/wengert-ml/wengert/nn/safetensors"
)

// countToy makes vectors of the few words of the book's sentence.
var countToy = []string{"train", "count", "--text", bookSentence, "--window", "1"}

func TestCountFromTrainingToAnalogy(t *testing.T) {
	w := start(t)
	out := w.ok(countToy...)
	assert.Contains(t, out, "8 words, 7 different; vectors of width 4")
	assert.Contains(t, out, "\nyou\n", "a word that the book looks at")
	assert.Contains(t, out, "Try: wengert similar you\n")
	for _, name := range []string{"best.safetensors", "words.png", "config.json"} {
		assert.FileExists(t, filepath.Join("runs", "count", name))
	}
	near := w.ok("similar", "goodbye", "you", "--top", "2")
	assert.True(t, strings.HasPrefix(near, "goodbye\n   1.0000  i\n"), "%s", near)
	assert.Equal(t, 6, strings.Count(near, "\n"))
	assert.Contains(t, out, near[strings.Index(near, "\nyou\n"):], "as the training showed it")

	found := w.ok("analogy", "goodbye", "i", "you", "--top", "1")
	assert.True(t, strings.HasPrefix(found, "goodbye : i = you : ?\n"), "%s", found)
	assert.Equal(t, 2, strings.Count(found, "\n"))

	assert.NotEqual(t, found, w.ok("analogy", "goodbye", "i", "you", "--top", "1", "--book"))

	// The formats of the word2vec tool say the same.
	v, err := wordvec.Open(filepath.Join("runs", "count", "best.safetensors"))
	require.NoError(t, err)
	for _, name := range []string{"v.txt", "v.bin"} {
		require.NoError(t, v.Save(name))
		assert.Equal(t, near, w.ok("similar", "goodbye", "you", "--top", "2", "--model", name))
	}
}

// wordModels are the trainings of word vectors by prediction, on a text of a few words.
var wordModels = map[string][]string{
	"simple-cbow":     {"--epochs", "20"},
	"simple-skipgram": {"--epochs", "20"},
	"cbow":            {"--data", "text.txt", "--epochs", "3", "--window", "1", "--size", "8", "--negatives", "2", "--batch", "7"},
	"skipgram":        {"--data", "text.txt", "--epochs", "3", "--window", "1", "--size", "8", "--negatives", "2", "--batch", "7", "--sampler", "book", "--dense"},
}

func TestWord2vec(t *testing.T) {
	wholeTraining(t)
	for name, flags := range wordModels {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			require.NoError(t, os.WriteFile("text.txt", []byte(strings.Repeat("you say goodbye and i say hello\nthe car follows a toyota in that year\n", 4)), 0o644))
			args := append([]string{"train", name}, flags...)
			out := w.ok(args...)
			assert.Contains(t, out, "Try: wengert similar you\n")
			for _, file := range []string{bestModel, "words.png", "loss.png", "config.json", "metrics.jsonl", checkpoint} {
				assert.FileExists(t, filepath.Join("runs", name, file))
			}
			near := w.ok("similar", "you")
			assert.Contains(t, out, near, "similar finds the newest vectors, and they are those that were shown")

			ctx, cancel := context.WithCancel(t.Context())
			assert.Equal(t, 1, run(&session{ctx: ctx, out: interrupter{&w.out, "epoch 2:", cancel}, err: &w.err}, append(args, "--out", "halves")))
			w.ok(append(args, "--out", "halves", "--resume")...)
			assert.Equal(t, near, w.ok("similar", "you", "--model", filepath.Join("halves", bestModel)), "resumed with the same negatives")
		})
	}
}

// The artificial English is the text by default, and its analogies are asked.
func TestWord2vecOnEnglish(t *testing.T) {
	if testing.Short() {
		t.Skip("an epoch of the artificial English")
	}
	w := start(t)
	out := w.ok("train", "cbow", "--epochs", "1", "--size", "16", "--negatives", "2", "--window", "2", "--batch", "1000")
	assert.Contains(t, out, "191360 words, 523 different")
	assert.Regexp(t, `epoch 1: loss \S+, analogies \S+ %`, out)
	assert.Contains(t, out, "\nking : man = queen : ?\n")
	assert.FileExists(t, filepath.Join("runs", "cbow", "analogies.png"))
}

func TestEvalVectors(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	w.ok(countToy...)
	require.NoError(t, os.Mkdir("sets", 0o755))
	for name, text := range map[string]string{
		"sets/a.txt":    "you i 9\nyou say 2\nsay and 5\nyou we 7\n",
		"sets/b.csv":    "we,us,9\n",
		"sets/note.md":  "no pairs",
		"questions.txt": ": one\nyou goodbye i hello\n: two\nyou we i us\n",
	} {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
	model := filepath.Join("runs", "count", bestModel)
	out := w.ok("eval", "--wordsim", "sets", "--questions", "questions.txt", "--metrics", "figures.jsonl")
	assert.Contains(t, out, model+": wordvec\n7 words, vectors of width 4\n", "the newest model")
	assert.Regexp(t, `\n +4 +3 +-?[01]\.\d+  a\.txt\n`, out)
	assert.Regexp(t, `\n +1 +0 +none  b\.csv\n`, out)
	assert.Regexp(t, `\n +1 +0 +0\.00 %  two\n +2 +1 +\S+ %  total\nyou: \S+ \S+ \S+ \S+ \S+\n$`, out)
	raw, err := os.ReadFile("figures.jsonl")
	require.NoError(t, err)
	assert.Equal(t, 6, strings.Count(string(raw), "\n"))
	assert.Contains(t, string(raw), `{"wordsim":"b.csv","spearman":null,"pairs":1,"covered":0}`+"\n")
	assert.Contains(t, string(raw), `{"analogies":"two","accuracy":0,"questions":1,"covered":0,"right":0}`+"\n")
	assert.Contains(t, w.ok("eval"), "  capital\n", "without questions, those of the artificial English")

	v, err := wordvec.Open(model)
	require.NoError(t, err)
	require.NoError(t, v.Save("v.bin"))
	same := w.ok("eval", "--model", "v.bin", "--wordsim", "sets/a.txt")
	row := regexp.MustCompile(`(?m)^.* a\.txt$`)
	assert.Equal(t, row.FindString(out), row.FindString(same), "a file of the word2vec tool is asked the same")
	assert.NotContains(t, same, "analogies")
}

func TestClassifier(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	require.NoError(t, os.WriteFile("text.txt", []byte(strings.Repeat("the king rules\nthe queen rules\nthe man walks\nthe woman walks\n", 3)), 0o644))
	w.ok("train", "count", "--data", "text.txt", "--window", "1", "--size", "4")
	require.NoError(t, os.WriteFile("labelled.tsv", []byte("The king rules\tcourt\nthe queen rules\tcourt\nthe man walks away\thome\nthe woman walks\thome\nthe king\tcourt\n"), 0o644))
	args := []string{"train", "classifier", "--data", "labelled.tsv", "--labels", "3", "--epochs", "4", "--batch", "2"}
	out := w.ok(args...)
	vectors := filepath.Join("runs", "count", bestModel)
	assert.Contains(t, out, " --vectors="+vectors+"\n", "the run can be repeated when there are newer ones")
	assert.Contains(t, out, "3 texts to train on, 2 to test, 2 classes; vectors of width 4 from "+vectors+"\n1 words have no vector and are left out\n")
	assert.Regexp(t, `epoch 4: loss \S+, fine-tuned \S+ %, frozen \S+ %, random \S+ %`, out)
	for _, file := range []string{bestModel, "fine-tuned.png", "loss.png", "metrics.jsonl", checkpoint} {
		assert.FileExists(t, filepath.Join("runs", "classifier", file))
	}
	v, err := wordvec.Open(vectors)
	require.NoError(t, err)
	c, err := safetensors.ReadFile(filepath.Join("runs", "classifier", bestModel))
	require.NoError(t, err)
	assert.Equal(t, `["home","court"]`, c.Metadata["classes"])
	frozen, _ := c.Tensor("Frozen.Embed.W")
	values, err := frozen.Float32s()
	require.NoError(t, err)
	require.Len(t, values, len(v.Values))
	for i := range values {
		assert.InDelta(t, v.Values[i]*values[0]/v.Values[0], values[i], 1e-5, "the vectors, scaled")
	}

	w.ok(append(args, "--epochs", "2", "--out", "halves")...)
	w.ok(append(args, "--out", "halves", "--resume")...)
	halves, err := safetensors.ReadFile(filepath.Join("halves", bestModel))
	require.NoError(t, err)
	assert.Equal(t, c.Tensors, halves.Tensors, "resumed with the same bits")
}

// The artificial English is the text by default, and its analogies are asked.
func TestCountEnglish(t *testing.T) {
	if testing.Short() {
		t.Skip("counts the artificial English")
	}
	w := start(t)
	out := w.ok("train", "count", "--size", "20")
	assert.Regexp(t, `^191360 words, 523 different; vectors of width 20\n(.*\n)+\d\d\.\d\d % of 2248 analogies right\n`, out)
	assert.Contains(t, out, "\nking : man = queen : ?\n")
}

// The artificial English has labels as well, and vectors that know its words help.
func TestClassifierOnEnglish(t *testing.T) {
	if testing.Short() {
		t.Skip("counts the artificial English")
	}
	w := start(t)
	w.ok("data", "english", "--out", "english.txt", "--size", "4000")
	w.ok("train", "count", "--data", "english.txt", "--size", "50")
	out := w.ok("train", "classifier", "--epochs", "10")
	last := regexp.MustCompile(`epoch 10: loss \S+, fine-tuned (\S+) %, frozen (\S+) %, random (\S+) %`).FindStringSubmatch(out)
	require.Len(t, last, 4, "%s", out)
	accuracy := func(i int) float64 {
		x, err := strconv.ParseFloat(last[i], 64)
		require.NoError(t, err)
		return x
	}
	assert.Greater(t, accuracy(1), accuracy(3)+5)
}

func TestCountSeed(t *testing.T) {
	w := start(t)
	require.NoError(t, os.WriteFile("text.txt", []byte("the king rules\nthe queen rules\nthe man walks\nthe woman walks\n"), 0o644))
	out := w.ok("train", "count", "--data", "text.txt", "--size", "3", "--out", "a")
	assert.Contains(t, out, "12 words, 8 different; vectors of width 3", "80 % of the text, with <eos> after each line and <unk> for what the rest has")
	assert.Contains(t, out, "Try: wengert similar the --model "+filepath.Join("a", "best.safetensors"), "without the book's words the most frequent")
	w.ok("train", "count", "--data", "text.txt", "--size", "3", "--out", "b")
	a, err := os.ReadFile(filepath.Join("a", "best.safetensors"))
	require.NoError(t, err)
	b, err := os.ReadFile(filepath.Join("b", "best.safetensors"))
	require.NoError(t, err)
	assert.Equal(t, a, b)
}

func TestCountInterrupted(t *testing.T) {
	w := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.ctx = ctx
	assert.Equal(t, 1, w.run(countToy...))
	assert.Contains(t, w.err.String(), "stopped; nothing is saved")
	assert.NoFileExists(t, filepath.Join("runs", "count", "best.safetensors"))
}

func TestCooccur(t *testing.T) {
	w := start(t)
	out := w.ok("cooccur", "--text", "You say goodbye and I say hello.")
	assert.Equal(t, w.ok("cooccur"), out, "the book's sentence is the default")
	assert.Contains(t, out, "  say        1    0        1    0  1      1  0\n")
	assert.Contains(t, out, "\nyou\n   0.7071  goodbye\n   0.7071  i\n   0.7071  hello\n   0.0000  say\n   0.0000  and\n")
	assert.Contains(t, w.ok("cooccur", "--ppmi", "i"), "  you      0.000  1.807    0.000  0.000  0.000  0.000  0.000\n")
	require.NoError(t, os.WriteFile("long.txt", []byte("a b c d e f g h i j k l m n o p q\n"), 0o644))
	out = w.ok("cooccur", "--data", "long.txt", "--top", "1", "b", "q")
	assert.Contains(t, out, "18 words, 34 entries that are not 0; a matrix of more than 16 words is not printed\n")
	assert.Regexp(t, `\n\nb\n .*\n\nq\n .*\n$`, out)
}

func TestWordnet(t *testing.T) {
	dict, err := filepath.Abs(filepath.Join("..", "..", "models", "wordnet", "testdata"))
	require.NoError(t, err)
	w := start(t)
	out := w.ok("wordnet", "car", "--dict", dict)
	assert.Contains(t, out, "car.n.01  car, auto, motor car\n    a vehicle with four wheels")
	assert.Contains(t, out, "\nsynonyms: auto, motor car, carriage\n")
	assert.Contains(t, out, "\nthing.n.01 > made_thing.n.01 > vehicle.n.01 > car.n.01\n")
	out = w.ok("wordnet", "drive", "dog", "--dict", dict)
	assert.Contains(t, out, "dog.v.01  follow\npath similarity       0.3333\nWu-Palmer similarity  0.6667\n", "the meanings of one part of speech")
	assert.Contains(t, w.ok("wordnet", "car.n.02", "motorcycle", "--dict", dict), "carriage.n.01  a part of a train\n")

	for args, want := range map[string]string{
		"wordnet cars":         `WordNet has no word "cars"; it has the dictionary forms`,
		"wordnet car spoons":   `WordNet has no word "spoons"`,
		"wordnet fast quick":   "fast.a.01 and speedy.a.01 have no hypernym in common",
		"wordnet motorcar eat": `WordNet has no word "motorcar"`,
	} {
		assert.Equal(t, 1, w.run(append(strings.Fields(args), "--dict", dict)...), args)
		assert.Contains(t, w.err.String(), want)
	}
	assert.Equal(t, 1, w.run("wordnet", "car", "--dict", "none"))
	assert.Contains(t, w.err.String(), "there is no WordNet database in none: install it (Debian, Ubuntu: apt-get install wordnet-base) or name the folder of another with --dict DIR")
}

// TestWordnetInstalled prints the book's figures.
func TestWordnetInstalled(t *testing.T) {
	if _, err := os.Stat(filepath.Join(wordnet.DefaultDir, "data.noun")); err != nil {
		t.Skipf("no WordNet installed (Debian: apt-get install wordnet-base): %v", err)
	}
	w := start(t)
	for other, want := range map[string]string{"novel": "0.0556", "motorcycle": "0.3333"} {
		assert.Contains(t, w.ok("wordnet", "car", other), "path similarity       "+want+"\n")
	}
}

func TestWordMistakes(t *testing.T) {
	wholeTraining(t)
	w := start(t)
	w.ok(countToy...)
	w.ok("train", "spiral", "--epochs", "1")
	require.NoError(t, os.WriteFile("empty.txt", nil, 0o644))
	require.NoError(t, os.WriteFile("v.txt", []byte("2 2\na 1 2\nb 1\n"), 0o644))
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"similar", 2, `expected "<words> ..."`},
		{"similar you --top 0", 2, "--top 0: want 1 or more"},
		{"similar yours", 1, `"yours" is not one of the 7 words that have a vector`},
		{"similar you --model none.bin", 1, "there is no model none.bin: run `wengert train count` first"},
		{"similar you --model v.txt", 1, "v.txt:3: 2 fields; want a word and 2 components"},
		{"similar you --model runs/spiral/best.safetensors", 1, `its metadata has no "vocabulary"`},
		{"eval --model none.bin", 1, "there is no model none.bin: train one first"},
		{"eval --model runs/spiral/best.safetensors", 1, `nothing is known to measure of the architecture "mlp/twolayer"`},
		{"eval --model runs/count/best.safetensors --wordsim none", 1, "--wordsim: stat none"},
		{"eval --model runs/count/best.safetensors --wordsim runs", 1, "the folder runs has no .txt or .csv file"},
		{"eval --model runs/count/best.safetensors --wordsim v.txt", 1, "v.txt:1: 2 columns; want a word, a word and a score"},
		{"eval --model runs/count/best.safetensors --questions none", 1, "--questions: open none"},
		{"eval --model runs/count/best.safetensors --questions v.txt", 1, "v.txt:1: 2 words; want four"},
		{"train classifier --labels 0", 2, "--labels 0: want 1 or more"},
		{"train classifier --vectors none", 1, "there are no word vectors none: run `wengert train cbow` first"},
		{"train classifier --vectors v.txt", 1, "v.txt:3: 2 fields"},
		{"train classifier --vectors runs/count/best.safetensors", 1, `labelled texts for the vectors in runs/count/best.safetensors: text 1: none of its words`},
		{"train classifier --labels 2501", 1, "--labels 2501: there are 2500 texts to train on"},
		{"train classifier --data none", 1, "none"},
		{"train classifier --data empty.txt", 1, "empty.txt: no lines"},
		{"train classifier --data v.txt", 1, `v.txt:1: "2 2"; want`},
		{"analogy you say", 2, "<c>"},
		{"analogy we say i --book", 1, `"we" is not one of the 7 words`},
		{"analogy you say we", 1, `"we" is not one of the 7 words`},
		{"analogy you say i --model none", 1, "there is no model none"},
		{"cooccur --window 0", 2, "--window 0 --top 5: want 1 or more of each"},
		{"cooccur we", 1, `"we", is not one of the 7 in the vocabulary`},
		{"cooccur --text a --data b", 2, "can't be used together"},
		{"cooccur --data none.txt", 1, "no such file"},
		{"cooccur --data empty.txt", 1, "empty.txt has no words"},
		{"train count --window=-1", 2, "want a window of 1 or more"},
		{"train count --text a --size 2", 1, "--size 2: the text has 1 different words; want at most as many"},
		{"train count --text a --data b", 2, "--text and --data: want one of them"},
		{"train count --corpus latin", 2, `--corpus must be one of "english","opticks","ptb"`},
		{"train count --data empty.txt", 1, "empty.txt: no words"},
		{"train count --out v.txt/below", 1, "v.txt"},
	} {
		t.Run(c.args, func(t *testing.T) {
			assert.Equal(t, c.status, w.run(strings.Fields(c.args)...))
			assert.Contains(t, w.err.String(), c.want)
			assert.Contains(t, w.err.String(), "wengert: ")
			assert.NotContains(t, w.err.String(), "goroutine")
		})
	}
	assert.Equal(t, 2, w.run("cooccur", "--text", " "))
	assert.Contains(t, w.err.String(), "--text has no words")
}
