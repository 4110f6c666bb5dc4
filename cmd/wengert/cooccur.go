package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/wengert-ml/wengert/models/count"
	"github.com/wengert-ml/wengert/models/wordvec"
	"github.com/wengert-ml/wengert/nn/data"
)

// bookSentence is the text of the book's small examples.
const bookSentence = "you say goodbye and i say hello ."

// text is the flags that say which text to count in.
type text struct {
	Text string `placeholder:"TEXT" xor:"text" help:"The text; without it, the book's sentence."`
	Data string `placeholder:"FILE" xor:"text" help:"A text file instead."`
}

// corpus returns the text as ids of words, of which there is at least one.
func (t text) corpus() (*data.Corpus, error) {
	if t.Data != "" {
		c, err := data.LoadCorpus(t.Data, nil)
		if err == nil && len(c.IDs) == 0 {
			err = fmt.Errorf("%s has no words", t.Data)
		}
		return c, err
	}
	c, err := data.NewCorpus(data.Words(cmp.Or(t.Text, bookSentence)), nil)
	if err == nil && len(c.IDs) == 0 {
		err = &usageError{"--text has no words"}
	}
	return c, err
}

// cooccurCommand shows the counts of chapter 2.
type cooccurCommand struct {
	text
	Window int      `default:"1" help:"How many words on each side are neighbours."`
	PPMI   bool     `name:"ppmi" help:"Show positive pointwise mutual information, in bits, instead of counts."`
	Top    int      `default:"5" help:"How many similar words to print."`
	Words  []string `arg:"" optional:"" help:"The words whose similar ones to print; without them, the first of the text."`
}

// Help is printed below the flags.
func (cooccurCommand) Help() string {
	return `Examples:
  wengert cooccur
  wengert cooccur --text "you say goodbye and i say hello ." --ppmi you
  wengert cooccur --data text.txt --window 2 car`
}

// Run prints the matrix and the words with similar rows.
func (c *cooccurCommand) Run(s *session) error {
	if c.Window < 1 || c.Top < 1 {
		return &usageError{fmt.Sprintf("--window %d --top %d: want 1 or more of each", c.Window, c.Top)}
	}
	corpus, err := c.corpus()
	if err != nil {
		return err
	}
	words := c.Words
	if len(words) == 0 {
		words = corpus.Vocab.Decode([]int32{0})
	}
	ids, err := corpus.Vocab.Encode(words)
	if err != nil {
		return err
	}
	m := count.CoOccurrence(corpus.IDs, corpus.Vocab.Len(), c.Window)
	if c.PPMI {
		m = m.PPMI()
	}
	if err := c.matrix(s.out, corpus.Vocab, m); err != nil {
		return err
	}
	for i, id := range ids {
		if err := printNeighbours(s.out, "\n"+words[i], similarRows(m, corpus.Vocab, id, c.Top)); err != nil {
			return err
		}
	}
	return nil
}

// widest is how many words' matrix is printed.
const widest = 16

func (c *cooccurCommand) matrix(w io.Writer, v *data.Vocabulary, m *count.Matrix) error {
	if v.Len() > widest {
		_, err := fmt.Fprintf(w, "%d words, %d entries that are not 0; a matrix of more than %d words is not printed\n", v.Len(), m.NonZero(), widest)
		return err
	}
	format := "%.0f"
	if c.PPMI {
		format = "%.3f"
	}
	// The cells of a column are as wide as the widest, names flush left.
	names, longest := v.Decode(allIDs(v)), 0
	for _, name := range names {
		longest = max(longest, utf8.RuneCountInString(name))
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%*s\t%s\t\n", longest, "", strings.Join(names, "\t"))
	for i, name := range names {
		fmt.Fprintf(t, "%-*s\t", longest, name)
		for j := range names {
			fmt.Fprintf(t, format+"\t", m.At(i, j))
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

func allIDs(v *data.Vocabulary) []int32 {
	ids := make([]int32, v.Len())
	for i := range ids {
		ids[i] = int32(i)
	}
	return ids
}

// similarRows returns the n words whose rows are most similar to that of id.
func similarRows(m *count.Matrix, v *data.Vocabulary, id int32, n int) []wordvec.Neighbour {
	var near []wordvec.Neighbour
	for other := range int32(v.Len()) {
		if other != id {
			near = append(near, wordvec.Neighbour{Word: v.Token(other), Similarity: m.Cosine(int(id), int(other))})
		}
	}
	slices.SortStableFunc(near, func(a, b wordvec.Neighbour) int { return cmp.Compare(b.Similarity, a.Similarity) })
	return near[:min(n, len(near))]
}
