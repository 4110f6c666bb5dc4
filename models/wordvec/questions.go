package wordvec

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Section is a named list of analogies, a : b = c : d.
type Section struct {
	Name      string
	Questions [][4]string
}

// ReadQuestions reads analogies in the format of Google's questions-words.txt: a
// line ": name" begins a section, every other line is four words. Errors begin with
// name:line.
func ReadQuestions(r io.Reader, name string) ([]Section, error) {
	var sections []Section
	lines := bufio.NewScanner(r)
	n := 1
	for ; lines.Scan(); n++ {
		line := lines.Text()
		if !utf8.ValidString(line) {
			return nil, fmt.Errorf("%s:%d: not valid UTF-8", name, n)
		}
		if title, ok := strings.CutPrefix(line, ":"); ok {
			sections = append(sections, Section{Name: strings.TrimSpace(title)})
			continue
		}
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
			continue
		case len(words) != 4:
			return nil, fmt.Errorf("%s:%d: %d words; want four, as in \"king man queen woman\", or \": name\"", name, n, len(words))
		case len(sections) == 0:
			sections = append(sections, Section{}) // questions before any title
		}
		last := &sections[len(sections)-1]
		last.Questions = append(last.Questions, [4]string(words))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, n, err)
	}
	if len(sections) == 0 {
		return nil, fmt.Errorf("%s: no analogies; want four words a line", name)
	}
	return sections, nil
}
