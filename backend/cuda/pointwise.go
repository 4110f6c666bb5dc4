package cuda

import (
	"math"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/internal/half"
)

// Unary writes f(src; a, b) to dst.
func (b *Backend) Unary(op backend.UnaryOp, dst, src *backend.View, x, y float64) {
	g := of(dst, src, nil, nil)
	l := start(kernelUnary, g.length())
	l.ints(int(op))
	l.pointers(b.at(op.String(), dst), b.at(op.String(), src))
	l.floats(x, y)
	l.geometry(&g)
	b.launch(&l)
}

// Binary writes f(x, y) to dst.
func (b *Backend) Binary(op backend.BinaryOp, dst, x, y *backend.View) {
	g := of(dst, x, y, nil)
	l := start(kernelBinary, g.length())
	l.ints(int(op))
	l.pointers(b.at(op.String(), dst), b.at(op.String(), x), b.at(op.String(), y))
	l.geometry(&g)
	b.launch(&l)
}

// Where writes cond != 0 ? x : y to dst.
func (b *Backend) Where(dst, cond, x, y *backend.View) {
	g := of(dst, cond, x, y)
	l := start(kernelWhere, g.length())
	l.pointers(b.at("where", dst), b.at("where", cond), b.at("where", x), b.at("where", y))
	l.geometry(&g)
	b.launch(&l)
}

// Copy writes src, broadcast to dst's shape, to dst.
func (b *Backend) Copy(dst, src *backend.View) {
	k := kernelCopy32
	if dst.DType.Size() == 2 {
		k = kernelCopy16
	}
	g := of(dst, src, nil, nil)
	l := start(k, g.length())
	l.pointers(b.at("copy", dst), b.at("copy", src))
	l.geometry(&g)
	b.launch(&l)
}

// Fill writes v to every element of dst.
func (b *Backend) Fill(dst *backend.View, v float64) {
	k, word := kernelFill32, math.Float32bits(float32(v))
	switch dst.DType {
	case backend.I32:
		word = uint32(int32(v))
	case backend.F16:
		k, word = kernelFill16, uint32(half.ToF16(float32(v)))
	case backend.BF16:
		k, word = kernelFill16, uint32(half.ToBF16(float32(v)))
	}
	g := of(dst, nil, nil, nil)
	l := start(k, g.length())
	l.pointers(b.at("fill", dst))
	l.word(uint64(word))
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
