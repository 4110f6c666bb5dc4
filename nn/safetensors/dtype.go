package safetensors

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// DType is the type of a tensor's elements, spelled as in the header.
type DType string

// The element types of the format. A tensor of any of them can be read, kept
// and written; [FromFloat32] and [Tensor.Float32s] say which they convert.
const (
	F64        DType = "F64"  // IEEE 754 double precision
	F32        DType = "F32"  // IEEE 754 single precision
	F16        DType = "F16"  // IEEE 754 half precision
	BF16       DType = "BF16" // the upper half of an F32
	C64        DType = "C64"  // a complex number: two F32
	I64        DType = "I64"
	I32        DType = "I32"
	I16        DType = "I16"
	I8         DType = "I8"
	U64        DType = "U64"
	U32        DType = "U32"
	U16        DType = "U16"
	U8         DType = "U8"
	Bool       DType = "BOOL" // one byte: 0 or 1
	F8E4M3     DType = "F8_E4M3"
	F8E5M2     DType = "F8_E5M2"
	F8E8M0     DType = "F8_E8M0"
	F8E4M3FNUZ DType = "F8_E4M3FNUZ"
	F8E5M2FNUZ DType = "F8_E5M2FNUZ"
	F6E2M3     DType = "F6_E2M3" // packed, as is F4
	F6E3M2     DType = "F6_E3M2"
	F4         DType = "F4"
)

// Bits returns the size of one element in bits, or 0 if the format has no such type.
func (d DType) Bits() int {
	switch d {
	case F64, C64, I64, U64:
		return 64
	case F32, I32, U32:
		return 32
	case F16, BF16, I16, U16:
		return 16
	case I8, U8, Bool, F8E4M3, F8E5M2, F8E8M0, F8E4M3FNUZ, F8E5M2FNUZ:
		return 8
	case F6E2M3, F6E3M2:
		return 6
	case F4:
		return 4
	}
	return 0
}

// byteSize returns the number of bytes that a tensor takes.
func byteSize(dtype DType, shape []int) (int, error) {
	n := uint64(dtype.Bits())
	if n == 0 {
		return 0, fmt.Errorf("unknown dtype %q", dtype)
	}
	for axis, size := range shape {
		if size < 0 {
			return 0, fmt.Errorf("shape %v: axis %d has the negative size %d", shape, axis, size)
		}
		hi, lo := bits.Mul64(n, uint64(size))
		if hi != 0 {
			return 0, fmt.Errorf("shape %v: too many elements, their count overflows", shape)
		}
		n = lo
	}
	if n%8 != 0 {
		return 0, fmt.Errorf("shape %v: its %s elements take %d bits, not a whole number of bytes", shape, dtype, n)
	}
	if n/8 > math.MaxInt {
		return 0, errors.New("too many bytes for this machine's memory")
	}
	return int(n / 8), nil
}
