package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/wengert-ml/wengert/internal/atomicfile"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/tensor"
)

// dataCommand prints or writes the data sets that are generated.
type dataCommand struct {
	Set  string `arg:"" enum:"english,dates,additions,sorts,spiral" help:"What to generate: ${enum}."`
	Part string `default:"train" enum:"train,valid,test" help:"The part of english: ${enum}."`
	Size int    `default:"0" placeholder:"N" help:"How many sentences, questions or points; 0 for as many as are trained on, or ten without --out."`
	Seed uint64 `default:"1984" help:"The same seed gives what the trainings generate."`
	Out  string `placeholder:"FILE" help:"Where to write; without it, the terminal."`
}

// Help is printed below the flags.
func (dataCommand) Help() string {
	return `Files have the form that --data reads: a sentence a line, 'question_answer' lines, or
the points of the spiral as x, y and class, separated by tabs.

Examples:
  wengert data english
  wengert data english --part test --out text/english.test.txt
  wengert data additions --size 50000 --out addition.txt`
}

// Run generates.
func (c *dataCommand) Run(s *session) error {
	if c.Size < 0 {
		return &usageError{fmt.Sprintf("--size %d: want 1 or more, or 0 for the usual size", c.Size)}
	}
	if c.Set == "additions" && c.Size > data.MaxAdditions {
		return &usageError{fmt.Sprintf("--size %d: there are %d sums", c.Size, data.MaxAdditions)}
	}
	if c.Out == "" {
		return c.write(s.out)
	}
	return atomicfile.WriteFile(c.Out, 0o644, c.write)
}

// write generates the set to w.
func (c *dataCommand) write(w io.Writer) error {
	switch c.Set {
	case "english":
		return c.english(w)
	case "dates":
		return data.WriteQA(w, data.Dates(rand.New(tensor.NewRand(c.Seed, dataStream)), c.size(50_000)))
	case "sorts":
		return data.WriteQA(w, data.Sorts(rand.New(tensor.NewRand(c.Seed, dataStream)), c.size(50_000)))
	case "additions":
		return data.WriteQA(w, data.Additions(rand.New(tensor.NewRand(c.Seed, dataStream)), c.size(50_000)))
	}
	return c.spiral(w)
}

// size is how many examples to generate where so many are trained on.
func (c *dataCommand) size(trained int) int {
	switch {
	case c.Size > 0:
		return c.Size
	case c.Out == "":
		return 10
	}
	return trained
}

// english writes the sentences that the corpus of the name begins with.
func (c *dataCommand) english(w io.Writer) error {
	part, usual := uint64(0), data.EnglishTrain
	switch c.Part {
	case "valid":
		part, usual = 1, data.EnglishHeld
	case "test":
		part, usual = 2, data.EnglishHeld
	}
	words := data.NewEnglish().Sentences(rand.New(rand.NewPCG(c.Seed, part)), c.size(usual))
	_, err := io.WriteString(w, strings.ReplaceAll(strings.Join(words, " ")+" ", " "+data.EOS+" ", "\n"))
	return err
}

// spiral writes the points of the spiral.
func (c *dataCommand) spiral(w io.Writer) error {
	if c.Seed > 1<<32-1 {
		return &usageError{fmt.Sprintf("--seed %d: the spiral is drawn by a generator of 32 bits; want at most %d", c.Seed, uint32(1<<32-1))}
	}
	xy, labels := data.Spiral(data.NewRandomState(uint32(c.Seed)))
	b := bufio.NewWriter(w)
	number := func(v float32) string { return strconv.FormatFloat(float64(v), 'g', -1, 32) }
	for i, label := range labels[:min(len(labels), c.size(len(labels)))] {
		fmt.Fprintf(b, "%s\t%s\t%d\n", number(xy[2*i]), number(xy[2*i+1]), label)
	}
	return b.Flush()
}
