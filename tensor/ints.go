package tensor

import (
	"fmt"
	"slices"

	"github.com/wengert-ml/wengert/backend"
)

// Ints is an immutable n-dimensional array of int32: token ids, labels. It is a
// small handle, passed by value. Operations that take Ints check the range of
// the values on the host before a kernel sees them.
type Ints struct {
	h   *ints
	gen uint32 // of the arena, if there is one
}

// ints is what the handle points to: the values on the host, and their copy on a
// backend once a kernel has asked for it.
type ints struct {
	data   []int32
	shape  backend.Layout
	mirror backend.View
	mem    *Arena
}

// NewInts returns an array of integers [shape...] holding a copy of data, in
// row-major order. It panics with a [*ShapeError] if the sizes do not fit.
func NewInts(data []int32, shape ...int) Ints {
	h := &ints{}
	h.set(data, shape)
	return Ints{h: h}
}

func (h *ints) set(data []int32, shape []int) {
	h.shape = layout("ints", shape)
	if n := h.shape.Len(); n != len(data) {
		panic(&ShapeError{Op: "ints", Shapes: [][]int{append([]int{}, shape...)},
			Problem: fmt.Sprintf("%d values for %d elements", len(data), n), Want: fmt.Sprintf("%d values", n)})
	}
	h.data = append(h.data[:0], data...)
}

// Ints returns an array of integers [shape...] in the arena, holding a copy of
// data. A warm arena makes no garbage for it.
func (a *Arena) Ints(data []int32, shape ...int) Ints {
	h := a.nextInts()
	h.set(data, shape)
	return Ints{h, a.gen}
}

// PutInts returns x as an array of the arena, so that its copy on the backend is
// made once for all who use it until Reset.
func (a *Arena) PutInts(x Ints) Ints {
	if h := x.get(); h.mem != a {
		return a.Ints(h.data, h.shape.Dims()...)
	}
	return x
}

// TransposeInts returns x [M, N] as [N, M], an array of the arena. It panics with a
// [*ShapeError] if x has not two axes.
func (a *Arena) TransposeInts(x Ints) Ints {
	from := x.get()
	if from.shape.Rank != 2 {
		panic(&ShapeError{Op: "transposeInts", Shapes: [][]int{append([]int{}, x.Shape()...)},
			Problem: "no matrix", Want: "[M, N]"})
	}
	m, n := from.shape.Shape[0], from.shape.Shape[1]
	h := a.nextInts()
	h.set(from.data, []int{n, m})
	for i := range m {
		for j := range n {
			h.data[j*m+i] = from.data[i*n+j]
		}
	}
	return Ints{h, a.gen}
}

// DistinctInts returns what x [...] holds, each value once and in the order of their first
// appearance: [R], an array of the arena. It panics with a [*ShapeError] unless all values
// lie in [0, n).
func (a *Arena) DistinctInts(x Ints, n int) Ints {
	x.Within("distinct", 0, n)
	seen, h := a.nextInts(), a.nextInts()
	seen.data, h.data = slices.Grow(seen.data[:0], n)[:n], h.data[:0]
	clear(seen.data)
	for _, v := range x.Data() {
		if seen.data[v] == 0 {
			seen.data[v] = 1
			h.data = append(h.data, v)
		}
	}
	h.shape = backend.Contiguous(len(h.data))
	return Ints{h, a.gen}
}

func (a *Arena) nextInts() *ints {
	if a.intsUsed == len(a.ints) {
		a.ints = append(a.ints, &ints{mem: a})
	}
	h := a.ints[a.intsUsed]
	a.intsUsed++
	h.mirror.Buf = nil
	return h
}

// get returns what the handle points to, or panics if it is stale.
func (x Ints) get() *ints {
	if x.h == nil {
		panic(&ShapeError{Op: "ints", Problem: "the zero Ints was used", Want: "one made by NewInts or tape.Ints"})
	}
	if x.h.mem != nil && x.gen != x.h.mem.gen {
		panic(&StaleError{"Ints", x.gen + 1, x.h.mem.gen + 1})
	}
	return x.h
}

// IsZero reports whether x is the zero Ints, which holds nothing.
func (x Ints) IsZero() bool { return x.h == nil }

// Shape returns the sizes of the axes; do not change the slice.
func (x Ints) Shape() []int { return x.get().shape.Dims() }

// Len returns the number of elements.
func (x Ints) Len() int { return len(x.get().data) }

// Data returns the elements in row-major order. They are shared: do not change them.
func (x Ints) Data() []int32 { return x.get().data }

// String prints shape and values.
func (x Ints) String() string { return fmt.Sprintf("ints%v%v", x.Shape(), x.Data()) }

// Within panics with a [*ShapeError] naming op unless every element lies in
// [lo, hi).
func (x Ints) Within(op string, lo, hi int) {
	for i, v := range x.Data() {
		if int(v) >= lo && int(v) < hi {
			continue
		}
		want := fmt.Sprintf("ids from %d to %d", lo, hi-1)
		if hi <= lo {
			want = "no ids: there is nothing to choose from"
		}
		panic(&ShapeError{Op: op, Shapes: [][]int{append([]int{}, x.Shape()...)},
			Problem: fmt.Sprintf("id %d at position %d is out of range", v, i), Want: want})
	}
}

// onto returns x as a flat view on be for one kernel call. Pass it to off after
// the call.
func (x Ints) onto(be backend.Backend) *backend.View {
	h := x.get()
	if h.mem != nil && h.mem.be == be {
		if h.mirror.Buf == nil {
			s := h.mem.storage(backend.I32, max(len(h.data), 1)) // taken back by Reset
			h.mirror = backend.View{Buf: s.buf, DType: backend.I32, Layout: backend.Contiguous(len(h.data))}
			backend.Must(be, "upload", be.UploadInts(&h.mirror, h.data))
		}
		return &h.mirror
	}
	buf, err := be.Alloc(backend.I32, max(len(h.data), 1))
	backend.Must(be, "alloc", err)
	v := &backend.View{Buf: buf, DType: backend.I32, Layout: backend.Contiguous(len(h.data))}
	backend.Must(be, "upload", be.UploadInts(v, h.data))
	return v
}

// off frees what onto made for one call; queued work on it still runs first.
func (x Ints) off(be backend.Backend, v *backend.View) {
	if v != &x.h.mirror {
		be.Free(v.Buf)
	}
}
