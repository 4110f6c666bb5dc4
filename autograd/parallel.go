package autograd

import "sync"

// BackwardAll is Backward of losses [] or [1] on different tapes, at the same time. The
// gradients are published in the order of the arguments, so that their sum does
// not depend on which tape is done first.
func BackwardAll(losses ...Var) {
	for i, a := range losses {
		t := a.tape()
		for _, b := range losses[:i] {
			if t == b.t {
				panic("autograd: BackwardAll of two losses on one tape; add them instead")
			}
		}
	}
	failures := make([]any, len(losses))
	var wg sync.WaitGroup
	for i, loss := range losses {
		wg.Go(func() {
			defer func() { failures[i] = recover() }()
			loss.t.backward(loss)
		})
	}
	wg.Wait()
	for _, f := range failures {
		if f != nil {
			panic(f)
		}
	}
	for _, loss := range losses {
		loss.t.publish()
	}
}
