package wordvec

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/gonum/stat"
)

// Pair is two words and how similar people found them, on any scale.
type Pair struct {
	A, B  string
	Score float64
}

// ReadPairs reads a word-similarity set such as WordSim-353, MEN or SimLex-999: a
// line is a word, a word and a score, with commas, tabs or spaces between them and
// anything after. Empty lines and those that begin with # are left out, and so is a
// first line with the names of columns; where it names a column SimLex999, the
// scores are there. Errors begin with name:line.
func ReadPairs(r io.Reader, name string) ([]Pair, error) {
	var pairs []Pair
	lines := bufio.NewScanner(r)
	column, first := 2, true
	n := 1
	for ; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		fields := columns(line)
		p, err := parsePair(fields, column)
		if first && len(fields) > 2 && err != nil {
			column = max(2, slices.Index(fields, "SimLex999"))
			first = false
			continue
		}
		first = false
		if err == nil && !utf8.ValidString(line) {
			err = errors.New("not valid UTF-8")
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		pairs = append(pairs, p)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, n, err)
	}
	if len(pairs) == 0 {
		return nil, fmt.Errorf("%s: no pairs; want a word, a word and a score a line", name)
	}
	return pairs, nil
}

// columns splits a line at the first of comma, tab and white space that it has.
func columns(line string) []string {
	var fields []string
	switch {
	case strings.Contains(line, ","):
		fields = strings.Split(line, ",")
	case strings.Contains(line, "\t"):
		fields = strings.Split(line, "\t")
	default:
		return strings.Fields(line)
	}
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	return fields
}

func parsePair(fields []string, column int) (Pair, error) {
	if len(fields) <= column || fields[0] == "" || fields[1] == "" {
		return Pair{}, fmt.Errorf("%d columns; want a word, a word and a score in column %d", len(fields), column+1)
	}
	score, err := strconv.ParseFloat(fields[column], 64)
	if err != nil || math.IsNaN(score) || math.IsInf(score, 0) {
		return Pair{}, fmt.Errorf("score %q; want a number", fields[column])
	}
	return Pair{fields[0], fields[1], score}, nil
}

// Agreement is how far the similarities of vectors agree with people's.
type Agreement struct {
	Spearman float64 // rank correlation in [-1, 1]; NaN below two covered pairs or where all are equal
	Pairs    int
	Covered  int // pairs of which both words have a vector
}

// Rate compares the cosine similarities of pairs of words with the scores that
// people gave them, over the pairs that are covered. Words are looked up as they
// are written and then in lower case.
func (v *Vectors) Rate(pairs []Pair) Agreement {
	var ours, theirs []float64
	for _, p := range pairs {
		a, known := v.lookup(p.A)
		b, alsoKnown := v.lookup(p.B)
		if known && alsoKnown {
			ours = append(ours, Cosine(v.Row(a), v.Row(b)))
			theirs = append(theirs, p.Score)
		}
	}
	return Agreement{Spearman: Spearman(ours, theirs), Pairs: len(pairs), Covered: len(ours)}
}

// Spearman returns the rank correlation of x and y, [N] each: the correlation of
// their ranks, equal values sharing the mean of theirs. It is NaN where N is below 2
// or all of x or of y are equal. It panics where the lengths differ.
func Spearman(x, y []float64) float64 {
	if len(x) != len(y) {
		panic(fmt.Sprintf("wordvec.Spearman: %d and %d values; want as many", len(x), len(y)))
	}
	if len(x) < 2 {
		return math.NaN()
	}
	return stat.Correlation(ranks(x), ranks(y), nil)
}

// ranks returns the rank of each value from 1, and of equal values the mean.
func ranks(x []float64) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(x[i], x[j]) })
	r := make([]float64, len(x))
	for lo := 0; lo < len(order); {
		hi := lo
		for hi < len(order) && x[order[hi]] == x[order[lo]] {
			hi++
		}
		for _, i := range order[lo:hi] {
			r[i] = float64(lo+1+hi) / 2
		}
		lo = hi
	}
	return r
}
