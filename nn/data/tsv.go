package data

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// LoadTSV reads the file at path as [ReadTSV] does.
func LoadTSV(path string) ([]QA, error) {
	return loadQA(path, ReadTSV)
}

// ReadTSV reads pairs of texts, a question, a tab and its answer on each line, and
// pads them with spaces to the width of the longest question and of the longest
// answer, which gets the mark '_' before it. Spaces around a text are dropped. Errors
// begin with name:line.
func ReadTSV(r io.Reader, name string) ([]QA, error) {
	var qa []QA
	question, answer := 0, 0 // widths
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		pair, err := parseTSV(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, len(qa)+1, err)
		}
		qa = append(qa, pair)
		question = max(question, utf8.RuneCountInString(pair.Question))
		answer = max(answer, utf8.RuneCountInString(pair.Answer))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, len(qa)+1, err)
	}
	if len(qa) == 0 {
		return nil, fmt.Errorf("%s: no lines; want a question, a tab and its answer on each", name)
	}
	for i, q := range qa { // no width is exceeded
		qa[i].Question, _ = Pad(q.Question, question)
		qa[i].Answer, _ = Pad(q.Answer, answer)
	}
	return qa, nil
}

func parseTSV(line string) (QA, error) {
	if !utf8.ValidString(line) {
		return QA{}, errors.New("not valid UTF-8")
	}
	question, answer, ok := strings.Cut(line, "\t")
	question, answer = strings.TrimSpace(question), strings.TrimSpace(answer)
	if !ok || question == "" || answer == "" || strings.Contains(answer, "\t") {
		return QA{}, fmt.Errorf("%.60q; want a question, one tab and its answer", line)
	}
	return QA{Question: question, Answer: "_" + answer}, nil
}
