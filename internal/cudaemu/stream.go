package cudaemu

import (
	"errors"
	"slices"
)

// Stream is a queue of work that runs in order. Nil stands for the default stream,
// which waits for the others, and they for it, unless they are non-blocking.
type Stream struct {
	context     *Context
	nonBlocking bool
	work        []func() error
	destroyed   bool
}

// Event marks a place in a stream.
type Event struct {
	last *mark // nil before it is recorded
}

// mark is one recording of an event.
type mark struct {
	stream *Stream
	done   bool
}

// pending reports whether the work before a mark has still to run.
func (m *mark) pending() bool { return m != nil && !m.done }

// NewStream returns a stream.
func (c *Context) NewStream(nonBlocking bool) (*Stream, error) {
	err := c.enter("cuStreamCreate")
	defer c.leave()
	if err != nil {
		return nil, err
	}
	s := &Stream{context: c, nonBlocking: nonBlocking}
	c.streams = append(c.streams, s)
	return s, nil
}

// stream returns the stream that a handle stands for.
func (c *Context) stream(call string, s *Stream) (*Stream, error) {
	if s == nil {
		return c.streams[0], nil
	}
	if s.context != c || s.destroyed {
		return nil, &Error{Call: call, Result: InvalidHandle, Detail: errors.New("the stream is destroyed, or of another context")}
	}
	return s, nil
}

// queue adds work to a stream.
func (c *Context) queue(call string, handle *Stream, work func() error) error {
	s, err := c.stream(call, handle)
	if err != nil {
		return err
	}
	if s == c.streams[0] { // what was queued elsewhere comes first
		for _, other := range c.streams[1:] {
			if !other.nonBlocking {
				if err := c.drain(call, other); err != nil {
					return err
				}
			}
		}
	} else if !s.nonBlocking {
		if err := c.drain(call, c.streams[0]); err != nil {
			return err
		}
	}
	s.work = append(s.work, work)
	if c.device.Eager {
		return c.drain(call, s)
	}
	return nil
}

// drain runs what is queued on a stream. A fault makes the context unusable.
func (c *Context) drain(call string, s *Stream) error {
	for len(s.work) > 0 {
		work := s.work[0]
		s.work = s.work[1:]
		err := work()
		if err == nil {
			continue
		}
		c.sticky = &Error{Call: call, Result: ResultOf(err), Detail: err}
		for _, s := range c.streams {
			s.work = nil
		}
		return c.sticky
	}
	s.work = nil
	return nil
}

// drainAll runs what is queued on all streams, backwards where the device reorders.
func (c *Context) drainAll(call string) error {
	streams := slices.Clone(c.streams)
	if c.device.Reorder {
		slices.Reverse(streams)
	}
	for _, s := range streams {
		if err := c.drain(call, s); err != nil {
			return err
		}
	}
	return nil
}

// drainLegacy runs what the default stream waits for.
func (c *Context) drainLegacy(call string) error {
	for i, s := range c.streams {
		if i == 0 || !s.nonBlocking || c.device.Reorder {
			if err := c.drain(call, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// wait runs what is queued on a stream, and all others first where the device
// reorders.
func (c *Context) wait(call string, s *Stream) error {
	if c.device.Reorder {
		for _, other := range slices.Backward(c.streams) {
			if other != s {
				if err := c.drain(call, other); err != nil {
					return err
				}
			}
		}
	}
	return c.drain(call, s)
}

// SynchronizeStream waits for a stream.
func (c *Context) SynchronizeStream(s *Stream) error {
	const call = "cuStreamSynchronize"
	return c.onStream(call, s, func(s *Stream) error {
		c.device.stats.Waits++
		return c.wait(call, s)
	})
}

// QueryStream returns [NotReady] while work is queued: it waits for nothing, and runs
// one piece of work, so that a loop of queries comes to an end.
func (c *Context) QueryStream(s *Stream) error {
	const call = "cuStreamQuery"
	return c.onStream(call, s, func(s *Stream) error {
		if len(s.work) == 0 {
			return nil
		}
		rest := s.work[1:]
		s.work = s.work[:1]
		if err := c.drain(call, s); err != nil {
			return err
		}
		s.work = rest
		return &Error{Call: call, Result: NotReady}
	})
}

// DestroyStream runs what is queued on a stream and ends it.
func (c *Context) DestroyStream(s *Stream) error {
	const call = "cuStreamDestroy"
	if s == nil {
		return &Error{Call: call, Result: InvalidHandle, Detail: errors.New("the default stream cannot be destroyed")}
	}
	return c.onStream(call, s, func(s *Stream) error {
		err := c.drain(call, s)
		s.destroyed = true
		c.streams = slices.DeleteFunc(c.streams, func(o *Stream) bool { return o == s })
		return err
	})
}

func (c *Context) onStream(call string, handle *Stream, f func(s *Stream) error) error {
	err := c.enter(call)
	defer c.leave()
	if err != nil {
		return err
	}
	s, err := c.stream(call, handle)
	if err != nil {
		return err
	}
	return f(s)
}

// NewEvent returns an event.
func (c *Context) NewEvent() (*Event, error) {
	err := c.enter("cuEventCreate")
	defer c.leave()
	if err != nil {
		return nil, err
	}
	e := &Event{}
	c.events[e] = true
	return e, nil
}

// onEvent runs f for an event of this context.
func (c *Context) onEvent(call string, e *Event, f func() error) error {
	err := c.enter(call)
	defer c.leave()
	if err != nil {
		return err
	}
	if !c.events[e] {
		return &Error{Call: call, Result: InvalidHandle, Detail: errors.New("the event is destroyed, or of another context")}
	}
	return f()
}

// Record marks the work queued on a stream so far.
func (c *Context) Record(e *Event, handle *Stream) error {
	const call = "cuEventRecord"
	return c.onEvent(call, e, func() error {
		s, err := c.stream(call, handle)
		if err != nil {
			return err
		}
		m := &mark{stream: s}
		e.last = m
		return c.queue(call, handle, func() error { m.done = true; return nil })
	})
}

// Await makes a stream wait for an event: later work on it runs after what the event
// marks now.
func (c *Context) Await(handle *Stream, e *Event) error {
	const call = "cuStreamWaitEvent"
	return c.onEvent(call, e, func() error {
		m := e.last
		return c.queue(call, handle, func() error {
			if !m.pending() {
				return nil
			}
			return c.drain(call, m.stream)
		})
	})
}

// SynchronizeEvent waits for the work that an event marks.
func (c *Context) SynchronizeEvent(e *Event) error {
	const call = "cuEventSynchronize"
	return c.onEvent(call, e, func() error {
		c.device.stats.Waits++
		if !e.last.pending() {
			return nil
		}
		return c.wait(call, e.last.stream)
	})
}

// QueryEvent returns [NotReady] while the work that an event marks has not run.
func (c *Context) QueryEvent(e *Event) error {
	const call = "cuEventQuery"
	return c.onEvent(call, e, func() error {
		if !e.last.pending() {
			return nil
		}
		return &Error{Call: call, Result: NotReady}
	})
}

// DestroyEvent ends an event.
func (c *Context) DestroyEvent(e *Event) error {
	return c.onEvent("cuEventDestroy", e, func() error {
		delete(c.events, e)
		return nil
	})
}
