package cpu

import (
	"math"

	"github.com/wengert-ml/wengert/backend"
)

// Convert writes src to dst of the same shape and another dtype, rounding to
// nearest even. F32 to I32 truncates; what I32 does not hold becomes the nearest
// that it does, NaN 0.
//
// It runs on one core: loading and saving parameters waits for the disk.
func (*Backend) Convert(dst, src *backend.View) {
	w := newWalk(&dst.Layout)
	w.add(&src.Layout, &dst.Layout)
	w.plan(cheap)
	d, s := dst.Buf.(*memory), src.Buf.(*memory)
	for p := range w.parts {
		for t := w.tiles(p); t.next(); {
			for i := range t.rows {
				at, from := t.off[0]+i*w.s[0][1], t.off[1]+i*w.s[1][1]
				for range t.cols {
					d.set(dst.DType, at, s.get(src.DType, from))
					at += w.s[0][0]
					from += w.s[1][0]
				}
			}
		}
	}
}

// get returns element i; float64 holds every dtype exactly.
func (m *memory) get(dtype backend.DType, i int) float64 {
	switch dtype {
	case backend.I32:
		return float64(m.i32[i])
	case backend.F16:
		return float64(fromF16(m.u16[i]))
	case backend.BF16:
		return float64(math.Float32frombits(uint32(m.u16[i]) << 16))
	default:
		return float64(m.f32[i])
	}
}

func (m *memory) set(dtype backend.DType, i int, v float64) {
	switch dtype {
	case backend.I32:
		m.i32[i] = truncate(v)
	case backend.F16:
		m.u16[i] = toF16(odd(v))
	case backend.BF16:
		m.u16[i] = toBF16(odd(v))
	default:
		m.f32[i] = float32(v)
	}
}

// odd rounds v to float32 so that rounding once more to fewer bits gives what
// rounding v at once would: where v is not exact, to the neighbour with an odd
// last bit (Boldo and Melquiond, "When double rounding is odd", 2005).
func odd(v float64) float32 {
	f := float32(v)
	if float64(f) == v || v != v {
		return f
	}
	bits := math.Float32bits(f)
	if math.Abs(float64(f)) > math.Abs(v) {
		bits--
	}
	return math.Float32frombits(bits | 1)
}

// truncate returns the whole part of v, at the ends of int32 where it is beyond
// them; 0 for NaN. Go leaves both to the processor.
func truncate(v float64) int32 {
	switch {
	case v != v:
		return 0
	case v >= math.MaxInt32:
		return math.MaxInt32
	case v <= math.MinInt32:
		return math.MinInt32
	}
	return int32(v)
}

// toBF16 rounds to the upper 16 bits, ties to even.
func toBF16(v float32) uint16 {
	bits := math.Float32bits(v)
	if v != v {
		return uint16(bits>>16) | 0x40 // quiet, so that the upper bits are never all 0
	}
	return uint16((bits + 0x7fff + bits>>16&1) >> 16)
}

// toF16 rounds to five bits of exponent and ten of mantissa, ties to even.
func toF16(v float32) uint16 {
	bits := math.Float32bits(v)
	sign := uint16(bits >> 16 & 0x8000)
	bits &^= 1 << 31
	switch {
	case bits > 0x7f800000:
		return sign | 0x7e00 | uint16(bits>>13&0x1ff) // NaN
	case bits >= 0x47800000:
		return sign | 0x7c00 // 2^16 and more: infinite
	case bits < 0x38800000:
		// Below 2^-14 the steps are 2^-24, as those of float32 are in [1/2, 1).
		f := math.Float32frombits(bits) + 0.5
		return sign | uint16(math.Float32bits(f)-math.Float32bits(0.5))
	}
	bits += 0xfff + bits>>13&1
	return sign | uint16(bits>>13-(127-15)<<10)
}

func fromF16(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	bits := uint32(h & 0x7fff)
	switch {
	case bits >= 0x7c00:
		bits = bits<<13 | 0x7f800000 // infinity and NaN
	case bits < 0x400:
		bits = math.Float32bits(float32(bits) / (1 << 24))
	default:
		bits = (bits + (127-15)<<10) << 13
	}
	return math.Float32frombits(sign | bits)
}
