package pickle

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/wengert-ml/wengert/internal/atomicfile"
	"github.com/wengert-ml/wengert/internal/half"
)

// WriteFile writes v to path, whole or not at all.
func WriteFile(path string, v any) error {
	return atomicfile.WriteFile(path, 0o644, func(w io.Writer) error { return Write(w, v) })
}

// Write writes v, in protocol 3, which every Python 3 and NumPy reads. Integers may be
// of type int as well. It is an error if v holds anything but the types of the package
// comment, or an array of integers or whose values do not fit its shape.
func Write(w io.Writer, v any) error {
	b := bufio.NewWriter(w)
	e := encoding{b}
	b.Write([]byte{0x80, 3})
	if err := e.value(v); err != nil {
		return fmt.Errorf("write pickle: %w", err)
	}
	b.WriteByte('.')
	if err := b.Flush(); err != nil { // the first error of all writes
		return fmt.Errorf("write pickle: %w", err)
	}
	return nil
}

type encoding struct{ *bufio.Writer }

func (e encoding) value(v any) error {
	switch v := v.(type) {
	case nil:
		e.WriteByte('N')
	case bool:
		if v {
			e.WriteByte(0x88)
		} else {
			e.WriteByte(0x89)
		}
	case int:
		e.integer(int64(v))
	case int64:
		e.integer(v)
	case float64:
		e.WriteByte('G')
		e.Write(binary.BigEndian.AppendUint64(nil, math.Float64bits(v)))
	case string:
		e.WriteByte('X')
		e.length(len(v))
		e.WriteString(v)
	case []byte:
		e.bytes(v)
	case *List:
		e.WriteString("](")
		if err := e.all(v.Items); err != nil {
			return err
		}
		e.WriteByte('e')
	case Tuple:
		e.WriteByte('(')
		if err := e.all(v); err != nil {
			return err
		}
		e.WriteByte('t')
	case *Dict:
		e.WriteString("}(")
		for i, key := range v.Keys {
			if err := e.all([]any{key, v.Values[i]}); err != nil {
				return err
			}
		}
		e.WriteByte('u')
	case *Array:
		return e.array(v)
	default:
		return fmt.Errorf("a %T has no place in a pickle", v)
	}
	return nil
}

func (e encoding) all(values []any) error {
	for _, v := range values {
		if err := e.value(v); err != nil {
			return err
		}
	}
	return nil
}

func (e encoding) integer(n int64) {
	if int64(int32(n)) == n {
		e.WriteByte('J')
		e.Write(binary.LittleEndian.AppendUint32(nil, uint32(n)))
		return
	}
	e.Write([]byte{0x8a, 8})
	e.Write(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

func (e encoding) length(n int) { e.Write(binary.LittleEndian.AppendUint32(nil, uint32(n))) }

func (e encoding) bytes(b []byte) {
	e.WriteByte('B')
	e.length(len(b))
	e.Write(b)
}

// array writes what NumPy itself writes: an empty array and its state.
func (e encoding) array(a *Array) error {
	n, ok := elements(a.Shape, math.MaxInt32)
	if !ok || n != len(a.Values) {
		return fmt.Errorf("an array of shape %v with %d values", a.Shape, len(a.Values))
	}
	var data []byte
	for _, v := range a.Values {
		switch a.DType {
		case Float16:
			data = binary.LittleEndian.AppendUint16(data, half.ToF16(v))
		case Float32:
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
		case Float64:
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(float64(v)))
		}
	}
	if a.DType != Float16 && a.DType != Float32 && a.DType != Float64 {
		return fmt.Errorf("an array of type %q; want f2, f4 or f8", a.DType)
	}
	if len(data) > math.MaxInt32 {
		return fmt.Errorf("an array of %d bytes; want at most 2 GiB", len(data))
	}
	e.WriteString("cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R(K\x01(")
	for _, d := range a.Shape {
		e.integer(int64(d))
	}
	e.WriteString("tcnumpy\ndtype\n")
	e.value(string(a.DType))
	e.WriteString("K\x00K\x01\x87R(K\x03")
	e.value("<")
	e.WriteString("NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89")
	e.bytes(data)
	e.WriteString("tb")
	return nil
}
