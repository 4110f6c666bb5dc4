package lm

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
)

// Sampler says how the next word is chosen. The zero value draws from the model's
// own distribution,
//
//	p = softmax(scores / Temperature)
//
// as the book does in section 7.1. The limits apply in the order of the fields, each
// to what the one before has left.
type Sampler struct {
	// Skip are words that are never chosen, <unk> for example. The book draws anew
	// until another comes, reading the last word once more each time; here their
	// probability is 0.
	Skip []int32

	Temperature float64 // below 1 likely words become likelier; 0 means 1
	TopK        int     // only the K likeliest words; 1 always takes the likeliest; 0 means all
	TopP        float64 // only the likeliest words that together have this probability (Holtzman et al., 2020); 0 means 1
}

// Check returns an error for options that mean nothing.
func (s Sampler) Check() error {
	switch {
	case s.Temperature < 0 || math.IsNaN(s.Temperature) || math.IsInf(s.Temperature, 0):
		return fmt.Errorf("a temperature of %g; want one above 0 (or top-k 1, which always takes the likeliest word)", s.Temperature)
	case s.TopK < 0:
		return fmt.Errorf("the %d likeliest words; want 1 or more, or 0 for all", s.TopK)
	case !(s.TopP >= 0 && s.TopP <= 1):
		return fmt.Errorf("the likeliest words of a probability of %g; want one above 0, up to 1", s.TopP)
	}
	return nil
}

// Generate reads the words of seed on m and returns the n words it goes on with,
// each read before the next is chosen. The same rng gives the same words.
//
// It is an error if seed is empty, if every word is skipped, for what Check says,
// and if the backend fails.
func (s Sampler) Generate(be backend.Backend, m Model, seed []int32, n int, rng *rand.Rand) ([]int32, error) {
	if err := s.Check(); err != nil {
		return nil, fmt.Errorf("generate: %w", err)
	}
	if len(seed) == 0 {
		return nil, fmt.Errorf("generate: no word to begin with; want at least one")
	}
	words := make([]int32, 0, n)
	tape, reader := autograd.Config{Inference: true}.NewTape(be), m.Reader()
	c := chooser{Sampler: s, rng: rng}
	read := seed
	for len(words) < n {
		err := autograd.Try(func() {
			scores := reader.Read(tape, tape.Ints(read, 1, len(read)))
			c.scores = scores.Select(1, -1).Floats()
			tape.Reset(reader.Vars()...)
		})
		if err != nil {
			return nil, fmt.Errorf("generate: %w", err)
		}
		word, ok := c.choose()
		if !ok {
			return nil, fmt.Errorf("generate: all %d words are skipped", len(c.scores))
		}
		words = append(words, word)
		read = words[len(words)-1:]
	}
	return words, nil
}

// chooser draws words.
type chooser struct {
	Sampler
	rng    *rand.Rand
	scores []float32 // [V]
	ids    []int32   // the words that may be chosen, the likeliest first
	p      []float64 // their probabilities, up to a factor
}

// choose returns a word, or false if none may be chosen.
func (c *chooser) choose() (id int32, ok bool) {
	c.rank()
	if len(c.ids) == 0 {
		return 0, false
	}
	u := c.rng.Float64() * c.weigh()
	for i, p := range c.p {
		if u < p {
			return c.ids[i], true
		}
		u -= p
	}
	return c.ids[len(c.p)-1], true // rounding
}

// rank lists the words, the likeliest first; equally likely ones by number.
func (c *chooser) rank() {
	c.ids = c.ids[:0]
	for id := range c.scores {
		if !slices.Contains(c.Skip, int32(id)) {
			c.ids = append(c.ids, int32(id))
		}
	}
	slices.SortFunc(c.ids, func(a, b int32) int {
		return cmp.Or(cmp.Compare(c.scores[b], c.scores[a]), cmp.Compare(a, b))
	})
	if c.TopK > 0 {
		c.ids = c.ids[:min(c.TopK, len(c.ids))]
	}
}

// weigh sets the probabilities of as many words as TopP allows, up to a factor, and
// returns their sum.
func (c *chooser) weigh() (sum float64) {
	temperature := cmp.Or(c.Temperature, 1)
	likeliest := float64(c.scores[c.ids[0]])
	c.p = c.p[:0]
	for _, id := range c.ids {
		p := math.Exp((float64(c.scores[id]) - likeliest) / temperature)
		c.p = append(c.p, p)
		sum += p
	}
	if c.TopP == 0 || c.TopP == 1 {
		return sum
	}
	kept := 0.0
	for i, p := range c.p {
		if kept += p; kept >= c.TopP*sum {
			c.p = c.p[:i+1]
			break
		}
	}
	return kept
}
