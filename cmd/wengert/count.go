package main

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/wengert-ml/wengert/cmd/wengert/internal/plot"
	"github.com/wengert-ml/wengert/models/count"
	"github.com/wengert-ml/wengert/models/wordvec"
	"github.com/wengert-ml/wengert/nn/data"
)

// countCommand makes the word vectors of chapter 2.
type countCommand struct {
	corpusFlags
	Text   string `placeholder:"TEXT" help:"The text itself, instead."`
	Window int    `default:"2" help:"How many words on each side are neighbours."`
	Size   int    `default:"0" placeholder:"N" help:"The width of the vectors; 0 for 100, or half the words where there are fewer than 200."`
	Seed   uint64 `default:"1984" help:"Of the artificial English, and of the random directions in which a large matrix is decomposed."`
	Out    string `default:"runs/count" placeholder:"DIR" help:"Where vectors and map go: ${default}."`
}

// Help is printed below the flags.
func (countCommand) Help() string {
	return `Examples:
  wengert train count
  wengert train count --corpus ptb
  wengert train count --data text.txt --window 5 --size 50
  wengert train count --text "you say goodbye and i say hello ." --window 1
  wengert similar you`
}

// Run counts, decomposes, saves, and shows the neighbours of a few words.
func (c *countCommand) Run(s *session) error {
	if c.Window < 1 || c.Size < 0 {
		return &usageError{fmt.Sprintf("--window %d --size %d: want a window of 1 or more and a width of 1 or more, or 0", c.Window, c.Size)}
	}
	corpus, err := c.corpus()
	if err != nil {
		return err
	}
	config := count.Config{Window: c.Window, Size: c.Size, Seed: c.Seed}.WithDefaults(corpus.Vocab.Len())
	if config.Size > corpus.Vocab.Len() {
		return fmt.Errorf("--size %d: the text has %d different words; want at most as many", config.Size, corpus.Vocab.Len())
	}
	r, err := newRun(s, c.Out)
	if err != nil {
		return err
	}
	defer r.close()
	fmt.Fprintf(r.out, "%d words, %d different; vectors of width %d\n", len(corpus.IDs), corpus.Vocab.Len(), config.Size)
	began := time.Now()
	v, err := config.Vectors(corpus)
	if err != nil {
		return err
	}
	if r.ctx.Err() != nil {
		return errors.New("stopped; nothing is saved")
	}
	fmt.Fprintf(r.out, "counted and decomposed in %v\n", time.Since(began).Round(time.Millisecond))
	if err := c.save(v, config); err != nil {
		return err
	}
	return c.show(r, v, corpus)
}

// corpus returns the text, the part to train on where it has parts.
func (c *countCommand) corpus() (*data.Corpus, error) {
	if c.Text == "" {
		corpus, _, _, err := c.corpusFlags.open(c.Seed)
		return corpus, err
	}
	if c.Data != "" {
		return nil, &usageError{"--text and --data: want one of them"}
	}
	return text{Text: c.Text}.corpus()
}

// model is the file that the vectors are saved to.
func (c *countCommand) model() string { return filepath.Join(c.Out, "best.safetensors") }

func (c *countCommand) save(v *wordvec.Vectors, config count.Config) error {
	return v.SaveSafetensors(c.model(), map[string]string{
		"config": fmt.Sprintf(`{"Window":%d,"Size":%d}`, config.Window, config.Size),
		"seed":   strconv.FormatUint(c.Seed, 10),
	})
}

// mapped is how many words the map shows.
const mapped = 60

// show draws the map and prints neighbours.
func (c *countCommand) show(r *trainingRun, v *wordvec.Vectors, corpus *data.Corpus) error {
	if c.english() && c.Text == "" {
		t := wordvec.Total(v.Answer(englishAnalogies()))
		fmt.Fprintf(r.out, "%.2f %% of %d analogies right\n", 100*t.Accuracy(), t.Covered)
	}
	if err := showVectors(r, v, corpus, c.english() && c.Text == ""); err != nil {
		return err
	}
	flag := ""
	if filepath.Clean(c.Out) != filepath.FromSlash("runs/count") {
		flag = " --model " + c.model()
	}
	_, err := fmt.Fprintf(r.out, "The vectors are in %s, a map of words in words.png beside them.\nTry: wengert similar %s%s\n", c.model(), shownWords(corpus)[0], flag)
	return err
}

// showVectors draws the map of the most frequent words to words.png, or of those that
// analogies are about in the artificial English, and prints the neighbours of a few and
// the analogies of chapter 4, as far as the text has the words.
func showVectors(r *trainingRun, v *wordvec.Vectors, corpus *data.Corpus, english bool) error {
	words := mostFrequent(corpus, mapped)
	if english {
		words = englishPairs(mapped)
	}
	x, y, err := v.PCA(words)
	if err != nil {
		return err
	}
	picture := plot.Scatter{
		Title:  "Words by their neighbours",
		XLabel: "first principal component", YLabel: "second",
		X: x, Y: y, Labels: words,
	}
	if err := picture.Save(filepath.Join(r.dir, "words.png")); err != nil {
		return err
	}
	for _, word := range shownWords(corpus) {
		near, err := v.Similar(word, 5)
		if err != nil {
			return err
		}
		if err := printNeighbours(r.out, word, near); err != nil {
			return err
		}
	}
	for _, q := range bookAnalogies {
		found, err := v.Analogy(q[0], q[1], q[2], 5)
		if err != nil {
			continue // a word that the text lacks
		}
		if err := printNeighbours(r.out, fmt.Sprintf("%s : %s = %s : ?", q[0], q[1], q[2]), found); err != nil {
			return err
		}
	}
	return nil
}

// bookWords and bookAnalogies are what the book asks word vectors, chapters 2 and 4.
var (
	bookWords     = []string{"you", "year", "car", "toyota"}
	bookAnalogies = [][3]string{{"king", "man", "queen"}, {"take", "took", "go"}, {"car", "cars", "child"}, {"good", "better", "bad"}}
)

// englishPairs returns n words of pairs of the artificial English, as many of each
// relation.
func englishPairs(n int) (words []string) {
	relations := data.NewEnglish().Relations()
	for _, r := range relations {
		for _, p := range r.Pairs[:n/2/len(relations)] {
			words = append(words, p[:]...)
		}
	}
	return words
}

// shownWords returns the words that the book looks at, or the most frequent ones where
// the text has none of those.
func shownWords(corpus *data.Corpus) []string {
	words := slices.DeleteFunc(slices.Clone(bookWords), func(w string) bool {
		_, ok := corpus.Vocab.ID(w)
		return !ok
	})
	if len(words) > 0 {
		return words
	}
	return mostFrequent(corpus, 4)
}

// mostFrequent returns the n most frequent words, equally frequent ones in the order
// of the vocabulary.
func mostFrequent(corpus *data.Corpus, n int) []string {
	counts, ids := corpus.Counts(), allIDs(corpus.Vocab)
	slices.SortStableFunc(ids, func(a, b int32) int { return cmp.Compare(counts[b], counts[a]) })
	return corpus.Vocab.Decode(ids[:min(n, len(ids))])
}
