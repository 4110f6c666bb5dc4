package beam

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/tensor"
)

// Decoder writes R sequences side by side, a token at a time. What it remembers lives
// on a tape that does not train.
type Decoder interface {
	// Next takes the token before in each row, ids [R, 1], and returns the scores of the
	// next one, [R, 1, V].
	Next(ids tensor.Ints) (scores autograd.Var)

	// Keep replaces the rows: row i of those that follow goes on from where row
	// rows[i] of those before stood. rows is [R'], with repetitions and omissions.
	Keep(rows tensor.Ints)
}

// Search says how sequences are sought. The zero value takes the likeliest token at
// each step.
type Search struct {
	Beams int // sequences that are followed at once; 0 means 1

	// LengthPenalty is α: a sequence of n tokens is rated by log p/((5+n)/6)^α, so that
	// long ones are not passed over for having more factors (Wu et al., "Google's
	// neural machine translation system", 2016). 0 rates by log p alone.
	LengthPenalty float64
}

// NoEnd is an end token for sequences that always have the full length.
const NoEnd = -1

// Sequence is one that was found.
type Sequence struct {
	IDs     []int32 // without the end token
	LogProb float64 // the logarithm of its probability, in nats, end token included
	Score   float64 // what it was rated by
}

// Run writes at most n tokens for each of questions, beginning after the token start,
// and ends a sequence at the token end, if it is not [NoEnd]. It returns the sequences
// found for each question, at most s.Beams, the best first; equally good ones in the
// order of their tokens. The decoder stands at the beginning of the answers, with a
// row for each question. It panics if n or questions is below 1.
func (s Search) Run(tape *autograd.Tape, d Decoder, questions int, start, end int32, n int) [][]Sequence {
	if n < 1 || questions < 1 {
		panic(fmt.Sprintf("beam: %d tokens for %d questions; want 1 or more of both", n, questions))
	}
	r := run{Search: s, end: end, done: make([][]Sequence, questions)}
	r.Beams = max(s.Beams, 1)
	for q := range questions {
		r.live = append(r.live, row{question: q})
	}
	before := make([]int32, questions)
	for i := range before {
		before[i] = start
	}
	for t := range n {
		scores := d.Next(tape.Ints(before, len(before), 1)).LogSoftmax()
		parents := r.extend(scores.Floats(), scores.Dim(2), t == n-1)
		if len(r.live) == 0 {
			break
		}
		before = before[:0]
		for _, h := range r.live {
			before = append(before, h.ids[len(h.ids)-1])
		}
		d.Keep(tape.Ints(parents, len(parents)))
	}
	for q := range r.done {
		slices.SortStableFunc(r.done[q], func(a, b Sequence) int { return cmp.Compare(b.Score, a.Score) })
		r.done[q] = r.done[q][:min(r.Beams, len(r.done[q]))]
	}
	return r.done
}

// row is a sequence being written.
type row struct {
	question int
	ids      []int32
	logProb  float64
}

// run is a search under way.
type run struct {
	Search
	end  int32
	live []row // by question
	done [][]Sequence
}

// candidate is a way to go on: a row and its next token.
type candidate struct {
	parent  int
	token   int32
	logProb float64
}

// extend goes on by one token, given the log-probabilities of all tokens for each row,
// [R, v]. It returns which row each of those that are live now comes from. After the
// last token all are done.
func (r *run) extend(logProbs []float32, v int, last bool) (parents []int32) {
	var next []row
	for from := 0; from < len(r.live); {
		to := from + 1
		for to < len(r.live) && r.live[to].question == r.live[from].question {
			to++
		}
		q := r.live[from].question
		// Enough to be left with as many beams if each row's best token is the end.
		best := r.best(logProbs, v, from, to, r.Beams+to-from)
		kept := 0
		for i, c := range best {
			h := r.live[c.parent]
			if c.token == r.end && i < r.Beams {
				r.finish(q, h.ids, c.logProb, len(h.ids)+1)
			}
			if c.token == r.end || kept == r.Beams {
				continue
			}
			kept++
			ids := append(slices.Clip(h.ids), c.token)
			if last {
				r.finish(q, ids, c.logProb, len(ids))
				continue
			}
			next = append(next, row{q, ids, c.logProb})
			parents = append(parents, int32(c.parent))
		}
		if r.decided(q, next[len(next)-min(kept, len(next)):], last) {
			next, parents = next[:len(next)-kept], parents[:len(parents)-kept]
		}
		from = to
	}
	r.live = next
	return parents
}

// best returns the n likeliest candidates of the rows [from, to), the likeliest first.
func (r *run) best(logProbs []float32, v, from, to, n int) []candidate {
	var best []candidate
	for i := from; i < to; i++ {
		for token, p := range logProbs[i*v : (i+1)*v] {
			c := candidate{i, int32(token), r.live[i].logProb + float64(p)}
			if len(best) == n && c.logProb <= best[n-1].logProb {
				continue
			}
			at, _ := slices.BinarySearchFunc(best, c, func(a, b candidate) int {
				if a.logProb >= b.logProb {
					return -1
				}
				return 1
			})
			best = slices.Insert(best, at, c)
			best = best[:min(n, len(best))]
		}
	}
	return best
}

func (r *run) finish(q int, ids []int32, logProb float64, length int) {
	r.done[q] = append(r.done[q], Sequence{ids, logProb, r.Score(logProb, length)})
}

// Score is what a sequence of so many tokens is rated by.
func (s Search) Score(logProb float64, tokens int) float64 {
	return logProb / math.Pow((5+float64(tokens))/6, s.LengthPenalty)
}

// decided reports whether no live row of a question can still come among the best: it
// can only grow less likely, which a penalty for length could outweigh.
func (r *run) decided(q int, live []row, last bool) bool {
	if last || r.LengthPenalty != 0 || len(r.done[q]) < r.Beams {
		return false
	}
	scores := make([]float64, len(r.done[q]))
	for i, s := range r.done[q] {
		scores[i] = s.Score
	}
	slices.Sort(scores)
	least := scores[len(scores)-r.Beams]
	return !slices.ContainsFunc(live, func(h row) bool { return h.logProb > least })
}
