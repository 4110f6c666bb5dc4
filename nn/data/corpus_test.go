package data_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/nn/data"
)

func TestReadWords(t *testing.T) {
	long := strings.Repeat("word ", 100_000)
	tests := []struct {
		name, text, want string
	}{
		{"lines", " aer banknote \n the  fed\n", "aer banknote <eos> the fed <eos>"},
		{"no-newline-at-end", "aer", "aer <eos>"},
		{"empty", "", ""},
		{"empty-line", "a\n\nb\n", "a <eos> <eos> b <eos>"},
		{"tabs-and-returns", "a\tb\r\nc", "a b <eos> c <eos>"},
		{"one-long-line", long, long + "<eos>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := data.ReadWords(strings.NewReader(test.text), "f.txt")
			require.NoError(t, err)
			assert.Equal(t, test.want, strings.Join(got, " "))
		})
	}
	_, err := data.ReadWords(strings.NewReader("a\nb \xff\n"), "f.txt")
	assert.EqualError(t, err, "f.txt:2: not valid UTF-8")
	_, err = data.ReadWords(iotest.TimeoutReader(strings.NewReader("a\nb")), "f.txt")
	assert.ErrorContains(t, err, "timeout")
}

func TestLoadCorpus(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
		return path
	}
	train, err := data.LoadCorpus(write("train.txt", "a b a\nc\n"), nil)
	require.NoError(t, err)
	assert.Equal(t, []int32{0, 1, 0, 2, 3, 2}, train.IDs)
	assert.Equal(t, []int{2, 1, 2, 1}, train.Counts())

	valid := write("valid.txt", "b d\n")
	_, err = data.LoadCorpus(valid, train.Vocab)
	assert.EqualError(t, err, valid+`: token 2, "d", is not one of the 4 in the vocabulary`)
	train.Vocab.Add(data.Unk)
	c, err := data.LoadCorpus(valid, train.Vocab)
	require.NoError(t, err)
	assert.Equal(t, []int32{1, 4, 2}, c.IDs)
	assert.Equal(t, []int{0, 1, 1, 0, 1}, c.Counts())

	_, err = data.LoadCorpus(filepath.Join(dir, "gone"), nil)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzReadWords(f *testing.F) {
	for _, s := range []string{" aer banknote \n", "", "\n\n", "a\u2003b\r\n", "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		words, err := data.ReadWords(bytes.NewReader(b), "fuzz")
		if err != nil {
			return
		}
		c, err := data.NewCorpus(words, nil)
		require.NoError(t, err)
		again := c.Vocab.Decode(c.IDs)
		require.Equal(t, len(words), len(again))
		for i, word := range words {
			require.Equal(t, word, again[i])
			require.Equal(t, []string{word}, strings.Fields(word), "a word is not empty and holds no space")
		}
	})
}

func ExampleCorpus() {
	words, err := data.ReadWords(strings.NewReader("you say goodbye\ni say hello\n"), "greetings.txt")
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := data.NewCorpus(words, nil)
	fmt.Println(c.IDs, c.Counts(), err)
	// Output: [0 1 2 3 4 1 5 3] [1 2 1 2 1 1] <nil>
}
