package cpu

import "math"

// Exponentials from float32 to float32, computed in float64, which costs a
// scalar processor no more and needs no care for overflow, denormals or lost
// digits: the one rounding to float32 at the end makes infinities and denormals
// by itself. The largest error found over the whole range is below 0.51 ulp
// (TestUlps).
//
// With k = round(32 x/ln 2) and f = x - k ln 2/32, so that |f| < 0.011,
//
//	eˣ = 2^(k/32) eᶠ = 2^(k>>5) · table[k&31] · (1 + f + f²/2 + f³/6 + ...)
//
// as in Tang, "Table-driven implementation of the exponential function in IEEE
// floating-point arithmetic" (1989).

// expTable holds the bits of 2^(j/32). Adding k>>5 to the exponent field scales.
var expTable = [32]uint64{
	0x3ff0000000000000, 0x3ff059b0d3158574, 0x3ff0b5586cf9890f, 0x3ff11301d0125b51,
	0x3ff172b83c7d517b, 0x3ff1d4873168b9aa, 0x3ff2387a6e756238, 0x3ff29e9df51fdee1,
	0x3ff306fe0a31b715, 0x3ff371a7373aa9cb, 0x3ff3dea64c123422, 0x3ff44e086061892d,
	0x3ff4bfdad5362a27, 0x3ff5342b569d4f82, 0x3ff5ab07dd485429, 0x3ff6247eb03a5584,
	0x3ff6a09e667f3bcc, 0x3ff71f75e8ec5f74, 0x3ff7a11473eb0187, 0x3ff82589994cce12,
	0x3ff8ace5422aa0dc, 0x3ff93737b0cdc5e5, 0x3ff9c49182a3f090, 0x3ffa5503b23e255c,
	0x3ffae89f995ad3ae, 0x3ffb7f76f2fb5e47, 0x3ffc199bdd85529c, 0x3ffcb720dcef9069,
	0x3ffd5818dcfba487, 0x3ffdfc97337b9b5f, 0x3ffea4afa2a490da, 0x3fff50765b6e4540,
}

// expBound is where float32 results have long become 0 and infinity, and float64
// ones not.
const expBound = 120

// power returns 2^(k/32) and f for x within ±expBound. Of NaN, f is NaN.
func power(x float64) (s, f float64) {
	const whole = 3 << 51 // adding it leaves the nearest whole number in the lowest bits
	t := x*(32/math.Ln2) + whole
	k := math.Float64bits(t)
	f = x - (t-whole)*(math.Ln2/32)
	return math.Float64frombits(expTable[k&31] + k>>5<<52), f
}

func exp(dst, x []float32, _, _ float32) {
	x = x[:len(dst)]
	for i, v := range x {
		s, f := power(bound(float64(v)))
		dst[i] = float32(s + s*(f+f*f*(0.5+f*(1.0/6))))
	}
}

// sigmoid is 1/(1 + e⁻ˣ).
func sigmoid(dst, x []float32, _, _ float32) {
	x = x[:len(dst)]
	for i, v := range x {
		s, f := power(bound(-float64(v)))
		dst[i] = float32(1 / (1 + s + s*(f+f*f*(0.5+f*(1.0/6)))))
	}
}

// tanh is m/(m+2) with m = e²ˣ - 1, where 1 is subtracted from the power and not
// from the sum: for small x the power is 1, and m keeps all digits of f.
func tanh(dst, x []float32, _, _ float32) {
	x = x[:len(dst)]
	for i, v := range x {
		s, f := power(bound(2 * float64(v)))
		m := s - 1 + s*(f+f*f*(0.5+f*(1.0/6+f*(1.0/24))))
		r := math.Float32bits(float32(m / (m + 2)))
		dst[i] = math.Float32frombits(r | math.Float32bits(v)&(1<<31)) // tanh -0 = -0
	}
}

func bound(x float64) float64 {
	if x > expBound {
		return expBound
	}
	if x < -expBound {
		return -expBound
	}
	return x
}
