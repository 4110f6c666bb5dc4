package backend

import (
	"math"
	"math/bits"
)

// Philox returns four random 32-bit words for a counter and a key. It is
// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as
// easy as 1, 2, 3", 2011): no state, so any element of a stream can be drawn
// anywhere, on any number of threads or on a device, and gives the same number.
func Philox(counter, key uint64) [4]uint32 {
	c := [4]uint32{uint32(counter), uint32(counter >> 32), 0, 0}
	k0, k1 := uint32(key), uint32(key>>32)
	for range 10 {
		h0, l0 := bits.Mul32(0xD2511F53, c[0])
		h1, l1 := bits.Mul32(0xCD9E8D57, c[2])
		c = [4]uint32{h1 ^ c[1] ^ k0, l1, h0 ^ c[3] ^ k1, l0}
		k0, k1 = k0+0x9E3779B9, k1+0xBB67AE85
	}
	return c
}

// Dist is the distribution that Random draws from.
type Dist uint8

// The distributions. Both use the upper 24 bits of a word times 2^-24, written
// u, which every backend computes exactly.
const (
	Uniform Dist = iota // u, in [0, 1)
	Normal              // mean 0, variance 1, by Box and Muller: see [NormalPair]
)

// String returns "uniform" or "normal".
func (d Dist) String() string { return [...]string{"uniform", "normal"}[d] }

// Unit returns the upper 24 bits of w times 2^-24: a number in [0, 1) that
// float32 holds exactly.
func Unit(w uint32) float64 { return float64(w>>8) * (1.0 / (1 << 24)) }

// NormalPair returns two independent normal numbers from two words. With
// u = [Unit](w0) and v = Unit(w1) they are sqrt(-2 ln(1-u)) times cos 2πv and
// sin 2πv (Box and Muller, 1958). Elements 2j and 2j+1 of a stream are the pair
// of words 2j and 2j+1.
func NormalPair(w0, w1 uint32) (a, b float64) {
	r := math.Sqrt(-2 * math.Log(1-Unit(w0)))
	s, c := math.Sincos(2 * math.Pi * Unit(w1))
	return r * c, r * s
}
