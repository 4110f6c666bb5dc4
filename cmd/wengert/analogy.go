package main

import "fmt"

// analogyCommand completes an analogy.
type analogyCommand struct {
	vectors
	Book bool `help:"Rank as the book does, by vectors that keep their lengths, so that frequent words come first."`

	A string `arg:"" help:"A is to B"`
	B string `arg:"" help:"as"`
	C string `arg:"" help:"C is to what is printed."`
}

// Help is printed below the flags.
func (analogyCommand) Help() string {
	return `Examples:
  wengert analogy king man queen         king is to man as queen is to ?
  wengert analogy take took go --model vectors.bin
  wengert analogy good better bad --book --model runs/cbow/best.safetensors`
}

// Run prints the words that complete it best.
func (c *analogyCommand) Run(s *session) error {
	m, err := c.open()
	if err != nil {
		return err
	}
	complete := m.Analogy
	if c.Book {
		complete = m.BookAnalogy
	}
	found, err := complete(c.A, c.B, c.C, c.Top)
	if err != nil {
		return err
	}
	return printNeighbours(s.out, fmt.Sprintf("%s : %s = %s : ?", c.A, c.B, c.C), found)
}
