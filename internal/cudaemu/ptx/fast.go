package ptx

import "math"

// Kinds that have a loop of their own, since kernels spend their time there. Each
// does what its definition in alu.go says; a test compares the two.
const (
	kindMove kind = kindFast + iota
	kindAdd32
	kindAdd64
	kindSub32
	kindMul32
	kindMulWide
	kindMulWideSigned
	kindMad32
	kindShiftLeft32
	kindShiftLeft64
	kindSignExtend
	kindAnd
	kindOr
	kindXor
	kindFloatAdd
	kindFloatSub
	kindFloatMul
	kindFloatFMA
	kindFloatMax
)

var fastKinds = map[string]kind{
	"add.s32": kindAdd32, "add.u32": kindAdd32, "add.s64": kindAdd64, "add.u64": kindAdd64, "sub.s32": kindSub32,
	"mul.lo.s32": kindMul32, "mul.lo.u32": kindMul32, "mul.wide.u32": kindMulWide, "mul.wide.s32": kindMulWideSigned, "mad.lo.s32": kindMad32,
	"shl.b32": kindShiftLeft32, "shl.b64": kindShiftLeft64,
	"and.b32": kindAnd, "and.b64": kindAnd, "or.b32": kindOr, "or.b64": kindOr, "xor.b32": kindXor, "xor.b64": kindXor,
	"add.f32": kindFloatAdd, "add.rn.f32": kindFloatAdd, "sub.f32": kindFloatSub, "sub.rn.f32": kindFloatSub,
	"mul.f32": kindFloatMul, "mul.rn.f32": kindFloatMul, "fma.rn.f32": kindFloatFMA, "max.f32": kindFloatMax,
	"cvta.to.global.u64": kindMove, "cvta.global.u64": kindMove,
}

// fast executes an instruction whose kind has a loop of its own.
func (w *warp) fast(in *instr, mask uint32, lanes []uint8) {
	d, x, y, z := &w.columns[in.d], &w.columns[in.a], &w.columns[in.b], &w.columns[in.c]
	switch in.kind {
	case kindMove:
		for _, l := range lanes {
			d[l&31] = x[l&31]
		}
	case kindAdd32:
		for _, l := range lanes {
			d[l&31] = uint64(uint32(x[l&31] + y[l&31]))
		}
	case kindAdd64:
		for _, l := range lanes {
			d[l&31] = x[l&31] + y[l&31]
		}
	case kindSub32:
		for _, l := range lanes {
			d[l&31] = uint64(uint32(x[l&31] - y[l&31]))
		}
	case kindMul32:
		for _, l := range lanes {
			d[l&31] = uint64(uint32(x[l&31] * y[l&31]))
		}
	case kindMulWide:
		for _, l := range lanes {
			d[l&31] = x[l&31] * y[l&31]
		}
	case kindMulWideSigned:
		for _, l := range lanes {
			d[l&31] = uint64(int64(int32(x[l&31])) * int64(int32(y[l&31])))
		}
	case kindMad32:
		for _, l := range lanes {
			d[l&31] = uint64(uint32(x[l&31]*y[l&31] + z[l&31]))
		}
	case kindShiftLeft32:
		for _, l := range lanes {
			d[l&31] = uint64(uint32(x[l&31] << y[l&31]))
		}
	case kindShiftLeft64:
		for _, l := range lanes {
			d[l&31] = x[l&31] << y[l&31]
		}
	case kindAnd:
		for _, l := range lanes {
			d[l&31] = x[l&31] & y[l&31]
		}
	case kindOr:
		for _, l := range lanes {
			d[l&31] = x[l&31] | y[l&31]
		}
	case kindXor:
		for _, l := range lanes {
			d[l&31] = x[l&31] ^ y[l&31]
		}
	case kindFloatAdd:
		for _, l := range lanes {
			d[l&31] = bits32(f32(x[l&31]) + f32(y[l&31]))
		}
	case kindFloatSub:
		for _, l := range lanes {
			d[l&31] = bits32(f32(x[l&31]) - f32(y[l&31]))
		}
	case kindFloatMul:
		for _, l := range lanes {
			d[l&31] = bits32(f32(x[l&31]) * f32(y[l&31]))
		}
	case kindFloatFMA:
		for _, l := range lanes {
			// The common case of fma32, which is too large to be inlined.
			a, b, c := f32(x[l&31]), f32(y[l&31]), f32(z[l&31])
			s := float64(a)*float64(b) + float64(c)
			bits := math.Float64bits(s)
			if bits&(1<<29-1) != 1<<28 && (bits>>52&0x7ff)-(1023-126) < 1023+127 {
				d[l&31] = uint64(math.Float32bits(float32(s)))
			} else {
				d[l&31] = bits32(fma32(a, b, c))
			}
		}
	case kindFloatMax:
		for _, l := range lanes {
			d[l&31] = max32(x[l&31], y[l&31])
		}
	}
}
