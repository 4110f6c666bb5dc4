package data_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/nn/data"
)

func TestReadQA(t *testing.T) {
	tests := []struct {
		name, text string
		want       []data.QA
		err        string
	}{
		{name: "two", text: "1+2 _3 \n12+9_21\n", want: []data.QA{{"1+2 ", "_3 "}, {"12+9", "_21"}}},
		{name: "no-newline-at-end", text: "1+2 _3", want: []data.QA{{"1+2 ", "_3"}}},
		{name: "carriage-return", text: "1+2 _3\r\n", want: []data.QA{{"1+2 ", "_3"}}},
		{name: "first-mark", text: "a_b_c", want: []data.QA{{"a", "_b_c"}}},
		{name: "characters-not-bytes", text: "äö_ü\nab_c\n", want: []data.QA{{"äö", "_ü"}, {"ab", "_c"}}},
		{name: "empty", text: "", err: `f.txt: no lines; want one question and answer a line, as in "16+75  _91  "`},
		{name: "empty-line", text: "1+2_3\n\n", err: "f.txt:2: an empty line; want a question and an answer"},
		{name: "no-mark", text: "1+2=3\n", err: `f.txt:1: "1+2=3" has no '_' between question and answer`},
		{name: "no-question", text: "_3\n", err: "f.txt:1: no question before the '_'"},
		{name: "no-answer", text: "3_\n", err: "f.txt:1: no answer after the '_'"},
		{name: "question-width", text: "1+2_3\n1+22_23\n", err: `f.txt:2: question "1+22" has 4 characters; want 3, as the first one`},
		{name: "answer-width", text: "1+2_3\n9+2_11\n", err: `f.txt:2: answer "_11" has 3 characters; want 2, as the first one`},
		{name: "not-utf8", text: "1+2_3\n1\xff2_3\n", err: "f.txt:2: not valid UTF-8"},
		{name: "long-line", text: "1_2\n" + strings.Repeat("x", 1<<17), err: "f.txt:2: bufio.Scanner: token too long"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := data.ReadQA(strings.NewReader(test.text), "f.txt")
			if test.err != "" {
				assert.EqualError(t, err, test.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestQAFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "date.txt")
	want := data.Dates(pcg(1, 2), 50)
	var b bytes.Buffer
	require.NoError(t, data.WriteQA(&b, want))
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o666))
	got, err := data.LoadQA(path)
	require.NoError(t, err)
	assert.Equal(t, want, got)

	_, err = data.LoadQA(path + ".gone")
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, "read questions and answers: open ")

	broken := errors.New("the disk is gone")
	_, err = data.ReadQA(iotest.ErrReader(broken), "f.txt")
	assert.EqualError(t, err, "f.txt:1: the disk is gone")
	r, w, err := os.Pipe()
	require.NoError(t, err)
	r.Close()
	w.Close()
	assert.ErrorIs(t, data.WriteQA(w, want), os.ErrClosed)
}

func TestPad(t *testing.T) {
	s, err := data.Pad("2 mär", 7)
	require.NoError(t, err)
	assert.Equal(t, "2 mär  ", s)
	_, err = data.Pad("2 mär", 4)
	assert.EqualError(t, err, `"2 mär" has 5 characters; want at most 4`)
}

func FuzzReadQA(f *testing.F) {
	for _, s := range []string{"16+75  _91  \n52+607 _659 \n", "a_b", "_", "a_b_c\n", "\r\n", "ä_\xff\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		qa, err := data.ReadQA(bytes.NewReader(b), "fuzz")
		if err != nil {
			return
		}
		var w bytes.Buffer
		require.NoError(t, data.WriteQA(&w, qa))
		again, err := data.ReadQA(&w, "fuzz")
		require.NoError(t, err)
		require.Equal(t, qa, again)

		p, err := data.NewPairs(qa, nil)
		require.NoError(t, err)
		for i := range qa {
			require.Equal(t, qa[i], p.Reverse().Text(i))
		}
	})
}
