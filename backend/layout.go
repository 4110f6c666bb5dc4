package backend

// MaxRank is the largest number of axes an array may have. Shapes live inline
// in headers, so that a header never allocates.
const MaxRank = 6

// Layout says where the elements of an array lie inside a buffer, in units of
// elements. Element [i, j, ...] is at Off + i*Stride[0] + j*Stride[1] + ...
// Only the first Rank entries of Shape and Stride count; the rest are zero, so
// that two layouts of one shape compare equal with ==.
type Layout struct {
	Rank          int
	Shape, Stride [MaxRank]int
	Off           int
}

// View is a layout over a buffer: what a kernel is given. Backends take *View,
// since headers live in slabs and a pointer costs no allocation; they must not
// keep the pointer after returning.
type View struct {
	Buf   Buffer
	DType DType
	Layout
}

// Contiguous returns the row-major layout of shape at offset 0.
// It panics if shape has more than [MaxRank] axes: package tensor checks first.
func Contiguous(shape ...int) Layout {
	var l Layout
	if len(shape) > MaxRank {
		panic("backend: more than 6 axes")
	}
	l.Rank = copy(l.Shape[:], shape)
	l.pack()
	return l
}

// pack sets row-major strides.
func (l *Layout) pack() {
	n := 1
	for i := l.Rank - 1; i >= 0; i-- {
		l.Stride[i] = n
		n *= l.Shape[i]
	}
}

// Packed returns the row-major layout of l's shape at offset 0.
func (l *Layout) Packed() Layout {
	p := Layout{Rank: l.Rank, Shape: l.Shape}
	p.pack()
	return p
}

// Dims returns the shape as a slice of l itself: it changes with l.
func (l *Layout) Dims() []int { return l.Shape[:l.Rank] }

// Len returns the number of elements: 1 for rank 0, 0 if any axis is empty.
func (l *Layout) Len() int {
	n := 1
	for _, d := range l.Shape[:l.Rank] {
		n *= d
	}
	return n
}

// SameShape reports whether l and m have the same axes.
func (l *Layout) SameShape(m *Layout) bool { return l.Rank == m.Rank && l.Shape == m.Shape }

// IsContiguous reports whether the elements lie in row-major order without
// gaps, so that Len() elements from Off on are the array.
func (l *Layout) IsContiguous() bool {
	n := 1
	for i := l.Rank - 1; i >= 0; i-- {
		if l.Shape[i] != 1 && l.Stride[i] != n {
			return false
		}
		n *= l.Shape[i]
	}
	return true
}

// Fits reports whether l broadcasts to out: aligned at the last axis, every
// size of l is 1 or equals out's.
func (l *Layout) Fits(out *Layout) bool {
	d := out.Rank - l.Rank
	if d < 0 {
		return false
	}
	for i := range l.Rank {
		if l.Shape[i] != 1 && l.Shape[i] != out.Shape[i+d] {
			return false
		}
	}
	return true
}

// BroadcastTo returns l's strides as seen from the larger shape of out: stride
// 0 where l repeats. l must fit out.
func (l *Layout) BroadcastTo(out *Layout) (stride [MaxRank]int) {
	d := out.Rank - l.Rank
	for i := range l.Rank {
		if l.Shape[i] != 1 || out.Shape[i+d] == 1 {
			stride[i+d] = l.Stride[i]
		}
	}
	return stride
}

// At returns the offset of the i-th element in row-major order, 0 <= i < Len().
// It divides once an axis: fine for plain backends and tests, not for hot loops.
func (l *Layout) At(i int) int {
	off := l.Off
	for a := l.Rank - 1; a >= 0; a-- {
		off += i % l.Shape[a] * l.Stride[a]
		i /= l.Shape[a]
	}
	return off
}
