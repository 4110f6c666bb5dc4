// Package half converts float32 to the two 16-bit formats that parameters are stored
// in, and back:
//
//	F16   1 sign, 5 exponent, 10 mantissa bits   largest 65504, steps of 2^-24 near 0
//	BF16  1 sign, 8 exponent, 7 mantissa bits    the range of float32
//
// Both directions work on the bits. Rounding to nearest, ties to even, adds a
// little less than half a unit of the bits to be dropped, and one more if the
// last bit kept is odd; a carry into the exponent is the right result.
package half
