package data

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The tokens with a meaning of their own, as the Penn Treebank spells them.
const (
	EOS = "<eos>" // ends each line of a corpus
	Unk = "<unk>" // stands for every word that is not in the vocabulary
)

// Vocabulary numbers tokens (characters or words) from 0 in the order in which
// they were added, which is the book's order where they are added as they appear
// in the text. The zero value is empty and ready for Add.
//
// In JSON it is the list of tokens in the order of their ids. Methods other than
// Add and UnmarshalJSON may be called from several goroutines.
type Vocabulary struct {
	tokens []string
	ids    map[string]int32
}

// NewVocabulary returns a vocabulary of the tokens in the order of their first
// appearance.
func NewVocabulary(tokens ...string) *Vocabulary {
	v := new(Vocabulary)
	for _, token := range tokens {
		v.Add(token)
	}
	return v
}

// FrequentVocabulary returns a vocabulary ordered by falling count, equal counts
// by first appearance. Tokens that appear fewer than least times are left out and
// counted as [Unk], which is always there where least is above 1.
func FrequentVocabulary(tokens []string, least int) *Vocabulary {
	all := NewVocabulary(tokens...)
	if least > 1 {
		all.Add(Unk)
	}
	counts := make([]int, all.Len())
	for _, token := range tokens {
		counts[all.ids[token]]++
	}
	unk, cut := all.ids[Unk], 0
	kept := make([]int32, 0, all.Len())
	for id, count := range counts {
		if count < least && all.tokens[id] != Unk {
			cut += count
			continue
		}
		kept = append(kept, int32(id))
	}
	if cut > 0 {
		counts[unk] += cut
	}
	slices.SortStableFunc(kept, func(a, b int32) int { return counts[b] - counts[a] })
	v := new(Vocabulary)
	for _, id := range kept {
		v.Add(all.tokens[id])
	}
	return v
}

// Chars returns the characters of s, one token each.
func Chars(s string) []string { return strings.Split(s, "") }

// Words returns the words of text as the book's preprocess does: lower case, the
// full stop a word of its own, split at white space.
func Words(text string) []string {
	return strings.Fields(strings.ReplaceAll(strings.ToLower(text), ".", " ."))
}

// Add returns the id of token, a new one if it had none.
func (v *Vocabulary) Add(token string) int32 {
	if id, ok := v.ids[token]; ok {
		return id
	}
	if v.ids == nil {
		v.ids = make(map[string]int32)
	}
	id := int32(len(v.tokens))
	v.ids[token] = id
	v.tokens = append(v.tokens, token)
	return id
}

// Len returns the number of tokens: ids are below it.
func (v *Vocabulary) Len() int { return len(v.tokens) }

// ID returns the id of token and whether it has one.
func (v *Vocabulary) ID(token string) (int32, bool) {
	id, ok := v.ids[token]
	return id, ok
}

// Token returns the token of an id. It panics where the id is not in [0, Len).
func (v *Vocabulary) Token(id int32) string {
	if id < 0 || int(id) >= len(v.tokens) {
		panic(fmt.Sprintf("vocabulary: id %d out of range; want one in [0, %d)", id, len(v.tokens)))
	}
	return v.tokens[id]
}

// Encode returns the ids of tokens. The error is an [*UnknownToken] for the first
// one that has no id; Encode never falls back on [Unk], as [NewCorpus] does.
func (v *Vocabulary) Encode(tokens []string) ([]int32, error) {
	ids := make([]int32, len(tokens))
	for i, token := range tokens {
		id, ok := v.ids[token]
		if !ok {
			return nil, &UnknownToken{Token: token, Pos: i, Size: v.Len()}
		}
		ids[i] = id
	}
	return ids, nil
}

// Decode returns the tokens of ids: strings.Join(v.Decode(ids), "") is the text
// where tokens are characters. It panics as [Vocabulary.Token] does.
func (v *Vocabulary) Decode(ids []int32) []string {
	tokens := make([]string, len(ids))
	for i, id := range ids {
		tokens[i] = v.Token(id)
	}
	return tokens
}

// MarshalJSON returns the list of tokens. The error is for a token that is not
// valid UTF-8, which JSON cannot hold.
func (v *Vocabulary) MarshalJSON() ([]byte, error) {
	for id, token := range v.tokens {
		if !utf8.ValidString(token) {
			return nil, fmt.Errorf("vocabulary: token %d, %q, is not valid UTF-8", id, token)
		}
	}
	return json.Marshal(append([]string{}, v.tokens...)) // an empty one is [], not null
}

// UnmarshalJSON replaces the tokens by those of a list. The error is for anything
// that is no list of strings, and for a token that stands there twice.
func (v *Vocabulary) UnmarshalJSON(b []byte) error {
	var tokens []string
	if err := json.Unmarshal(b, &tokens); err != nil {
		return fmt.Errorf("vocabulary: %w", err)
	}
	var read Vocabulary
	for i, token := range tokens {
		if id := read.Add(token); int(id) != i {
			return fmt.Errorf("vocabulary: token %q has the ids %d and %d", token, id, i)
		}
	}
	*v = read
	return nil
}

// UnknownToken is the error for a token that has no id.
type UnknownToken struct {
	Token string
	Pos   int // its position among the tokens given, from 0
	Size  int // the number of tokens in the vocabulary
}

// Error names the token and where it stands, counted from 1 as people do.
func (e *UnknownToken) Error() string {
	return fmt.Sprintf("token %d, %q, is not one of the %d in the vocabulary", e.Pos+1, e.Token, e.Size)
}
