package transformer

import (
	"cmp"
	"fmt"

	"github.com/wengert-ml/wengert/nn"
)

// Config is the shape of a model.
type Config struct {
	Vocab  int // number of tokens, V
	Width  int // of the vector at each position, D; a multiple of Heads
	Layers int // blocks, in the encoder and in the decoder each
	Heads  int // of each attention

	Inner   int     // width inside the small network of a block; 0 means 4 Width
	Dropout float64 // the probability of dropout where a block adds to its input, and of the vectors it begins with
	Tied    bool    // the scores are the products with the token vectors themselves (weight tying)

	Positions Positions // how positions are told apart; "" means Sinusoidal
	Context   int       // positions that there are vectors for, if they are Learned; and how many words an LM looks back on

	// Pad is the tokens that questions are filled up with, at the end or the beginning,
	// where attention leaves them out: one of them, or none.
	Pad []int32 `json:",omitempty"`
}

// Positions is how a model tells positions apart.
type Positions string

// The kinds of position vectors: computed, and learnt as those of words are.
const (
	Sinusoidal Positions = "sinusoidal"
	Learned    Positions = "learned"
)

// Check returns an error that says what a model cannot be built from.
func (c Config) Check() error {
	switch {
	case c.Vocab < 1 || c.Width < 1 || c.Layers < 1 || c.Inner < 0 || c.Context < 0:
		return fmt.Errorf("a vocabulary of %d, a width of %d, %d layers, an inner width of %d, a context of %d: want 1 or more of each (0 for the default of the last two)",
			c.Vocab, c.Width, c.Layers, c.Inner, c.Context)
	case c.Heads < 1 || c.Width%c.Heads != 0:
		return fmt.Errorf("%d heads for a width of %d: want a number of heads that divides it", c.Heads, c.Width)
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return fmt.Errorf("a dropout of %g: want a probability of 0 or more and below 1", c.Dropout)
	case c.Positions != "" && c.Positions != Sinusoidal && c.Positions != Learned:
		return fmt.Errorf("positions %q: want %q or %q", string(c.Positions), Sinusoidal, Learned)
	case c.Positions == Learned && c.Context == 0:
		return fmt.Errorf("learned positions without a context: want the number of positions there are")
	}
	for _, pad := range c.Pad {
		if pad < 0 || int(pad) >= c.Vocab {
			return fmt.Errorf("padding by token %d of a vocabulary of %d: want one of its tokens", pad, c.Vocab)
		}
	}
	return nil
}

// must panics with what Check says.
func (c Config) must() Config {
	if err := c.Check(); err != nil {
		panic("transformer: " + err.Error())
	}
	c.Inner = cmp.Or(c.Inner, 4*c.Width)
	return c
}

func (c Config) blocks(in *nn.Init, cross bool) []*Block {
	blocks := make([]*Block, c.Layers)
	for i := range blocks {
		blocks[i] = newBlock(in, c, cross)
	}
	return blocks
}
