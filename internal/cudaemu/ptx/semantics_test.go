package ptx_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/internal/cudaemu/ptx"
)

// semantics is what an instruction must compute: want is an independent definition,
// on the bits of its operands.
type semantics struct {
	op       string
	operands string // types: destination first
	want     func(a, b, c uint64) uint64
}

func s32(x uint64) int64 { return int64(int32(x)) }
func u32(x int64) uint64 { return uint64(uint32(x)) }
func f(x uint64) float32 { return math.Float32frombits(uint32(x)) }
func d(x uint64) float64 { return math.Float64frombits(x) }

// b32 returns the bits of a float32, one NaN for all.
func b32(x float64) uint64 {
	if x != x {
		return 0x7fffffff
	}
	return uint64(math.Float32bits(float32(x)))
}

// exact returns the float32 nearest to what f computes with numbers of any length.
// special is the float64 result, right where an operand or the result is NaN,
// infinite or zero.
func exact(special float64, f func(r *big.Float) *big.Float) uint64 {
	if special != special || math.IsInf(special, 0) {
		return b32(special)
	}
	r := f(new(big.Float).SetPrec(1000))
	if r.Sign() == 0 {
		return b32(special)
	}
	y, _ := r.Float32()
	return uint64(math.Float32bits(y))
}

func wide(x uint64) *big.Float { return new(big.Float).SetPrec(1000).SetFloat64(float64(f(x))) }

func finite(xs ...uint64) bool {
	return !slices.ContainsFunc(xs, func(x uint64) bool { v := float64(f(x)); return v != v || math.IsInf(v, 0) })
}

// fused is a·b + c rounded once to nearest.
func fused(a, b, c uint64) uint64 {
	special := float64(f(a))*float64(f(b)) + float64(f(c))
	if !finite(a, b, c) {
		return b32(special)
	}
	return exact(special, func(r *big.Float) *big.Float { return r.Add(r.Mul(wide(a), wide(b)), wide(c)) })
}

// directed is r rounded to float32 in a direction.
func directed(r *big.Float, mode big.RoundingMode, zero float64) uint64 {
	if r.Sign() == 0 {
		return b32(zero)
	}
	nearest, _ := r.Float32()
	switch cmp := big.NewFloat(float64(nearest)).Cmp(r); {
	case math.IsInf(float64(nearest), 0):
		away := mode == big.ToPositiveInf && nearest > 0 || mode == big.ToNegativeInf && nearest < 0
		if !away {
			return b32(math.Copysign(math.MaxFloat32, float64(nearest)))
		}
	case cmp > 0 && (mode == big.ToNegativeInf || mode == big.ToZero && r.Sign() > 0):
		return b32(float64(math.Nextafter32(nearest, float32(math.Inf(-1)))))
	case cmp < 0 && (mode == big.ToPositiveInf || mode == big.ToZero && r.Sign() < 0):
		return b32(float64(math.Nextafter32(nearest, float32(math.Inf(1)))))
	}
	return b32(float64(nearest))
}

// flush makes a denormal a zero of its sign.
func flush(x uint64) uint64 {
	if v := math.Abs(float64(f(x))); v < 0x1p-126 {
		return x & 0x80000000
	}
	return x
}

// integer clamps what rounding makes of a float to [lo, hi].
func integer(x, lo, hi float64, round func(float64) float64) int64 {
	switch y := round(x); {
	case y != y:
		return 0
	case y <= lo:
		return int64(lo)
	case y >= hi:
		return int64(hi)
	default:
		return int64(y)
	}
}

func big64(x uint64) *big.Int     { return new(big.Int).SetUint64(x) }
func bigSigned(x uint64) *big.Int { return big.NewInt(int64(x)) }

// bitsOf is the low 64 bits of a number shifted right.
func bitsOf(x *big.Int, shift uint) uint64 {
	x = new(big.Int).Rsh(x, shift) // rounds down, as two's complement does
	return new(big.Int).And(x, big64(math.MaxUint64)).Uint64()
}

// choose returns a where yes holds, else b.
func choose(yes bool, a, b uint64) uint64 {
	if yes {
		return a
	}
	return b
}

var instructions = []semantics{
	// Integers.
	{"add.s32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return u32(s32(a) + s32(b)) }},
	{"add.u32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return u32(s32(a) + s32(b)) }},
	{"add.s64", "b64 b64 b64", func(a, b, _ uint64) uint64 { return a + b }},
	{"add.u64", "b64 b64 b64", func(a, b, _ uint64) uint64 { return a + b }},
	{"add.s16", "b16 b16 b16", func(a, b, _ uint64) uint64 { return (a + b) % 65536 }},
	{"add.sat.s32", "b32 b32 b32", func(a, b, _ uint64) uint64 {
		return u32(min(max(s32(a)+s32(b), math.MinInt32), math.MaxInt32))
	}},
	{"sub.s32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return u32(s32(a) - s32(b)) }},
	{"sub.sat.s32", "b32 b32 b32", func(a, b, _ uint64) uint64 {
		return u32(min(max(s32(a)-s32(b), math.MinInt32), math.MaxInt32))
	}},
	{"sub.s64", "b64 b64 b64", func(a, b, _ uint64) uint64 { return a - b }},
	{"sub.u16", "b16 b16 b16", func(a, b, _ uint64) uint64 { return (a - b) % 65536 }},
	{"mul.lo.s32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return u32(s32(a) * s32(b)) }},
	{"mul.lo.u32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return u32(s32(a) * s32(b)) }},
	{"mul.lo.s64", "b64 b64 b64", func(a, b, _ uint64) uint64 { return a * b }},
	{"mul.hi.u32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return a * b >> 32 }},
	{"mul.hi.s32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return u32(s32(a) * s32(b) >> 32) }},
	{"mul.hi.u64", "b64 b64 b64", func(a, b, _ uint64) uint64 { return bitsOf(new(big.Int).Mul(big64(a), big64(b)), 64) }},
	{"mul.hi.s64", "b64 b64 b64", func(a, b, _ uint64) uint64 { return bitsOf(new(big.Int).Mul(bigSigned(a), bigSigned(b)), 64) }},
	{"mul.wide.u32", "b64 b32 b32", func(a, b, _ uint64) uint64 { return a * b }},
	{"mul.wide.s32", "b64 b32 b32", func(a, b, _ uint64) uint64 { return uint64(s32(a) * s32(b)) }},
	{"mul.wide.u16", "b32 b16 b16", func(a, b, _ uint64) uint64 { return a * b }},
	{"mul.wide.s16", "b32 b16 b16", func(a, b, _ uint64) uint64 { return u32(int64(int16(a)) * int64(int16(b))) }},
	{"mad.lo.s32", "b32 b32 b32 b32", func(a, b, c uint64) uint64 { return u32(s32(a)*s32(b) + s32(c)) }},
	{"mad.hi.u32", "b32 b32 b32 b32", func(a, b, c uint64) uint64 { return u32(int64(a*b>>32 + c)) }},
	{"mad.wide.u32", "b64 b32 b32 b64", func(a, b, c uint64) uint64 { return a*b + c }},
	{"mad.lo.s64", "b64 b64 b64 b64", func(a, b, c uint64) uint64 { return a*b + c }},
	{"div.s32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return u32(s32(a) / s32(b)) }},
	{"div.u32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return a / b }},
	{"div.s64", "b64 b64 b64", func(a, b, _ uint64) uint64 { return bitsOf(new(big.Int).Quo(bigSigned(a), bigSigned(b)), 0) }},
	{"div.u64", "b64 b64 b64", func(a, b, _ uint64) uint64 { return a / b }},
	{"rem.s32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return u32(s32(a) % s32(b)) }},
	{"rem.u32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return a % b }},
	{"rem.s64", "b64 b64 b64", func(a, b, _ uint64) uint64 { return bitsOf(new(big.Int).Rem(bigSigned(a), bigSigned(b)), 0) }},
	{"min.s32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return u32(min(s32(a), s32(b))) }},
	{"max.s32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return u32(max(s32(a), s32(b))) }},
	{"min.u32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return min(a, b) }},
	{"max.u64", "b64 b64 b64", func(a, b, _ uint64) uint64 { return max(a, b) }},
	{"max.s64", "b64 b64 b64", func(a, b, _ uint64) uint64 { return uint64(max(int64(a), int64(b))) }},
	{"neg.s32", "b32 b32", func(a, _, _ uint64) uint64 { return u32(-s32(a)) }},
	{"abs.s32", "b32 b32", func(a, _, _ uint64) uint64 { return u32(max(s32(a), -s32(a))) }},
	{"neg.s64", "b64 b64", func(a, _, _ uint64) uint64 { return -a }},
	{"sad.u32", "b32 b32 b32 b32", func(a, b, c uint64) uint64 { return u32(int64(max(a, b) - min(a, b) + c)) }},
	{"sad.s32", "b32 b32 b32 b32", func(a, b, c uint64) uint64 { return u32(max(s32(a), s32(b)) - min(s32(a), s32(b)) + s32(c)) }},

	// Bits.
	{"and.b32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return a & b }},
	{"and.b64", "b64 b64 b64", func(a, b, _ uint64) uint64 { return a & b }},
	{"or.b32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return a | b }},
	{"or.b64", "b64 b64 b64", func(a, b, _ uint64) uint64 { return a | b }},
	{"xor.b32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return a ^ b }},
	{"xor.b64", "b64 b64 b64", func(a, b, _ uint64) uint64 { return a ^ b }},
	{"not.b32", "b32 b32", func(a, _, _ uint64) uint64 { return math.MaxUint32 - a }},
	{"not.b16", "b16 b16", func(a, _, _ uint64) uint64 { return math.MaxUint16 - a }},
	{"cnot.b32", "b32 b32", func(a, _, _ uint64) uint64 { return choose(a == 0, 1, 0) }},
	{"shl.b32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return choose(b < 32, u32(int64(a<<(b%32))), 0) }},
	{"shl.b64", "b64 b64 b32", func(a, b, _ uint64) uint64 { return choose(b < 64, a<<(b%64), 0) }},
	{"shl.b16", "b16 b16 b32", func(a, b, _ uint64) uint64 { return choose(b < 16, a<<(b%16)%65536, 0) }},
	{"shr.u32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return choose(b < 32, a>>(b%32), 0) }},
	{"shr.s32", "b32 b32 b32", func(a, b, _ uint64) uint64 { return u32(s32(a) >> min(b, 31)) }},
	{"shr.u64", "b64 b64 b32", func(a, b, _ uint64) uint64 { return choose(b < 64, a>>(b%64), 0) }},
	{"shr.s64", "b64 b64 b32", func(a, b, _ uint64) uint64 { return uint64(int64(a) >> min(b, 63)) }},
	{"shf.l.wrap.b32", "b32 b32 b32 b32", func(a, b, c uint64) uint64 {
		return choose(c%32 == 0, b, u32(int64(b<<(c%32)|a>>(32-c%32))))
	}},
	{"shf.r.wrap.b32", "b32 b32 b32 b32", func(a, b, c uint64) uint64 {
		return choose(c%32 == 0, a, u32(int64(a>>(c%32)|b<<(32-c%32))))
	}},
	{"shf.r.clamp.b32", "b32 b32 b32 b32", func(a, b, c uint64) uint64 {
		return choose(c >= 32, b, choose(c == 0, a, u32(int64(a>>(c%32)|b<<(32-c%32)))))
	}},
	{"popc.b32", "b32 b32", func(a, _, _ uint64) uint64 { return uint64(bits.OnesCount32(uint32(a))) }},
	{"popc.b64", "b32 b64", func(a, _, _ uint64) uint64 { return uint64(bits.OnesCount64(a)) }},
	{"clz.b32", "b32 b32", func(a, _, _ uint64) uint64 { return uint64(bits.LeadingZeros32(uint32(a))) }},
	{"clz.b64", "b32 b64", func(a, _, _ uint64) uint64 { return uint64(bits.LeadingZeros64(a)) }},
	{"brev.b32", "b32 b32", func(a, _, _ uint64) uint64 { return uint64(bits.Reverse32(uint32(a))) }},
	{"brev.b64", "b64 b64", func(a, _, _ uint64) uint64 { return bits.Reverse64(a) }},
	{"bfe.u32", "b32 b32 b32 b32", func(a, b, c uint64) uint64 {
		pos, n := b%256, c%256
		return bitsOf(new(big.Int).And(new(big.Int).Rsh(big64(a), uint(pos)), new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(n)), big.NewInt(1))), 0)
	}},
	{"bfe.s32", "b32 b32 b32 b32", func(a, b, c uint64) uint64 {
		pos, n := b%256, c%256
		if n == 0 {
			return 0
		}
		signed := s32(a << (32 - min(pos+n, 32)))                   // its top bit is the field's
		return u32(signed >> (32 - min(pos+n, 32)) >> min(pos, 31)) // and fills what is above
	}},
	{"prmt.b32", "b32 b32 b32 b32", func(a, b, c uint64) uint64 {
		var src, dst [8]byte
		binary.LittleEndian.PutUint32(src[:], uint32(a))
		binary.LittleEndian.PutUint32(src[4:], uint32(b))
		for i := range 4 {
			sel := c >> (4 * i) % 16
			dst[i] = src[sel%8]
			if sel >= 8 {
				dst[i] = byte(int8(dst[i]) >> 7)
			}
		}
		return uint64(binary.LittleEndian.Uint32(dst[:]))
	}},

	// Float32.
	{"add.f32", "f32 f32 f32", func(a, b, _ uint64) uint64 { return b32(float64(f(a) + f(b))) }},
	{"add.rn.f32", "f32 f32 f32", func(a, b, _ uint64) uint64 { return b32(float64(f(a) + f(b))) }},
	{"add.ftz.f32", "f32 f32 f32", func(a, b, _ uint64) uint64 { return flush(b32(float64(f(flush(a)) + f(flush(b))))) }},
	{"add.sat.f32", "f32 f32 f32", func(a, b, _ uint64) uint64 {
		x := float64(f(a) + f(b))
		return choose(x != x, 0, b32(math.Max(0, math.Min(1, x))))
	}},
	{"sub.f32", "f32 f32 f32", func(a, b, _ uint64) uint64 { return b32(float64(f(a) - f(b))) }},
	{"sub.rn.f32", "f32 f32 f32", func(a, b, _ uint64) uint64 { return b32(float64(f(a) - f(b))) }},
	{"mul.f32", "f32 f32 f32", func(a, b, _ uint64) uint64 { return b32(float64(f(a) * f(b))) }},
	{"mul.rn.f32", "f32 f32 f32", func(a, b, _ uint64) uint64 { return b32(float64(f(a) * f(b))) }},
	{"mul.ftz.f32", "f32 f32 f32", func(a, b, _ uint64) uint64 { return flush(b32(float64(f(flush(a)) * f(flush(b))))) }},
	{"fma.rn.f32", "f32 f32 f32 f32", fused},
	{"mad.rn.f32", "f32 f32 f32 f32", fused},
	{"fma.rn.ftz.f32", "f32 f32 f32 f32", func(a, b, c uint64) uint64 { return flush(fused(flush(a), flush(b), flush(c))) }},
	{"div.rn.f32", "f32 f32 f32", func(a, b, _ uint64) uint64 { return b32(float64(f(a) / f(b))) }},
	{"div.full.f32", "f32 f32 f32", func(a, b, _ uint64) uint64 { return b32(float64(f(a) / f(b))) }},
	{"rcp.rn.f32", "f32 f32", func(a, _, _ uint64) uint64 { return b32(float64(1 / f(a))) }},
	{"rcp.approx.ftz.f32", "f32 f32", func(a, _, _ uint64) uint64 { return flush(b32(float64(1 / f(flush(a))))) }},
	{"sqrt.rn.f32", "f32 f32", func(a, _, _ uint64) uint64 {
		special := math.Sqrt(float64(f(a)))
		return exact(special, func(r *big.Float) *big.Float { return r.Sqrt(wide(a)) })
	}},
	{"sqrt.approx.f32", "f32 f32", func(a, _, _ uint64) uint64 { return b32(math.Sqrt(float64(f(a)))) }},
	{"rsqrt.approx.f32", "f32 f32", func(a, _, _ uint64) uint64 { return b32(1 / math.Sqrt(float64(f(a)))) }},
	{"ex2.approx.f32", "f32 f32", func(a, _, _ uint64) uint64 { return b32(math.Exp2(float64(f(a)))) }},
	{"lg2.approx.f32", "f32 f32", func(a, _, _ uint64) uint64 { return b32(math.Log2(float64(f(a)))) }},
	{"sin.approx.f32", "f32 f32", func(a, _, _ uint64) uint64 { return b32(math.Sin(float64(f(a)))) }},
	{"cos.approx.f32", "f32 f32", func(a, _, _ uint64) uint64 { return b32(math.Cos(float64(f(a)))) }},
	{"min.f32", "f32 f32 f32", func(a, b, _ uint64) uint64 { return b32(numberOf(math.Min, f(a), f(b))) }},
	{"max.f32", "f32 f32 f32", func(a, b, _ uint64) uint64 { return b32(numberOf(math.Max, f(a), f(b))) }},
	{"neg.f32", "f32 f32", func(a, _, _ uint64) uint64 { return a ^ 1<<31 }},
	{"abs.f32", "f32 f32", func(a, _, _ uint64) uint64 { return a % (1 << 31) }},
	{"copysign.f32", "f32 f32 f32", func(a, b, _ uint64) uint64 { return b%(1<<31) | a>>31<<31 }},

	// Float64.
	{"add.f64", "f64 f64 f64", func(a, b, _ uint64) uint64 { return math.Float64bits(d(a) + d(b)) }},
	{"sub.f64", "f64 f64 f64", func(a, b, _ uint64) uint64 { return math.Float64bits(d(a) - d(b)) }},
	{"mul.f64", "f64 f64 f64", func(a, b, _ uint64) uint64 { return math.Float64bits(d(a) * d(b)) }},
	{"fma.rn.f64", "f64 f64 f64 f64", func(a, b, c uint64) uint64 { return math.Float64bits(math.FMA(d(a), d(b), d(c))) }},
	{"div.rn.f64", "f64 f64 f64", func(a, b, _ uint64) uint64 { return math.Float64bits(d(a) / d(b)) }},
	{"sqrt.rn.f64", "f64 f64", func(a, _, _ uint64) uint64 { return math.Float64bits(math.Sqrt(d(a))) }},
	{"neg.f64", "f64 f64", func(a, _, _ uint64) uint64 { return a ^ 1<<63 }},
	{"abs.f64", "f64 f64", func(a, _, _ uint64) uint64 { return a &^ (1 << 63) }},

	// Conversions.
	{"cvt.u64.u32", "b64 b32", func(a, _, _ uint64) uint64 { return a }},
	{"cvt.s64.s32", "b64 b32", func(a, _, _ uint64) uint64 { return uint64(s32(a)) }},
	{"cvt.u32.u64", "b32 b64", func(a, _, _ uint64) uint64 { return a % (1 << 32) }},
	{"cvt.s32.s16", "b32 b16", func(a, _, _ uint64) uint64 { return u32(int64(int16(a))) }},
	{"cvt.s32.s8", "b32 b32", func(a, _, _ uint64) uint64 { return u32(int64(int8(a))) }},
	{"cvt.u16.u32", "b16 b32", func(a, _, _ uint64) uint64 { return a % 65536 }},
	{"cvt.sat.u8.s32", "b32 b32", func(a, _, _ uint64) uint64 { return uint64(min(max(s32(a), 0), 255)) }},
	{"cvt.sat.s32.s64", "b32 b64", func(a, _, _ uint64) uint64 {
		return u32(min(max(int64(a), math.MinInt32), math.MaxInt32))
	}},
	{"cvt.rzi.s32.f32", "b32 f32", func(a, _, _ uint64) uint64 {
		return u32(integer(float64(f(a)), math.MinInt32, math.MaxInt32, math.Trunc))
	}},
	{"cvt.rni.s32.f32", "b32 f32", func(a, _, _ uint64) uint64 {
		return u32(integer(float64(f(a)), math.MinInt32, math.MaxInt32, math.RoundToEven))
	}},
	{"cvt.rmi.s32.f32", "b32 f32", func(a, _, _ uint64) uint64 {
		return u32(integer(float64(f(a)), math.MinInt32, math.MaxInt32, math.Floor))
	}},
	{"cvt.rpi.s32.f32", "b32 f32", func(a, _, _ uint64) uint64 {
		return u32(integer(float64(f(a)), math.MinInt32, math.MaxInt32, math.Ceil))
	}},
	{"cvt.rzi.u32.f32", "b32 f32", func(a, _, _ uint64) uint64 {
		return u32(integer(float64(f(a)), 0, math.MaxUint32, math.Trunc))
	}},
	{"cvt.rzi.s64.f32", "b64 f32", func(a, _, _ uint64) uint64 {
		x := float64(f(a))
		return choose(x != x || x < -0x1p63, 1<<63, choose(x >= 0x1p63, 1<<63-1, uint64(int64(math.Max(x, -0x1p63)))))
	}},
	{"cvt.rn.f32.s32", "f32 b32", func(a, _, _ uint64) uint64 { return uint64(math.Float32bits(float32(int32(a)))) }},
	{"cvt.rn.f32.u32", "f32 b32", func(a, _, _ uint64) uint64 { return uint64(math.Float32bits(float32(uint32(a)))) }},
	{"cvt.rn.f32.s64", "f32 b64", func(a, _, _ uint64) uint64 {
		y, _ := new(big.Float).SetInt64(int64(a)).Float32()
		return b32(float64(y))
	}},
	{"cvt.rn.f32.u64", "f32 b64", func(a, _, _ uint64) uint64 { y, _ := new(big.Float).SetUint64(a).Float32(); return b32(float64(y)) }},
	{"cvt.rz.f32.u32", "f32 b32", func(a, _, _ uint64) uint64 { return directed(new(big.Float).SetUint64(a), big.ToZero, 0) }},
	{"cvt.rp.f32.s64", "f32 b64", func(a, _, _ uint64) uint64 { return directed(new(big.Float).SetInt64(int64(a)), big.ToPositiveInf, 0) }},
	{"cvt.rn.f64.s32", "f64 b32", func(a, _, _ uint64) uint64 { return math.Float64bits(float64(s32(a))) }},
	{"cvt.rni.f32.f32", "f32 f32", func(a, _, _ uint64) uint64 { return b32(math.RoundToEven(float64(f(a)))) }},
	{"cvt.rmi.f32.f32", "f32 f32", func(a, _, _ uint64) uint64 { return b32(math.Floor(float64(f(a)))) }},
	{"cvt.rpi.f32.f32", "f32 f32", func(a, _, _ uint64) uint64 { return b32(math.Ceil(float64(f(a)))) }},
	{"cvt.rzi.f32.f32", "f32 f32", func(a, _, _ uint64) uint64 { return b32(math.Trunc(float64(f(a)))) }},
	{"cvt.sat.f32.f32", "f32 f32", func(a, _, _ uint64) uint64 {
		x := float64(f(a))
		return choose(x != x, 0, b32(math.Max(0, math.Min(1, x))))
	}},
	{"cvt.f64.f32", "f64 f32", func(a, _, _ uint64) uint64 { return math.Float64bits(float64(f(a))) }},
	{"cvt.rn.f32.f64", "f32 f64", func(a, _, _ uint64) uint64 { return b32(float64(float32(d(a)))) }},
	{"cvt.f32.f16", "f32 b16", func(a, _, _ uint64) uint64 { return halves[a] }},

	// Addresses.
	{"cvta.to.global.u64", "b64 b64", func(a, _, _ uint64) uint64 { return a }},
	{"cvta.global.u64", "b64 b64", func(a, _, _ uint64) uint64 { return a }},
}

// numberOf is f of two numbers, and the other one of a NaN.
func numberOf(f func(x, y float64) float64, x, y float32) float64 {
	switch {
	case x != x:
		return float64(y)
	case y != y:
		return float64(x)
	}
	return f(float64(x), float64(y))
}

// halves are float32 bits of some float16 bits.
var halves = map[uint64]uint64{
	0: 0, 1: 0x33800000, 0x8000: 0x80000000, 0x3c00: 0x3f800000, 0x3c01: 0x3f802000, 0x7bff: 0x477fe000,
	0x7c00: 0x7f800000, 0xfc00: 0xff800000, 0x0400: 0x38800000, 0x03ff: 0x387fc000, 0xc000: 0xc0000000, 0x7e00: 0x7fffffff,
}

// directions are the instructions with a direction of rounding, too many to write out.
func directions() []semantics {
	modes := map[string]big.RoundingMode{"rz": big.ToZero, "rm": big.ToNegativeInf, "rp": big.ToPositiveInf}
	var rows []semantics
	for name, mode := range modes {
		zero := func(x, y float64) float64 { // the sign of x + y where that is 0
			if x == 0 && y == 0 && math.Signbit(x) == math.Signbit(y) {
				return x
			}
			if mode == big.ToNegativeInf {
				return math.Copysign(0, -1)
			}
			return 0
		}
		rows = append(rows,
			semantics{"add." + name + ".f32", "f32 f32 f32", func(a, b, _ uint64) uint64 {
				x, y := float64(f(a)), float64(f(b))
				if !finite(a, b) {
					return b32(x + y)
				}
				return directed(new(big.Float).SetPrec(1000).Add(wide(a), wide(b)), mode, zero(x, y))
			}},
			semantics{"mul." + name + ".f32", "f32 f32 f32", func(a, b, _ uint64) uint64 {
				x := float64(f(a)) * float64(f(b))
				if !finite(a, b) {
					return b32(x)
				}
				return directed(new(big.Float).SetPrec(1000).Mul(wide(a), wide(b)), mode, x)
			}},
			semantics{"fma." + name + ".f32", "f32 f32 f32 f32", func(a, b, c uint64) uint64 {
				p := float64(f(a)) * float64(f(b))
				if !finite(a, b, c) {
					return b32(p + float64(f(c)))
				}
				r := new(big.Float).SetPrec(1000)
				return directed(r.Add(r.Mul(wide(a), wide(b)), wide(c)), mode, zero(p, float64(f(c))))
			}})
	}
	return rows
}

// operandValues are numbers where things go wrong, and some others.
func operandValues(typ string) []uint64 {
	r := rand.New(rand.NewPCG(1, 2))
	var v []uint64
	switch typ {
	case "b16":
		return []uint64{0, 1, 0x8000, 0x3c00, 0x3c01, 0x7bff, 0x7c00, 0xfc00, 0x0400, 0x03ff, 0xc000, 0x7e00}
	case "b32":
		v = []uint64{0, 1, 2, 5, 31, 32, 33, 255, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 0xfffffff0, 0xdeadbeef, 1<<24 + 1, 0x0302}
		for range 6 {
			v = append(v, uint64(r.Uint32()))
		}
	case "b64":
		v = []uint64{0, 1, 3, 63, 64, 1<<32 - 1, 1 << 32, 1<<53 + 1, 1<<63 - 1, 1 << 63, math.MaxUint64, math.MaxUint64 - 5, 0xdeadbeef12345678, 1<<62 + 1<<38 + 1, 1<<24 + 1}
		for range 6 {
			v = append(v, r.Uint64())
		}
	case "f32":
		for _, x := range []float32{0, 1, 0.5, 1.5, 2.5, 0.1, 3, 1e-30, 1e30, math.MaxFloat32, 0x1p-126, 0x1p-127, 0x1.fffffcp-127, math.SmallestNonzeroFloat32, 1 + 0x1p-23, 1 - 0x1p-24, 0x1p24, 2147483648, 3e9, 0x1p63, 0x1p-150, float32(math.Inf(1))} {
			v = append(v, uint64(math.Float32bits(x)), uint64(math.Float32bits(-x)))
		}
		v = append(v, 0x7fffffff, 0x7fc00001, 0xffc00000, 0x7f800001)
		for range 12 {
			v = append(v, uint64(r.Uint32()))
		}
	case "f64":
		for _, x := range []float64{0, 1, 0.1, 1e300, 1e-300, math.MaxFloat64, math.SmallestNonzeroFloat64, 0x1p-127 + 0x1p-179, 1 + 0x1p-24, 1 + 0x1p-24 + 0x1p-50, math.MaxFloat32, math.Inf(1)} {
			v = append(v, math.Float64bits(x), math.Float64bits(-x))
		}
	}
	return v
}

// operandsOf are all combinations of values, thinned out to at most n.
func operandsOf(types []string, n int) [][3]uint64 {
	lists := [3][]uint64{{0}, {0}, {0}}
	for i, t := range types {
		lists[i] = operandValues(t)
	}
	var all [][3]uint64
	for _, a := range lists[0] {
		for _, b := range lists[1] {
			for _, c := range lists[2] {
				all = append(all, [3]uint64{a, b, c})
			}
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(n, len(all))]
}

// compute runs one instruction in a kernel, a thread for each row of operands.
func compute(t *testing.T, s semantics, rows [][3]uint64) []uint64 {
	t.Helper()
	types := strings.Fields(s.operands)
	var decl, loads, names strings.Builder
	for i, typ := range types {
		fmt.Fprintf(&decl, "\t.reg .%s %%v%d;\n", typ, i)
		if i > 0 {
			fmt.Fprintf(&loads, "\tld.global.%s %%v%d, [%%rd2+%d];\n", typ, i, 8*(i-1))
			fmt.Fprintf(&names, ", %%v%d", i)
		}
	}
	body := decl.String() + `
	mul.wide.u32 %rd1, %i, 24;
	add.s64 %rd2, %rx, %rd1;
` + loads.String() + "\t" + s.op + " %v0" + names.String() + `;
	mul.wide.u32 %rd3, %i, 8;
	add.s64 %rd4, %ry, %rd3;
	st.global.u64 [%rd4], 0;
	st.global.` + types[0] + ` [%rd4], %v0;`

	dev := newDevice(t)
	x, _ := dev.Memory.Alloc(uint64(24 * len(rows)))
	y, _ := dev.Memory.Alloc(uint64(8 * len(rows)))
	var in []byte
	for _, row := range rows {
		for _, v := range row {
			in = binary.LittleEndian.AppendUint64(in, v)
		}
	}
	require.NoError(t, dev.Memory.Write(x, in))
	require.NoError(t, dev.run(body, len(rows), 1, x, y, 0))
	out, err := dev.Memory.Bytes(y, uint64(8*len(rows)))
	require.NoError(t, err)
	got := make([]uint64, len(rows))
	for i := range got {
		got[i] = binary.LittleEndian.Uint64(out[8*i:])
	}
	return got
}

func TestInstructions(t *testing.T) {
	for _, s := range slices.Concat(instructions, directions()) {
		t.Run(s.op, func(t *testing.T) {
			types := strings.Fields(s.operands)[1:]
			n := 2000
			if testing.Short() {
				n = 300
			}
			rows := operandsOf(types, n)
			if strings.HasPrefix(s.op, "div.s") || strings.HasPrefix(s.op, "div.u") || strings.HasPrefix(s.op, "rem") {
				rows = slices.DeleteFunc(rows, func(r [3]uint64) bool { return r[1] == 0 }) // a fault
			}
			for i, got := range compute(t, s, rows) {
				want := s.want(rows[i][0], rows[i][1], rows[i][2])
				if strings.HasPrefix(s.operands, "f64") && d(got) != d(got) && d(want) != d(want) {
					continue // any NaN
				}
				require.Equalf(t, want, got, "%s of %#x: got %#x, want %#x", s.op, rows[i], got, want)
			}
		})
	}
}

func TestHalfRoundTrip(t *testing.T) {
	var rows [][3]uint64
	for h, single := range halves {
		if h != 0x7e00 {
			rows = append(rows, [3]uint64{single, h})
		}
	}
	// Half-way cases go to even; what is too large becomes infinite.
	rows = append(rows, [3]uint64{0x3f801000, 0x3c00}, [3]uint64{0x3f803000, 0x3c02}, [3]uint64{0x477ff000, 0x7c00}, [3]uint64{0x477fefff, 0x7bff}, [3]uint64{0x33000000, 0})
	for i, got := range compute(t, semantics{op: "cvt.rn.f16.f32", operands: "b16 f32"}, rows) {
		assert.Equal(t, rows[i][1], got, "%#x", rows[i][0])
	}
}

var comparisonNames = map[string]func(x, y float64) bool{
	"eq": func(x, y float64) bool { return x == y }, "ne": func(x, y float64) bool { return x == x && y == y && x != y },
	"lt": func(x, y float64) bool { return x < y }, "le": func(x, y float64) bool { return x <= y },
	"gt": func(x, y float64) bool { return x > y }, "ge": func(x, y float64) bool { return x >= y },
	"equ": func(x, y float64) bool { return x == y || x != x || y != y }, "neu": func(x, y float64) bool { return x != y },
	"ltu": func(x, y float64) bool { return x < y || x != x || y != y }, "leu": func(x, y float64) bool { return x <= y || x != x || y != y },
	"gtu": func(x, y float64) bool { return x > y || x != x || y != y }, "geu": func(x, y float64) bool { return x >= y || x != x || y != y },
	"num": func(x, y float64) bool { return x == x && y == y }, "nan": func(x, y float64) bool { return x != x || y != y },
	"lo": func(x, y float64) bool { return x < y }, "ls": func(x, y float64) bool { return x <= y },
	"hi": func(x, y float64) bool { return x > y }, "hs": func(x, y float64) bool { return x >= y },
}

func TestComparisons(t *testing.T) {
	for name, want := range comparisonNames {
		for _, typ := range []string{"f32", "s32", "u32"} {
			if unsigned := strings.Contains("lo ls hi hs", name); unsigned && typ != "u32" || len(name) == 3 && typ != "f32" {
				continue
			}
			t.Run(name+"."+typ, func(t *testing.T) {
				reg := strings.NewReplacer("s", "b", "u", "b").Replace(typ)
				rows := operandsOf([]string{reg, reg}, 500)
				op := "setp." + name + "." + typ + " %p0|%p1, %v1, %v2;\n\tsetp." + name + ".and." + typ + " %p2, %v1, %v2, !%p0;\n" +
					"\tnot.pred %p3, %p1;\n\txor.pred %p4, %p3, %p2;\n\tselp.b32 %v0, 1, 0, %p4;\n\t// "
				for i, got := range compute(t, semantics{op: op, operands: "b32 " + reg + " " + reg}, rows) {
					number := func(v uint64) float64 {
						switch typ {
						case "f32":
							return float64(f(v))
						case "s32":
							return float64(s32(v))
						}
						return float64(v)
					}
					yes := want(number(rows[i][0]), number(rows[i][1]))
					require.Equal(t, choose(yes, 1, 0), got, "%s of %#x", op, rows[i])
				}
			})
		}
	}
}

// TestEveryInstructionIsTested holds what the emulator says it knows against the tables.
func TestEveryInstructionIsTested(t *testing.T) {
	tested := map[string]bool{}
	for _, name := range strings.Fields("activemask atom bar barrier bra brx exit fence ld membar mov red ret selp set setp shfl st vote") {
		tested[name] = true // by the kernels of ptx_test.go
	}
	full := map[string]bool{}
	for _, s := range instructions {
		first, _, _ := strings.Cut(s.op, ".")
		tested[first], full[s.op] = true, true
	}
	for _, name := range ptx.Known() {
		assert.True(t, tested[name], "%s has no test", name)
	}
	for _, name := range ptx.FastMnemonics() {
		assert.True(t, full[name], "%s has a loop of its own and no test", name)
	}
}

func TestUnknownIsRefused(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"instruction", "wmma.load %r0, [%rx];", "the instruction is unknown"},
		{"modifier", "add.wrong.s32 %r0, %r0, %r0;", "modifier .wrong"},
		{"type", "popc.b16 %r0, %r0;", "want .b32 or .b64"},
		{"missing-rounding", "fma.f32 %f0, %f0, %f0, %f0;", "rounding of fma is missing"},
		{"directed-f64", "add.rz.f64 %fd0, %fd0, %fd0;", "of this type is unknown"},
		{"cache-hint", "ld.global.wrong.u32 %r0, [%rx];", "modifier .wrong"},
		{"register", "add.s32 %r0, %q0, 1;", "%q0 is unknown"},
		{"special-register", "mov.u32 %r0, %smid;", "%smid is unknown"},
		{"register-size", "add.s64 %r0, %r0, 1;", "another type or size"},
		{"float-in-integer", "add.s32 %r0, %f0, 1;", "another type or size"},
		{"immediate-too-large", "add.s32 %r0, %r0, 4294967296;", "does not fit"},
		{"operands", "add.s32 %r0, %r0;", "2 operands; want 3"},
		{"barrier-number", "bar.sync 1;", "only barrier 0"},
		{"old-shuffle", "shfl.bfly.b32 %r0, %r0, 1, 31;", "want .sync"},
		{"label", "bra NOWHERE;", "label NOWHERE is not defined"},
		{"table", "brx.idx %r0, NOWHERE;", "NOWHERE is not defined"},
		{"directive", ".sreg .b32 %x;", "unknown in the body"},
		{"store-to-const", "st.const.u32 [%rx], 1;", "store to this space"},
		{"parameter", "ld.param.u32 %r0, [nowhere];", "no parameter"},
		{"past-a-parameter", "ld.param.u64 %rd0, [k_2];", "8 bytes at 0 of a parameter of 4"},
		{"call", "call.uni f, ();", "where"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := kernel("\n" + c.line)
			before, _, _ := strings.Cut(text, c.line)
			_, err := ptx.Load(&ptx.Memory{}, text)
			var syntax *ptx.SyntaxError
			require.ErrorAs(t, err, &syntax)
			assert.Contains(t, err.Error(), c.want)
			assert.Equal(t, 1+strings.Count(before, "\n"), syntax.Line)
			assert.Equal(t, c.line, syntax.Source)
		})
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"version", ".version 6.3", ".version 8.0", "version"},
		{"target", "sm_70", "sm_80", "target"},
		{"address-size", "64\n.visible", "32\n.visible", "address size"},
		{"header", ".version 6.3\n", "", "no .version"},
		{"function", ".visible .entry k", ".visible .func k", "unknown"},
		{"structure", ".param .u64 k_0", ".param .align 8 .b8 k_0[16]", "parameter of type"},
		{"runs-past-its-end", "\tret;\n}", "}", "runs past its end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := kernel("")
			require.Contains(t, text, c.old)
			_, err := ptx.Load(&ptx.Memory{}, strings.Replace(text, c.old, c.new, 1))
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestWarpOperations(t *testing.T) {
	d := newDevice(t)
	lanes := func(f func(lane uint32) uint32) []uint32 {
		v := make([]uint32, 32)
		for i := range v {
			v[i] = f(uint32(i))
		}
		return v
	}
	for _, c := range []struct {
		name, body string
		want       func(lane uint32) uint32
	}{
		{"up", "shfl.sync.up.b32 %r0|%p0, %t, 3, 0, -1;", func(l uint32) uint32 { return choose32(l >= 3, l-3, l) }},
		{"down", "shfl.sync.down.b32 %r0|%p0, %t, 3, 31, -1;", func(l uint32) uint32 { return choose32(l+3 < 32, l+3, l) }},
		{"butterfly", "shfl.sync.bfly.b32 %r0|%p0, %t, 5, 31, -1;", func(l uint32) uint32 { return l ^ 5 }},
		{"index-in-eights", "shfl.sync.idx.b32 %r0|%p0, %t, 2, 6151, -1;", func(l uint32) uint32 { return l&^7 + 2 }},
		{"ballot", "setp.lt.u32 %p0, %t, 3;\nvote.sync.ballot.b32 %r0, %p0, -1;", func(uint32) uint32 { return 7 }},
		{"any", "setp.eq.u32 %p0, %t, 3;\nvote.sync.any.pred %p1, %p0, -1;\nselp.u32 %r0, 1, 0, %p1;", func(uint32) uint32 { return 1 }},
		{"all", "setp.eq.u32 %p0, %t, 3;\nvote.sync.all.pred %p1, !%p0, -1;\nselp.u32 %r0, 1, 0, %p1;", func(uint32) uint32 { return 0 }},
		{"uniform", "setp.lt.u32 %p0, %t, 64;\nvote.sync.uni.pred %p1, %p0, -1;\nselp.u32 %r0, 1, 0, %p1;", func(uint32) uint32 { return 1 }},
		{"active", "mov.u32 %r0, 0;\nsetp.ge.u32 %p0, %t, 8;\n@%p0 bra A;\nactivemask.b32 %r0;\nA:", func(l uint32) uint32 { return choose32(l < 8, 255, 0) }},
		{"two-halves", "setp.lt.u32 %p0, %t, 16;\nselp.b32 %r1, 65535, -65536, %p0;\nshfl.sync.bfly.b32 %r0, %t, 1, 31, %r1;", func(l uint32) uint32 { return l ^ 1 }},
		{"lane-mask", "mov.u32 %r0, %lanemask_lt;", func(l uint32) uint32 { return 1<<l - 1 }},
		{"set", "set.lt.u32.s32 %r0, %t, 4;", func(l uint32) uint32 { return choose32(l < 4, math.MaxUint32, 0) }},
		{"fences", "membar.gl;\nfence.acq_rel.gpu;\nbarrier.sync.aligned 0;\nmov.u32 %r0, %laneid;", func(l uint32) uint32 { return l }},
		{"exit", "mov.u32 %r0, 1;\nst.global.u32 [%py], %r0;\nexit;", func(uint32) uint32 { return 1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			d.t = t
			y := d.words(make([]uint32, 32)...)
			require.NoError(t, d.run(c.body+"\nst.global.u32 [%py], %r0;", 1, 32, y, y, 0))
			assert.Equal(t, lanes(c.want), d.read(y, 32))
		})
	}
}

func choose32(yes bool, a, b uint32) uint32 { return uint32(choose(yes, uint64(a), uint64(b))) }

func TestAtomics(t *testing.T) {
	for _, c := range []struct {
		op       string
		old      uint32
		operands string
		want     uint32
	}{
		{"add.u32", math.MaxUint32, "2", 1}, {"add.f32", math.Float32bits(1.5), "0f40000000", math.Float32bits(3.5)},
		{"min.s32", math.MaxUint32, "1", math.MaxUint32}, {"min.u32", math.MaxUint32, "1", 1}, {"max.s32", math.MaxUint32, "1", 1},
		{"and.b32", 6, "3", 2}, {"or.b32", 6, "3", 7}, {"xor.b32", 6, "3", 5}, {"exch.b32", 6, "3", 3},
		{"cas.b32", 6, "6, 9", 9}, {"cas.b32", 6, "5, 9", 6}, {"inc.u32", 6, "7", 7}, {"inc.u32", 7, "7", 0}, {"dec.u32", 0, "7", 7}, {"dec.u32", 5, "7", 4},
	} {
		t.Run(c.op, func(t *testing.T) {
			d := newDevice(t)
			x, y := d.words(c.old), d.words(0)
			require.NoError(t, d.run("mov.u32 %r0, 0;\natom.global."+c.op+" %r0, [%rx], "+c.operands+";\nst.global.u32 [%ry], %r0;", 1, 1, x, y, 0))
			assert.Equal(t, c.want, d.read(x, 1)[0])
			assert.Equal(t, c.old, d.read(y, 1)[0], "what it returns")
		})
	}
}
