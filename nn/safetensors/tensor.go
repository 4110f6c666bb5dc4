package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/wengert-ml/wengert/internal/half"
)

// Tensor is a named array. Its Data are little-endian and in row-major order,
// as in the file.
type Tensor struct {
	Name  string
	DType DType
	Shape []int // empty for a single number
	Data  []byte
}

// check returns an error if t cannot be written.
func (t *Tensor) check() error {
	if t.Name == metadataKey {
		return fmt.Errorf("tensor %q: the name is reserved", t.Name)
	}
	if !utf8.ValidString(t.Name) {
		return fmt.Errorf("tensor %q: the name is not UTF-8", t.Name)
	}
	size, err := byteSize(t.DType, t.Shape)
	if err != nil {
		return fmt.Errorf("tensor %q: %w", t.Name, err)
	}
	if len(t.Data) != size {
		return fmt.Errorf("tensor %q: %s %v takes %d bytes, Data has %d", t.Name, t.DType, t.Shape, size, len(t.Data))
	}
	return nil
}

// FromFloat32 returns a tensor of the given shape with values, in row-major
// order, stored as dtype: F32, F16 or BF16. The two halves round to nearest,
// ties to even; beyond their range (65504 for F16) values become infinite.
//
// It is an error if dtype is another or values are not as many as the shape has.
func FromFloat32(name string, dtype DType, shape []int, values []float32) (Tensor, error) {
	if dtype != F32 && dtype != F16 && dtype != BF16 {
		return Tensor{}, fmt.Errorf("tensor %q: float32 values cannot be stored as %q; want F32, F16 or BF16", name, dtype)
	}
	size, err := byteSize(dtype, shape)
	if err != nil {
		return Tensor{}, fmt.Errorf("tensor %q: %w", name, err)
	}
	if n := size / (dtype.Bits() / 8); n != len(values) {
		return Tensor{}, fmt.Errorf("tensor %q: shape %v has %d elements, got %d values", name, shape, n, len(values))
	}
	t := Tensor{Name: name, DType: dtype, Shape: append([]int{}, shape...), Data: make([]byte, 0, size)}
	switch dtype {
	case F32:
		for _, v := range values {
			t.Data = binary.LittleEndian.AppendUint32(t.Data, math.Float32bits(v))
		}
	case F16:
		for _, v := range values {
			t.Data = binary.LittleEndian.AppendUint16(t.Data, half.ToF16(v))
		}
	case BF16:
		for _, v := range values {
			t.Data = binary.LittleEndian.AppendUint16(t.Data, half.ToBF16(v))
		}
	}
	return t, nil
}

// Float32s returns the elements, in row-major order, as new float32. F32, F16
// and BF16 are exact; F64, I32 and I64 round to nearest, ties to even, and what
// is beyond the range of float32 becomes infinite.
//
// It is an error if the dtype is another or Data does not fit dtype and shape.
func (t *Tensor) Float32s() ([]float32, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	switch t.DType {
	case F32:
		return decode(t.Data, 4, func(b []byte) float32 { return math.Float32frombits(le.Uint32(b)) }), nil
	case F16:
		return decode(t.Data, 2, func(b []byte) float32 { return half.FromF16(le.Uint16(b)) }), nil
	case BF16:
		return decode(t.Data, 2, func(b []byte) float32 { return half.FromBF16(le.Uint16(b)) }), nil
	case F64:
		return decode(t.Data, 8, func(b []byte) float32 { return float32(math.Float64frombits(le.Uint64(b))) }), nil
	case I32:
		return decode(t.Data, 4, func(b []byte) float32 { return float32(int32(le.Uint32(b))) }), nil
	case I64:
		return decode(t.Data, 8, func(b []byte) float32 { return float32(int64(le.Uint64(b))) }), nil
	}
	return nil, fmt.Errorf("tensor %q: %s cannot be read as float32; want F32, F16, BF16, F64, I32 or I64", t.Name, t.DType)
}

// decode calls element on every width bytes of data.
func decode(data []byte, width int, element func(b []byte) float32) []float32 {
	values := make([]float32, len(data)/width)
	for i := range values {
		values[i] = element(data[i*width:])
	}
	return values
}
