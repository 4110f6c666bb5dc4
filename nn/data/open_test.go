package data_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/nn/data"
)

// files writes name, text, name, text ... to a folder and returns it.
func files(t testing.TB, named ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(named); i += 2 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, named[i]), []byte(named[i+1]), 0o666))
	}
	return dir
}

func text(c *data.Corpus) string { return strings.Join(c.Vocab.Decode(c.IDs), " ") }

func TestOpenFile(t *testing.T) {
	long := strings.Repeat("a b c d\n", 20) // 100 words
	common := strings.Repeat("b c ", 12)
	tests := []struct {
		name, text         string
		least              int
		train, valid, test string
		vocab              int
	}{
		{name: "by-sentence", text: long, vocab: 5,
			train: strings.Repeat("a b c d <eos> ", 16), valid: strings.Repeat("a b c d <eos> ", 2), test: strings.Repeat("a b c d <eos> ", 2)},
		{name: "behind-the-sentence", text: "a\nb\nc\nd e f g h i\nj\nk\n", vocab: 11, // 16 words, 12 of them to train on
			train: "a <eos> b <eos> c <eos> d e f g h i <eos>", valid: "<unk> <eos>", test: "<unk> <eos>"},
		{name: "one-line", text: "a b c a b c a b a", vocab: 4, train: "a b c a b c a b", valid: "a", test: "<unk>"},
		{name: "three-words", text: "a b", vocab: 2, train: "a", valid: "<unk>", test: "<unk>"},
		{name: "by-frequency", text: common + "a a\na b\na b\n", least: 1, vocab: 4,
			train: common + "a a <eos>", valid: "a b <eos>", test: "a b <eos>"},
		{name: "cut-off", text: common + "a d\na b\na b\n", least: 2, vocab: 3,
			train: common + "<unk> <unk> <unk>", valid: "<unk> b <unk>", test: "<unk> b <unk>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(files(t, "f.txt", test.text), "f.txt")
			train, valid, held, err := data.Open(path, data.Options{Least: test.least})
			require.NoError(t, err)
			assert.Equal(t, strings.TrimSpace(test.train), text(train))
			assert.Equal(t, strings.TrimSpace(test.valid), text(valid))
			assert.Equal(t, strings.TrimSpace(test.test), text(held))
			assert.Equal(t, test.vocab, train.Vocab.Len())
			assert.Same(t, train.Vocab, valid.Vocab)
			assert.Same(t, train.Vocab, held.Vocab)
		})
	}
}

func TestOpenKeepsEveryWord(t *testing.T) {
	dir := files(t)
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.StringMatching(`(a ){0,5}`), 2, 30).Draw(t, "lines")
		path := filepath.Join(dir, "f.txt")
		require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n\n"), 0o666))
		whole, err := data.LoadCorpus(path, nil)
		require.NoError(t, err)
		n := len(whole.IDs)
		train, valid, test, err := data.Open(path, data.Options{})
		require.NoError(t, err)
		require.Equal(t, n, len(train.IDs)+len(valid.IDs)+len(test.IDs))
		if len(lines) > 25 { // a sentence at most behind its share
			require.InDelta(t, float64(n*8/10), float64(len(train.IDs)), 6)
			require.InDelta(t, float64(n*9/10), float64(len(train.IDs)+len(valid.IDs)), 6)
		}
	})
}

func TestOpenErrors(t *testing.T) {
	dir := files(t, "empty.txt", "", "two.txt", "a")
	tests := []struct{ name, corpus, err string }{
		{"gone", "engl", "; want english, opticks, ptb, or the path of a file or folder"},
		{"empty", filepath.Join(dir, "empty.txt"), "empty.txt: no words"},
		{"two-words", filepath.Join(dir, "two.txt"), "too short to be cut in three; want at least 3 words"},
		{"no-parts", dir, "0 files NAME.train.txt in the folder; want one, with NAME.valid.txt and NAME.test.txt"},
		{"many-parts", files(t, "a.train.txt", "a", "b.train.txt", "b"), "2 files NAME.train.txt in the folder"},
		{"part-missing", files(t, "a.train.txt", "a", "a.valid.txt", "a"), "a.test.txt"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, _, err := data.Open(test.corpus, data.Options{})
			assert.ErrorContains(t, err, test.err)
			assert.ErrorContains(t, err, "corpus "+test.corpus+": ")
		})
	}
}

func TestOpenEnglish(t *testing.T) {
	train, valid, test, err := data.Open("english", data.Options{Seed: 7})
	require.NoError(t, err)
	assert.InDelta(t, 190_000, len(train.IDs), 5_000)
	assert.InDelta(t, 19_000, len(valid.IDs), 1_000)
	assert.NotEqual(t, valid.IDs[:50], test.IDs[:50])
	again, _, _, err := data.Open("english", data.Options{Seed: 7})
	require.NoError(t, err)
	assert.Equal(t, train.IDs, again.IDs)
	other, _, _, err := data.Open("english", data.Options{Seed: 8})
	require.NoError(t, err)
	assert.NotEqual(t, train.IDs[:50], other.IDs[:50])

	frequent, _, _, err := data.Open("english", data.Options{Seed: 7, Least: 1})
	require.NoError(t, err)
	assert.Equal(t, text(train), text(frequent))
	counts := frequent.Counts()
	for i := range counts[1:] {
		assert.GreaterOrEqual(t, counts[i], counts[i+1])
	}
}

func TestOpenPTB(t *testing.T) {
	folder := files(t, "ptb.train.txt", " a b \n c \n", "ptb.valid.txt", " c \n", "ptb.test.txt", " b \n")
	none := files(t)
	nobody := httptest.NewServer(http.NotFoundHandler())
	nobody.Close() // no network
	refuses := func(t *testing.T, o data.Options, want ...string) {
		t.Helper()
		_, _, _, err := data.Open("ptb", o)
		require.Error(t, err)
		for _, w := range append(want, "corpus ptb: penn treebank: ", "; or put ptb.train.txt, ptb.valid.txt and ptb.test.txt in a data folder and name that") {
			assert.ErrorContains(t, err, w)
		}
	}
	t.Run("folder", func(t *testing.T) {
		train, valid, test, err := data.Open("ptb", data.Options{Folder: folder, Cache: none, Mirror: nobody.URL + "/"})
		require.NoError(t, err)
		assert.Equal(t, "a b <eos> c <eos>", text(train))
		assert.Equal(t, "c <eos>", text(valid))
		assert.Equal(t, "b <eos>", text(test))
	})
	t.Run("cache", func(t *testing.T) {
		train, _, _, err := data.Open("ptb", data.Options{Folder: none, Cache: folder, Mirror: nobody.URL + "/"})
		require.NoError(t, err)
		assert.Equal(t, "a b <eos> c <eos>", text(train))
	})
	t.Run("no-network", func(t *testing.T) {
		refuses(t, data.Options{Cache: none, Mirror: nobody.URL + "/"}, "download: Get \""+nobody.URL+"/ptb.train.txt\": ")
	})
	t.Run("not-there", func(t *testing.T) {
		server := httptest.NewServer(http.NotFoundHandler())
		defer server.Close()
		refuses(t, data.Options{Cache: none, Mirror: server.URL + "/"}, "download "+server.URL+"/ptb.train.txt: 404 Not Found")
	})
	t.Run("another-file", func(t *testing.T) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "log in") }))
		defer server.Close()
		cache := filepath.Join(none, "new")
		refuses(t, data.Options{Cache: cache, Mirror: server.URL + "/"}, "ptb.train.txt: sha256 ", "; want fcea919f6cf83f35")
		left, err := os.ReadDir(cache)
		require.NoError(t, err)
		assert.Empty(t, left, "nothing is kept of what is not the file")
	})
	t.Run("folder-not-whole", func(t *testing.T) {
		_, _, _, err := data.Open("ptb", data.Options{Folder: files(t, "ptb.train.txt", "a")})
		assert.ErrorIs(t, err, os.ErrNotExist)
		assert.ErrorContains(t, err, "ptb.valid.txt")
	})
}

func ExampleOpen() {
	train, valid, test, err := data.Open("english", data.Options{Seed: 1984})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(train.IDs), len(valid.IDs), len(test.IDs), "words,", train.Vocab.Len(), "different ones")
	fmt.Println(train.Vocab.Decode(train.IDs[:10]))
	// Output:
	// 191360 19095 19097 words, 523 different ones
	// [nobody gives the girl her kite and thanks her <eos>]
}
