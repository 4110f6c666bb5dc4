package cpu

import (
	"sync"

	"github.com/wengert-ml/wengert/backend/cpu/workers"
)

// job is a kernel call cut into parts that may run in any order, on any
// goroutine, at the same time.
type job interface {
	Do(part int)
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
	mix         mixJob
	products    productsJob
	random      randomJob
	softmax     softmaxJob
	entropy     entropyJob
	entropyGrad entropyGradJob
	layerNorm   layerNormJob
	dropout     dropoutJob
	lstm        lstmJob
	lstmGrad    lstmGradJob
	lstmSteps   lstmSteps
	gru         gruJob
	update      updateJob
	norm        normJob
}

// pool lends the workers to one kernel call at a time.
type pool struct {
	taken   sync.Mutex // held while a job is being spread
	workers *workers.Workers
}

// spread computes all parts of j with the help of the workers and reports true,
// or does nothing and reports false where j is to be computed by the caller
// alone: there is one part, one thread, or another goroutine has the workers.
// slot is j's field of jobs.
//
// That callers compute alone by calling Do on their own copy keeps that copy on
// the stack: a call through the interface would move it to the heap.
func spread[J any, P interface {
	*J
	job
}](p *pool, slot *J, j *J, parts int) bool {
	if parts < 2 || p.workers.Threads() < 2 || !p.taken.TryLock() {
		return false
	}
	defer p.taken.Unlock()
	*slot = *j
	p.workers.Run(parts, P(slot))
	var zero J
	*slot = zero // lets go of the operands
	return true
}
