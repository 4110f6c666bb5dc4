package half

import "math"

// ToF16 returns v as the bits of a half, rounded to nearest, ties to even.
func ToF16(v float32) uint16 {
	b := math.Float32bits(v)
	sign := uint16(b >> 16 & 0x8000)
	b &= 0x7fff_ffff
	switch {
	case b > 0x7f80_0000: // NaN: quiet, with the upper bits of its payload
		return sign | 0x7e00 | uint16(b>>13&0x3ff)
	case b >= 0x477f_f000: // 65520, half-way between 65504 and what 65536 would be
		return sign | 0x7c00
	case b < 0x3880_0000: // below 2^-14 F16 is subnormal, in steps of 2^-24: the steps of float32 above 0.5
		return sign | uint16(math.Float32bits(math.Float32frombits(b)+0.5)-math.Float32bits(0.5))
	}
	b += 0xfff + b>>13&1
	return sign | uint16((b-(127-15)<<23)>>13) // the exponents' biases are 127 and 15
}

// FromF16 returns the value of a half, exactly.
func FromF16(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exponent, mantissa := uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exponent {
	case 0: // zero or subnormal
		return math.Float32frombits(sign | math.Float32bits(float32(mantissa)*0x1p-24))
	case 0x1f: // infinite or NaN
		return math.Float32frombits(sign | 0x7f80_0000 | mantissa<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | mantissa<<13)
}

// ToBF16 returns v as the bits of a bfloat16, rounded to nearest, ties to even.
func ToBF16(v float32) uint16 {
	b := math.Float32bits(v)
	if v != v { // rounding could turn a NaN into an infinity
		return uint16(b>>16) | 0x40
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// FromBF16 returns the value of a bfloat16, exactly.
func FromBF16(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }
