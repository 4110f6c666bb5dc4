package pickle

import (
	"fmt"
	"slices"
)

// List is a list: a pointer to it stands for one, since a file may hold it twice.
type List struct{ Items []any }

// NewList returns a list.
func NewList(items ...any) *List { return &List{items} }

// Tuple is a tuple.
type Tuple []any

// Dict is a dictionary in the order in which its keys were set. Keys are numbers and
// strings.
type Dict struct {
	Keys   []any
	Values []any
	index  map[any]int
}

// Set gives a key a value.
func (d *Dict) Set(key, value any) {
	if d.index == nil {
		d.index = map[any]int{}
	}
	if i, ok := d.index[key]; ok {
		d.Values[i] = value
		return
	}
	d.index[key] = len(d.Keys)
	d.Keys = append(d.Keys, key)
	d.Values = append(d.Values, value)
}

// Get returns the value of a key, and nil if there is none.
func (d *Dict) Get(key any) any {
	if i, ok := d.index[key]; ok {
		return d.Values[i]
	}
	return nil
}

// DType is the type of an array's elements, as NumPy spells it without its byte order.
type DType string

// The element types that are read; the floats are written.
const (
	Float16 DType = "f2"
	Float32 DType = "f4"
	Float64 DType = "f8"
	Int32   DType = "i4"
	Int64   DType = "i8"
)

// size is the bytes of an element, 0 for an unknown type.
func (d DType) size() int {
	switch d {
	case Float16:
		return 2
	case Float32, Int32:
		return 4
	case Float64, Int64:
		return 8
	}
	return 0
}

// Array is an array of NumPy.
type Array struct {
	DType  DType // of the elements in the file
	Shape  []int
	Values []float32 // in row-major order, however the file has them
}

// Arrays returns the arrays of a list or a tuple, as the book saves the parameters of a
// model.
func Arrays(v any) ([]*Array, error) {
	var list []any
	switch v := v.(type) {
	case *List:
		list = v.Items
	case Tuple:
		list = v
	default:
		return nil, fmt.Errorf("the file holds a %s; want a list of arrays", kind(v))
	}
	arrays := make([]*Array, len(list))
	for i, x := range list {
		a, ok := x.(*Array)
		if !ok {
			return nil, fmt.Errorf("element %d of the list is a %s; want an array", i, kind(x))
		}
		arrays[i] = a
	}
	return arrays, nil
}

// kind names what Python calls a value.
func kind(v any) string {
	switch v.(type) {
	case nil:
		return "None"
	case bool:
		return "bool"
	case int64:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case []byte:
		return "bytes"
	case *List:
		return "list"
	case Tuple:
		return "tuple"
	case *Dict:
		return "dict"
	case *Array:
		return "numpy array"
	}
	return fmt.Sprintf("%T", v)
}

// elements is the number of elements of a shape; ok is false where it is no shape or
// they are more than limit.
func elements(shape []int, limit int) (n int, ok bool) {
	n = 1
	if slices.Contains(shape, 0) {
		limit = 1 << 40 // the others may be as large as they like
	}
	for _, d := range shape {
		if d < 0 || d > 0 && n > limit/d {
			return 0, false
		}
		n *= d
	}
	return n, true
}
