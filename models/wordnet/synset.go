package wordnet

import (
	"fmt"
	"slices"
)

// POS is a part of speech.
type POS byte

// The parts of speech, spelled as in the database and in the names of senses.
const (
	Noun      POS = 'n'
	Verb      POS = 'v'
	Adjective POS = 'a'
	Adverb    POS = 'r'
)

// String returns the word that ends the names of files: "noun".
func (p POS) String() string {
	switch p {
	case Noun:
		return "noun"
	case Verb:
		return "verb"
	case Adjective:
		return "adj"
	case Adverb:
		return "adv"
	}
	return fmt.Sprintf("POS(%q)", byte(p))
}

// Synset is a meaning: a set of words that can stand for one another.
type Synset struct {
	// Name is the first word, the part of speech and which of that word's meanings
	// this is, from the most frequent one: "car.n.01".
	Name string

	POS       POS
	Words     []string // as written, a space between the parts of a compound
	Gloss     string   // what it means, and examples
	Hypernyms []*Synset
}

// HypernymPaths returns the ways from a root of the tree down to s, both included.
// There are several where a synset on the way has more than one hypernym. A synset
// that stands above itself, as some verbs do, is not entered twice.
func (s *Synset) HypernymPaths() [][]*Synset {
	var paths [][]*Synset
	var climb func(up []*Synset)
	climb = func(up []*Synset) {
		top, root := up[len(up)-1], true
		for _, h := range top.Hypernyms {
			if !slices.Contains(up, h) {
				root = false
				climb(append(slices.Clip(up), h))
			}
		}
		if root {
			path := slices.Clone(up)
			slices.Reverse(path)
			paths = append(paths, path)
		}
	}
	climb([]*Synset{s})
	return paths
}

// above returns how many steps each synset above s is away, by the shortest way; s
// itself is 0 away. Roots of verbs hang from the one root nil, since verbs have
// hundreds of small trees and would otherwise have little in common.
func (s *Synset) above() map[*Synset]int {
	steps := map[*Synset]int{s: 0}
	for queue := []*Synset{s}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at == nil {
			continue
		}
		up := at.Hypernyms
		if len(up) == 0 && s.POS == Verb {
			up = []*Synset{nil}
		}
		for _, h := range up {
			if _, seen := steps[h]; !seen {
				steps[h] = steps[at] + 1
				queue = append(queue, h)
			}
		}
	}
	return steps
}
