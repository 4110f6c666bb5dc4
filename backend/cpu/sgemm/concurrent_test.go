package sgemm

import (
	"math/rand/v2"
	"sync"
	"testing"

	"gonum.org/v1/gonum/blas"

	"github.com/wengert-ml/wengert/backend/cpu/isa"
)

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
