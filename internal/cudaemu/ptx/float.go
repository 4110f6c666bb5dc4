package ptx

import "math"

// rounding is a direction of rounding.
type rounding uint8

const (
	nearest  rounding = iota // to nearest, ties to even: .rn, .rni
	towards0                 // .rz, .rzi
	down                     // .rm, .rmi
	up                       // .rp, .rpi
)

// nan32 is the NaN that every float32 operation of the hardware returns.
const nan32 = 0x7fffffff

func f32(bits uint64) float32 { return math.Float32frombits(uint32(bits)) }
func f64(bits uint64) float64 { return math.Float64frombits(bits) }

// bits32 returns the bits of x, those of the hardware's one NaN for any NaN.
func bits32(x float32) uint64 {
	if x != x {
		return nan32
	}
	return uint64(math.Float32bits(x))
}

// fma32 returns a·b + c rounded once to nearest.
//
// The product of two float32 is exact in float64; the sum is not. Rounding the
// rounded sum again to float32 is wrong only where it lies half-way between two
// float32, which takes the low 29 bits 1000…0, or below the normal numbers, where
// float32 has fewer bits. There the sum is rounded to odd instead, which keeps the
// second rounding right (Boldo and Melquiond, 2008).
func fma32(a, b, c float32) float32 {
	p := float64(a) * float64(b)
	s := p + float64(c)
	bits := math.Float64bits(s)
	if bits&(1<<29-1) != 1<<28 && bits>>52&0x7ff >= 1023-126 {
		return float32(s)
	}
	return float32(addOdd(p, float64(c)))
}

// addOdd returns x + y rounded to odd: exact, or the neighbour whose last bit is 1.
func addOdd(x, y float64) float64 {
	s := x + y
	if math.IsInf(s, 0) || s != s {
		return s
	}
	v := s - x // Knuth's TwoSum: e is the exact rest
	e := (x - (s - v)) + (y - v)
	if e == 0 || math.Float64bits(s)&1 == 1 {
		return s
	}
	if (e > 0) == (s > 0) {
		return math.Float64frombits(math.Float64bits(s) + 1)
	}
	return math.Float64frombits(math.Float64bits(s) - 1)
}

// round32 returns x rounded to float32 in a direction.
func round32(x float64, r rounding) float32 {
	y := float32(x)
	if r == nearest || x != x || math.IsInf(x, 0) {
		return y
	}
	if r == towards0 {
		r = down
		if x < 0 {
			r = up
		}
	}
	switch {
	case r == down && float64(y) > x:
		return math.Nextafter32(y, float32(math.Inf(-1)))
	case r == up && float64(y) < x:
		return math.Nextafter32(y, float32(math.Inf(1)))
	}
	return y
}

// sum32 returns x + y, exact operands of a float32 operation, rounded once. An exact
// zero of two opposite numbers is -0 when rounding down.
func sum32(x, y float64, r rounding) float32 {
	s := addOdd(x, y)
	if s == 0 && x == -y && x != 0 && r == down {
		return float32(math.Copysign(0, -1))
	}
	if s == 0 && r == down && math.Signbit(x) != math.Signbit(y) {
		return float32(math.Copysign(0, -1))
	}
	return round32(s, r)
}

// roundInt returns x rounded to an integer in a direction.
func roundInt(x float64, r rounding) float64 {
	switch r {
	case towards0:
		return math.Trunc(x)
	case down:
		return math.Floor(x)
	case up:
		return math.Ceil(x)
	}
	return math.RoundToEven(x)
}

// flush32 returns the bits of a float32 with a denormal made a zero of its sign.
func flush32(bits uint64) uint64 {
	if bits&0x7f800000 == 0 {
		return bits & 0x80000000
	}
	return bits
}

// saturate32 clamps to [0, 1]; NaN gives 0.
func saturate32(bits uint64) uint64 {
	switch x := f32(bits); {
	case x >= 1:
		return uint64(math.Float32bits(1))
	case x > 0:
		return bits
	}
	return 0
}

// min32 returns the smaller operand, the other one of a NaN, and -0 before +0.
func min32(a, b uint64) uint64 {
	x, y := f32(a), f32(b)
	switch {
	case x != x:
		return bits32(y)
	case y != y || x < y:
		return a
	case y < x:
		return b
	}
	return a | b // equal: of two zeros, the negative one
}

// max32 is min32 the other way round.
func max32(a, b uint64) uint64 {
	x, y := f32(a), f32(b)
	switch {
	case x != x:
		return bits32(y)
	case y != y || x > y:
		return a
	case y > x:
		return b
	}
	return a & b
}

// toInt converts x, an integer, to bits of a type, clamped to its range. NaN gives 0,
// or the smallest number where the type has 64 bits, as the hardware does.
func toInt(x float64, t typ) uint64 {
	lo, hi := 0.0, math.Ldexp(1, t.bits)
	if t.kind == signed {
		lo, hi = -math.Ldexp(1, t.bits-1), math.Ldexp(1, t.bits-1)
	}
	switch {
	case x != x && t.bits == 64:
		return 1 << 63
	case x != x:
		return 0
	case x <= lo:
		if t.kind == signed {
			return uint64(1) << (t.bits - 1)
		}
		return 0
	case x >= hi:
		if t.kind == signed {
			return uint64(1)<<(t.bits-1) - 1
		}
		return t.mask()
	case x < 0:
		return uint64(int64(x)) & t.mask()
	}
	return uint64(x)
}

// fromInt32 converts an integer to float32, rounded once. More than 53 bits are
// first rounded to odd.
func fromInt32(v uint64, t typ, r rounding) float32 {
	neg, mag := false, v
	if t.kind == signed && int64(t.extend(v)) < 0 {
		neg, mag = true, -t.extend(v)
	}
	lost := uint64(0)
	if mag>>53 != 0 {
		lost = mag & (1<<11 - 1)
		mag &^= 1<<11 - 1
		if lost != 0 {
			mag |= 1 << 11
		}
	}
	x := float64(mag)
	if neg {
		x = -x
	}
	return round32(x, r)
}

// fromHalf returns the float32 of a float16.
func fromHalf(h uint64) float32 {
	sign, exp, frac := h>>15&1, h>>10&31, h&1023
	var x float64
	switch exp {
	case 0:
		x = math.Ldexp(float64(frac), -24)
	case 31:
		x = math.Inf(1)
		if frac != 0 {
			x = math.NaN()
		}
	default:
		x = math.Ldexp(float64(frac|1024), int(exp)-25)
	}
	if sign == 1 {
		x = -x
	}
	return float32(x)
}

// toHalf returns the float16 nearest to x.
func toHalf(x float32) uint64 {
	sign := uint64(math.Float32bits(x)>>31) << 15
	a := math.Abs(float64(x))
	switch {
	case x != x:
		return 0x7fff
	case a >= 65520:
		return sign | 31<<10
	case a < math.Ldexp(1, -14):
		return sign | uint64(math.RoundToEven(math.Ldexp(a, 24)))
	}
	frac, exp := math.Frexp(a) // a = frac 2^exp, frac in [0.5, 1)
	m := uint64(math.RoundToEven(math.Ldexp(frac, 11)))
	return sign | (uint64(exp+14)<<10 + m - 1024) // a carry out of m moves the exponent up
}
