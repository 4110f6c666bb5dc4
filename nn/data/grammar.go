package data

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// grammar is a stochastic context-free grammar without recursion: each symbol that
// has rules is replaced by the body of one of them, drawn by weight; the others are
// words. It draws texts, and it tells how probable a text is by parsing it, which
// shares nothing with drawing but the rules.
type grammar struct {
	ids   map[string]int
	names []string
	rules [][]rule // of each symbol; none: a word
}

type rule struct {
	weight float64 // a probability after normalise
	body   []int
}

func newGrammar() *grammar { return &grammar{ids: make(map[string]int)} }

// add gives symbol one more rule, whose body is symbols between spaces.
func (g *grammar) add(symbol string, weight float64, body string) {
	r := rule{weight: weight}
	for field := range strings.FieldsSeq(body) {
		r.body = append(r.body, g.symbol(field))
	}
	id := g.symbol(symbol)
	g.rules[id] = append(g.rules[id], r)
}

// choose gives symbol a rule of weight 1 for each of the bodies between commas.
func (g *grammar) choose(symbol, bodies string) {
	for body := range strings.SplitSeq(bodies, ",") {
		g.add(symbol, 1, body)
	}
}

func (g *grammar) symbol(name string) int {
	id, ok := g.ids[name]
	if !ok {
		id = len(g.names)
		g.ids[name] = id
		g.names = append(g.names, name)
		g.rules = append(g.rules, nil)
	}
	return id
}

// normalise makes the weights of every symbol's rules sum to 1.
func (g *grammar) normalise() {
	for _, rules := range g.rules {
		sum := 0.0
		for _, r := range rules {
			sum += r.weight
		}
		for i := range rules {
			rules[i].weight /= sum
		}
	}
}

// draw appends a text of symbol to words and returns the logarithm of the
// probability of the choices it made, in nats.
func (g *grammar) draw(rng *rand.Rand, words []string, symbol int) ([]string, float64) {
	rules := g.rules[symbol]
	if rules == nil {
		return append(words, g.names[symbol]), 0
	}
	i, u := 0, rng.Float64()
	for ; i < len(rules)-1 && u >= rules[i].weight; i++ {
		u -= rules[i].weight
	}
	sum := math.Log(rules[i].weight)
	for _, part := range rules[i].body {
		var nats float64
		words, nats = g.draw(rng, words, part)
		sum += nats
	}
	return words, sum
}

// entropy returns the entropy of the choices below symbol in nats, and the mean
// number of words they make.
func (g *grammar) entropy(symbol int) (nats, words float64) {
	if g.rules[symbol] == nil {
		return 0, 1
	}
	for _, r := range g.rules[symbol] {
		nats -= r.weight * math.Log(r.weight)
		for _, part := range r.body {
			n, w := g.entropy(part)
			nats += r.weight * n
			words += r.weight * w
		}
	}
	return nats, words
}

// encode returns the symbols of words, -1 for what is no word of the grammar.
func (g *grammar) encode(words []string) []int {
	text := make([]int, len(words))
	for i, word := range words {
		id, ok := g.ids[word]
		if !ok || g.rules[id] != nil {
			id = -1
		}
		text[i] = id
	}
	return text
}

// span is what the derivations of a symbol can be that begin at one place of a text.
type span struct {
	ends   []end   // those that lie within the text
	beyond float64 // the probability of those that agree with it to its end and go on
}

type end struct {
	at int     // the place behind the last word
	p  float64 // the sum over all derivations that end here
}

func (s *span) add(at int, p float64) {
	for i := range s.ends {
		if s.ends[i].at == at {
			s.ends[i].p += p
			return
		}
	}
	s.ends = append(s.ends, end{at, p})
}

// upTo returns the probability of the derivations that end at a place.
func (s *span) upTo(at int) float64 {
	for _, e := range s.ends {
		if e.at == at {
			return e.p
		}
	}
	return 0
}

// match returns the derivations of symbol that begin at text[at].
func (g *grammar) match(text []int, symbol, at int) span {
	if g.rules[symbol] == nil {
		switch {
		case at == len(text):
			return span{beyond: 1}
		case text[at] == symbol:
			return span{ends: []end{{at + 1, 1}}}
		}
		return span{}
	}
	var sum span
	for _, r := range g.rules[symbol] {
		s := g.matchBody(text, r.body, at)
		sum.beyond += r.weight * s.beyond
		for _, e := range s.ends {
			sum.add(e.at, r.weight*e.p)
		}
	}
	return sum
}

func (g *grammar) matchBody(text, body []int, at int) span {
	// Most rules fail at one of their first words: that should make no garbage.
	for ; len(body) > 0 && g.rules[body[0]] == nil; at, body = at+1, body[1:] {
		if at == len(text) {
			return span{beyond: 1}
		}
		if text[at] != body[0] {
			return span{}
		}
	}
	sum := span{ends: []end{{at, 1}}}
	for _, symbol := range body {
		next := span{beyond: sum.beyond}
		for _, e := range sum.ends {
			s := g.match(text, symbol, e.at)
			next.beyond += e.p * s.beyond
			for _, f := range s.ends {
				next.add(f.at, e.p*f.p)
			}
		}
		if sum = next; len(sum.ends) == 0 {
			break // what is beyond the text stays there, whatever symbols follow
		}
	}
	return sum
}

// probability returns that of text being all of a text of symbol.
func (g *grammar) probability(text []int, symbol int) float64 {
	s := g.match(text, symbol, 0)
	return s.upTo(len(text))
}

// prefix returns the probability that a text of symbol begins with text or is it.
func (g *grammar) prefix(text []int, symbol int) float64 {
	s := g.match(text, symbol, 0)
	return s.beyond + s.upTo(len(text))
}

// UnlikelyText is the error for a text that a grammar does not make.
type UnlikelyText struct {
	Token string // the first one that cannot stand where it does; "" for the text's end
	Pos   int    // its position in the text, from 0
	After string // what stands before it in its sentence
}

// Error names the token and its place, counted from 1 as people do.
func (e *UnlikelyText) Error() string {
	if e.Token == "" {
		return fmt.Sprintf("the text ends within the sentence %q; want whole ones, each with its %s", e.After, EOS)
	}
	if e.After == "" {
		return fmt.Sprintf("token %d: no sentence of the grammar begins with %q", e.Pos+1, e.Token)
	}
	return fmt.Sprintf("token %d: no sentence of the grammar goes on with %q after %q", e.Pos+1, e.Token, e.After)
}
