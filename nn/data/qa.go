package data

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// QA is the text of one example for a sequence-to-sequence model, both parts
// padded on the right with spaces to the width that all examples of a set have.
type QA struct {
	Question string // "16+75  "
	Answer   string // "_91  ": begins with the mark '_' that starts the decoder
}

// Pad returns s with spaces on the right, width characters in all. The error is
// for a longer s.
func Pad(s string, width int) (string, error) {
	n := utf8.RuneCountInString(s)
	if n > width {
		return "", fmt.Errorf("%q has %d characters; want at most %d", s, n, width)
	}
	return s + strings.Repeat(" ", width-n), nil
}

// LoadQA reads the file at path as [ReadQA] does.
func LoadQA(path string) ([]QA, error) {
	return loadQA(path, ReadQA)
}

// loadQA reads a file of questions and answers in the format that read reads.
func loadQA(path string, read func(r io.Reader, name string) ([]QA, error)) ([]QA, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read questions and answers: %w", err)
	}
	defer f.Close()
	return read(f, path)
}

// ReadQA reads the text format of the book's addition.txt and date.txt: one
// example a line, the answer beginning with the line's first '_', questions of
// one width and answers of one width. Errors begin with name:line.
func ReadQA(r io.Reader, name string) ([]QA, error) {
	var qa []QA
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		next, err := parseQA(lines.Text())
		if err == nil && len(qa) > 0 {
			err = next.sameWidth(qa[0])
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, len(qa)+1, err)
		}
		qa = append(qa, next)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, len(qa)+1, err)
	}
	if len(qa) == 0 {
		return nil, fmt.Errorf("%s: no lines; want one question and answer a line, as in \"16+75  _91  \"", name)
	}
	return qa, nil
}

func parseQA(line string) (QA, error) {
	mark := strings.IndexByte(line, '_')
	switch {
	case !utf8.ValidString(line):
		return QA{}, errors.New("not valid UTF-8")
	case line == "":
		return QA{}, errors.New("an empty line; want a question and an answer")
	case mark < 0:
		return QA{}, fmt.Errorf("%.60q has no '_' between question and answer", line)
	case mark == 0:
		return QA{}, errors.New("no question before the '_'")
	case mark == len(line)-1:
		return QA{}, errors.New("no answer after the '_'")
	}
	return QA{Question: line[:mark], Answer: line[mark:]}, nil
}

// sameWidth returns an error unless q is as wide as first, the set's first example.
func (q QA) sameWidth(first QA) error {
	width := utf8.RuneCountInString
	if got, want := width(q.Question), width(first.Question); got != want {
		return fmt.Errorf("question %q has %d characters; want %d, as the first one", q.Question, got, want)
	}
	if got, want := width(q.Answer), width(first.Answer); got != want {
		return fmt.Errorf("answer %q has %d characters; want %d, as the first one", q.Answer, got, want)
	}
	return nil
}

// WriteQA writes what [ReadQA] reads.
func WriteQA(w io.Writer, qa []QA) error {
	b := bufio.NewWriter(w)
	for _, q := range qa {
		b.WriteString(q.Question)
		b.WriteString(q.Answer)
		b.WriteByte('\n')
	}
	if err := b.Flush(); err != nil { // the first error of all writes
		return fmt.Errorf("write questions and answers: %w", err)
	}
	return nil
}
