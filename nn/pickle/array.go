package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/wengert-ml/wengert/internal/half"
)

// global is a function that a pickle names.
type global string

// The functions that data needs. NumPy has moved them between modules.
const (
	reconstruct global = "_reconstruct" // (ndarray, (0,), b'b'): an array without content
	frombuffer  global = "_frombuffer"  // (bytes, dtype, shape, order): an array
	scalarOf    global = "scalar"       // (dtype, bytes): a number
	ndarray     global = "ndarray"
	dtypeOf     global = "dtype"  // ('f4', False, True): a type
	encode      global = "encode" // (str, 'latin1'): bytes in protocol 2
	noBytes     global = "bytes"  // (): none of them, there
)

// global pushes a function by its name.
func (m *machine) global(module, name string) error {
	numpy := module == "numpy" || strings.HasPrefix(module, "numpy.core.") || strings.HasPrefix(module, "numpy._core.")
	switch f := global(name); {
	case numpy && (f == reconstruct || f == frombuffer || f == scalarOf || f == ndarray || f == dtypeOf):
		return m.push(f)
	case module == "_codecs" && f == encode, module == "__builtin__" && f == noBytes:
		return m.push(f)
	}
	return fmt.Errorf("the file calls %s.%s; want numbers, strings, containers and NumPy arrays alone", module, name)
}

// dtype is a NumPy type under construction.
type dtype struct {
	name DType
	big  bool
}

// reduce calls a function.
func (m *machine) reduce() error {
	items, err := m.top(2)
	if err != nil {
		return err
	}
	f, isGlobal := items[0].(global)
	args, isTuple := items[1].(Tuple)
	if !isGlobal || !isTuple {
		return fmt.Errorf("a %s is called with a %s", kind(items[0]), kind(items[1]))
	}
	v, err := f.call(args)
	if err != nil {
		return fmt.Errorf("%s: %w", f, err)
	}
	return m.push(v)
}

func (f global) call(args Tuple) (any, error) {
	arg := func(i int) any {
		if i < len(args) {
			return args[i]
		}
		return nil
	}
	switch f {
	case reconstruct:
		return &Array{}, nil
	case dtypeOf:
		name := text(arg(0))
		t := dtype{name: DType(strings.TrimLeft(name, "<>=|")), big: strings.HasPrefix(name, ">")}
		if t.name.size() == 0 {
			return nil, fmt.Errorf("elements of type %q; want f2, f4, f8, i4 or i8", name)
		}
		return &t, nil
	case encode:
		s, ok := arg(0).(string)
		if !ok || arg(1) != "latin1" {
			return nil, errors.New("want a string in latin1")
		}
		return latin1(s)
	case noBytes:
		if len(args) > 0 {
			return nil, errors.New("want no arguments")
		}
		return []byte{}, nil
	case scalarOf:
		t, isType := arg(0).(*dtype)
		b, isBytes := arg(1).([]byte)
		if !isType || !isBytes || len(b) != t.name.size() {
			return nil, errors.New("want a type and the bytes of one number")
		}
		v := t.value(b)
		if t.name == Int32 || t.name == Int64 {
			return int64(v), nil
		}
		return v, nil
	case frombuffer:
		b, isBytes := arg(0).([]byte)
		t, isType := arg(1).(*dtype)
		shape, isTuple := arg(2).(Tuple)
		if !isBytes || !isType || !isTuple {
			return nil, errors.New("want bytes, a type, a shape and an order")
		}
		a := new(Array)
		return a, a.fill(shape, t, text(arg(3)) == "F", b)
	}
	return nil, errors.New("it cannot be called")
}

// text is a string of Python 3, or one of Python 2.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

// latin1 returns the bytes that protocol 2 spells as a string.
func latin1(s string) ([]byte, error) {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 255 {
			return nil, fmt.Errorf("%q is not latin1", r)
		}
		b = append(b, byte(r))
	}
	return b, nil
}

// build gives the object on the stack its state.
func (m *machine) build() error {
	items, err := m.top(2)
	if err != nil {
		return err
	}
	state, ok := items[1].(Tuple)
	if !ok {
		return fmt.Errorf("the state of a %s is a %s; want a tuple", kind(items[0]), kind(items[1]))
	}
	switch v := items[0].(type) {
	case *dtype: // (3, '<', None, None, None, -1, -1, 0)
		if len(state) < 2 {
			return errors.New("a type without a byte order")
		}
		v.big = text(state[1]) == ">"
	case *Array: // (1, shape, dtype, Fortran order, bytes)
		if len(state) != 5 {
			return fmt.Errorf("the state of an array has %d parts; want 5", len(state))
		}
		shape, isTuple := state[1].(Tuple)
		t, isType := state[2].(*dtype)
		fortran, isBool := state[3].(bool)
		if n, isInt := state[3].(int64); isInt {
			fortran, isBool = n != 0, true
		}
		b, isBytes := state[4].([]byte)
		if !isTuple || !isType || !isBool || !isBytes {
			return errors.New("the state of an array is not (version, shape, type, order, bytes)")
		}
		if err := v.fill(shape, t, fortran, b); err != nil {
			return err
		}
	default:
		return fmt.Errorf("a %s is given a state", kind(v))
	}
	return m.push(items[0])
}

// fill reads an array's content.
func (a *Array) fill(shape Tuple, t *dtype, fortran bool, b []byte) error {
	dims := make([]int, len(shape))
	for i, d := range shape {
		n, ok := d.(int64)
		if !ok || n < 0 || n > math.MaxInt32 {
			return fmt.Errorf("an array of shape %v", shape)
		}
		dims[i] = int(n)
	}
	size := t.name.size()
	n, ok := elements(dims, len(b)/size)
	if !ok || n*size != len(b) {
		return fmt.Errorf("an array of shape %v and type %s with %d bytes", dims, t.name, len(b))
	}
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(t.value(b[i*size:]))
	}
	if fortran {
		values = rowMajor(values, dims)
	}
	*a = Array{DType: t.name, Shape: dims, Values: values}
	return nil
}

// value is the first element of b.
func (t *dtype) value(b []byte) float64 {
	var o binary.ByteOrder = binary.LittleEndian
	if t.big {
		o = binary.BigEndian
	}
	switch t.name {
	case Float16:
		return float64(half.FromF16(o.Uint16(b)))
	case Float32:
		return float64(math.Float32frombits(o.Uint32(b)))
	case Float64:
		return math.Float64frombits(o.Uint64(b))
	case Int32:
		return float64(int32(o.Uint32(b)))
	}
	return float64(int64(o.Uint64(b)))
}

// rowMajor returns the elements of an array in which the first axis runs fastest.
func rowMajor(values []float32, shape []int) []float32 {
	out := make([]float32, len(values))
	at := make([]int, len(shape))
	for i := range out {
		from, stride := 0, 1
		for axis, k := range at {
			from += k * stride
			stride *= shape[axis]
		}
		out[i] = values[from]
		for axis := len(shape) - 1; axis >= 0; axis-- {
			if at[axis]++; at[axis] < shape[axis] {
				break
			}
			at[axis] = 0
		}
	}
	return out
}
