package data

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"sort"

	"gonum.org/v1/gonum/mathext/prng"
)

// RandomState draws the numbers of NumPy's legacy generator, numpy.random.RandomState
// and the functions numpy.random.rand, randn, shuffle and so on: the same seed
// gives the same numbers, which is how the book's splits, batches and initial
// values are repeated. New work has no reason to use it.
//
// Methods are named as in math/rand/v2; their comments give NumPy's name. The zero
// value is of no use before UnmarshalBinary. Not for several goroutines at once.
type RandomState struct {
	mt      prng.MT19937
	next    float64 // the second number of the last pair of NormFloat64
	hasNext bool
	p, cdf  []float64 // scratch of Choice, kept so that a draw makes no garbage
}

// NewRandomState returns the generator after numpy.random.seed(seed).
func NewRandomState(seed uint32) *RandomState {
	r := new(RandomState)
	r.mt.Seed(uint64(seed))
	return r
}

// Uint32 returns the next word of the Mersenne Twister MT19937.
func (r *RandomState) Uint32() uint32 { return r.mt.Uint32() }

// Float64 returns a number in [0, 1) with 53 random bits: random_sample, rand.
func (r *RandomState) Float64() float64 {
	hi, lo := r.mt.Uint32()>>5, r.mt.Uint32()>>6
	return (float64(hi)*(1<<26) + float64(lo)) / (1 << 53)
}

// NormFloat64 returns a normal number of mean 0 and variance 1: randn. It is
// Marsaglia's polar method, which makes two at a time; the second one is kept for
// the next call. On machines whose logarithm rounds differently from C's the last
// of the 53 bits may differ from NumPy's.
func (r *RandomState) NormFloat64() float64 {
	if r.hasNext {
		r.hasNext = false
		return r.next
	}
	for {
		x1 := 2*r.Float64() - 1
		x2 := 2*r.Float64() - 1
		// The conversions keep the products from being fused with the sum, which
		// would give other bits on some machines.
		s := float64(x1*x1) + float64(x2*x2)
		if s >= 1 || s == 0 {
			continue
		}
		f := math.Sqrt(-2 * math.Log(s) / s)
		r.next, r.hasNext = f*x1, true
		return f * x2
	}
}

// IntN returns an integer in [0, n): randint(0, n). It panics where n is below 1
// or above 2^32.
func (r *RandomState) IntN(n int) int {
	if n < 1 || uint64(n) > 1<<32 {
		panic(fmt.Sprintf("RandomState.IntN: n is %d; want 1 to 2^32", n))
	}
	limit := uint32(uint64(n) - 1)
	if limit == 0 {
		return 0 // nothing is drawn, as in NumPy
	}
	mask := uint32(1)<<bits.Len32(limit) - 1
	for {
		if w := r.mt.Uint32() & mask; w <= limit {
			return int(w)
		}
	}
}

// Shuffle puts n elements in random order by calls of swap: shuffle.
func (r *RandomState) Shuffle(n int, swap func(i, j int)) {
	for i := n - 1; i > 0; i-- {
		swap(i, r.IntN(i+1))
	}
}

// Perm returns the integers 0 .. n-1 in random order: permutation(n).
func (r *RandomState) Perm(n int) []int { return Perm(n, r) }

// Choice fills dst with indices of p, each i with probability p[i]/sum(p), which
// may repeat: choice(len(p), len(dst), p=p). It panics where a p[i] is negative
// or no p[i] is positive.
func (r *RandomState) Choice(dst []int32, p []float64) {
	r.accumulate(p, 1)
	for i := range dst {
		dst[i] = r.search(r.Float64())
	}
}

// ChoiceDistinct is [RandomState.Choice] without repetition: choice(len(p),
// len(dst), replace=False, p=p). It panics where fewer than len(dst) of p are
// positive.
func (r *RandomState) ChoiceDistinct(dst []int32, p []float64) {
	r.p = append(r.p[:0], p...)
	r.accumulate(r.p, len(dst))
	for found := 0; found < len(dst); {
		if found > 0 {
			for _, i := range dst[:found] {
				r.p[i] = 0
			}
			r.accumulate(r.p, len(dst)-found)
		}
		// NumPy draws all that are missing, then drops what repeats.
		for range len(dst) - found {
			if i := r.search(r.Float64()); !slices.Contains(dst[:found], i) {
				dst[found] = i
				found++
			}
		}
	}
}

// accumulate sets cdf to the cumulative sum of p divided by its last, in NumPy's
// order of operations. It panics unless at least want of p are positive.
func (r *RandomState) accumulate(p []float64, want int) {
	r.cdf = r.cdf[:0]
	sum, positive := 0.0, 0
	for i, v := range p {
		if !(v >= 0) || math.IsInf(v, 1) {
			panic(fmt.Sprintf("RandomState.Choice: p[%d] is %v; want a finite weight of 0 or more", i, v))
		}
		if v > 0 {
			positive++
		}
		sum += v
		r.cdf = append(r.cdf, sum)
	}
	if positive < want {
		panic(fmt.Sprintf("RandomState.Choice: %d of %d weights are positive; want at least %d", positive, len(p), want))
	}
	for i := range r.cdf {
		r.cdf[i] /= sum
	}
}

// search returns the first index whose cdf is above u, so never one of weight 0.
func (r *RandomState) search(u float64) int32 {
	return int32(sort.Search(len(r.cdf), func(i int) bool { return r.cdf[i] > u }))
}

// MarshalBinary returns the state for a checkpoint. The error is always nil.
func (r *RandomState) MarshalBinary() ([]byte, error) {
	b, err := r.mt.MarshalBinary()
	if err != nil {
		return nil, err
	}
	next := math.NaN()
	if r.hasNext {
		next = r.next
	}
	return binary.BigEndian.AppendUint64(b, math.Float64bits(next)), nil
}

// UnmarshalBinary restores what MarshalBinary returned. The error is for bytes of
// another length or with a position outside the state.
func (r *RandomState) UnmarshalBinary(b []byte) error {
	const words = 624 + 1 // the state of MT19937 and the position in it
	if len(b) != 4*words+8 {
		return fmt.Errorf("random state: %d bytes; want %d", len(b), 4*words+8)
	}
	if pos := binary.BigEndian.Uint32(b[4*(words-1):]); pos > words-1 {
		return fmt.Errorf("random state: position %d; want at most %d", pos, words-1)
	}
	if err := r.mt.UnmarshalBinary(b); err != nil {
		return fmt.Errorf("random state: %w", err)
	}
	r.next = math.Float64frombits(binary.BigEndian.Uint64(b[4*words:]))
	r.hasNext = !math.IsNaN(r.next)
	return nil
}
