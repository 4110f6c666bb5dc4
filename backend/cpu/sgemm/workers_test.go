package sgemm

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas"

	"github.com/wengert-ml/wengert/backend/cpu/isa"
)

// tally counts how often each chunk was done.
type tally struct{ n []atomic.Int32 }

func (t *tally) Do(chunk int) { t.n[chunk].Add(1) }

func TestWorkersDoEachChunkOnce(t *testing.T) {
	for _, threads := range []int{0, 1, 2, 5} {
		w := NewWorkers(threads)
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

func TestWorkersServeManyCallers(t *testing.T) {
	w := NewWorkers(3)
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

// TestWorkersOutliveAPanic has a chunk panic in the caller.
func TestWorkersOutliveAPanic(t *testing.T) {
	w := &Workers{&crew{threads: 2}} // the other one never comes
	assert.PanicsWithValue(t, "bomb", func() { w.Run(1, bomb{}) })
	c := &tally{make([]atomic.Int32, 3)}
	w.Run(3, c)
	assert.EqualValues(t, 1, c.n[2].Load())
	assert.True(t, w.busy.TryLock(), "somebody still has the workers")
}

// TestWorkersEnd drops an implementation and waits for its goroutines to go.
func TestWorkersEnd(t *testing.T) {
	before := runtime.NumGoroutine()
	func() {
		b := New(isa.Generic, Config{Threads: 4})
		c := call{tA: blas.NoTrans, tB: blas.NoTrans, m: 100, n: 100, k: 100, alpha: 1}
		c.run(b, c.operands(rand.New(rand.NewPCG(1, 1))))
		assert.Greater(t, runtime.NumGoroutine(), before)
	}()
	require.Eventually(t, func() bool {
		runtime.GC()
		return runtime.NumGoroutine() <= before
	}, 10*time.Second, 5*time.Millisecond)
}

// TestConcurrentCallers has several goroutines use one implementation.
func TestConcurrentCallers(t *testing.T) {
	eachISA(t, func(t *testing.T, set isa.ISA) {
		impl := New(set, Config{Threads: 2})
		c := call{tA: blas.NoTrans, tB: blas.Trans, m: 90, n: 110, k: 70, alpha: 1}
		want := c.operands(rand.New(rand.NewPCG(19, 20)))
		c.run(impl, want)
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				for range 20 {
					o := c.operands(rand.New(rand.NewPCG(19, 20)))
					c.run(impl, o)
					if i := differs(want.c, o.c); i >= 0 {
						t.Errorf("element %d is %g, want %g", i, o.c[i], want.c[i])
						return
					}
				}
			})
		}
		all.Wait()
	})
}
