package wordvec

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// ReadBinary reads the binary format of the word2vec tool: the header of its text
// format, then for each word the word, a space, and its components as little-endian
// float32. A newline before a word, which that tool writes and others do not, is
// left out. Errors begin with name and say at which word.
func ReadBinary(r io.Reader, name string) (*Vectors, error) {
	in := bufio.NewReaderSize(r, 1<<16) // which is also the longest word
	line, err := in.ReadSlice('\n')
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, errHeader)
	}
	words, d, err := parseHeader(string(line))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	b := builder{words: words, d: d}
	row := make([]byte, 4*d)
	for i := range words {
		if err := b.addBinary(in, row); err != nil {
			return nil, fmt.Errorf("%s: word %d of %d: %w", name, i+1, words, err)
		}
	}
	if rest, err := io.ReadAll(io.LimitReader(in, 2)); err != nil || len(rest) > 1 || len(rest) == 1 && rest[0] != '\n' {
		return nil, fmt.Errorf("%s: more bytes after the last of %d words", name, words)
	}
	return b.vectors(name)
}

// addBinary reads a word and its vector; row is room for its bytes.
func (b *builder) addBinary(in *bufio.Reader, row []byte) error {
	word, err := in.ReadSlice(' ')
	if errors.Is(err, bufio.ErrBufferFull) {
		return fmt.Errorf("no space in %d bytes; want one after the word", in.Size())
	}
	if err != nil {
		return fmt.Errorf("read the word: %w", unexpected(err))
	}
	if word[0] == '\n' {
		word = word[1:]
	}
	text := string(word[:len(word)-1])
	if err := b.addWord(text); err != nil {
		return err
	}
	if _, err := io.ReadFull(in, row); err != nil {
		return fmt.Errorf("read the vector of %q: %w", text, unexpected(err))
	}
	for i := range b.d {
		b.values = append(b.values, math.Float32frombits(binary.LittleEndian.Uint32(row[4*i:])))
	}
	return nil
}

// unexpected calls the end of a file what it is in the middle of a word.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// WriteBinary writes what [ReadBinary] reads, as the word2vec tool writes it, a
// newline after each vector. Errors are those of [Vectors.WriteText].
func (v *Vectors) WriteBinary(w io.Writer) error {
	return v.write(w, func(b *bufio.Writer, word string, row []float32) {
		var number [4]byte
		b.WriteString(word)
		b.WriteByte(' ')
		for _, x := range row {
			binary.LittleEndian.PutUint32(number[:], math.Float32bits(x))
			b.Write(number[:])
		}
		b.WriteByte('\n')
	})
}
