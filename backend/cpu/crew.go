package cpu

import (
	"runtime"
	"sync/atomic"
	"time"
)

// crew is a set of goroutines that help a caller with the parts of a job. It
// holds no pointer to its Backend, so that a Backend nobody uses is collected,
// and its cleanup ends the goroutines.
type crew struct {
	threads int           // the caller included
	wake    chan struct{} // one token calls one helper to the job
	quit    chan struct{}
	started bool

	// The job being shared. Written before the tokens are sent and after the last
	// helper is back.
	job   job
	parts int64
	next  atomic.Int64 // the first part that nobody has taken
	left  atomic.Int64 // tokens that are not yet worked off or taken back
	done  chan struct{}
}

// patience is how long a helper looks for the next job, and a caller for the end
// of this one, before it sleeps: waking takes 5 µs at best and 100 where the
// core has gone to sleep too. Kernels of a training step follow each other in
// less.
const patience = 100 * time.Microsecond

func newCrew(threads int) *crew {
	return &crew{
		threads: threads,
		wake:    make(chan struct{}, threads),
		quit:    make(chan struct{}),
		done:    make(chan struct{}, 1),
	}
}

// stop ends the helpers. It is called once, when the Backend is gone.
func (c *crew) stop() { close(c.quit) }

// run shares the parts of j between the caller and up to threads-1 helpers, who
// are started by the first call. One caller at a time.
func (c *crew) run(parts int, j job) {
	if !c.started {
		c.started = true
		for range c.threads - 1 {
			go c.help()
		}
	}
	helpers := min(c.threads, parts) - 1
	c.job, c.parts = j, int64(parts)
	c.next.Store(0)
	c.left.Store(int64(helpers))
	for range helpers {
		c.wake <- struct{}{}
	}
	defer c.collect() // deferred: a panic of a BLAS must not leave helpers behind
	c.work()
}

// work computes parts until none is left.
func (c *crew) work() {
	for {
		i := c.next.Add(1) - 1
		if i >= c.parts {
			return
		}
		c.job.Do(int(i))
	}
}

// collect waits until no helper is at work. A token that no helper has taken is
// taken back, so that a busy machine does not delay the caller.
func (c *crew) collect() {
	for c.called() {
		c.leave()
	}
	await(func() bool { return c.left.Load() == 0 })
	<-c.done
	c.job = nil
}

// called takes a token if there is one.
func (c *crew) called() bool {
	select {
	case <-c.wake:
		return true
	default:
		return false
	}
}

// leave gives a token up; who gives up the last one says so.
func (c *crew) leave() {
	if c.left.Add(-1) == 0 {
		c.done <- struct{}{}
	}
}

// help is the life of a helper.
func (c *crew) help() {
	for {
		if !await(c.called) {
			select {
			case <-c.quit:
				return
			case <-c.wake:
			}
		}
		c.work()
		c.leave()
	}
}

// await asks ready again and again, until it says yes or patience is at an end.
// Other goroutines get their turns.
func await(ready func() bool) bool {
	start := time.Now()
	for i := 1; ; i++ {
		if ready() {
			return true
		}
		if i%64 == 0 {
			if time.Since(start) > patience {
				return false
			}
			runtime.Gosched()
		}
	}
}
