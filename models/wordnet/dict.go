package wordnet

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// DefaultDir is where Debian's package wordnet-base puts the database.
const DefaultDir = "/usr/share/wordnet"

// Dict is a WordNet database in memory: 118,000 meanings of 147,000 words in version
// 3.0. It does not change, so several goroutines may use it.
type Dict struct {
	senses map[string][]*Synset // by word and part of speech: "car.n"
	n      int
}

// parts is the order in which [Dict.Senses] lists parts of speech.
var parts = [...]POS{Noun, Verb, Adjective, Adverb}

// Open reads the database in a folder, which takes about a second. A part of speech
// that has no files there is left out. Errors name file and line; where the folder
// has no database at all the error is [fs.ErrNotExist].
func Open(dir string) (*Dict, error) {
	d := &Dict{senses: make(map[string][]*Synset)}
	read := 0
	for _, p := range parts {
		data := filepath.Join(dir, "data."+p.String())
		text, err := os.ReadFile(data)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read WordNet: %w", err)
		}
		index := filepath.Join(dir, "index."+p.String())
		list, err := os.ReadFile(index)
		if err != nil {
			return nil, fmt.Errorf("read WordNet: %w", err)
		}
		read++
		r := &reader{pos: p, at: make(map[string]*record)}
		if err := r.readData(data, text); err != nil {
			return nil, err
		}
		if err := r.readIndex(d, index, list); err != nil {
			return nil, err
		}
	}
	if read == 0 {
		return nil, fmt.Errorf("read WordNet: no file data.noun, data.verb, data.adj or data.adv in %s: %w", dir, fs.ErrNotExist)
	}
	return d, nil
}

// Len returns the number of meanings.
func (d *Dict) Len() int { return d.n }

// Senses returns the meanings of a word, nouns first, then verbs, adjectives and
// adverbs, the more frequent ones of each first. The word is a lemma, "car" for
// cars, in any case; the parts of a compound have a space or an underscore between
// them. It returns nil for a word that is not in the database.
func (d *Dict) Senses(word string) []*Synset {
	var senses []*Synset
	for _, p := range parts {
		senses = append(senses, d.senses[key(word, p)]...)
	}
	return senses
}

// Sense returns the meaning with a name such as "car.n.01", which is the first
// meaning of car as a noun, whatever its own name is. ok is false where there is no
// such meaning.
func (d *Dict) Sense(name string) (s *Synset, ok bool) {
	rest, number, found := cutLast(name, ".")
	word, pos, alsoFound := cutLast(rest, ".")
	n, err := strconv.Atoi(number)
	if !found || !alsoFound || len(pos) != 1 || err != nil {
		return nil, false
	}
	if pos == "s" { // a satellite is an adjective
		pos = string(Adjective)
	}
	senses := d.senses[key(word, POS(pos[0]))]
	if n < 1 || n > len(senses) {
		return nil, false
	}
	return senses[n-1], true
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// Synonyms returns the words that share a meaning with word, itself left out, those
// of the more frequent meanings first, each once.
func (d *Dict) Synonyms(word string) []string {
	var found []string
	for _, s := range d.Senses(word) {
		for _, w := range s.Words {
			if lemma(w) != lemma(word) && !slices.Contains(found, w) {
				found = append(found, w)
			}
		}
	}
	return found
}

// lemma spells a word as the index does.
func lemma(word string) string { return strings.ReplaceAll(strings.ToLower(word), " ", "_") }

func key(word string, p POS) string { return lemma(word) + "." + string(rune(p)) }

// reader reads the files of one part of speech.
type reader struct {
	pos     POS
	records []*record // in the order of the file
	at      map[string]*record
}

// record is a line of a data file.
type record struct {
	*Synset
	line   int
	offset string   // as written
	above  []string // the offsets of hypernyms
}

// readData reads a file of lines
//
//	offset file type words [word id]... pointers [symbol offset type ends]... | gloss
//
// with the number of words in hexadecimal. Lines that begin with a space are the
// licence.
func (r *reader) readData(name string, text []byte) error {
	err := eachLine(name, text, func(n int, line string) error {
		rec, err := r.parse(line)
		if err != nil {
			return err
		}
		if r.at[rec.offset] != nil {
			return fmt.Errorf("a second synset at %s", rec.offset)
		}
		rec.line = n
		r.at[rec.offset] = rec
		r.records = append(r.records, rec)
		return nil
	})
	if err != nil {
		return err
	}
	for _, rec := range r.records {
		for _, offset := range rec.above {
			h := r.at[offset]
			if h == nil {
				return fmt.Errorf("%s:%d: a hypernym at %s, where no synset is", name, rec.line, offset)
			}
			rec.Hypernyms = append(rec.Hypernyms, h.Synset)
		}
	}
	return nil
}

// eachLine calls f with every line that is not of the licence; errors get name:line.
func eachLine(name string, text []byte, f func(n int, line string) error) error {
	n := 0
	for line := range bytes.Lines(text) {
		n++
		line = bytes.TrimRight(line, " \r\n")
		if len(line) == 0 || line[0] == ' ' {
			continue
		}
		if err := f(n, string(line)); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	return nil
}

func (r *reader) parse(line string) (*record, error) {
	fields, gloss, _ := strings.Cut(line, "|")
	f := fieldsOf{rest: strings.Fields(fields)}
	rec := &record{offset: f.next()}
	f.next() // the lexicographer's file
	kind := f.next()
	if kind != string(rune(r.pos)) && !(kind == "s" && r.pos == Adjective) {
		f.fail(fmt.Errorf("type %q; want %q", kind, byte(r.pos)))
	}
	s := &Synset{POS: r.pos, Gloss: strings.TrimSpace(gloss)}
	for range f.count(16) {
		word := f.next()
		f.next()                            // which of the file's words of this spelling
		word, _, _ = strings.Cut(word, "(") // the marker of an adjective's position
		s.Words = append(s.Words, strings.ReplaceAll(word, "_", " "))
	}
	for range f.count(10) {
		symbol, to, _, _ := f.next(), f.next(), f.next(), f.next()
		if symbol == "@" || symbol == "@i" { // a kind of, an instance of
			rec.above = append(rec.above, to)
		}
	}
	if len(s.Words) == 0 {
		f.fail(errors.New("a synset without words"))
	}
	rec.Synset = s
	return rec, f.err
}

// readIndex reads a file of lines
//
//	word type synsets pointers [symbol]... senses tagged [offset]...
//
// and names the synsets by the first word of each.
func (r *reader) readIndex(d *Dict, name string, text []byte) error {
	err := eachLine(name, text, func(_ int, line string) error {
		f := fieldsOf{rest: strings.Fields(line)}
		word := f.next()
		if kind := f.next(); f.err == nil && kind != string(rune(r.pos)) {
			return fmt.Errorf("type %q; want %q", kind, byte(r.pos))
		}
		n := f.count(10)
		for range f.count(10) {
			f.next()
		}
		f.next() // the number of senses again
		f.next() // how many of them were met in tagged texts
		senses := make([]*Synset, 0, min(n, len(f.rest)))
		for range n {
			offset := f.next()
			rec := r.at[offset]
			if rec == nil {
				f.fail(fmt.Errorf("%q has a synset at %s, where none is", word, offset))
				return f.err
			}
			senses = append(senses, rec.Synset)
		}
		if f.err != nil {
			return f.err
		}
		d.senses[key(word, r.pos)] = senses
		return nil
	})
	if err != nil {
		return err
	}
	return r.name(d, name)
}

// name gives each synset its name.
func (r *reader) name(d *Dict, index string) error {
	for _, s := range r.records {
		word := s.Words[0]
		n := slices.Index(d.senses[key(word, r.pos)], s.Synset)
		if n < 0 {
			return fmt.Errorf("%s: %q lacks its synset at %s", index, lemma(word), s.offset)
		}
		s.Name = fmt.Sprintf("%s.%c.%02d", lemma(word), r.pos, n+1)
	}
	d.n += len(r.records)
	return nil
}

// fieldsOf reads fields one by one and keeps the first error.
type fieldsOf struct {
	rest []string
	err  error
}

func (f *fieldsOf) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

func (f *fieldsOf) next() string {
	if len(f.rest) == 0 {
		f.fail(errors.New("the line ends too early"))
		return ""
	}
	s := f.rest[0]
	f.rest = f.rest[1:]
	return s
}

// count reads how many things follow. More than there are fields cannot.
func (f *fieldsOf) count(base int) int {
	s := f.next()
	n, err := strconv.ParseInt(s, base, 32)
	if err != nil || n < 0 || int(n) > len(f.rest) {
		f.fail(fmt.Errorf("%q things follow; %d fields do", s, len(f.rest)))
		return 0
	}
	return int(n)
}
