package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/wengert-ml/wengert/models/wordnet"
)

// wordnetCommand looks words up in the thesaurus of chapter 2.
type wordnetCommand struct {
	Dict  string `default:"/usr/share/wordnet" placeholder:"DIR" help:"The folder of the WordNet database: ${default}."`
	Word  string `arg:"" help:"A word, or one meaning of it such as car.n.01."`
	Other string `arg:"" optional:"" help:"Another; with it, how near their meanings are."`
}

// Help is printed below the flags.
func (wordnetCommand) Help() string {
	return `Examples:
  wengert wordnet car
  wengert wordnet car dog
  wengert wordnet car.n.02 motorcycle --dict WordNet-3.0/dict`
}

// Run prints the meanings of a word, or how near two are.
func (c *wordnetCommand) Run(s *session) error {
	d, err := wordnet.Open(c.Dict)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no WordNet database in %s: install it (Debian, Ubuntu: apt-get install wordnet-base) or name the folder of another with --dict DIR", c.Dict)
	}
	if err != nil {
		return err
	}
	senses, err := lookUp(d, c.Word)
	if err != nil {
		return err
	}
	if c.Other == "" {
		return printSenses(s.out, d, c.Word, senses)
	}
	others, err := lookUp(d, c.Other)
	if err != nil {
		return err
	}
	return printSimilarity(s.out, senses, others)
}

// lookUp returns the meanings of a word, or the one that it names.
func lookUp(d *wordnet.Dict, word string) ([]*wordnet.Synset, error) {
	if s, ok := d.Sense(word); ok {
		return []*wordnet.Synset{s}, nil
	}
	senses := d.Senses(word)
	if len(senses) == 0 {
		return nil, fmt.Errorf("WordNet has no word %q; it has the dictionary forms, car and go, not cars and went", word)
	}
	return senses, nil
}

// printSenses prints the meanings, the synonyms, and the way from the root of the
// tree to the first meaning.
func printSenses(w io.Writer, d *wordnet.Dict, word string, senses []*wordnet.Synset) error {
	for _, s := range senses {
		fmt.Fprintf(w, "%s  %s\n    %s\n", s.Name, strings.Join(s.Words, ", "), s.Gloss)
	}
	if synonyms := d.Synonyms(word); len(synonyms) > 0 {
		fmt.Fprintf(w, "\nsynonyms: %s\n", strings.Join(synonyms, ", "))
	}
	for _, path := range senses[0].HypernymPaths() {
		names := make([]string, len(path))
		for i, s := range path {
			names[i] = s.Name
		}
		if _, err := fmt.Fprintf(w, "\n%s\n", strings.Join(names, " > ")); err != nil {
			return err
		}
	}
	return nil
}

// printSimilarity prints how near the first meanings are that are of one part of
// speech.
func printSimilarity(w io.Writer, as, bs []*wordnet.Synset) error {
	for _, a := range as {
		for _, b := range bs {
			path, ok := wordnet.PathSimilarity(a, b)
			if !ok {
				continue
			}
			wp, _ := wordnet.WuPalmer(a, b)
			_, err := fmt.Fprintf(w, "%s  %s\n%s  %s\npath similarity       %.4f\nWu-Palmer similarity  %.4f\n",
				a.Name, a.Gloss, b.Name, b.Gloss, path, wp)
			return err
		}
	}
	return fmt.Errorf("%s and %s have no hypernym in common", as[0].Name, bs[0].Name)
}
