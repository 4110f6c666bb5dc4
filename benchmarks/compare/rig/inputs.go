package rig

import (
	"math"
	"sort"
)

// hash returns the i-th number of a name's stream: FNV-1a of the name, then
// SplitMix64 (Steele, Lea and Flood, 2014).
func hash(seed uint64, i int) uint64 {
	x := seed + uint64(i+1)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func seed(name string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for _, c := range []byte(name) {
		h = (h ^ uint64(c)) * 0x100000001b3
	}
	return h
}

// Fill returns n numbers drawn evenly from [-bound, bound) by the name's stream.
func Fill(name string, n int, bound float64) []float32 {
	x, s := make([]float32, n), seed(name)
	for i := range x {
		u := float64(hash(s, i)>>40) / (1 << 24)
		x[i] = float32((2*u - 1) * bound)
	}
	return x
}

// Weights returns initial values for a parameter [shape...], by its name alone:
// within 0.1 for vectors and for tables of words, else within 1/√rows.
func Weights(name string, shape ...int) []float32 {
	n := 1
	for _, d := range shape {
		n *= d
	}
	if len(shape) == 1 || shape[0] >= 1000 {
		return Fill(name, n, 0.1)
	}
	return Fill(name, n, 1/math.Sqrt(float64(shape[0])))
}

// IDs returns n ids in [0, vocab), id i with probability proportional to
// (i+1)^-power: 1 is about how words of a text are spread, 0.75 how negatives are
// drawn, 0 is even.
func IDs(name string, n, vocab int, power float64) []int32 {
	ends, total := make([]uint64, vocab), uint64(0)
	for i := range ends {
		total += uint64(math.Pow(float64(i+1), -power) * (1 << 30))
		ends[i] = total
	}
	ids, s := make([]int32, n), seed(name)
	for i := range ids {
		// Not the remainder: a total that is off by one would change every id.
		r := uint64(float64(hash(s, i)>>11) / (1 << 53) * float64(total))
		ids[i] = int32(sort.Search(vocab, func(j int) bool { return ends[j] > r }))
	}
	return ids
}
