package data_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/nn/data"
)

func TestSorts(t *testing.T) {
	qa := data.Sorts(rand.New(rand.NewPCG(1, 2)), 2000)
	lengths := map[int]int{}
	for _, q := range qa {
		require.Len(t, q.Question, data.SortLetters)
		require.Len(t, q.Answer, data.SortLetters+1)
		letters := strings.TrimRight(q.Question, " ")
		lengths[len(letters)]++
		sorted := []byte(letters)
		slices.Sort(sorted)
		assert.Equal(t, "_"+string(sorted), strings.TrimRight(q.Answer, " "))
	}
	for n := range data.SortLetters {
		assert.InDelta(t, 200, lengths[n+1], 60, "questions of %d letters", n+1)
	}
	assert.Equal(t, qa, data.Sorts(rand.New(rand.NewPCG(1, 2)), 2000), "the same from the same stream")
}
