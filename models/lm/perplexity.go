package lm

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
)

// window is how many words of its one stream Perplexity reads at once. It decides
// how much memory is taken, and nothing of the result but rounding.
const window = 128

// Perplexity returns the perplexity of a text, ids [M], with every word but the first
// predicted from all words before it:
//
//	exp(-1/(M-1) Σ log p(ids[t] | ids[0], ..., ids[t-1])), t = 1 ... M-1
//
// The text is read in one stream, and no word is left out: it is what a floor is to
// be compared with. To have the first word counted as well, put an end of sentence
// before it. [OffsetPerplexity] is the book's way.
//
// It is an error if the text has fewer than two words, or if the backend fails.
func Perplexity(be backend.Backend, m Model, ids []int32) (float64, error) {
	if len(ids) < 2 {
		return 0, fmt.Errorf("perplexity of a text of %d words; want at least 2", len(ids))
	}
	words := len(ids) - 1
	sum := 0.0
	e := newEvaluation(be, m)
	for from := 0; from < words; from += window {
		n := min(window, words-from)
		loss, err := e.loss(ids[from:from+n], ids[from+1:from+n+1], 1, n)
		if err != nil {
			return 0, err
		}
		sum += loss * float64(n)
	}
	return math.Exp(sum / float64(words)), nil
}

// OffsetPerplexity returns the perplexity of a text, ids [M], as the function
// eval_perplexity of Deep Learning from Scratch 2 does: batch readers at equal
// distances in the text, each from a zero state, read windows of steps words, as many
// whole windows as there are; the words that are left over are not counted. The
// book's are 10 readers and 35 words.
//
// It differs from [Perplexity] by what the readers have not seen of the words before
// their places, and by the words left out.
//
// It is an error if the text is too short for one window, or if the backend fails.
func OffsetPerplexity(be backend.Backend, m Model, ids []int32, batch, steps int) (float64, error) {
	streams, err := data.NewStreams(ids, batch, steps)
	if err != nil {
		return 0, fmt.Errorf("perplexity: %w", err)
	}
	x, t := make([]int32, batch*steps), make([]int32, batch*steps)
	sum := 0.0
	e := newEvaluation(be, m)
	for range streams.Len() {
		streams.Next(x, t)
		loss, err := e.loss(x, t, batch, steps)
		if err != nil {
			return 0, err
		}
		sum += loss
	}
	return math.Exp(sum / float64(streams.Len())), nil
}

// evaluation reads texts without learning from them.
type evaluation struct {
	tape   *autograd.Tape
	reader Reader
}

func newEvaluation(be backend.Backend, m Model) *evaluation {
	return &evaluation{autograd.Config{Inference: true}.NewTape(be), m.Reader()}
}

// loss returns the mean cross entropy, in nats, of predicting t [n, steps] from x.
func (e *evaluation) loss(x, t []int32, n, steps int) (loss float64, err error) {
	err = autograd.Try(func() {
		scores := e.reader.Read(e.tape, e.tape.Ints(x, n, steps))
		loss = nn.CrossEntropy(scores, e.tape.Ints(t, n, steps)).Item()
		e.tape.Reset(e.reader.Vars()...)
	})
	if err != nil {
		return 0, fmt.Errorf("perplexity: %w", err)
	}
	return loss, nil
}
