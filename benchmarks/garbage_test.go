package benchmarks

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/models/seq2seq"
	"github.com/wengert-ml/wengert/nn/data"
)

// TestWarmStepsMakeNoGarbage counts what a warm training step of each model
// allocates, data, clipping and optimiser included, on one thread and on two. Sizes
// are such that the larger kernels are spread over both.
func TestWarmStepsMakeNoGarbage(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	text := lmSize{vocab: 1000, embed: 64, hidden: 64, batch: 20, steps: 10}
	for _, j := range []job{
		named("cbow/lazy", cbow(ptbVectors, false)),
		named("cbow/dense", cbow(ptbVectors, true)),
		named("skipgram/lazy", skipGram(ptbVectors, false)),
		named("rnnlm", languageModel(cell(rnnlm.RNN), text)),
		named("lstm-lm", languageModel(cell(rnnlm.LSTM), text)),
		named("gru-lm", languageModel(cell(rnnlm.GRU), text)),
		named("better-rnnlm", languageModel(better, text)),
		named("seq2seq", translation(seq2seq.Plain, 16, 64, 64, someAdditions)),
		named("peeky", translation(seq2seq.WithPeeking, 16, 64, 64, someAdditions)),
		named("attention", translation(seq2seq.WithAttention, 16, 64, 64, data.Dates)),
	} {
		for _, threads := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s/threads=%d", j.name, threads), func(t *testing.T) {
				tr := newTrainer(cpu.Config{Threads: threads}.New(), j)
				for range 20 { // a batch with more different words than any before still takes memory
					tr.step()
				}
				assert.Zero(t, fewestMallocs(6, func() { tr.step() }))
			})
		}
	}
}

func someAdditions(r *rand.Rand, n int) []data.QA { return data.Additions(r, min(n, 500)) }

// fewestMallocs returns the smallest number of allocations in a call of f, of n. It
// leaves GOMAXPROCS alone, as testing.AllocsPerRun does not, so that threads are
// threads. The runtime makes an allocation of its own now and then.
func fewestMallocs(n int, f func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	fewest := ^uint64(0)
	var before, after runtime.MemStats
	for range n {
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		fewest = min(fewest, after.Mallocs-before.Mallocs)
	}
	return fewest
}
