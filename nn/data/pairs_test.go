package data_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/nn/data"
)

func TestNewPairs(t *testing.T) {
	p, err := data.NewPairs([]data.QA{{"16+75  ", "_91  "}, {"52+607 ", "_659 "}}, nil)
	require.NoError(t, err)
	assert.Equal(t, []int{2, 7, 5}, []int{p.N, p.TX, p.TT})
	assert.Equal(t, []int32{0, 1, 2, 3, 4, 5, 5 /**/, 4, 8, 2, 1, 9, 3, 5}, p.X)
	assert.Equal(t, []int32{6, 7, 0, 5, 5 /**/, 6, 1, 4, 7, 5}, p.T)
	assert.Equal(t, data.Chars("16+75 _9201"[:10]), p.Vocab.Decode([]int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}))
	x, target := p.Row(1)
	assert.Equal(t, p.X[7:], x)
	assert.Equal(t, p.T[5:], target)
}

func TestNewPairsErrors(t *testing.T) {
	v := data.NewVocabulary(data.Chars("ab_ ")...)
	tests := []struct {
		name string
		qa   []data.QA
		want string
	}{
		{"none", nil, "no questions and answers; want at least one"},
		{"no-answer", []data.QA{{"a", "_"}}, `example 1: question "a", answer "_"; want a question, and an answer after its start mark`},
		{"width", []data.QA{{"a", "_a"}, {"ab", "_a"}}, `example 2: question "ab" has 2 characters; want 1, as the first one`},
		{"unknown-in-question", []data.QA{{"ab", "_a"}, {"ax", "_a"}}, `example 2: question "ax": token 2, "x", is not one of the 4 in the vocabulary`},
		{"unknown-in-answer", []data.QA{{"ab", "_x"}}, `example 1: answer "_x": token 2, "x", is not one of the 4 in the vocabulary`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := data.NewPairs(test.qa, v)
			assert.EqualError(t, err, test.want)
		})
	}
	_, err := data.NewPairs(tests[3].qa, v)
	var unknown *data.UnknownToken
	assert.True(t, errors.As(err, &unknown))
	assert.Equal(t, 4, v.Len(), "a given vocabulary does not grow")
}

func TestPairsReverse(t *testing.T) {
	qa := data.Dates(pcg(5, 5), 20)
	p, err := data.NewPairs(qa, nil)
	require.NoError(t, err)
	original := slices.Clone(p.X)
	r := p.Reverse()
	assert.Equal(t, original, p.X)
	assert.Equal(t, p.T, r.T)
	assert.Equal(t, p, r.Reverse())
	for i := range p.N {
		x, _ := p.Row(i)
		y, _ := r.Row(i)
		slices.Reverse(y)
		assert.Equal(t, x, y)
	}
	assert.Equal(t, qa[3], p.Text(3))
}

func TestPairsSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		held := rapid.IntRange(0, n).Draw(t, "held")
		qa := data.Additions(pcg(rapid.Uint64().Draw(t, "seed"), 0), n)
		p, err := data.NewPairs(qa, nil)
		require.NoError(t, err)
		train, test := p.Split(held, pcg(1, 1))
		require.Equal(t, []int{n - held, held}, []int{train.N, test.N})

		var got []data.QA
		for _, part := range []*data.Pairs{train, test} {
			for i := range part.N {
				got = append(got, part.Text(i))
			}
		}
		require.ElementsMatch(t, qa, got)
		require.Len(t, test.Unseen(train), held, "additions do not repeat, so none of the test was seen")
	})
}

func TestPairsUnseen(t *testing.T) {
	p, err := data.NewPairs([]data.QA{{"ab", "_1"}, {"ba", "_2"}, {"ab", "_3"}, {"aa", "_4"}, {"ba", "_5"}}, nil)
	require.NoError(t, err)
	train, test := p.Subset([]int{0}), p.Subset([]int{1, 2, 3, 4})
	assert.Equal(t, []int{0, 2, 3}, test.Unseen(train))
	assert.Equal(t, []int{0, 2, 3}, test.Reverse().Unseen(train.Reverse()))
	assert.Nil(t, p.Unseen(p))
	assert.PanicsWithValue(t,
		"Pairs.Unseen: questions of width 2, reversed true; want width 2, reversed false, as in train",
		func() { test.Reverse().Unseen(train) })
}

func TestPairsBatch(t *testing.T) {
	p, err := data.NewPairs([]data.QA{{"ab", "_cd"}, {"ef", "_gh"}, {"ij", "_kl"}}, nil)
	require.NoError(t, err)
	x, in, out := make([]int32, 4), make([]int32, 4), make([]int32, 4)
	p.Batch([]int{2, 0}, x, in, out)
	text := func(ids []int32) []string { return p.Vocab.Decode(ids) }
	assert.Equal(t, data.Chars("ijab"), text(x))
	assert.Equal(t, data.Chars("_k_c"), text(in))
	assert.Equal(t, data.Chars("klcd"), text(out))

	assert.PanicsWithValue(t, "Pairs.Batch: x has 4 elements; want [1 2], which are 2",
		func() { p.Batch([]int{0}, x, in[:2], out[:2]) })
	assert.PanicsWithValue(t, "Pairs.Batch: out has 3 elements; want [2 2], which are 4",
		func() { p.Batch([]int{0, 1}, x, in, out[:3]) })
}

func ExamplePairs() {
	rng := rand.New(rand.NewPCG(1984, 0))
	pairs, err := data.NewPairs(data.Additions(rng, 1000), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	train, test := pairs.Reverse().Split(pairs.N/10, data.NewRandomState(1984))
	fmt.Println(train.N, test.N, train.TX, train.TT, train.Vocab.Len())

	const size = 2
	x := make([]int32, size*train.TX)
	in, out := make([]int32, size*(train.TT-1)), make([]int32, size*(train.TT-1))
	train.Batch([]int{0, 1}, x, in, out)
	fmt.Printf("%q\n", train.Vocab.Decode(x[:train.TX]))
	fmt.Printf("%q\n", train.Vocab.Decode(in[:train.TT-1]))
	fmt.Printf("%q\n", train.Vocab.Decode(out[:train.TT-1]))
	// Output:
	// 900 100 7 5 13
	// ["1" "5" "9" "+" "8" "0" "8"]
	// ["_" "1" "7" "5"]
	// ["1" "7" "5" "9"]
}
