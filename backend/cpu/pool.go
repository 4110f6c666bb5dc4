package cpu

import (
	"sync"
	"sync/atomic"
)

// job is a kernel call cut into parts that may run in any order, on any
// goroutine, at the same time.
type job interface {
	do(lo, hi int) // computes the parts lo <= i < hi
}

// jobs holds the one job that is spread at a time, by kind, so that spreading
// allocates nothing. Who holds the pool owns it.
type jobs struct {
	unary       unaryJob
	binary      binaryJob
	where       whereJob
	copy        copyJob
	reduce      reduceJob
	matmul      matmulJob
	gather      gatherJob
	scatter     scatterJob
	random      randomJob
	softmax     softmaxJob
	entropy     entropyJob
	entropyGrad entropyGradJob
	dropout     dropoutJob
	lstm        lstmJob
	lstmGrad    lstmGradJob
}

// pool is a set of goroutines that help the caller of a kernel with its parts.
// It holds no pointer to its Backend, so that a Backend nobody uses is collected
// and its cleanup ends the goroutines.
type pool struct {
	threads int
	taken   sync.Mutex    // held while a job is being spread
	wake    chan struct{} // one token calls one helper to the job
	quit    chan struct{}
	started bool // guarded by taken

	// The job being spread. Written before the tokens are sent and after the
	// last helper is back.
	job   job
	parts int64
	next  atomic.Int64 // the first part that nobody has taken
	left  atomic.Int64 // helpers that may still be at work
	done  chan struct{}
}

func newPool(threads int) *pool {
	return &pool{
		threads: threads,
		wake:    make(chan struct{}, threads),
		quit:    make(chan struct{}),
		done:    make(chan struct{}, 1),
	}
}

// stop ends the helpers. It is called once, when the Backend is gone.
func (p *pool) stop() { close(p.quit) }

// spread computes all parts of j with the help of the pool and reports true, or
// does nothing and reports false where j is to be computed by the caller alone:
// there is one part, one thread, or another goroutine has the pool. slot is j's
// field of jobs.
//
// That callers compute alone by calling do on their own copy keeps that copy on
// the stack: a call through the interface would move it to the heap.
func spread[J any, P interface {
	*J
	job
}](p *pool, slot *J, j *J, parts int) bool {
	if parts < 2 || p.threads < 2 || !p.taken.TryLock() {
		return false
	}
	defer p.taken.Unlock()
	*slot = *j
	p.run(P(slot), parts)
	var zero J
	*slot = zero // lets go of the operands
	return true
}

// run shares the parts between the caller and up to threads-1 helpers. A token
// that no helper has taken when the parts are gone is taken back, so a busy
// machine does not delay the caller.
func (p *pool) run(j job, parts int) {
	if !p.started {
		p.started = true
		for range p.threads - 1 {
			go p.help()
		}
	}
	helpers := min(p.threads, parts) - 1
	p.job, p.parts = j, int64(parts)
	p.next.Store(0)
	p.left.Store(int64(helpers))
	for range helpers {
		p.wake <- struct{}{}
	}
	defer p.collect(helpers) // deferred: a panic of the BLAS must not leave helpers behind
	p.work()
}

// collect waits until no helper is at work.
func (p *pool) collect(helpers int) {
	for range helpers {
		select {
		case <-p.wake:
			if p.left.Add(-1) == 0 {
				p.done <- struct{}{}
			}
			continue
		default:
		}
		break
	}
	<-p.done
	p.job = nil
}

// work computes parts until none is left.
func (p *pool) work() {
	for {
		i := p.next.Add(1) - 1
		if i >= p.parts {
			return
		}
		p.job.do(int(i), int(i)+1)
	}
}

// help is the life of a helper.
func (p *pool) help() {
	for {
		select {
		case <-p.quit:
			return
		case <-p.wake:
		}
		p.work()
		if p.left.Add(-1) == 0 {
			p.done <- struct{}{}
		}
	}
}
