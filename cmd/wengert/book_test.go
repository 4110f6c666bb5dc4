package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What docs/book.md names is there: commands with their flags, packages, tests.
func TestBookMap(t *testing.T) {
	wholeTraining(t)
	root := filepath.Join("..", "..")
	raw, err := os.ReadFile(filepath.Join(root, "docs", "book.md"))
	require.NoError(t, err)
	page := regexp.MustCompile(`\s+`).ReplaceAllString(string(raw), " ")

	lines := regexp.MustCompile("`wengert ([^`]+)`").FindAllStringSubmatch(page, -1)
	require.NotEmpty(t, lines)
	for _, m := range lines {
		parser, err := kong.New(&commands{}, kong.Vars{"formulas": formulaNames()})
		require.NoError(t, err)
		_, err = parser.Parse(fields(m[1]))
		assert.NoError(t, err, "wengert %s", m[1])
	}

	links := regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(page, -1)
	require.NotEmpty(t, links)
	for _, m := range links {
		_, err := os.Stat(filepath.Join(root, "docs", m[1]))
		assert.NoError(t, err)
	}

	tests := map[string]bool{}
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Example)\w+)\(`).FindAllStringSubmatch(string(src), -1) {
			tests[m[1]] = true
		}
		return err
	}))
	for _, m := range regexp.MustCompile("`((?:Test|Example)[A-Z]\\w+)`").FindAllStringSubmatch(page, -1) {
		assert.True(t, tests[m[1]], "there is no test %s", m[1])
	}
}

// fields are the words of a command line, of which some are quoted.
func fields(line string) []string {
	var words []string
	for _, m := range regexp.MustCompile(`"([^"]*)"|\S+`).FindAllStringSubmatch(line, -1) {
		if m[1] != "" {
			words = append(words, m[1])
			continue
		}
		words = append(words, m[0])
	}
	return words
}
