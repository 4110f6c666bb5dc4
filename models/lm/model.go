package lm

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/tensor"
)

// Model is a language model: it says which word follows those before.
type Model interface {
	// Reader returns a reader at the beginning of texts.
	Reader() Reader
}

// Reader reads N texts at once, window by window. What it remembers of the words
// before lives on the tape that it reads on.
type Reader interface {
	// Read takes the next T words of the N texts, ids [N, T], and returns the
	// scores of the word that follows each, [N, T, V]. N is the same in every call.
	Read(tape *autograd.Tape, ids tensor.Ints) (scores autograd.Var)

	// Vars is what it remembers, each [...], for [autograd.Tape.Reset], which
	// carries it into the next window.
	Vars() []*autograd.Var
}
