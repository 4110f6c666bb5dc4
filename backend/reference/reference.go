package reference

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/backend"
)

// Backend implements [backend.Backend], [backend.Float64] and
// [backend.Collected]. It holds nothing: every buffer is a Go slice, every
// method runs at once, and methods may be called from several goroutines.
type Backend struct{}

var (
	_ backend.Float64   = (*Backend)(nil)
	_ backend.Collected = (*Backend)(nil)
)

// The two kinds of buffer.
type (
	floats []float64 // F32, F16 and BF16
	ints   []int32   // I32
)

// maxElements is where Alloc says no, since Go ends the program when memory
// runs out instead of returning an error: 2^40 elements are 8 TiB.
const maxElements = 1 << 40

// New returns a reference backend.
func New() *Backend { return &Backend{} }

// Name returns "reference".
func (*Backend) Name() string { return "reference" }

// Collected says that buffers are left to Go's garbage collector.
func (*Backend) Collected() {}

// Alloc returns a Go slice. More than 2^40 elements are a [*backend.OutOfMemory].
func (*Backend) Alloc(dtype backend.DType, n int) (backend.Buffer, error) {
	if int64(n) > maxElements {
		asked := int64(math.MaxInt64)
		if int64(n) < math.MaxInt64/8 {
			asked = int64(n) * 8
		}
		return nil, &backend.OutOfMemory{Asked: asked, Limit: maxElements * 8}
	}
	if dtype == backend.I32 {
		return make(ints, n), nil
	}
	return make(floats, n), nil
}

// Free does nothing.
func (*Backend) Free(backend.Buffer) {}

// Upload copies src to dst.
func (*Backend) Upload(dst *backend.View, src []float32) error {
	d := dst.Buf.(floats)
	for i, v := range src {
		d[dst.At(i)] = float64(v)
	}
	return nil
}

// UploadFloat64 copies src to dst.
func (*Backend) UploadFloat64(dst *backend.View, src []float64) error {
	d := dst.Buf.(floats)
	for i, v := range src {
		d[dst.At(i)] = v
	}
	return nil
}

// UploadInts copies src to dst.
func (*Backend) UploadInts(dst *backend.View, src []int32) error {
	d := dst.Buf.(ints)
	for i, v := range src {
		d[dst.At(i)] = v
	}
	return nil
}

// Download copies src to dst, rounding to float32.
func (*Backend) Download(dst []float32, src *backend.View) error {
	s := src.Buf.(floats)
	for i := range dst {
		dst[i] = float32(s[src.At(i)])
	}
	return nil
}

// DownloadFloat64 copies src to dst.
func (*Backend) DownloadFloat64(dst []float64, src *backend.View) error {
	s := src.Buf.(floats)
	for i := range dst {
		dst[i] = s[src.At(i)]
	}
	return nil
}

// Sync has nothing to wait for and never a fault to report.
func (*Backend) Sync(uint64) (uint64, error) { return 0, nil }

// Convert writes src to dst, rounded to the grid of dst's dtype.
func (*Backend) Convert(dst, src *backend.View) {
	for i := range dst.Len() {
		var v float64
		switch s := src.Buf.(type) {
		case floats:
			v = s[src.At(i)]
		case ints:
			v = float64(s[src.At(i)])
		}
		switch d := dst.Buf.(type) {
		case floats:
			d[dst.At(i)] = round(v, dst.DType)
		case ints:
			d[dst.At(i)] = int32(v)
		}
	}
}

// round returns the number of dtype's grid that is nearest to v, ties to even.
//
// A binary format with p bits of precision has steps of 2^(e-p) between 2^(e-1)
// and 2^e. Below its smallest normal number the step stays the same
// (subnormals), and what rounds to 2^emax or above is infinite.
func round(v float64, dtype backend.DType) float64 {
	var p, minStep, emax int
	switch dtype {
	case backend.F16:
		p, minStep, emax = 11, -24, 16
	case backend.BF16:
		p, minStep, emax = 8, -133, 128
	default: // F32 is not rounded in this backend
		return v
	}
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	_, e := math.Frexp(v)
	step := max(e-p, minStep)
	r := math.Ldexp(math.RoundToEven(math.Ldexp(v, -step)), step)
	if math.Abs(r) >= math.Ldexp(1, emax) {
		return math.Copysign(math.Inf(1), v)
	}
	return r
}

// Copy writes src, broadcast, to dst.
func (*Backend) Copy(dst, src *backend.View) {
	from := as(src, dst)
	switch d := dst.Buf.(type) {
	case floats:
		s := src.Buf.(floats)
		for i := range dst.Len() {
			d[dst.At(i)] = s[from.At(i)]
		}
	case ints:
		s := src.Buf.(ints)
		for i := range dst.Len() {
			d[dst.At(i)] = s[from.At(i)]
		}
	}
}

// as returns the layout of v seen from the larger shape of big: stride 0 where
// v repeats. Broadcasting is nothing more than this.
func as(v, big *backend.View) backend.Layout {
	return backend.Layout{
		Rank:   big.Rank,
		Shape:  big.Shape,
		Stride: v.BroadcastTo(&big.Layout),
		Off:    v.Off,
	}
}

// Fill writes v to every element of dst.
func (*Backend) Fill(dst *backend.View, v float64) {
	d := dst.Buf.(floats)
	for i := range dst.Len() {
		d[dst.At(i)] = v
	}
}

// Unary applies the definition of op.
func (*Backend) Unary(op backend.UnaryOp, dst, src *backend.View, a, b float64) {
	f := backend.Unaries[op].Ref
	d, s := dst.Buf.(floats), src.Buf.(floats)
	for i := range dst.Len() {
		d[dst.At(i)] = f(s[src.At(i)], a, b)
	}
}

// Binary applies the definition of op.
func (*Backend) Binary(op backend.BinaryOp, dst, x, y *backend.View) {
	f := backend.Binaries[op].Ref
	d, xs, ys := dst.Buf.(floats), x.Buf.(floats), y.Buf.(floats)
	xl, yl := as(x, dst), as(y, dst)
	for i := range dst.Len() {
		d[dst.At(i)] = f(xs[xl.At(i)], ys[yl.At(i)])
	}
}

// Where chooses between x and y. NaN is unequal to 0 and so chooses x.
func (*Backend) Where(dst, cond, x, y *backend.View) {
	d, cs, xs, ys := dst.Buf.(floats), cond.Buf.(floats), x.Buf.(floats), y.Buf.(floats)
	cl, xl, yl := as(cond, dst), as(x, dst), as(y, dst)
	for i := range dst.Len() {
		if cs[cl.At(i)] != 0 {
			d[dst.At(i)] = xs[xl.At(i)]
		} else {
			d[dst.At(i)] = ys[yl.At(i)]
		}
	}
}

// Reduce walks src and combines each element with its place in dst: seen from
// src's shape, dst has stride 0 along the axes that are reduced.
func (b *Backend) Reduce(op backend.ReduceOp, dst, src *backend.View) {
	b.Fill(dst, [...]float64{
		backend.ReduceSum: 0,
		backend.ReduceMax: math.Inf(-1),
		backend.ReduceMin: math.Inf(1),
	}[op])
	d, s := dst.Buf.(floats), src.Buf.(floats)
	to := as(dst, src)
	for i := range src.Len() {
		acc, v := &d[to.At(i)], s[src.At(i)]
		switch op {
		case backend.ReduceSum:
			*acc += v
		case backend.ReduceMax:
			*acc = max(*acc, v) // NaN if either is
		case backend.ReduceMin:
			*acc = min(*acc, v)
		}
	}
}

// MatMul takes the inner product of every row of x with every column of y, for
// every matrix of the batch.
func (*Backend) MatMul(dst, x, y *backend.View, accumulate bool) {
	d, xs, ys := dst.Buf.(floats), x.Buf.(floats), y.Buf.(floats)
	di, dj := strides(dst)
	xi, xk := strides(x)
	yk, yj := strides(y)
	m, n, inner := dst.Shape[dst.Rank-2], dst.Shape[dst.Rank-1], x.Shape[x.Rank-1]

	db := batch(dst)
	xb, yb := as(batch(x), db), as(batch(y), db)
	for b := range db.Len() {
		d0, x0, y0 := db.At(b), xb.At(b), yb.At(b)
		for i := range m {
			for j := range n {
				var sum float64
				if accumulate {
					sum = d[d0+i*di+j*dj]
				}
				for k := range inner {
					sum += xs[x0+i*xi+k*xk] * ys[y0+k*yk+j*yj]
				}
				d[d0+i*di+j*dj] = sum
			}
		}
	}
}

// strides returns those of the last two axes.
func strides(v *backend.View) (row, col int) { return v.Stride[v.Rank-2], v.Stride[v.Rank-1] }

// batch returns v without its last two axes: where its matrices begin.
func batch(v *backend.View) *backend.View {
	l := backend.Layout{Rank: v.Rank - 2, Off: v.Off}
	copy(l.Shape[:l.Rank], v.Shape[:])
	copy(l.Stride[:l.Rank], v.Stride[:])
	return &backend.View{Layout: l}
}

// Gather copies rows of table.
func (*Backend) Gather(dst, table, ids *backend.View) {
	d, t, id := dst.Buf.(floats), table.Buf.(floats), ids.Buf.(ints)
	for i := range dst.Shape[0] {
		row := rowOf(table, id[ids.At(i)])
		for j := range dst.Shape[1] {
			d[dst.At(i*dst.Shape[1]+j)] = t[row+j*table.Stride[1]]
		}
	}
}

// ScatterAdd adds to rows of dst, one after the other, so repeated ids add up.
func (*Backend) ScatterAdd(dst, rows, ids *backend.View) {
	d, r, id := dst.Buf.(floats), rows.Buf.(floats), ids.Buf.(ints)
	for i := range rows.Shape[0] {
		row := rowOf(dst, id[ids.At(i)])
		for j := range rows.Shape[1] {
			d[row+j*dst.Stride[1]] += r[rows.At(i*rows.Shape[1]+j)]
		}
	}
}

// rowOf returns the offset of row id of table. The check is the oracle's: a
// backend may rely on its caller.
func rowOf(table *backend.View, id int32) int {
	if id < 0 || int(id) >= table.Shape[0] {
		panic(fmt.Sprintf("reference: id %d outside [0, %d)", id, table.Shape[0]))
	}
	return table.Off + int(id)*table.Stride[0]
}

// Random draws element i from word i%4 of block counter + i/4.
func (*Backend) Random(dst *backend.View, dist backend.Dist, key, counter uint64) {
	d := dst.Buf.(floats)
	for i := range dst.Len() {
		words := backend.Philox(counter+uint64(i/4), key)
		w := i % 4
		switch dist {
		case backend.Uniform:
			d[dst.At(i)] = backend.Unit(words[w])
		case backend.Normal:
			pair := w &^ 1
			even, odd := backend.NormalPair(words[pair], words[pair+1])
			if w == pair {
				d[dst.At(i)] = even
			} else {
				d[dst.At(i)] = odd
			}
		}
	}
}
