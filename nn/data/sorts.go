package data

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// SortLetters is how many letters a question of [Sorts] has at most.
const SortLetters = 10

// Sorts returns n examples for learning to sort: one to [SortLetters] letters, their
// number and each of them uniform, and the same in the order of the alphabet.
// Questions may repeat. An algorithm learnt from its inputs and outputs is one of the
// uses of sequence-to-sequence models that the book names in section 7.5.
func Sorts(rng *rand.Rand, n int) []QA {
	qa := make([]QA, n)
	for i := range qa {
		letters := make([]byte, 1+rng.IntN(SortLetters))
		for j := range letters {
			letters[j] = byte('a' + rng.IntN(26))
		}
		question := fmt.Sprintf("%-*s", SortLetters, letters)
		slices.Sort(letters)
		qa[i] = QA{Question: question, Answer: fmt.Sprintf("%-*s", SortLetters+1, "_"+string(letters))}
	}
	return qa
}
