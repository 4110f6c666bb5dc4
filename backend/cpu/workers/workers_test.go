package workers

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tally counts how often each chunk was done.
type tally struct{ n []atomic.Int32 }

func (t *tally) Do(chunk int) { t.n[chunk].Add(1) }

func TestDoEachChunkOnce(t *testing.T) {
	for _, threads := range []int{0, 1, 2, 5} {
		w := New(threads)
		assert.Equal(t, max(1, threads), w.Threads())
		for round := range 300 {
			if round == 150 {
				time.Sleep(2 * spinning) // the workers go to sleep
			}
			chunks := round % 9
			c := &tally{make([]atomic.Int32, chunks)}
			w.Run(chunks, c)
			for i := range c.n {
				require.EqualValues(t, 1, c.n[i].Load(), "round %d, chunk %d of %d on %d threads", round, i, chunks, threads)
			}
		}
	}
}

func TestServeManyCallers(t *testing.T) {
	w := New(3)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				c := &tally{make([]atomic.Int32, 5)}
				w.Run(5, c)
				for i := range c.n {
					assert.EqualValues(t, 1, c.n[i].Load())
				}
			}
		})
	}
	all.Wait()
}

type bomb struct{}

func (bomb) Do(int) { panic("bomb") }

// TestOutliveAPanic has a chunk panic in the caller.
func TestOutliveAPanic(t *testing.T) {
	w := &Workers{&crew{threads: 2, started: true}} // the other one never comes
	assert.PanicsWithValue(t, "bomb", func() { w.Run(1, bomb{}) })
	c := &tally{make([]atomic.Int32, 3)}
	w.Run(3, c)
	assert.EqualValues(t, 1, c.n[2].Load())
	assert.True(t, w.busy.TryLock(), "somebody still has the workers")
}

// TestEnd drops workers and waits for their goroutines to go.
func TestEnd(t *testing.T) {
	before := runtime.NumGoroutine()
	func() {
		w := New(4)
		assert.Equal(t, before, runtime.NumGoroutine(), "goroutines before they are needed")
		w.Run(4, &tally{make([]atomic.Int32, 4)})
		assert.Greater(t, runtime.NumGoroutine(), before)
	}()
	require.Eventually(t, func() bool {
		runtime.GC()
		return runtime.NumGoroutine() <= before
	}, 10*time.Second, 5*time.Millisecond)
}
