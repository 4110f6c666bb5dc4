package tensor

import (
	"fmt"
	"runtime"

	"github.com/wengert-ml/wengert/backend"
)

// Tensor is an n-dimensional array of float32 on a backend. It is made by the
// constructors ([FromSlice], [Zeros] ...) and by operations on other tensors;
// its zero value is of no use.
type Tensor struct {
	view backend.View
	be   backend.Backend
	mem  *Arena   // nil: heap
	sto  *storage // the counted buffer, where mem is not nil and owns it
	own  *owner   // the heap buffer, where sto is nil
}

// owner is the one Go object that all headers of a heap buffer point to: when it
// is collected, a device frees the buffer.
type owner struct{ _ byte }

// Shape returns the sizes of the axes of x [...]. The slice is part of x: do not change it,
// and do not keep it longer than x.
func (x *Tensor) Shape() []int { return x.view.Dims() }

// Rank returns the number of axes of x [...].
func (x *Tensor) Rank() int { return x.view.Rank }

// Dim returns the size of an axis of x [...]; -1 is the last.
func (x *Tensor) Dim(axis int) int { return x.view.Shape[x.axis("dim", axis)] }

// Len returns the number of elements of x [...].
func (x *Tensor) Len() int { return x.view.Len() }

// Backend returns the backend that holds x [...].
func (x *Tensor) Backend() backend.Backend { return x.be }

// View returns what kernels are given for x [...]. It is part of x.
func (x *Tensor) View() *backend.View { return &x.view }

// SameShape reports whether x [...] and y [...] have the same axes.
func (x *Tensor) SameShape(y *Tensor) bool { return x.view.SameShape(&y.view.Layout) }

// IsContiguous reports whether the elements of x [...] lie in row-major order without gaps.
func (x *Tensor) IsContiguous() bool { return x.view.IsContiguous() }

// axis turns a possibly negative axis into an index of Shape.
func (x *Tensor) axis(op string, axis int) int {
	i := axis
	if i < 0 {
		i += x.view.Rank
	}
	if i < 0 || i >= x.view.Rank {
		want := fmt.Sprintf("an axis from %d to %d", -x.view.Rank, x.view.Rank-1)
		if x.view.Rank == 0 {
			want = "at least one axis: this is a single number"
		}
		mistake(op, fmt.Sprintf("there is no axis %d", axis), want, x)
	}
	return i
}

// newHeap makes an uninitialised tensor outside any arena.
func newHeap(be backend.Backend, dtype backend.DType, l backend.Layout) *Tensor {
	buf, err := be.Alloc(dtype, max(l.Len(), 1))
	backend.Must(be, "alloc", err)
	t := &Tensor{view: backend.View{Buf: buf, DType: dtype, Layout: l}, be: be, own: new(owner)}
	if _, ok := be.(backend.Collected); !ok {
		// A cleanup costs 7 allocations: only for memory that the collector does not know.
		runtime.AddCleanup(t.own, be.Free, buf)
	}
	return t
}

// alloc makes an uninitialised tensor in mem, or on the heap where mem is nil.
func alloc(be backend.Backend, mem *Arena, l backend.Layout) *Tensor {
	if mem != nil {
		return mem.tensor(l)
	}
	return newHeap(be, backend.F32, l)
}

// beside makes an uninitialised tensor where x lives.
func (x *Tensor) beside(l backend.Layout) *Tensor { return alloc(x.be, x.mem, l) }

// like makes an uninitialised tensor of x's shape where x lives.
func (x *Tensor) like() *Tensor { return x.beside(x.view.Packed()) }

// home checks that operands share a backend and returns the arena that their
// result lives in, nil for the heap.
func home(op string, ts ...*Tensor) *Arena {
	var mem *Arena
	for _, t := range ts {
		if t.be != ts[0].be {
			mistake(op, fmt.Sprintf("operands live on two backends, %s and %s", ts[0].be.Name(), another(t.be, ts[0].be)),
				"all on one: nn.To moves a model, tensor.To a tensor", ts...)
		}
		if mem == nil {
			mem = t.mem
		}
	}
	return mem
}

// another names be, as opposed to one that may have the same name.
func another(be, one backend.Backend) string {
	if be.Name() == one.Name() {
		return "another " + be.Name()
	}
	return be.Name()
}

// header makes another header over x's buffer.
func (x *Tensor) header(l backend.Layout) *Tensor {
	var h *Tensor
	if x.mem != nil {
		h = x.mem.header()
	} else {
		h = new(Tensor)
	}
	*h = *x
	if l.Len() == 0 {
		l.Off = 0 // it could lie behind the end of the buffer
	}
	h.view.Layout = l
	if h.sto != nil {
		h.sto.refs++
	}
	return h
}

// Alias returns another handle [...] on x [...], sharing its elements.
func (x *Tensor) Alias() *Tensor { return x.header(x.view.Layout) }

// Exclusive reports that x [...] is in an arena and nobody else shares its
// buffer, so that it may be overwritten.
func (x *Tensor) Exclusive() bool { return x.sto != nil && x.sto.refs == 1 }

// TakeFrom writes y [...] to x as CopyFrom does, and leaves anything in y: where nobody
// else holds their memory they exchange it.
func (x *Tensor) TakeFrom(y *Tensor) {
	exchange := x.Exclusive() && y.Exclusive() && x.sto != y.sto && x.be == y.be &&
		x.sto.dtype == y.sto.dtype && x.sto.class == y.sto.class && x.view.Layout == y.view.Layout
	if !exchange {
		x.CopyFrom(y)
		return
	}
	x.sto.buf, y.sto.buf = y.sto.buf, x.sto.buf
	x.view.Buf, y.view.Buf = x.sto.buf, y.sto.buf
}

// shares reports whether x and y may have elements in common.
func (x *Tensor) shares(y *Tensor) bool {
	same := x.sto != nil && x.sto == y.sto || x.sto == nil && x.own != nil && x.own == y.own
	return same && x.view.Off <= last(&y.view.Layout) && y.view.Off <= last(&x.view.Layout)
}

// last returns the offset of the last element of a layout.
func last(l *backend.Layout) int {
	off := l.Off
	for i, n := range l.Dims() {
		off += max(n-1, 0) * l.Stride[i]
	}
	return off
}

// beyond returns x, or a copy of it where writing dst element by element would
// change what is still to be read: kernels have an order of their own. Pass it to
// drop after the call.
func (x *Tensor) beyond(dst *Tensor) *Tensor {
	if x.view.Layout != dst.view.Layout && x.shares(dst) {
		return x.Clone()
	}
	return x
}

// apart is beyond for kernels whose output may not even be an input.
func (x *Tensor) apart(dst *Tensor) *Tensor {
	if x.shares(dst) {
		return x.Clone()
	}
	return x
}

// packed returns x, or a contiguous copy for a kernel that needs one; pass it to
// drop after the call.
func (x *Tensor) packed() *Tensor {
	if x.view.IsContiguous() {
		return x
	}
	return x.Clone()
}

// drop gives back what packed made.
func (x *Tensor) drop(p *Tensor) {
	if p != x {
		p.Release()
	}
}

// Clone returns a contiguous copy [...] of x [...], living where x lives.
func (x *Tensor) Clone() *Tensor {
	y := x.like()
	x.be.Copy(&y.view, &x.view)
	return y
}

// Heap returns a contiguous copy [...] of x [...] outside any arena: it outlives Reset.
func (x *Tensor) Heap() *Tensor {
	y := newHeap(x.be, backend.F32, x.view.Packed())
	x.be.Copy(&y.view, &x.view)
	return y
}

// To returns a copy [...] of x [...] on another backend, outside any arena. It is
// exact, between backends that compute in float64 too.
func To(be backend.Backend, x *Tensor) *Tensor {
	if _, ok := be.(backend.Float64); ok {
		return FromFloat64(be, x.Float64s(), x.Shape()...)
	}
	return FromSlice(be, x.Floats(), x.Shape()...)
}

// Read copies the elements of x [...] to dst in row-major order, waiting for the
// backend. It panics with a [*ShapeError] if dst has another length, and with a
// [*backend.Error] if the backend has failed.
func (x *Tensor) Read(dst []float32) {
	x.expect("read", len(dst))
	x.check()
	backend.Must(x.be, "download", x.be.Download(dst, &x.view))
}

// check reports faults of the backend that x's arena has not been told of.
func (x *Tensor) check() {
	if x.mem != nil {
		x.mem.Check()
	}
}

func (x *Tensor) expect(op string, n int) {
	if n != x.Len() {
		mistake(op, fmt.Sprintf("%d values for %d elements", n, x.Len()), fmt.Sprintf("%d values", x.Len()), x)
	}
}

// Floats returns a copy of the elements of x [...] in row-major order.
func (x *Tensor) Floats() []float32 {
	out := make([]float32, x.Len())
	x.Read(out)
	return out
}

// Float64s is Floats in float64: exact on a backend that computes in float64,
// converted elsewhere. x is [...].
func (x *Tensor) Float64s() []float64 {
	out := make([]float64, x.Len())
	x.check()
	if be, ok := x.be.(backend.Float64); ok {
		backend.Must(be, "download", be.DownloadFloat64(out, &x.view))
		return out
	}
	for i, v := range x.Floats() {
		out[i] = float64(v)
	}
	return out
}

// Item returns the only element of x [1] or []. It panics with a [*ShapeError]
// if x has more elements or none.
func (x *Tensor) Item() float64 {
	if x.Len() != 1 {
		mistake("item", fmt.Sprintf("%d elements", x.Len()), "one element", x)
	}
	x.check()
	if be, ok := x.be.(backend.Float64); ok {
		var out [1]float64
		backend.Must(be, "download", be.DownloadFloat64(out[:], &x.view))
		return out[0]
	}
	buf := itemBuffer(x.mem)
	backend.Must(x.be, "download", x.be.Download(buf, &x.view))
	return float64(buf[0])
}

// itemBuffer is one float32 outside the stack: passing a local array to an
// interface method would allocate it on each call.
func itemBuffer(mem *Arena) []float32 {
	if mem != nil {
		return mem.item[:]
	}
	return make([]float32, 1)
}

// Set copies data to x [...] in row-major order.
// It panics with a [*ShapeError] if data has another length.
func (x *Tensor) Set(data []float32) {
	x.expect("set", len(data))
	backend.Must(x.be, "upload", x.be.Upload(&x.view, data))
}

// SetFloat64 is Set from float64: exact on a backend that computes in float64. x is [...].
func (x *Tensor) SetFloat64(data []float64) {
	x.expect("set", len(data))
	if be, ok := x.be.(backend.Float64); ok {
		backend.Must(be, "upload", be.UploadFloat64(&x.view, data))
		return
	}
	narrow := make([]float32, len(data))
	for i, v := range data {
		narrow[i] = float32(v)
	}
	backend.Must(x.be, "upload", x.be.Upload(&x.view, narrow))
}
