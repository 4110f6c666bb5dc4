package data_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/nn/data"
)

func TestReadProse(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"sentences", "Light is red. Is it? It is!\n", "light is red . <eos> is it ? <eos> it is ! <eos>"},
		{"lines-and-paragraphs", "PART\n\nThe Rays\nof Light\n\n\nOne\n", "part <eos> the rays of light <eos> one <eos>"},
		{"within-words", "scatter'd Royal-Society 'tis rays' re-  \n", "scatter'd royal-society ' tis rays ' re - <eos>"},
		{"numbers", "from 1675 to 1/2, 4000.", "from 1675 to 1 / 2 , 4000 . <eos>"},
		{"italics", "_Exper._ 6. In the _Opticks_", "exper . 6 . in the opticks <eos>"},
		{"abbreviations", "See Fig. A. B of Mr. Boyle. The end.", "see fig . a . b of mr . boyle . <eos> the end . <eos>"},
		{"small-letter-after-stop", "the wall. and the hole", "the wall . and the hole <eos>"},
		{"no-space-after-stop", "the wall.The hole", "the wall . the hole <eos>"},
		{"bracket", "the wall (or hole). The light", "the wall ( or hole ) . <eos> the light <eos>"},
		{"illustrations", "[Illustration: FIG. 1.]\n\nAs in [Greek: pt]", "as in [ greek : pt ] <eos>"},
		{"not-ascii", "Phænomena ½ être\u0301.", "phænomena ½ être\u0301 . <eos>"},
		{"only-a-stop", ".", ". <eos>"},
		{"returns", "a\r\n\r\nb", "a <eos> b <eos>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := data.ReadProse(strings.NewReader(test.text), "f.txt")
			require.NoError(t, err)
			assert.Equal(t, test.want, strings.Join(got, " "))
		})
	}
	_, err := data.ReadProse(strings.NewReader("a\n\xff\n"), "f.txt")
	assert.EqualError(t, err, "f.txt:2: not valid UTF-8")
	_, err = data.ReadProse(strings.NewReader("\n[Illustration]\n"), "f.txt")
	assert.EqualError(t, err, "f.txt: no words")
	_, err = data.ReadProse(iotest.TimeoutReader(strings.NewReader("a\nb")), "f.txt")
	assert.ErrorContains(t, err, ": timeout")
}

func FuzzReadProse(f *testing.F) {
	for _, s := range []string{"Light is red. Is it?\n\nIt's", "_a_", "'--", "[Illustration", "\xff", "A\u0301. ½"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		words, err := data.ReadProse(strings.NewReader(s), "fuzz")
		if err != nil {
			return
		}
		for i, word := range words {
			require.Equal(t, []string{word}, strings.Fields(word), "a word is not empty and holds no space")
			require.True(t, utf8.ValidString(word))
			require.False(t, word == data.EOS && (i == 0 || words[i-1] == data.EOS), "a sentence is not empty")
		}
		require.Equal(t, data.EOS, words[len(words)-1])
	})
}

func TestOpticks(t *testing.T) {
	words, err := data.Opticks()
	if err != nil && strings.Contains(err.Error(), "without its test files") {
		t.Skip(err)
	}
	require.NoError(t, err)
	assert.InDelta(t, 118_000, len(words), 1_000)
	sentence := strings.Fields("to communicate what i have tried , and leave the rest to others for farther enquiry , is all my design in publishing these papers . <eos>")
	at := slices.Index(words, "communicate")
	assert.Equal(t, sentence, words[at-1:at-1+len(sentence)])

	train, valid, test, err := data.Open("opticks", data.Options{Least: 2})
	require.NoError(t, err)
	assert.Equal(t, len(words), len(train.IDs)+len(valid.IDs)+len(test.IDs))
	assert.InDelta(t, 0.8, float64(len(train.IDs))/float64(len(words)), 0.01)
	assert.InDelta(t, 0.1, float64(len(valid.IDs))/float64(len(words)), 0.01)
	eos, _ := train.Vocab.ID(data.EOS)
	assert.Equal(t, eos, train.IDs[len(train.IDs)-1])
	assert.Equal(t, eos, valid.IDs[len(valid.IDs)-1])
}

func TestOpticksIsMissing(t *testing.T) {
	root := t.TempDir()
	t.Setenv("GOROOT", root)
	_, err := data.Opticks()
	require.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, filepath.Join(root, "src", "testdata", "Isaac.Newton-Opticks.txt"))
	assert.ErrorContains(t, err, "; this Go installation comes without its test files: set GOROOT to the folder of one from go.dev/dl")

	t.Setenv("GOROOT", "")
	t.Setenv("PATH", root)
	_, err = data.Opticks()
	assert.ErrorContains(t, err, "read Newton's Opticks: go env GOROOT: ")
	assert.ErrorContains(t, err, "; it comes with the Go distribution: set GOROOT to its folder")
	_, _, _, err = data.Open("opticks", data.Options{})
	assert.ErrorContains(t, err, "corpus opticks: read Newton's Opticks: ")
}
