package data

import (
	"fmt"
	"math/rand/v2"
)

// The widths of what Additions returns, in characters, and how many there are.
const (
	AdditionQuestion = 7       // "999+999"
	AdditionAnswer   = 5       // "_1998"
	MaxAdditions     = 500_500 // unordered pairs of the numbers 0 .. 999
)

// Additions returns n different sums of two numbers, with the distribution of the
// book's addition.txt (chapter 7): each operand has one, two or three digits with
// equal probability, each digit uniform, leading zeros dropped; a pair that was
// drawn before, in either order, is drawn again. It panics where n is above
// [MaxAdditions].
func Additions(rng *rand.Rand, n int) []QA {
	if n > MaxAdditions {
		panic(fmt.Sprintf("data.Additions: %d sums; there are %d", n, MaxAdditions))
	}
	qa := make([]QA, 0, n)
	drawn := make(map[[2]int]bool, n)
	for len(qa) < n {
		a, b := operand(rng), operand(rng)
		key := [2]int{min(a, b), max(a, b)}
		if drawn[key] {
			continue
		}
		drawn[key] = true
		qa = append(qa, QA{
			Question: fmt.Sprintf("%-*s", AdditionQuestion, fmt.Sprintf("%d+%d", a, b)),
			Answer:   fmt.Sprintf("%-*s", AdditionAnswer, fmt.Sprintf("_%d", a+b)),
		})
	}
	return qa
}

func operand(rng *rand.Rand) int {
	v := 0
	for range 1 + rng.IntN(3) {
		v = 10*v + rng.IntN(10)
	}
	return v
}
