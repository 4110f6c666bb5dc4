package data_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/nn/data"
)

func TestDates(t *testing.T) {
	const n = 50_000
	qa := data.Dates(pcg(1984, 0), n)
	layouts := []string{"1/2/06", "Jan 2, 2006", "January 2, 2006", "Monday, January 2, 2006"}
	formats, cases := make(map[string]int), make(map[string]int)
	years := make(map[int]int)
	distinct := make(map[string]bool)
	lowest, highest := "_9", "_0"
	for _, q := range qa {
		require.Len(t, q.Question, data.DateQuestion)
		require.Len(t, q.Answer, data.DateAnswer)
		day, err := time.Parse("_2006-01-02", q.Answer)
		require.NoError(t, err)
		text := strings.TrimRight(q.Question, " ")
		layout := "none"
		for _, l := range layouts {
			if strings.EqualFold(day.Format(l), text) {
				layout = l
				break // May is a month's long and short name: counted as short
			}
		}
		require.NotEqual(t, "none", layout, "question %q", text)
		formats[layout]++
		if layout != layouts[0] {
			switch text {
			case strings.ToLower(text):
				cases["lower"]++
			case strings.ToUpper(text):
				cases["upper"]++
			default:
				require.Equal(t, day.Format(layout), text)
				cases["as is"]++
			}
		}
		years[day.Year()]++
		distinct[text] = true
		lowest, highest = min(lowest, q.Answer), max(highest, q.Answer)
	}
	assert.Equal(t, "_1970-01-01", lowest)
	assert.Equal(t, "_2017-07-24", highest)

	// Every count within five standard deviations of its mean.
	near := func(what string, got int, total, p float64) {
		assert.InDelta(t, total*p, float64(got), 5*math.Sqrt(total*p*(1-p)), what)
	}
	may := 1488.0 / 17372 // days of May among all
	near("short", formats[layouts[0]], n, 0.25)
	near("medium", formats[layouts[1]], n, 0.25*(1+may))
	near("long", formats[layouts[2]], n, 0.25*(1-may))
	near("full", formats[layouts[3]], n, 0.25)
	worded := float64(n - formats[layouts[0]])
	near("lower", cases["lower"], worded, 0.25)
	near("upper", cases["upper"], worded, 0.25)
	for year, count := range years {
		days := 365.25
		if year == 2017 {
			days = 205
		}
		near(fmt.Sprint(year), count, n, days/17372)
	}
	assert.InDelta(t, 41_600, len(distinct), 400, "distinct questions; the book's file has 41,578")

	p, err := data.NewPairs(qa, nil)
	require.NoError(t, err)
	assert.Equal(t, 59, p.Vocab.Len())
	train, test := p.Split(n/10, data.NewRandomState(1984))
	assert.InDelta(t, 0.72, float64(len(test.Unseen(train)))/n*10, 0.02, "the book's file: 0.719")
}

func ExampleDates() {
	for _, q := range data.Dates(rand.New(rand.NewPCG(1984, 0)), 4) {
		fmt.Printf("%q %q\n", q.Question, q.Answer)
	}
	// Output:
	// "Aug 24, 2011                 " "_2011-08-24"
	// "Sunday, March 4, 1973        " "_1973-03-04"
	// "January 8, 1992              " "_1992-01-08"
	// "December 16, 1998            " "_1998-12-16"
}
