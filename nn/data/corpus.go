package data

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"unicode/utf8"
)

// Corpus is running text as ids of words.
type Corpus struct {
	Vocab *Vocabulary
	IDs   []int32
}

// NewCorpus encodes words with the vocabulary v. Where v is nil it is made of the
// words in the order of their first appearance, as the book does. A word that v
// lacks becomes [Unk] if v has that, and is an [*UnknownToken] if not.
func NewCorpus(words []string, v *Vocabulary) (*Corpus, error) {
	if v == nil {
		v = NewVocabulary(words...)
	}
	unk, hasUnk := v.ID(Unk)
	c := &Corpus{Vocab: v, IDs: make([]int32, len(words))}
	for i, word := range words {
		id, ok := v.ID(word)
		switch {
		case ok:
			c.IDs[i] = id
		case hasUnk:
			c.IDs[i] = unk
		default:
			return nil, &UnknownToken{Token: word, Pos: i, Size: v.Len()}
		}
	}
	return c, nil
}

// LoadCorpus reads the words of the file at path as [ReadWords] does and encodes
// them as [NewCorpus] does: with a nil v for the text to train on, with its
// Vocab for those to validate and test on.
func LoadCorpus(path string, v *Vocabulary) (*Corpus, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read corpus: %w", err)
	}
	defer f.Close()
	words, err := ReadWords(f, path)
	if err != nil {
		return nil, err
	}
	c, err := NewCorpus(words, v)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// ReadWords returns what stands between white space, and [EOS] after each line, as
// the book reads the Penn Treebank. Errors begin with name:line; a line that is
// not valid UTF-8 is one.
func ReadWords(r io.Reader, name string) ([]string, error) {
	var words []string
	known := make(map[string]string) // one string for all appearances of a word
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, math.MaxInt) // some corpora are a single line
	n := 1
	for ; lines.Scan(); n++ {
		if !utf8.Valid(lines.Bytes()) {
			return nil, fmt.Errorf("%s:%d: not valid UTF-8", name, n)
		}
		for field := range bytes.FieldsSeq(lines.Bytes()) {
			word, ok := known[string(field)]
			if !ok {
				word = string(field)
				known[word] = word
			}
			words = append(words, word)
		}
		words = append(words, EOS)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, n, err)
	}
	return words, nil
}

// Counts returns how often each id of the vocabulary appears, [V]: the unigram
// distribution that negative samples are drawn from.
func (c *Corpus) Counts() []int {
	counts := make([]int, c.Vocab.Len())
	for _, id := range c.IDs {
		counts[id]++
	}
	return counts
}
