package data_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/nn/data"
)

func TestAdditions(t *testing.T) {
	const n = 10_000
	qa := data.Additions(pcg(1984, 0), n)
	drawn := make(map[[2]int]bool)
	for _, q := range qa {
		require.Len(t, q.Question, data.AdditionQuestion)
		require.Len(t, q.Answer, data.AdditionAnswer)
		left, right, _ := strings.Cut(strings.TrimRight(q.Question, " "), "+")
		a, err := strconv.Atoi(left)
		require.NoError(t, err)
		b, err := strconv.Atoi(right)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("%d+%d", a, b), left+"+"+right, "no leading zeros")
		require.Equal(t, fmt.Sprintf("_%d", a+b), strings.TrimRight(q.Answer, " "))
		key := [2]int{min(a, b), max(a, b)}
		require.False(t, drawn[key], "%d+%d appears twice", a, b)
		drawn[key] = true
	}
	p, err := data.NewPairs(qa, nil)
	require.NoError(t, err)
	assert.Equal(t, 13, p.Vocab.Len())
	assert.PanicsWithValue(t, "data.Additions: 500501 sums; there are 500500",
		func() { data.Additions(pcg(1, 1), data.MaxAdditions+1) })
}

// In few draws hardly a pair repeats, so the digits show the distribution itself:
// three digits are asked for with probability 1/3 and kept by 9 in 10 numbers, one
// digit remains of 1/3 (1 + 1/10 + 1/100) of them.
func TestAdditionsDigits(t *testing.T) {
	const runs, sums = 200, 20
	digits := make(map[int]int)
	for seed := range uint64(runs) {
		for _, q := range data.Additions(pcg(seed, 1), sums) {
			left, _, _ := strings.Cut(q.Question, "+")
			digits[len(left)]++
		}
	}
	for size, p := range map[int]float64{1: 1.11 / 3, 2: 0.99 / 3, 3: 0.9 / 3} {
		const n = runs * sums
		// Rejection takes pairs of one digit away: 1 in 40 of what begins with one digit.
		assert.InDelta(t, n*p, float64(digits[size]), 5*math.Sqrt(n*p*(1-p)), "%d digits", size)
	}
}

func ExampleAdditions() {
	for _, q := range data.Additions(rand.New(rand.NewPCG(1984, 0)), 3) {
		fmt.Printf("%q %q\n", q.Question, q.Answer)
	}
	// Output:
	// "580+5  " "_585 "
	// "28+2   " "_30  "
	// "5+312  " "_317 "
}
