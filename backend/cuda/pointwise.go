package cuda

import (
	"math"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/internal/half"
)

// Unary writes f(src; a, b) to dst.
func (b *Backend) Unary(op backend.UnaryOp, dst, src *backend.View, x, y float64) {
	g := of(dst, src, nil, nil)
	to, from := b.at(op.String(), dst), b.at(op.String(), src)
	l := startPointwise(kernelUnary, kernelUnary4, &g, to, from)
	l.ints(int(op))
	l.pointers(to, from)
	l.floats(x, y)
	l.geometry(&g)
	b.launch(&l)
}

// Binary writes f(x, y) to dst.
func (b *Backend) Binary(op backend.BinaryOp, dst, x, y *backend.View) {
	g := of(dst, x, y, nil)
	to, px, py := b.at(op.String(), dst), b.at(op.String(), x), b.at(op.String(), y)
	l := startPointwise(kernelBinary, kernelBinary4, &g, to, px, py)
	l.ints(int(op))
	l.pointers(to, px, py)
	l.geometry(&g)
	b.launch(&l)
}

// Where writes cond != 0 ? x : y to dst.
func (b *Backend) Where(dst, cond, x, y *backend.View) {
	g := of(dst, cond, x, y)
	to, pc, px, py := b.at("where", dst), b.at("where", cond), b.at("where", x), b.at("where", y)
	l := startPointwise(kernelWhere, kernelWhere4, &g, to, pc, px, py)
	l.pointers(to, pc, px, py)
	l.geometry(&g)
	b.launch(&l)
}

// Copy writes src, broadcast to dst's shape, to dst.
func (b *Backend) Copy(dst, src *backend.View) {
	g := of(dst, src, nil, nil)
	to, from := b.at("copy", dst), b.at("copy", src)
	l := start(kernelCopy16, g.length())
	if dst.DType.Size() == 4 {
		l = startPointwise(kernelCopy32, kernelCopy4, &g, to, from)
	}
	l.pointers(to, from)
	l.geometry(&g)
	b.launch(&l)
}

// Fill writes v to every element of dst.
func (b *Backend) Fill(dst *backend.View, v float64) {
	g := of(dst, nil, nil, nil)
	to := b.at("fill", dst)
	l := start(kernelFill16, g.length())
	if dst.DType.Size() == 4 {
		l = startPointwise(kernelFill32, kernelFill4, &g, to)
	}
	l.pointers(to)
	switch dst.DType {
	case backend.F32:
		l.floats(v)
	case backend.I32:
		l.word(uint64(uint32(int32(v))))
	case backend.F16:
		l.word(uint64(half.ToF16(float32(v))))
	case backend.BF16:
		l.word(uint64(half.ToBF16(float32(v))))
	}
	l.geometry(&g)
	b.launch(&l)
}

// Convert writes src to dst, of another dtype.
func (b *Backend) Convert(dst, src *backend.View) {
	g := of(dst, src, nil, nil)
	l := start(kernelConvert, g.length())
	l.ints(int(dst.DType), int(src.DType))
	l.pointers(b.at("convert", dst), b.at("convert", src))
	l.geometry(&g)
	b.launch(&l)
}

// Random fills dst from the stream (key, counter).
func (b *Backend) Random(dst *backend.View, dist backend.Dist, key, counter uint64) {
	g := of(dst, nil, nil, nil)
	l := start(kernelRandom, (g.length()+3)/4)
	l.pointers(b.at("random", dst))
	l.ints(int(dist))
	l.word(key)
	l.word(counter)
	l.geometry(&g)
	b.launch(&l)
}

// Dropout writes src/(1-p) to dst where the number of the element is at least p, else 0.
func (b *Backend) Dropout(dst, src *backend.View, p float64, key, counter uint64) {
	n := dst.Len()
	l := start(kernelDropout, (n+3)/4)
	l.pointers(b.at("dropout", dst), b.at("dropout", src))
	l.floats(float64(threshold(p)), 1/(1-p))
	l.word(key)
	l.word(counter)
	l.ints(n)
	b.launch(&l)
}

// threshold returns the smallest float32 that is at least p: the numbers that are
// compared with it are float32 themselves.
func threshold(p float64) float32 {
	t := float32(p)
	if float64(t) < p {
		return math.Nextafter32(t, 1)
	}
	return t
}
