package wordvec

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wengert-ml/wengert/nn/data"
)

// ReadText reads the text format of the word2vec tool: a line with the numbers of
// words and of dimensions, then a line for each word, the word and its components,
// white space between them. Errors begin with name:line.
func ReadText(r io.Reader, name string) (*Vectors, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, math.MaxInt) // a line of 300 components is 3 kB
	bad := func(line int, err error) error { return fmt.Errorf("%s:%d: %w", name, line, err) }
	if !lines.Scan() {
		return nil, bad(1, cmp.Or(lines.Err(), errHeader))
	}
	words, d, err := parseHeader(lines.Text())
	if err != nil {
		return nil, bad(1, err)
	}
	b := builder{words: words, d: d}
	n := 2
	for ; lines.Scan(); n++ {
		fields := strings.FieldsFunc(lines.Text(), isSpace)
		if len(fields) == 0 && b.vocab.Len() == words {
			continue // an empty line at the end
		}
		if err := b.addText(fields); err != nil {
			return nil, bad(n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, bad(n, err)
	}
	return b.vectors(name)
}

var errHeader = errors.New("no header; want two numbers, of words and of dimensions, as in \"10000 100\"")

// maxWidth is the largest width that a header may state: memory for one vector is
// taken on its word.
const maxWidth = 1 << 16

func parseHeader(line string) (words, d int, err error) {
	fields := strings.FieldsFunc(line, isSpace)
	if len(fields) != 2 {
		return 0, 0, errHeader
	}
	words, err = strconv.Atoi(fields[0])
	if err != nil || words < 1 || words > math.MaxInt32 {
		return 0, 0, fmt.Errorf("%q words; want a number from 1 to %d", fields[0], math.MaxInt32)
	}
	d, err = strconv.Atoi(fields[1])
	if err != nil || d < 1 || d > maxWidth {
		return 0, 0, fmt.Errorf("%q dimensions; want a number from 1 to %d", fields[1], maxWidth)
	}
	return words, d, nil
}

// isSpace reports whether r separates words in the formats of word2vec. The white
// space of Unicode does not: its words may hold a no-break space.
func isSpace(r rune) bool { return r == ' ' || r >= '\t' && r <= '\r' }

// checkWord returns an error for a word that the formats of word2vec cannot hold.
func checkWord(word string) error {
	switch {
	case word == "":
		return errors.New("an empty word")
	case !utf8.ValidString(word):
		return fmt.Errorf("word %q is not valid UTF-8", word)
	case strings.ContainsFunc(word, isSpace):
		return fmt.Errorf("word %q holds white space, which ends a word", word)
	}
	return nil
}

// builder collects what a reader reads. Memory grows with what was read: the
// header may promise anything.
type builder struct {
	words, d int
	vocab    data.Vocabulary
	values   []float32
}

func (b *builder) addWord(word string) error {
	if err := checkWord(word); err != nil {
		return err
	}
	n := b.vocab.Len()
	if n == b.words {
		return fmt.Errorf("a vector of %q; want no more than %d, as the header says", word, b.words)
	}
	if id := b.vocab.Add(word); int(id) != n {
		return fmt.Errorf("a second vector of %q", word)
	}
	return nil
}

func (b *builder) addText(fields []string) error {
	if len(fields) != b.d+1 {
		return fmt.Errorf("%d fields; want a word and %d components", len(fields), b.d)
	}
	if err := b.addWord(fields[0]); err != nil {
		return err
	}
	for _, f := range fields[1:] {
		x, err := strconv.ParseFloat(f, 32)
		if err != nil {
			return fmt.Errorf("component %q of %q; want a number that float32 can hold", f, fields[0])
		}
		b.values = append(b.values, float32(x))
	}
	return nil
}

func (b *builder) vectors(name string) (*Vectors, error) {
	if n := b.vocab.Len(); n != b.words {
		return nil, fmt.Errorf("%s: %d vectors; want %d, as the header says", name, n, b.words)
	}
	v, err := New(&b.vocab, b.d, b.values)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}

// WriteText writes what [ReadText] reads. Reading it gives the same bits. It is an
// error, before anything is written, if a word is empty, holds white space or is
// not valid UTF-8.
func (v *Vectors) WriteText(w io.Writer) error {
	return v.write(w, func(b *bufio.Writer, word string, row []float32) {
		var number [24]byte
		b.WriteString(word)
		for _, x := range row {
			b.WriteByte(' ')
			b.Write(strconv.AppendFloat(number[:0], float64(x), 'g', -1, 32))
		}
		b.WriteByte('\n')
	})
}

// write writes the header that both formats share, then each vector by f.
func (v *Vectors) write(w io.Writer, f func(b *bufio.Writer, word string, row []float32)) error {
	n := int32(v.Vocab.Len())
	for id := range n {
		if err := checkWord(v.Vocab.Token(id)); err != nil {
			return fmt.Errorf("write word vectors: %w", err)
		}
	}
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%d %d\n", n, v.D)
	for id := range n {
		f(b, v.Vocab.Token(id), v.Row(id))
	}
	if err := b.Flush(); err != nil { // the first error of all writes
		return fmt.Errorf("write word vectors: %w", err)
	}
	return nil
}
