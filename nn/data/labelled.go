package data

import (
	"fmt"
	"strings"
)

// LabelledText is the words of a text and the class it belongs to: a sentence and its
// kind, a mail and the mood of its writer.
type LabelledText struct {
	Words []string
	Class string
}

// Labelled is texts of different lengths as ids of words, each with the id of its
// class, for a classifier.
type Labelled struct {
	Classes *Vocabulary
	Labels  []int32   // the class of each text, [N]
	Texts   [][]int32 // the words of each text, at least one
	Longest int       // the number of words of the longest text, T
	Unknown int       // how many words were left out
}

// NewLabelled encodes texts with the vocabulary of words v. A word that v lacks
// becomes [Unk] if v has that, and is left out if not: nothing is known of it. Where
// classes is nil it is made of the classes in the order of their first appearance; a
// class that it lacks is an error, and so is a text of which no word is left.
func NewLabelled(texts []LabelledText, v, classes *Vocabulary) (*Labelled, error) {
	l := &Labelled{Classes: classes}
	if classes == nil {
		l.Classes = new(Vocabulary)
		for _, t := range texts {
			l.Classes.Add(t.Class)
		}
	}
	unk, hasUnk := v.ID(Unk)
	for i, t := range texts {
		label, ok := l.Classes.ID(t.Class)
		if !ok {
			return nil, fmt.Errorf("text %d: class %q is not one of %d", i+1, t.Class, l.Classes.Len())
		}
		var ids []int32
		for _, word := range t.Words {
			id, ok := v.ID(word)
			switch {
			case ok:
				ids = append(ids, id)
			case hasUnk:
				ids = append(ids, unk)
			default:
				l.Unknown++
			}
		}
		if len(ids) == 0 {
			return nil, fmt.Errorf("text %d: none of its words %q is in the vocabulary of %d", i+1, strings.Join(t.Words, " "), v.Len())
		}
		l.Texts, l.Labels, l.Longest = append(l.Texts, ids), append(l.Labels, label), max(l.Longest, len(ids))
	}
	return l, nil
}

// Batch copies the texts idx, B of them, to the caller's buffers: their words to words
// [B, Longest], filled up with id 0; to weights [B, Longest] one over the text's length
// for each of its words and 0 behind them, so that a weighted sum is the mean; and
// their classes to labels [B]. It panics where a buffer has another length or an index
// is not in [0, N).
func (l *Labelled) Batch(idx []int, words []int32, weights []float32, labels []int32) {
	if n := len(idx) * l.Longest; len(words) != n || len(weights) != n || len(labels) != len(idx) {
		panic(fmt.Sprintf("data.Labelled: buffers of %d words, %d weights and %d labels for %d texts; want [%d, %d], the same and [%d]",
			len(words), len(weights), len(labels), len(idx), len(idx), l.Longest, len(idx)))
	}
	clear(words)
	clear(weights)
	for i, text := range idx {
		ids, at := l.Texts[text], i*l.Longest
		copy(words[at:], ids)
		for t := range ids {
			weights[at+t] = 1 / float32(len(ids))
		}
		labels[i] = l.Labels[text]
	}
}
