package tensor

import "github.com/wengert-ml/wengert/backend"

// Rand is a counter-based random stream (Philox: see [backend.Philox]). It is a
// Source for math/rand/v2 on the host and gives keys and counters to kernels,
// and the two agree: a seed draws the same numbers on any backend and number of
// threads. Saved and restored as two numbers, it continues where it was.
//
//	r := tensor.NewRand(1984, 0)
//	x := tensor.Randn(be, r, 2, 3)      // on the backend
//	perm := rand.New(r).Perm(10)        // on the host
//
// A Rand belongs to one goroutine.
type Rand struct {
	Key uint64 // which stream
	Pos uint64 // how many 64-bit words were drawn

	// The block that was computed last, so that its second half costs nothing: of
	// skip-gram, a seventh of the time went into drawing negatives.
	block        [4]uint32
	counter, key uint64
	computed     bool
}

// NewRand returns the stream of a seed: streams of one seed are independent.
func NewRand(seed, stream uint64) *Rand {
	w := backend.Philox(stream, seed)
	return &Rand{Key: uint64(w[0]) | uint64(w[1])<<32}
}

// Uint64 returns the next word, half of a Philox block: it makes Rand a
// math/rand/v2 Source.
func (r *Rand) Uint64() uint64 {
	if counter := r.Pos / 2; counter != r.counter || r.key != r.Key || !r.computed {
		r.block, r.counter, r.key, r.computed = backend.Philox(counter, r.Key), counter, r.Key, true
	}
	half := r.Pos % 2 * 2
	r.Pos++
	return uint64(r.block[half]) | uint64(r.block[half+1])<<32
}

// Float64 returns a number in [0, 1) with 53 random bits.
func (r *Rand) Float64() float64 { return float64(r.Uint64()>>11) * (1.0 / (1 << 53)) }

// Norm returns two independent normal numbers of mean 0 and variance 1.
func (r *Rand) Norm() (a, b float64) {
	w := r.Uint64()
	return backend.NormalPair(uint32(w), uint32(w>>32))
}

// Blocks takes enough of the stream for n elements of a kernel and returns the
// counter that the kernel starts from.
func (r *Rand) Blocks(n int) (counter uint64) {
	counter = (r.Pos + 1) / 2
	r.Pos = 2 * (counter + uint64(n+3)/4)
	return counter
}
