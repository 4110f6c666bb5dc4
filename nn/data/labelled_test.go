package data_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/nn/data"
)

func labelled(class, text string) data.LabelledText {
	return data.LabelledText{Words: strings.Fields(text), Class: class}
}

func TestLabelled(t *testing.T) {
	v := data.NewVocabulary("a", "b", "c")
	l, err := data.NewLabelled([]data.LabelledText{labelled("x", "b a c"), labelled("y", "z c"), labelled("x", "a")}, v, nil)
	require.NoError(t, err)
	assert.Equal(t, [][]int32{{1, 0, 2}, {2}, {0}}, l.Texts)
	assert.Equal(t, []int32{0, 1, 0}, l.Labels)
	assert.Equal(t, 3, l.Longest)
	assert.Equal(t, 1, l.Unknown)

	words, weights, labels := []int32{9, 9, 9, 9, 9, 9}, []float32{9, 9, 9, 9, 9, 9}, []int32{9, 9}
	l.Batch([]int{1, 0}, words, weights, labels)
	assert.Equal(t, []int32{2, 0, 0, 1, 0, 2}, words)
	assert.Equal(t, []float32{1, 0, 0, 1. / 3, 1. / 3, 1. / 3}, weights)
	assert.Equal(t, []int32{1, 0}, labels)
	assert.Panics(t, func() { l.Batch([]int{1}, words, weights, labels) })
	assert.Panics(t, func() { l.Batch([]int{1, 3}, words, weights, labels) })

	v.Add(data.Unk)
	l, err = data.NewLabelled([]data.LabelledText{labelled("y", "z c")}, v, data.NewVocabulary("x", "y"))
	require.NoError(t, err)
	assert.Equal(t, [][]int32{{3, 2}}, l.Texts)
	assert.Equal(t, []int32{1}, l.Labels)
}

func TestLabelledErrors(t *testing.T) {
	v := data.NewVocabulary("a")
	_, err := data.NewLabelled([]data.LabelledText{labelled("x", "a"), labelled("x", "b c")}, v, nil)
	assert.EqualError(t, err, `text 2: none of its words "b c" is in the vocabulary of 1`)
	_, err = data.NewLabelled([]data.LabelledText{labelled("x", "a")}, v, data.NewVocabulary("y"))
	assert.EqualError(t, err, `text 1: class "x" is not one of 1`)
}

// Each sentence of the artificial English has a word of one pair, which its class is of.
func TestEnglishLabelled(t *testing.T) {
	e := data.NewEnglish()
	texts := e.Labelled(strings.Fields("the waitress likes her tray <eos> we went to the beach <eos> the sun shines <eos> the king"))
	assert.Equal(t, []data.LabelledText{
		labelled("queen", "the waitress likes her tray"), labelled("took", "we went to the beach"), labelled("king", "the king"),
	}, texts)

	words := e.Sentences(rand.New(rand.NewPCG(1, 2)), 500)
	texts = e.Labelled(words)
	assert.Len(t, texts, 500)
	classes := map[string]int{}
	for _, text := range texts {
		classes[text.Class]++
	}
	assert.Len(t, classes, 2*len(e.Relations()))
}
