package sgemm

import (
	"math/rand/v2"
	"testing"
)

// FuzzSgemm compares products of any shape, stride, alignment, alpha and beta
// with float64, on every instruction set and on one and two threads, and those that
// begin with a row with those that are added to it.
func FuzzSgemm(f *testing.F) {
	f.Add(uint64(1), uint16(9), uint16(48), uint16(4), uint8(0), uint8(0), uint8(0), uint8(0))
	f.Add(uint64(2), uint16(20), uint16(650), uint16(300), uint8(2), uint8(3), uint8(1), uint8(7))
	f.Add(uint64(3), uint16(70), uint16(145), uint16(330), uint8(1), uint8(9), uint8(40), uint8(12))
	f.Add(uint64(4), uint16(333), uint16(1), uint16(65), uint8(3), uint8(5), uint8(0), uint8(1))
	impls := append(eachSet(1), eachSet(2)...)
	factors := []float32{1, 0, -1, 0.5}
	f.Fuzz(func(t *testing.T, seed uint64, m, n, k uint16, trans, factor, pad, skip uint8) {
		c := call{
			tA: transposes[trans&1], tB: transposes[trans>>1&1],
			m: int(m % 400), n: int(n % 800), k: int(k % 800),
			alpha: factors[factor&3], beta: factors[(factor>>2+1)&3],
			padA: int(pad & 7), padB: int(pad >> 3 & 7), padC: int(pad >> 6), skip: int(skip % 32),
		}
		if c.m*c.n*c.k > 3_000_000 {
			c.k = 3_000_000 / (c.m * c.n)
		}
		c.check(t, rand.New(rand.NewPCG(seed, 0)), impls...)
		c.checkRow(t, rand.New(rand.NewPCG(seed, 1)), impls...)
	})
}
