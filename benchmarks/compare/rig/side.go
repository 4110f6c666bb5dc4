package rig

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Side is a program that does the work in one way.
type Side struct {
	// About returns names and versions of what computes.
	About func() map[string]string

	// New makes a piece of work ready. The error says why this side cannot do it.
	New func(work string, threads int) (*Bench, error)
}

// Bench is a piece of work, ready to be repeated.
type Bench struct {
	// Run does it n times.
	Run func(n int)

	// Check returns a number that a right result has: the loss of the last training
	// step, or the mean magnitude of what was computed.
	Check func() float64
}

// Result is a line that a side prints.
type Result struct {
	About   map[string]string `json:"about,omitempty"` // on the first line
	Work    string            `json:"work,omitempty"`
	Seconds float64           `json:"seconds,omitempty"` // for one repetition: the median of blocks
	Allocs  float64           `json:"allocs,omitempty"`  // Go's, for one repetition
	Checks  []float64         `json:"checks,omitempty"`  // after the first repetitions
	Error   string            `json:"error,omitempty"`   // why the work was not done
}

// checked is how many repetitions are checked one by one.
const checked = 3

// blocks is how many blocks of repetitions are timed.
const blocks = 7

// slow is how many times the budget one repetition must take to be left at those
// that were checked.
const slow = 2

// Main runs the program of a side: it reads the flags, does the work and prints.
func Main(s Side) {
	works := flag.String("works", "", "what to do, separated by commas")
	threads := flag.Int("threads", 1, "how many threads to use")
	ms := flag.Int("ms", 200, "how long to measure each, in milliseconds")
	flag.Parse()
	out := json.NewEncoder(os.Stdout)
	emit := func(r Result) {
		if err := out.Encode(r); err != nil {
			fmt.Fprintln(os.Stderr, "write the result:", err)
			os.Exit(1)
		}
	}
	emit(Result{About: s.About()})
	for work := range strings.SplitSeq(*works, ",") {
		b, err := s.New(work, *threads)
		if err != nil {
			emit(Result{Work: work, Error: err.Error()})
			continue
		}
		emit(b.measure(work, time.Duration(*ms)*time.Millisecond))
	}
}

// measure warms up for half of the time and then times blocks of repetitions that
// take it together. What is slow is measured by the repetitions that are checked.
func (b *Bench) measure(work string, budget time.Duration) Result {
	r := Result{Work: work}
	alone := time.Duration(math.MaxInt64) // the quickest of the repetitions after the first
	for i := range checked {
		began := time.Now()
		b.Run(1)
		if i > 0 {
			alone = min(alone, time.Since(began))
		}
		r.Checks = append(r.Checks, b.Check())
	}
	if alone > slow*budget {
		r.Seconds = alone.Seconds()
		return r
	}
	runtime.GC() // what making the work ready left behind is not the work's
	warm, n := time.Now(), 1
	for {
		began := time.Now()
		b.Run(n)
		each := time.Since(began) / time.Duration(n)
		left := budget/2 - time.Since(warm)
		if left <= 0 {
			n = max(1, int(budget/blocks/max(each, 1)))
			break
		}
		n = max(1, min(2*n, int(left/max(each, 1))))
	}
	var before, after runtime.MemStats
	times := make([]time.Duration, blocks)
	runtime.ReadMemStats(&before)
	for i := range times {
		began := time.Now()
		b.Run(n)
		times[i] = time.Since(began)
	}
	runtime.ReadMemStats(&after)
	slices.Sort(times)
	r.Seconds = times[blocks/2].Seconds() / float64(n)
	r.Allocs = float64(after.Mallocs-before.Mallocs) / float64(n*blocks)
	return r
}
