package workers

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Task is work in chunks that may run in any order and at the same time.
type Task interface {
	Do(chunk int)
}

// Workers are goroutines that share the chunks of a task with the caller. Make
// them with [New].
//
// Between tasks they wait in a loop for a short time, since waking a goroutine
// whose core has gone to sleep takes 100 µs and more, and then sleep. The caller
// never waits for one that sleeps: chunks are taken one by one, and whoever is
// awake takes them.
type Workers struct {
	*crew
}

// spinning is how long a worker waits in a loop before it sleeps: longer than
// what a training step does between two products.
const spinning = 200 * time.Microsecond

// A caller waits for workers to finish their last chunks in a loop for so many
// rounds, about 200 µs, and then sleeps from time to time.
const (
	patience      = 2000
	patienceSleep = 50 * time.Microsecond
)

// crew is what workers know. They do not know Workers, so that it can be
// collected, which stops them.
type crew struct {
	threads int
	busy    sync.Mutex // held by the caller whose task runs
	started bool

	// round is odd while a task is open. The caller writes task, chunks and next
	// between rounds, when inside is 0.
	round  atomic.Uint64
	_      [56]byte
	inside atomic.Int64 // workers that may look at the task
	_      [56]byte
	next   atomic.Int64 // the first chunk that nobody has taken
	_      [56]byte

	task   Task
	chunks int

	asleep  atomic.Int64
	bell    chan struct{}
	stopped atomic.Bool
}

// New returns threads-1 goroutines: the caller of Run is the other thread. They
// start with the first Run and end some time after the Workers are no longer used.
func New(threads int) *Workers {
	c := &crew{threads: max(1, threads)}
	c.bell = make(chan struct{}, c.threads)
	w := &Workers{c}
	runtime.AddCleanup(w, (*crew).stop, c)
	return w
}

// Threads is the number of goroutines that share a task, the caller included.
func (c *crew) Threads() int { return c.threads }

// Busy reports whether a task runs: Run would make all calls itself.
func (c *crew) Busy() bool { return c.round.Load()%2 == 1 }

// Run calls t.Do for 0 <= chunk < chunks and returns when all calls have. Where
// another caller has the workers, it makes all calls itself; so does a Do that
// calls Run. It allocates nothing.
func (w *Workers) Run(chunks int, t Task) {
	c := w.crew
	if c.threads == 1 || !c.busy.TryLock() {
		for i := range chunks {
			t.Do(i)
		}
		return
	}
	if !c.started {
		c.started = true
		for range c.threads - 1 {
			go c.work()
		}
	}
	c.task, c.chunks = t, chunks
	c.next.Store(0)
	c.round.Add(1)
	defer c.close()
	c.ring(chunks - 1)
	c.help()
	runtime.KeepAlive(w)
}

// close ends the round and waits until nobody is inside.
func (c *crew) close() {
	// From here on a worker that enters sees the round closed and leaves.
	c.round.Add(1)
	for i := 0; c.inside.Load() != 0; i++ {
		rest(i)
		if i > patience {
			// The worker has lost its core, perhaps to us.
			time.Sleep(patienceSleep)
		}
	}
	c.task = nil
	c.busy.Unlock()
}

// help takes chunks until none is left.
func (c *crew) help() {
	for {
		i := int(c.next.Add(1)) - 1
		if i >= c.chunks {
			return
		}
		c.task.Do(i)
	}
}

// work is a worker's life.
func (c *crew) work() {
	seen := uint64(0)
	for c.wait(seen) {
		c.inside.Add(1)
		round := c.round.Load()
		if round%2 == 1 {
			c.help()
		}
		c.inside.Add(-1)
		seen = round
	}
}

// wait returns true when a round is open that is not seen, false at the end.
func (c *crew) wait(seen uint64) bool {
	fresh := func() bool {
		r := c.round.Load()
		return r%2 == 1 && r != seen
	}
	for {
		for start, i := time.Now(), 1; ; i++ {
			if fresh() {
				return true
			}
			if c.stopped.Load() {
				return false
			}
			rest(i)
			if i%64 == 0 && time.Since(start) > spinning {
				break
			}
		}
		c.asleep.Add(1)
		// A round that was opened before asleep was counted has not rung for us.
		if fresh() || c.stopped.Load() {
			c.asleep.Add(-1)
			continue
		}
		<-c.bell
		c.asleep.Add(-1)
	}
}

// rest passes a moment of waiting in a loop, the i-th. Now and then other
// goroutines may have the thread.
func rest(i int) {
	pause(4)
	if i%128 == 0 {
		runtime.Gosched()
	}
}

// ring wakes up to n workers that sleep. A ring that nobody needed stays in the
// channel and wakes a later sleeper for nothing.
func (c *crew) ring(n int) {
	for range min(n, int(c.asleep.Load())) {
		select {
		case c.bell <- struct{}{}:
		default:
			return
		}
	}
}

func (c *crew) stop() {
	c.stopped.Store(true)
	close(c.bell)
}
