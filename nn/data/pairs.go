package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Pairs are questions and answers as ids of characters, flat and in row-major
// order, for a sequence-to-sequence model.
type Pairs struct {
	Vocab    *Vocabulary // of the characters of questions and answers
	N        int         // number of examples
	TX, TT   int         // characters of a question; of an answer, with its start mark
	X        []int32     // questions [N, TX]
	T        []int32     // answers [N, TT]
	Reversed bool        // the questions run from right to left
}

// NewPairs encodes examples, all of one width, with the vocabulary v. Where v is
// nil it is made of the characters in the order of their first appearance, question
// before answer, as the book does. The error names the example and what is wrong;
// a character that v lacks is an [*UnknownToken].
func NewPairs(qa []QA, v *Vocabulary) (*Pairs, error) {
	if len(qa) == 0 {
		return nil, errors.New("no questions and answers; want at least one")
	}
	first := qa[0]
	if first.Question == "" || utf8.RuneCountInString(first.Answer) < 2 {
		return nil, fmt.Errorf("example 1: question %q, answer %q; want a question, and an answer after its start mark",
			first.Question, first.Answer)
	}
	p := &Pairs{
		Vocab: v,
		N:     len(qa),
		TX:    utf8.RuneCountInString(first.Question),
		TT:    utf8.RuneCountInString(first.Answer),
	}
	if p.Vocab == nil {
		p.Vocab = new(Vocabulary)
		for _, q := range qa {
			p.Vocab.addChars(q.Question)
			p.Vocab.addChars(q.Answer)
		}
	}
	p.X = make([]int32, 0, p.N*p.TX)
	p.T = make([]int32, 0, p.N*p.TT)
	for i, q := range qa {
		if err := q.sameWidth(first); err != nil {
			return nil, fmt.Errorf("example %d: %w", i+1, err)
		}
		x, err := p.Vocab.Encode(Chars(q.Question))
		if err != nil {
			return nil, fmt.Errorf("example %d: question %q: %w", i+1, q.Question, err)
		}
		t, err := p.Vocab.Encode(Chars(q.Answer))
		if err != nil {
			return nil, fmt.Errorf("example %d: answer %q: %w", i+1, q.Answer, err)
		}
		p.X = append(p.X, x...)
		p.T = append(p.T, t...)
	}
	return p, nil
}

func (v *Vocabulary) addChars(s string) {
	for _, char := range Chars(s) {
		v.Add(char)
	}
}

// Row returns example i: its question [TX] and its answer [TT], parts of X and T.
func (p *Pairs) Row(i int) (x, t []int32) {
	return p.X[i*p.TX : (i+1)*p.TX : (i+1)*p.TX], p.T[i*p.TT : (i+1)*p.TT : (i+1)*p.TT]
}

// Text returns the text of example i, the question from left to right.
func (p *Pairs) Text(i int) QA {
	x, t := p.Row(i)
	question := p.Vocab.Decode(x)
	if p.Reversed {
		slices.Reverse(question)
	}
	return QA{Question: strings.Join(question, ""), Answer: strings.Join(p.Vocab.Decode(t), "")}
}

// Reverse returns the pairs with every question turned around, and answers
// shared with p. Reversed questions are learnt faster, since their first
// characters come to stand near the answer's first (Sutskever, Vinyals and Le,
// "Sequence to sequence learning with neural networks", 2014).
func (p *Pairs) Reverse() *Pairs {
	r := *p
	r.Reversed = !p.Reversed
	r.X = slices.Clone(p.X)
	for i := range r.N {
		x, _ := r.Row(i)
		slices.Reverse(x)
	}
	return &r
}

// Subset returns a copy of the examples idx, in that order.
func (p *Pairs) Subset(idx []int) *Pairs {
	s := *p
	s.N = len(idx)
	s.X = make([]int32, s.N*s.TX)
	s.T = make([]int32, s.N*s.TT)
	Gather(s.X, p.X, p.TX, idx)
	Gather(s.T, p.T, p.TT, idx)
	return &s
}

// Split returns the examples in random order, the last held of them as the test
// set, as [Split] does. The book's split is p.Split(p.N/10, NewRandomState(1984)).
func (p *Pairs) Split(held int, s Shuffler) (train, test *Pairs) {
	i, j := Split(p.N, held, s)
	return p.Subset(i), p.Subset(j)
}

// Unseen returns the examples of p whose question does not occur in train, which
// has the same vocabulary. Of the book's date questions 28 % in the test stand in
// train too: only the others tell what a model has understood. It panics where
// the questions differ in width or direction.
func (p *Pairs) Unseen(train *Pairs) []int {
	if p.TX != train.TX || p.Reversed != train.Reversed {
		panic(fmt.Sprintf("Pairs.Unseen: questions of width %d, reversed %t; want width %d, reversed %t, as in train",
			p.TX, p.Reversed, train.TX, train.Reversed))
	}
	seen := make(map[string]bool, train.N)
	var key []byte
	for i := range train.N {
		key = appendKey(key[:0], train, i)
		seen[string(key)] = true
	}
	var unseen []int
	for i := range p.N {
		key = appendKey(key[:0], p, i)
		if !seen[string(key)] {
			unseen = append(unseen, i)
		}
	}
	return unseen
}

func appendKey(key []byte, p *Pairs, i int) []byte {
	x, _ := p.Row(i)
	for _, id := range x {
		key = binary.LittleEndian.AppendUint32(key, uint32(id))
	}
	return key
}

// Batch copies the examples idx, B of them, to the caller's buffers: the questions
// to x [B, TX], what the decoder reads to in [B, TT-1] (the answer without its
// last character) and what it has to say to out [B, TT-1] (the answer without its
// start mark). It panics where a buffer has another length.
func (p *Pairs) Batch(idx []int, x, in, out []int32) {
	n := p.TT - 1
	checkLen("Pairs.Batch: x", len(x), len(idx), p.TX)
	checkLen("Pairs.Batch: in", len(in), len(idx), n)
	checkLen("Pairs.Batch: out", len(out), len(idx), n)
	Gather(x, p.X, p.TX, idx)
	for i, row := range idx {
		_, t := p.Row(row)
		copy(in[i*n:(i+1)*n], t)
		copy(out[i*n:(i+1)*n], t[1:])
	}
}
