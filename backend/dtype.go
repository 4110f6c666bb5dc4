package backend

// DType is the type of the elements in a buffer. Arithmetic is done on F32
// alone; the others are storage: I32 for ids and labels, F16 and BF16 for
// parameters on disk and on small devices.
type DType uint8

// The storage types.
const (
	F32  DType = iota // IEEE 754 single precision
	I32               // 32-bit signed integers: token ids, labels
	F16               // IEEE 754 half precision
	BF16              // the upper half of an F32
)

// Size returns the number of bytes of one element.
func (d DType) Size() int {
	switch d {
	case F32, I32:
		return 4
	default:
		return 2
	}
}

// String returns the name as safetensors spells it: "F32", "I32", "F16", "BF16".
func (d DType) String() string { return [...]string{"F32", "I32", "F16", "BF16"}[d] }
