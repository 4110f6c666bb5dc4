package data

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ambiguous returns whether a text has two derivations from symbol. It reads texts
// with two derivations at once and asks whether both can reach the end after they
// have parted, which decides it for all texts, not for those that were drawn.
func (g *grammar) ambiguous(symbol int) bool {
	type pair struct {
		a, b   []int // the symbols still to come
		parted bool
	}
	first := make([]map[int]bool, len(g.names))
	var firstOf func(symbol int) map[int]bool
	firstOf = func(symbol int) map[int]bool {
		if first[symbol] == nil {
			first[symbol] = map[int]bool{}
			if g.rules[symbol] == nil {
				first[symbol][symbol] = true
			}
			for _, r := range g.rules[symbol] {
				for word := range firstOf(r.body[0]) {
					first[symbol][word] = true
				}
			}
		}
		return first[symbol]
	}
	meet := func(a, b []int) bool {
		if len(a) == 0 || len(b) == 0 {
			return len(a) == len(b)
		}
		for word := range firstOf(a[0]) {
			if firstOf(b[0])[word] {
				return true
			}
		}
		return false
	}
	expand := func(r rule, rest []int) []int { return append(r.body[:len(r.body):len(r.body)], rest[1:]...) }

	seen := make(map[string]bool)
	todo := []pair{{a: []int{symbol}, b: []int{symbol}}}
	push := func(p pair) {
		var key []byte
		for _, stack := range [][]int{p.a, {-1}, p.b} {
			for _, s := range stack {
				key = binary.LittleEndian.AppendUint32(key, uint32(s))
			}
		}
		if p.parted {
			key = append(key, 1)
		}
		if meet(p.a, p.b) && !seen[string(key)] {
			seen[string(key)] = true
			todo = append(todo, p)
		}
	}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		switch {
		case len(p.a) == 0:
			if p.parted {
				return true
			}
		case g.rules[p.a[0]] != nil && !p.parted:
			for i, r := range g.rules[p.a[0]] {
				for j, s := range g.rules[p.a[0]][i:] {
					push(pair{expand(r, p.a), expand(s, p.a), j > 0})
				}
			}
		case g.rules[p.a[0]] != nil:
			for _, r := range g.rules[p.a[0]] {
				push(pair{expand(r, p.a), p.b, true})
			}
		case g.rules[p.b[0]] != nil:
			for _, r := range g.rules[p.b[0]] {
				push(pair{p.a, expand(r, p.b), true})
			}
		default:
			push(pair{p.a[1:], p.b[1:], p.parted})
		}
	}
	return false
}

func toy(rules ...[2]string) *grammar {
	g := newGrammar()
	for _, r := range rules {
		g.choose(r[0], r[1])
	}
	g.normalise()
	return g
}

func TestAmbiguous(t *testing.T) {
	tests := []struct {
		name string
		g    *grammar
		want bool
	}{
		{"no", toy([2]string{"S", "A b, a b b"}, [2]string{"A", "a, b"}), false},
		{"same-text", toy([2]string{"S", "A b, a b"}, [2]string{"A", "a, b"}), true},
		{"same-rule-twice", toy([2]string{"S", "a, a"}), true},
		{"other-bracketing", toy([2]string{"S", "A B"}, [2]string{"A", "a, a b"}, [2]string{"B", "b c, c"}), true},
		{"meets-again-and-ends-apart", toy([2]string{"S", "A c, B d"}, [2]string{"A", "a b"}, [2]string{"B", "a b"}), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, test.g.ambiguous(test.g.ids["S"]))
		})
	}
}

func TestEnglishIsUnambiguous(t *testing.T) {
	e := NewEnglish()
	assert.False(t, e.g.ambiguous(e.sentence))
	for id, name := range e.g.names {
		capital := 'A' <= name[0] && name[0] <= 'Z'
		assert.Equal(t, capital, e.g.rules[id] != nil, "%q is a word or has rules", name)
	}
}

// By hand: a text of an ambiguous grammar has the probability of all its derivations.
func TestProbability(t *testing.T) {
	g := toy([2]string{"S", "A B, c"}, [2]string{"A", "a, a b"}, [2]string{"B", "b c, c"})
	s := g.ids["S"]
	p := func(words ...string) float64 { return g.probability(g.encode(words), s) }
	assert.InDelta(t, 1.0/8, p("a", "c"), 1e-15)
	assert.InDelta(t, 1.0/4, p("a", "b", "c"), 1e-15)
	assert.InDelta(t, 1.0/8, p("a", "b", "b", "c"), 1e-15)
	assert.InDelta(t, 1.0/2, p("c"), 1e-15)
	for _, words := range [][]string{{}, {"a"}, {"c", "c"}, {"x"}, {"A", "c"}} {
		assert.Zero(t, p(words...), words)
	}
	assert.InDelta(t, 1.0/2, g.prefix(g.encode([]string{"a"}), s), 1e-15)
	assert.InDelta(t, 3.0/8, g.prefix(g.encode([]string{"a", "b"}), s), 1e-15)

	nats, words := g.entropy(s)
	assert.InDelta(t, math.Ln2+(math.Ln2+math.Ln2)/2, nats, 1e-15)
	assert.InDelta(t, 0.5+(2+3+3+4)/8.0, words, 1e-15)
}

// Whatever has been said, the probabilities of the next word sum to 1.
func TestNextWordsSumToOne(t *testing.T) {
	e := NewEnglish()
	words := e.Words()
	rng := rand.New(rand.NewPCG(1984, 0))
	for range 3 {
		sentence, _ := e.Sentence(rng)
		text := e.g.encode(sentence)
		for at := range text {
			before := e.g.prefix(text[:at], e.sentence)
			sum := 0.0
			for _, next := range e.g.encode(words) {
				sum += e.g.prefix(append(text[:at:at], next), e.sentence) / before
			}
			require.InDelta(t, 1, sum, 1e-12, "after %q", sentence[:at])
		}
	}
}
