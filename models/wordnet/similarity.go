package wordnet

// PathSimilarity returns how near two meanings are,
//
//	1 / (1 + steps)
//
// with the number of steps of the shortest way from a up to a common hypernym and
// down to b: 1 for the same meaning. ok is false where they have none in common, as
// meanings of different parts of speech, or adjectives. All verbs have one root in
// common that is not in the database. As in Deep Learning from Scratch 2, appendix
// B.4.
func PathSimilarity(a, b *Synset) (p float64, ok bool) {
	if a == b {
		return 1, true
	}
	down := b.above()
	least := -1
	for s, up := range a.above() {
		if d, common := down[s]; common && a.POS == b.POS && (least < 0 || up+d < least) {
			least = up + d
		}
	}
	if least < 0 {
		return 0, false
	}
	return 1 / float64(1+least), true
}

// WuPalmer returns how near two meanings are, in (0, 1],
//
//	2 depth(c) / (steps(a, c) + steps(b, c) + 2 depth(c))
//
// where c is their deepest common hypernym, steps are those of the shortest way down
// from c, and depth counts the synsets from the root to c, both included. Where
// several ways lead to c, the shortest one decides which c is deepest and the longest
// is its depth, as in NLTK; of common hypernyms equally deep it is the one that gives
// most. Nouns so have NLTK's values but for 4 pairs in 1,000, in which NLTK goes by
// the names of equally deep ones, or by a way that is not the shortest. Verbs differ:
// their root counts here. A step low in the tree, between kinds of car, counts less
// than one high up, which [PathSimilarity] does not see. ok is as there. From Wu and
// Palmer, Verb semantics and lexical selection (1994).
func WuPalmer(a, b *Synset) (p float64, ok bool) {
	if a.POS != b.POS {
		return 0, false
	}
	down, deepest := b.above(), 0
	for c, up := range a.above() {
		d, common := down[c]
		if !common {
			continue
		}
		shortest, longest := c.depth(a.POS)
		score := float64(2*longest) / float64(up+d+2*longest)
		if shortest > deepest || shortest == deepest && score > p {
			deepest, p = shortest, score
		}
	}
	return p, deepest > 0
}

// depth returns how many synsets there are from the root down to s, by the shortest
// and by the longest way. The root of all verbs, nil, counts.
func (s *Synset) depth(pos POS) (shortest, longest int) {
	if s == nil {
		return 1, 1
	}
	for i, path := range s.HypernymPaths() {
		n := len(path)
		if i == 0 || n < shortest {
			shortest = n
		}
		longest = max(longest, n)
	}
	if pos == Verb {
		return shortest + 1, longest + 1
	}
	return shortest, longest
}
