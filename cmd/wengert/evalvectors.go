package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/wengert-ml/wengert/models/wordvec"
)

// wordQuestions is the flags that say what word vectors are asked.
type wordQuestions struct {
	Wordsim   string `placeholder:"PATH" help:"Pairs of words and how similar people found them, such as WordSim-353: a file, or a folder of .txt and .csv files."`
	Questions string `placeholder:"FILE" help:"Analogies in the format of Google's questions-words.txt. Without this and --wordsim, those of the artificial English."`
}

// similarity is what came out of a word-similarity set, as a line of JSON.
type similarity struct {
	Wordsim  string   `json:"wordsim"`
	Spearman *float64 `json:"spearman"` // null where too few pairs are covered
	Pairs    int      `json:"pairs"`
	Covered  int      `json:"covered"`
}

// answered is what came out of a section of analogies, as a line of JSON.
type answered struct {
	Analogies string  `json:"analogies"`
	Accuracy  float64 `json:"accuracy"` // of the covered ones
	Questions int     `json:"questions"`
	Covered   int     `json:"covered"`
	Right     int     `json:"right"`
}

// completed is what completes an analogy of the book, as a line of JSON.
type completed struct {
	Analogy string   `json:"analogy"` // "king : man = queen : ?"
	Best    []string `json:"best"`    // by cosine
	Book    []string `json:"book"`    // as the book ranks them
}

// neighbours is the words most similar to a word of the book, as a line of JSON.
type neighbours struct {
	Similar string   `json:"similar"`
	Best    []string `json:"best"`
}

// eval puts the questions to the vectors in a file and prints a table for each kind.
func (c *wordQuestions) eval(s *session, model, metrics string) error {
	sets, err := c.sets()
	if err != nil {
		return err
	}
	sections, err := c.sections()
	if err != nil {
		return err
	}
	v, err := wordvec.Open(model)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%d words, vectors of width %d\n", v.Vocab.Len(), v.D)
	lines := slices.Concat(rate(v, sets), answer(v, sections), askBook(v))
	if err := printLines(s.out, lines); err != nil {
		return err
	}
	return writeFigures(metrics, lines)
}

// pairSet is a word-similarity set and its name.
type pairSet struct {
	name  string
	pairs []wordvec.Pair
}

// sets reads the word-similarity sets.
func (c *wordQuestions) sets() ([]pairSet, error) {
	if c.Wordsim == "" {
		return nil, nil
	}
	info, err := os.Stat(c.Wordsim)
	if err != nil {
		return nil, fmt.Errorf("--wordsim: %w", err)
	}
	paths := []string{c.Wordsim}
	if info.IsDir() {
		if paths, err = pairFiles(c.Wordsim); err != nil {
			return nil, err
		}
	}
	var sets []pairSet
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("--wordsim: %w", err)
		}
		pairs, err := wordvec.ReadPairs(f, path)
		f.Close()
		if err != nil {
			return nil, err
		}
		sets = append(sets, pairSet{filepath.Base(path), pairs})
	}
	return sets, nil
}

// pairFiles returns the files of a folder that hold pairs by their names.
func pairFiles(dir string) (paths []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("--wordsim: %w", err)
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".txt" || ext == ".csv") {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("--wordsim: the folder %s has no .txt or .csv file", dir)
	}
	return paths, nil
}

// sections reads the analogies.
func (c *wordQuestions) sections() ([]wordvec.Section, error) {
	switch {
	case c.Questions == "" && c.Wordsim != "":
		return nil, nil
	case c.Questions == "":
		return englishAnalogies(), nil
	}
	f, err := os.Open(c.Questions)
	if err != nil {
		return nil, fmt.Errorf("--questions: %w", err)
	}
	defer f.Close()
	return wordvec.ReadQuestions(f, c.Questions)
}

// rate sets the similarities of vectors beside people's, a line for each set.
func rate(v *wordvec.Vectors, sets []pairSet) (lines []any) {
	for _, set := range sets {
		a := v.Rate(set.pairs)
		line := similarity{Wordsim: set.name, Pairs: a.Pairs, Covered: a.Covered}
		if !math.IsNaN(a.Spearman) {
			line.Spearman = &a.Spearman
		}
		lines = append(lines, line)
	}
	return lines
}

// answer puts analogies to the vectors, a line for each section and one for all.
func answer(v *wordvec.Vectors, sections []wordvec.Section) (lines []any) {
	if len(sections) == 0 {
		return nil
	}
	scores := v.Answer(sections)
	for _, s := range append(scores, wordvec.Total(scores)) {
		lines = append(lines, answered{s.Name, s.Accuracy(), s.Questions, s.Covered, s.Right})
	}
	return lines
}

// askBook asks what the book asks of vectors, as far as they have the words.
func askBook(v *wordvec.Vectors) (lines []any) {
	const n = 5
	for _, word := range bookWords {
		if near, err := v.Similar(word, n); err == nil {
			lines = append(lines, neighbours{word, wordsOf(near)})
		}
	}
	for _, q := range bookAnalogies {
		best, err := v.Analogy(q[0], q[1], q[2], n)
		book, alike := v.BookAnalogy(q[0], q[1], q[2], n)
		if err == nil && alike == nil {
			lines = append(lines, completed{fmt.Sprintf("%s : %s = %s : ?", q[0], q[1], q[2]), wordsOf(best), wordsOf(book)})
		}
	}
	return lines
}

func wordsOf(near []wordvec.Neighbour) []string {
	words := make([]string, len(near))
	for i, n := range near {
		words[i] = n.Word
	}
	return words
}

// printLines prints the lines as tables.
func printLines(w io.Writer, lines []any) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	var kind string
	heading := func(of, columns string) {
		if of != kind {
			table.Flush() // a table of its own width
			fmt.Fprint(table, columns)
			kind = of
		}
	}
	for _, line := range lines {
		switch l := line.(type) {
		case similarity:
			heading("similarity", "pairs\tcovered\trank correlation\t  word similarity\n")
			correlation := "none"
			if l.Spearman != nil {
				correlation = fmt.Sprintf("%.4f", *l.Spearman)
			}
			fmt.Fprintf(table, "%d\t%d\t%s\t  %s\n", l.Pairs, l.Covered, correlation, l.Wordsim)
		case answered:
			heading("answered", "questions\tcovered\tright\t  analogies\n")
			fmt.Fprintf(table, "%d\t%d\t%.2f %%\t  %s\n", l.Questions, l.Covered, 100*l.Accuracy, l.Analogies)
		case neighbours:
			table.Flush()
			fmt.Fprintf(w, "%s: %s\n", l.Similar, strings.Join(l.Best, " "))
		case completed:
			fmt.Fprintf(w, "%s %s; as the book ranks: %s\n", l.Analogy, strings.Join(l.Best, " "), strings.Join(l.Book, " "))
		}
	}
	return table.Flush()
}
