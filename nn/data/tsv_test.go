package data_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/nn/data"
)

func TestReadTSV(t *testing.T) {
	qa, err := data.ReadTSV(strings.NewReader("how are you\tfine\n who? \t it's me\r\nüben\té\n"), "pairs.tsv")
	require.NoError(t, err)
	assert.Equal(t, []data.QA{
		{Question: "how are you", Answer: "_fine   "},
		{Question: "who?       ", Answer: "_it's me"},
		{Question: "üben       ", Answer: "_é      "},
	}, qa)
	for in, want := range map[string]string{
		"":               "pairs.tsv: no lines",
		"a\tb\nno tab\n": `pairs.tsv:2: "no tab"; want a question, one tab and its answer`,
		"a\tb\tc\n":      `pairs.tsv:1: "a\tb\tc"; want`,
		"\tb\n":          `pairs.tsv:1: "\tb"; want`,
		"a\t \n":         `pairs.tsv:1: "a\t "; want`,
		"a\tb\n\n":       `pairs.tsv:2: ""; want`,
		"\xff\tb\n":      "pairs.tsv:1: not valid UTF-8",
	} {
		_, err := data.ReadTSV(strings.NewReader(in), "pairs.tsv")
		assert.ErrorContains(t, err, want)
	}
	_, err = data.LoadTSV("none.tsv")
	assert.ErrorContains(t, err, "read questions and answers: open none.tsv")
}

// What is read can be learnt from.
func FuzzReadTSV(f *testing.F) {
	f.Add("how are you\tfine\nwho?\tme\n")
	f.Fuzz(func(t *testing.T, text string) {
		qa, err := data.ReadTSV(strings.NewReader(text), "pairs.tsv")
		if err != nil {
			return
		}
		p, err := data.NewPairs(qa, nil)
		require.NoError(t, err)
		assert.Equal(t, qa[0], p.Text(0))
	})
}
