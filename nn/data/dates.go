package data

import (
	"math/rand/v2"
	"strings"
	"time"
)

// The widths of what Dates returns, in characters.
const (
	DateQuestion = 29 // "WEDNESDAY, SEPTEMBER 27, 1994"
	DateAnswer   = 11 // "_1994-09-27"
)

// Dates returns n examples for the translation of dates into ISO form, with the
// distribution of the book's date.txt (chapter 8): a day uniform in 1970-01-01 ..
// 2017-07-24; one of the four English formats
//
//	9/27/94
//	Sep 27, 1994
//	September 27, 1994
//	Tuesday, September 27, 1994
//
// uniformly; as it is with probability 1/2, in lower case 1/4, in upper case 1/4.
// Questions may repeat.
func Dates(rng *rand.Rand, n int) []QA {
	layouts := [...]string{"1/2/06", "Jan 2, 2006", "January 2, 2006", "Monday, January 2, 2006"}
	first := time.Date(1970, time.January, 1, 0, 0, 0, 0, time.UTC)
	last := time.Date(2017, time.July, 24, 0, 0, 0, 0, time.UTC)
	days := int(last.Sub(first)/(24*time.Hour)) + 1

	qa := make([]QA, n)
	for i := range qa {
		day := first.AddDate(0, 0, rng.IntN(days))
		question := day.Format(layouts[rng.IntN(len(layouts))])
		switch rng.IntN(4) {
		case 0:
			question = strings.ToLower(question)
		case 1:
			question = strings.ToUpper(question)
		}
		question += strings.Repeat(" ", DateQuestion-len(question))
		qa[i] = QA{Question: question, Answer: day.Format("_2006-01-02")}
	}
	return qa
}
