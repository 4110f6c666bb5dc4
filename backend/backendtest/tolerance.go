package backendtest

import "math"

// tolerance is how far a float32 result may lie from the float64 one: the sum
// of its parts. The zero value asks for the nearest float32, which is right for
// what moves, compares or rounds once.
//
// The parts, and why each exists:
//
//   - ulps: a float32 function (exp, tanh ...) is good to a few steps of the last
//     place wherever it is computed; libraries promise 1 to 4.
//   - abs: where a formula subtracts nearly equal numbers, the error is one of
//     the numbers subtracted and not of the small result.
//   - mag: a sum of products has an error in proportion to the sum of their
//     absolute values, which the trial computes by the same call on absolute
//     values. In units of 2^-24, half a step of float32 at 1.
//
// Wherever a tolerance is given, results below the smallest normal float32 may
// be flushed to zero.
type tolerance struct {
	ulps, abs, mag float64
	signed         bool // the sign of a zero counts
}

const (
	unit           = 1.0 / (1 << 24)        // half a step of float32 at 1
	smallestNormal = 1.1754943508222875e-38 // 2^-126
)

// exact is for what moves numbers: every bit counts.
var exact = tolerance{signed: true}

// summed is for sums of n products of arbitrary numbers, in any order and with
// or without fused multiply-add. The worst case grows with n (Higham, "Accuracy
// and Stability of Numerical Algorithms", 2002, section 3.1), but rounding
// errors of either sign make it √n. What a smaller bound would find, a term too
// few or too many, is found without any tolerance by sums of whole numbers.
func summed(n int) tolerance { return tolerance{mag: 4 + math.Sqrt(float64(n))} }

// ok reports whether got is a good float32 for want. size is the result of the
// same call on absolute values.
func (t tolerance) ok(got, want, size float64) bool {
	near := float64(float32(want))
	switch {
	case math.IsNaN(near) || math.IsNaN(got):
		return math.IsNaN(near) && math.IsNaN(got)
	case math.IsInf(near, 0):
		return got == near
	case t.signed && near == 0 && got == 0:
		return math.Signbit(got) == math.Signbit(want)
	case got == near:
		return true
	}
	limit := t.ulps*ulp(near) + t.abs + t.mag*unit*size
	return limit > 0 && math.Abs(got-want) <= max(limit, smallestNormal)
}

// ulp returns the step of float32 at x.
func ulp(x float64) float64 {
	_, e := math.Frexp(x)
	return math.Ldexp(1, max(e-24, -149))
}
