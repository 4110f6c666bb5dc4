package ptx

import (
	"fmt"
	"strings"
)

// tokenKind is a class of tokens.
type tokenKind uint8

const (
	endOfText   tokenKind = iota
	word                  // a name, register, directive or mnemonic: dots belong to it
	number                // it begins with a digit
	quoted                // without its quotes
	punctuation           // one character
)

type token struct {
	kind tokenKind
	text string
	line int
}

// lexer cuts PTX text into tokens.
type lexer struct {
	text  string
	at    int
	line  int
	lines []string // the text by lines, for messages
}

func newLexer(text string) *lexer {
	return &lexer{text: text, line: 1, lines: strings.Split(text, "\n")}
}

// source returns a line of the text for a message.
func (l *lexer) source(line int) string {
	s, _, _ := strings.Cut(l.lines[line-1], "//")
	return strings.Join(strings.Fields(s), " ")
}

func (l *lexer) errorf(line int, format string, args ...any) error {
	return &SyntaxError{Line: line, Source: l.source(line), Detail: fmt.Sprintf(format, args...)}
}

// next returns the next token.
func (l *lexer) next() (token, error) {
	if err := l.skipSpace(); err != nil {
		return token{}, err
	}
	if l.at == len(l.text) {
		return token{endOfText, "", l.line}, nil
	}
	start := l.at
	switch c := l.text[start]; {
	case isLetter(c):
		for l.at < len(l.text) && (isLetter(l.text[l.at]) || isDigit(l.text[l.at])) {
			l.at++
		}
		return token{word, l.text[start:l.at], l.line}, nil
	case isDigit(c):
		for l.at < len(l.text) && (isLetter(l.text[l.at]) || isDigit(l.text[l.at])) {
			l.at++
		}
		return token{number, l.text[start:l.at], l.line}, nil
	case c == '"':
		end := strings.IndexAny(l.text[start+1:], "\"\n")
		if end < 0 || l.text[start+1+end] == '\n' {
			return token{}, l.errorf(l.line, "a string has no end")
		}
		l.at = start + end + 2
		return token{quoted, l.text[start+1 : l.at-1], l.line}, nil
	case strings.IndexByte(",;:(){}[]<>@!|+-=", c) >= 0:
		l.at++
		return token{punctuation, l.text[start:l.at], l.line}, nil
	default:
		return token{}, l.errorf(l.line, "character %q is unknown", c)
	}
}

// skipSpace skips blanks and comments.
func (l *lexer) skipSpace() error {
	for l.at < len(l.text) {
		rest := l.text[l.at:]
		switch {
		case rest[0] == '\n':
			l.line++
			l.at++
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r':
			l.at++
		case strings.HasPrefix(rest, "//"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			l.at += end
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest, "*/")
			if end < 0 {
				return l.errorf(l.line, "a comment has no end")
			}
			l.line += strings.Count(rest[:end], "\n")
			l.at += end + 2
		default:
			return nil
		}
	}
	return nil
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || c == '%' || c == '.'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
