package data

import "fmt"

// Streams reads running text for truncated backpropagation through time: batch
// readers stand at equal distances in the text, and each window takes every reader
// steps words further, so the state that a network carries from one window to the
// next always belongs to the words before (the book, 5.2.3). Past its end the text
// goes on at its beginning. A window is a function of its number alone.
type Streams struct {
	ids   []int32
	batch int
	steps int
	size  int // words that have a successor
	pos   int // how far every reader has gone, in [0, size)
}

// NewStreams returns batch readers of ids that take windows of steps words. The
// error is for a text too short for one window. It panics where batch or steps is
// below 1.
func NewStreams(ids []int32, batch, steps int) (*Streams, error) {
	if batch < 1 || steps < 1 {
		panic(fmt.Sprintf("data.NewStreams: %d streams of %d steps; want 1 or more of both", batch, steps))
	}
	s := &Streams{ids: ids, batch: batch, steps: steps, size: len(ids) - 1}
	if s.Len() < 1 {
		return nil, fmt.Errorf("a text of %d words is too short for %d streams of %d steps; want at least %d",
			len(ids), batch, steps, batch*steps+1)
	}
	return s, nil
}

// Len returns the number of windows in an epoch: as many as fit without reading a
// word twice. Up to batch*steps - 1 words at the end of the streams are left over;
// with one stream of one step there are none.
func (s *Streams) Len() int { return s.size / (s.batch * s.steps) }

// Seek makes Next return window number window, counted from 0 at the text's
// beginning; it may be in any epoch. Streams do not begin anew with an epoch by
// themselves: Seek(0) makes them. It panics where window is negative.
func (s *Streams) Seek(window int) {
	if window < 0 {
		panic(fmt.Sprintf("Streams.Seek: window %d; want 0 or more", window))
	}
	s.pos = (window % s.size) * (s.steps % s.size) % s.size
}

// Next fills the caller's buffers with the next window: the words read to x and
// their successors to t, both [batch, steps]. It panics where a buffer has another
// length.
func (s *Streams) Next(x, t []int32) {
	checkLen("Streams.Next: x", len(x), s.batch, s.steps)
	checkLen("Streams.Next: t", len(t), s.batch, s.steps)
	jump := s.size / s.batch
	for i := range s.batch {
		at := (i*jump + s.pos) % s.size
		for j := range s.steps {
			x[i*s.steps+j] = s.ids[at]
			t[i*s.steps+j] = s.ids[at+1]
			at = (at + 1) % s.size
		}
	}
	s.pos = (s.pos + s.steps) % s.size
}
