package backendtest

import (
	"math"
	"math/rand/v2"

	"pgregory.net/rapid"
)

// values yields the elements of an operand, one after the other.
type values func() float64

// whole yields whole numbers from -8 to 8: their sums and products are exact in
// float32 in any order.
func whole(rng *rand.Rand) values { return func() float64 { return float64(rng.IntN(17) - 8) } }

// nonzero is whole without 0, for where 0 times NaN would be left open.
func nonzero(rng *rand.Rand) values {
	return func() float64 { return float64((1 + rng.IntN(8)) * (1 - 2*rng.IntN(2))) }
}

// uniform yields float32 numbers from lo to hi.
func uniform(rng *rand.Rand, lo, hi float64) values {
	return func() float64 { return float64(float32(lo + rng.Float64()*(hi-lo))) }
}

// listed yields v, again and again.
func listed[T int32 | float64](v ...T) values {
	i := 0
	return func() float64 { i++; return float64(v[(i-1)%len(v)]) }
}

// newRand returns the random numbers of one check: the same in every run.
func newRand(name string) *rand.Rand {
	var seed [32]byte
	copy(seed[:], name)
	return rand.New(rand.NewChaCha8(seed))
}

func fill(dst []float64, v values) {
	for i := range dst {
		dst[i] = v()
	}
}

// drawRand draws the source of an operand's values.
func drawRand(t *rapid.T) *rand.Rand {
	return rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
}

// specials are the numbers at which float32 kernels go wrong: zeros of either
// sign, infinities, NaN, the ends of the range, halves to round, the points
// where exp overflows and tanh saturates.
var specials = []float64{
	0, math.Copysign(0, -1), 1, -1, math.Inf(1), math.Inf(-1), math.NaN(),
	math.MaxFloat32, -math.MaxFloat32, smallestNormal, -smallestNormal,
	0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 1 - unit, 1 + 2*unit,
	1.0 / (1 << 20), -1.0 / (1 << 20), 10, -10, 20, -20, 88, -88, 100, -100,
	1 << 23, 1<<24 - 1, -(1 << 24),
}

// subnormals are below the smallest normal float32.
var subnormals = []float64{math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, smallestNormal / 2, -smallestNormal / 8}

// moved are all of them: what moves numbers keeps every bit.
var moved = append(specials[:len(specials):len(specials)], subnormals...)
