package half

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// half is one of the 16-bit formats, for tests that run over all its values.
type format struct {
	name     string
	to       func(float32) uint16
	from     func(uint16) float32
	infinity uint16
}

var halves = []format{
	{"F16", ToF16, FromF16, 0x7c00},
	{"BF16", ToBF16, FromBF16, 0x7f80},
}

func TestHalfValues(t *testing.T) {
	for _, tc := range []struct {
		name string
		got  float32
		want float64
	}{
		{"F16/one", FromF16(0x3c00), 1},
		{"F16/third", FromF16(0x3555), 0.333251953125},
		{"F16/largest", FromF16(0x7bff), 65504},
		{"F16/smallest-normal", FromF16(0x0400), 0x1p-14},
		{"F16/largest-subnormal", FromF16(0x03ff), 1023 * 0x1p-24},
		{"F16/smallest", FromF16(0x8001), -0x1p-24},
		{"F16/infinity", FromF16(0xfc00), math.Inf(-1)},
		{"BF16/one", FromBF16(0x3f80), 1},
		{"BF16/pi", FromBF16(0x4049), 3.140625},
		{"BF16/smallest", FromBF16(0x0001), 0x1p-133},
		{"BF16/infinity", FromBF16(0xff80), math.Inf(-1)},
	} {
		assert.Equal(t, tc.want, float64(tc.got), tc.name)
	}
}

// Every value of the format comes back as the same bits; a NaN as a NaN.
func TestHalfExact(t *testing.T) {
	for _, h := range halves {
		t.Run(h.name, func(t *testing.T) {
			for bits := range 1 << 16 {
				v := h.from(uint16(bits))
				if v != v {
					if back := h.from(h.to(v)); back == back {
						t.Fatalf("NaN %#04x became %v", bits, back)
					}
					continue
				}
				if got := h.to(v); got != uint16(bits) {
					t.Fatalf("%v: got %#04x, want %#04x", v, got, bits)
				}
			}
		})
	}
}

// Between two neighbours: the middle goes to the even one, everything else to
// the nearer. Beyond the largest value the next would be 2^16 (or 2^128), and
// rounding there gives infinity.
func TestHalfRounding(t *testing.T) {
	for _, h := range halves {
		t.Run(h.name, func(t *testing.T) {
			for low := uint16(0); low < h.infinity; low++ {
				a, b := float64(h.from(low)), float64(h.from(low+1))
				if low+1 == h.infinity {
					b = 2*a - float64(h.from(low-1))
				}
				even := low + low&1
				middle := float32((a + b) / 2) // exact: a float32 has more bits than either format
				for _, tc := range []struct {
					v    float32
					want uint16
				}{
					{middle, even},
					{math.Nextafter32(middle, 0), low},
					{math.Nextafter32(middle, float32(math.Inf(1))), low + 1},
				} {
					if got := h.to(tc.v); got != tc.want {
						t.Fatalf("%g between %g and %g: got %#04x, want %#04x", tc.v, a, b, got, tc.want)
					}
					if got := h.to(-tc.v); got != tc.want|0x8000 {
						t.Fatalf("%g: got %#04x, want %#04x", -tc.v, got, tc.want|0x8000)
					}
				}
			}
		})
	}
}

// A NaN whose payload lies in the dropped bits alone must not become infinite.
func TestHalfKeepsNaN(t *testing.T) {
	for _, bits := range []uint32{0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff, 0x7fc00000} {
		for _, h := range halves {
			got := h.from(h.to(math.Float32frombits(bits)))
			assert.True(t, got != got, "%s: NaN %#x became %v", h.name, bits, got)
		}
	}
}
