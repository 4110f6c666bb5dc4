package data

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Opticks returns the words of Newton's Opticks (the fourth edition, 1730), some
// 118,000 as [ReadProse] reads them. The book is a test file of the Go distribution,
// src/testdata below its root, which is the environment variable GOROOT or what
// `go env GOROOT` says. The error says where it was looked for.
func Opticks() ([]string, error) {
	root, err := goroot()
	if err != nil {
		return nil, fmt.Errorf("read Newton's Opticks: %w; it comes with the Go distribution: set GOROOT to its folder", err)
	}
	path := filepath.Join(root, "src", "testdata", "Isaac.Newton-Opticks.txt")
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read Newton's Opticks: %w; this Go installation comes without its test files: set GOROOT to the folder of one from go.dev/dl", err)
	}
	defer f.Close()
	return ReadProse(f, path)
}

func goroot() (string, error) {
	if root := os.Getenv("GOROOT"); root != "" {
		return root, nil
	}
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// ReadProse returns the words of a book as Project Gutenberg writes them, in lower
// case, every mark of punctuation a word of its own, and [EOS] after each sentence.
//
//   - A word is a run of letters, digits, and apostrophes or hyphens within it:
//     scatter'd, royal-society, 1675.
//   - Underscores, which stand for italics, are left out, and so are paragraphs that
//     begin with "[Illustration".
//   - A sentence ends with its paragraph (at an empty line), or with one of . ? !
//     before white space and a capital letter. A full stop ends none after a number,
//     a single letter or an abbreviation, as in "Exper. 6. In the middle".
//
// Errors begin with name:line; a line that is not valid UTF-8 is one.
func ReadProse(r io.Reader, name string) ([]string, error) {
	var words []string
	var paragraph strings.Builder
	flush := func() {
		words = appendProse(words, paragraph.String())
		paragraph.Reset()
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, math.MaxInt)
	n := 1
	for ; lines.Scan(); n++ {
		if !utf8.Valid(lines.Bytes()) {
			return nil, fmt.Errorf("%s:%d: not valid UTF-8", name, n)
		}
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			flush()
			continue
		}
		paragraph.Write(line)
		paragraph.WriteByte('\n')
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, n, err)
	}
	flush()
	if len(words) == 0 {
		return nil, fmt.Errorf("%s: no words", name)
	}
	return words, nil
}

// abbreviations are the words of Opticks whose full stop does not end a sentence.
const abbreviations = " adv ax axiom book cas chap comp cor def defin deg degr dr exper febr fig figs gr hist knt lect lib lin min mr mrs numb obs opt p pag par part philos prob prop qu quest sch sec sect sir st theor trans viz vol "

func appendProse(words []string, paragraph string) []string {
	paragraph = strings.ReplaceAll(paragraph, "_", "")
	if strings.HasPrefix(paragraph, "[Illustration") {
		return words
	}
	begin := len(words)
	for rest := strings.TrimSpace(paragraph); rest != ""; {
		size := wordSize(rest)
		word := strings.ToLower(rest[:size])
		rest = rest[size:]
		words = append(words, word)
		next := strings.TrimSpace(rest)
		capital, _ := utf8.DecodeRuneInString(next)
		last := next == "" || len(next) < len(rest) && unicode.IsUpper(capital)
		if last && endsSentence(words[begin:]) {
			words = append(words, EOS)
			begin = len(words)
		}
		rest = next
	}
	if len(words) > begin {
		words = append(words, EOS)
	}
	return words
}

// endsSentence reports whether the last of words can end a sentence that goes on
// with a capital letter.
func endsSentence(words []string) bool {
	switch words[len(words)-1] {
	case "?", "!":
		return true
	case ".":
		if len(words) == 1 {
			return false
		}
		before := words[len(words)-2]
		first, size := utf8.DecodeRuneInString(before)
		letter := unicode.IsLetter(first) && size == len(before)
		return !letter && !unicode.IsDigit(first) && !strings.Contains(abbreviations, " "+before+" ")
	}
	return false
}

// wordSize returns how many bytes of s its first word has; s begins with no space.
func wordSize(s string) int {
	size := 0
	for i, r := range s {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			size = i + utf8.RuneLen(r)
		case size > 0 && size == i && (r == '\'' || r == '-'):
			// Within the word only if a letter follows; size says that none has yet.
		case size == 0:
			return utf8.RuneLen(r)
		default:
			return size
		}
	}
	return size
}
