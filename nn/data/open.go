package data

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// Options say where [Open] finds a corpus and how it numbers the words.
type Options struct {
	// Least orders the words by falling frequency and makes [Unk] of those that
	// appear fewer than Least times in the text to train on, as [FrequentVocabulary]
	// does. 0 numbers all words by their first appearance, as the book does.
	Least int

	Seed   uint64 // of the artificial English
	Folder string // where ptb.train.txt and so on are looked for first
	Cache  string // where downloads are kept; "" for wengert in [os.UserCacheDir]
	Mirror string // what download addresses begin with; "" for the one the book uses
}

// Open returns a corpus by its name, in three parts that share one vocabulary:
//
//   - english: sentences that [English] draws, [EnglishTrain] to train on and
//     [EnglishHeld] each to validate and test, the same for the same seed;
//   - opticks: Newton's [Opticks], in parts of 80, 10 and 10 %;
//   - ptb: the Penn Treebank, from o.Folder, from the cache, or by download;
//   - the path of a text file, in parts of 80, 10 and 10 %, or of a folder with
//     NAME.train.txt, NAME.valid.txt and NAME.test.txt, read as [ReadWords] does. A
//     file that has one of the names above is written ./english.
//
// A text is cut behind the sentence in which the part is full, and within it only
// where nothing would be left for the next part: a text of one line is cut between
// words.
//
// The vocabulary is that of the text to train on, and of [Unk] where the other parts
// have words that it lacks. Without a cut-off no Unk is there to learn from, so for
// natural text a Least of 2 makes a better language model.
//
// The error says what is missing and what to do.
func Open(name string, o Options) (train, valid, test *Corpus, err error) {
	parts, err := o.read(name)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("corpus %s: %w", name, err)
	}
	v := NewVocabulary(parts[0]...)
	if o.Least > 0 {
		v = FrequentVocabulary(parts[0], o.Least)
	}
	if !v.covers(parts[1]) || !v.covers(parts[2]) {
		v.Add(Unk)
	}
	var corpora [3]*Corpus
	for i, words := range parts {
		if len(words) == 0 {
			return nil, nil, nil, fmt.Errorf("corpus %s: too short to be cut in three; want at least 3 words", name)
		}
		if corpora[i], err = NewCorpus(words, v); err != nil {
			return nil, nil, nil, fmt.Errorf("corpus %s: %w", name, err)
		}
	}
	return corpora[0], corpora[1], corpora[2], nil
}

// read returns the words to train on, to validate and to test.
func (o Options) read(name string) (parts [3][]string, err error) {
	switch name {
	case "english":
		e := NewEnglish()
		for i, n := range [3]int{EnglishTrain, EnglishHeld, EnglishHeld} {
			parts[i] = e.Sentences(rand.New(rand.NewPCG(o.Seed, uint64(i))), n)
		}
		return parts, nil
	case "opticks":
		words, err := Opticks()
		return cut(words), err
	case "ptb":
		paths, err := o.ptb()
		if err != nil {
			return parts, err
		}
		return readParts(paths)
	}
	info, err := os.Stat(name)
	if err != nil {
		return parts, fmt.Errorf("%w; want english, opticks, ptb, or the path of a file or folder", err)
	}
	if info.IsDir() {
		return readFolder(name)
	}
	words, err := readFile(name)
	return cut(words), err
}

func readFolder(dir string) (parts [3][]string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return parts, err
	}
	var bases []string
	for _, e := range entries {
		if base, ok := strings.CutSuffix(e.Name(), ".train.txt"); ok {
			bases = append(bases, filepath.Join(dir, base))
		}
	}
	if len(bases) != 1 {
		return parts, fmt.Errorf("%d files NAME.train.txt in the folder; want one, with NAME.valid.txt and NAME.test.txt", len(bases))
	}
	return readParts([3]string{bases[0] + ".train.txt", bases[0] + ".valid.txt", bases[0] + ".test.txt"})
}

func readParts(paths [3]string) (parts [3][]string, err error) {
	for i, path := range paths {
		if parts[i], err = readFile(path); err != nil {
			return parts, err
		}
	}
	return parts, nil
}

func readFile(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	words, err := ReadWords(f, path)
	if err == nil && len(words) == 0 {
		err = fmt.Errorf("%s: no words", path)
	}
	return words, err
}

// cut divides a text in parts of 80, 10 and 10 %. Fewer than three words are all in
// the first part.
func cut(words []string) [3][]string {
	n := len(words)
	if n < 3 {
		return [3][]string{words}
	}
	i := cutAt(words, max(1, n*8/10), n-2)
	j := cutAt(words, max(i+1, n*9/10), n-1)
	return [3][]string{words[:i], words[i:j], words[j:]}
}

// cutAt returns the end of the sentence of the word before at where that is at most
// limit, otherwise at or, if that is less, limit.
func cutAt(words []string, at, limit int) int {
	if end := sentenceEnd(words, at-1); end <= limit {
		return end
	}
	return min(at, limit)
}

// covers reports whether all words are in the vocabulary, or Unk is.
func (v *Vocabulary) covers(words []string) bool {
	if _, ok := v.ids[Unk]; ok {
		return true
	}
	for _, word := range words {
		if _, ok := v.ids[word]; !ok {
			return false
		}
	}
	return true
}
