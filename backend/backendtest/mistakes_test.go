package backendtest

import (
	"math"

	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/internal/remote"
)

// The mistakes that planted_test.go plants: each overrides one method of a
// backend. A kernel gets copies of its views, so that a mistake is not also one
// of the caller's.

func example(p property, seed int) *trial { return rapid.Custom(p.draw).Example(seed) }

func viewCopy(v *backend.View) *backend.View { c := *v; return &c }

// unrepeated takes every stride of 0 for one of contiguous memory.
func unrepeated(v *backend.View) *backend.View {
	v = viewCopy(v)
	dense := v.Packed()
	for i := range v.Rank {
		if v.Stride[i] == 0 && v.Shape[i] > 1 {
			v.Stride[i] = dense.Stride[i]
		}
	}
	return v
}

// lastOf returns the largest offset of v.
func lastOf(v *backend.View) int {
	last := v.Off
	for i := range v.Rank {
		last += max(v.Shape[i]-1, 0) * v.Stride[i]
	}
	return last
}

// sizeOf returns a size that the buffer of a strided view in the suite has at
// least: its guards.
func sizeOf(v *backend.View) int {
	if v.Off == 0 {
		return 0
	}
	return lastOf(v) + margin
}

func covers(v *backend.View, at int) bool {
	for i := range v.Len() {
		if v.At(i) == at {
			return true
		}
	}
	return false
}

// element returns element i of v as a scalar.
func element(v *backend.View, i int) *backend.View {
	return &backend.View{Buf: v.Buf, DType: v.DType, Layout: backend.Layout{Off: v.At(i)}}
}

// poke writes x at an offset of v's buffer.
func poke(ref *reference.Backend, v *backend.View, at int, x float64) {
	if v.DType != backend.I32 {
		ref.Fill(&backend.View{Buf: v.Buf, DType: v.DType, Layout: backend.Layout{Off: at}}, x)
	}
}

// each replaces every element x of v by f(x).
func each(ref *reference.Backend, v *backend.View, f func(float64) float64) {
	x := get(ref, v)
	for i := range x {
		x[i] = f(x[i])
	}
	put(ref, v, x)
}

// newView returns fresh contiguous memory of v's shape.
func newView(ref *reference.Backend, dtype backend.DType, v *backend.View) *backend.View {
	buf, err := ref.Alloc(dtype, max(v.Len(), 1))
	backend.Must(ref, "alloc", err)
	return &backend.View{Buf: buf, DType: dtype, Layout: v.Packed()}
}

// clone returns a contiguous copy of v in F32.
func clone(ref *reference.Backend, v *backend.View) *backend.View {
	c := newView(ref, backend.F32, v)
	if v.DType == backend.F32 {
		ref.Copy(c, v)
	} else {
		ref.Convert(c, v)
	}
	return c
}

func get(ref *reference.Backend, v *backend.View) []float64 {
	x := make([]float64, v.Len())
	backend.Must(ref, "download", ref.DownloadFloat64(x, clone(ref, v)))
	return x
}

func put(ref *reference.Backend, v *backend.View, x []float64) {
	backend.Must(ref, "upload", ref.UploadFloat64(v, x))
}

// rowAt returns row i of a matrix.
func rowAt(v *backend.View, i int) *backend.View {
	return &backend.View{Buf: v.Buf, DType: v.DType, Layout: backend.Layout{
		Rank: 1, Shape: [6]int{v.Shape[1]}, Stride: [6]int{v.Stride[1]}, Off: v.Off + i*v.Stride[0],
	}}
}

type copies struct {
	*reference.Backend
	f func(dst, src *backend.View)
}

func (b copies) Copy(dst, src *backend.View) { b.f(viewCopy(dst), viewCopy(src)) }

type converts struct {
	*reference.Backend
	f func(dst, src *backend.View)
}

func (b converts) Convert(dst, src *backend.View) { b.f(viewCopy(dst), viewCopy(src)) }

// lazy runs Fill when the backend is next asked for numbers, with the caller's view.
type lazy struct {
	*reference.Backend
	later []func()
}

func (b *lazy) Fill(dst *backend.View, v float64) {
	b.later = append(b.later, func() {
		if dst.Buf != nil {
			b.Backend.Fill(dst, v)
		}
	})
}

func (b *lazy) Download(dst []float32, src *backend.View) error {
	for _, f := range b.later {
		f()
	}
	b.later = nil
	return b.Backend.Download(dst, src)
}

// lazyUpload uploads when the backend is next asked for numbers, from the
// caller's slice.
type lazyUpload struct {
	*reference.Backend
	later []func()
}

func (b *lazyUpload) Upload(dst *backend.View, src []float32) error {
	dst = viewCopy(dst)
	b.later = append(b.later, func() { _ = b.Backend.Upload(dst, src) })
	return nil
}

func (b *lazyUpload) Download(dst []float32, src *backend.View) error {
	for _, f := range b.later {
		f()
	}
	b.later = nil
	return b.Backend.Download(dst, src)
}

type downloads struct{ *reference.Backend }

func (b downloads) Download(dst []float32, src *backend.View) error {
	src = viewCopy(src)
	off := src.Off
	src.Layout = src.Packed()
	src.Off = off
	return b.Backend.Download(dst, src)
}

// unaries computes one row by other means.
type unaries struct {
	*reference.Backend
	op backend.UnaryOp
	f  func(x float64) float64
}

func (b unaries) Unary(op backend.UnaryOp, dst, src *backend.View, a, c float64) {
	if op != b.op {
		b.Backend.Unary(op, dst, src, a, c)
		return
	}
	b.Backend.Copy(dst, src)
	each(b.Backend, dst, b.f)
}

// rest computes whole vectors of four alone.
type rest struct{ *reference.Backend }

func (b rest) Unary(op backend.UnaryOp, dst, src *backend.View, a, c float64) {
	if dst.Rank == 1 {
		dst, src = viewCopy(dst), viewCopy(src)
		dst.Shape[0] &^= 3
		src.Shape[0] &^= 3
	}
	b.Backend.Unary(op, dst, src, a, c)
}

type binaries struct {
	*reference.Backend
	f func(op backend.BinaryOp, dst, x, y *backend.View)
}

func (b binaries) Binary(op backend.BinaryOp, dst, x, y *backend.View) {
	b.f(op, viewCopy(dst), viewCopy(x), viewCopy(y))
}

type wheres struct{ *reference.Backend }

func (b wheres) Where(dst, cond, x, y *backend.View) {
	c := clone(b.Backend, cond)
	each(b.Backend, c, func(v float64) float64 {
		if v > 0 || v < 0 {
			return 1
		}
		return 0
	})
	b.Backend.Where(dst, c, x, y)
}

type reduces struct {
	*reference.Backend
	f func(op backend.ReduceOp, dst, src *backend.View)
}

func (b reduces) Reduce(op backend.ReduceOp, dst, src *backend.View) {
	b.f(op, viewCopy(dst), viewCopy(src))
}

type products struct {
	*reference.Backend
	f func(dst, x, y *backend.View, accumulate bool)
}

func (b products) MatMul(dst, x, y *backend.View, accumulate bool) {
	b.f(viewCopy(dst), viewCopy(x), viewCopy(y), accumulate)
}

type gathers struct{ *reference.Backend }

func (b gathers) Gather(dst, table, ids *backend.View) {
	table = viewCopy(table)
	off := table.Off
	table.Layout = table.Packed()
	table.Off = off
	b.Backend.Gather(dst, table, ids)
}

type scatters struct {
	*reference.Backend
	f func(dst, rows *backend.View, ids []float64)
}

func (b scatters) ScatterAdd(dst, rows, ids *backend.View) {
	b.f(viewCopy(dst), viewCopy(rows), get(b.Backend, ids))
}

type randoms struct {
	*reference.Backend
	f func(dst *backend.View, dist backend.Dist, key, counter uint64)
}

func (b randoms) Random(dst *backend.View, dist backend.Dist, key, counter uint64) {
	b.f(viewCopy(dst), dist, key, counter)
}

type allocs struct {
	*reference.Backend
	f func(dtype backend.DType, n int) (backend.Buffer, error)
}

func (b allocs) Alloc(dtype backend.DType, n int) (backend.Buffer, error) { return b.f(dtype, n) }

// reusing gives a buffer to two callers.
type reusing struct {
	*reference.Backend
	last map[key]backend.Buffer
}

type key struct {
	dtype backend.DType
	n     int
}

func (b *reusing) Alloc(dtype backend.DType, n int) (backend.Buffer, error) {
	if buf, ok := b.last[key{dtype, n}]; ok {
		return buf, nil
	}
	buf, err := b.Backend.Alloc(dtype, n)
	b.last[key{dtype, n}] = buf
	return buf, err
}

type leaking struct{ *remote.Device }

func (leaking) Free(backend.Buffer) {}

type syncs struct {
	*remote.Device
	f func(count uint64, err error) (uint64, error)
}

func (b syncs) Sync(since uint64) (uint64, error) { return b.f(b.Device.Sync(since)) }

// sticky reports the last fault for ever.
type sticky struct {
	*remote.Device
	last error
}

func (b *sticky) Sync(since uint64) (uint64, error) {
	count, err := b.Device.Sync(since)
	if err != nil {
		b.last = err
	}
	return count, b.last
}

// once reports a fault to the first who asks.
type once struct {
	*remote.Device
	told uint64
}

func (b *once) Sync(since uint64) (uint64, error) {
	count, err := b.Device.Sync(max(since, b.told))
	b.told = count
	return count, err
}

type silentDownload struct{ *remote.Device }

func (b silentDownload) Download(dst []float32, src *backend.View) error {
	_ = b.Device.Download(dst, src)
	return nil
}

// dead does no kernel after the first that failed.
type dead struct {
	*remote.Device
	broken bool
}

func (b *dead) Break() { b.broken = true }

func (b *dead) Fill(dst *backend.View, v float64) {
	if b.broken {
		b.Device.Break()
	}
	b.Device.Fill(dst, v)
}

type narrow struct{ *reference.Backend }

func (b narrow) UploadFloat64(dst *backend.View, src []float64) error {
	x := make([]float32, len(src))
	for i, v := range src {
		x[i] = float32(v)
	}
	return b.Upload(dst, x)
}

// fused has all fused kernels, and one flaw.
type fused struct {
	*reference.Backend
	flaw string
}

func (b *fused) Affine(dst, bias, x, w *backend.View) {
	if b.flaw == "no offset" {
		bias = viewCopy(bias)
		bias.Off = 0
	}
	b.Copy(dst, bias)
	b.MatMul(dst, x, w, b.flaw != "no bias")
}

func (b *fused) Softmax(dst, src *backend.View, log bool) {
	row := *src // one row after the other, composed of the methods of Backend
	last := src.Rank - 1
	v := src.Shape[last]
	row.Layout = backend.Layout{Rank: 1, Shape: [6]int{v}, Stride: [6]int{1}}
	one := newView(b.Backend, backend.F32, &backend.View{Layout: backend.Contiguous(1)})
	tmp := newView(b.Backend, backend.F32, &row)
	for i := 0; i < src.Len(); i += v {
		in, out := row, row
		out.Buf = dst.Buf
		in.Off, out.Off = src.Off+i, dst.Off+i
		b.Reduce(backend.ReduceMax, one, &in)
		if b.flaw == "no maximum" {
			b.Fill(one, 0)
		}
		b.Binary(backend.Sub, &out, &in, one)
		b.Unary(backend.Exp, tmp, &out, 0, 0)
		b.overflow(tmp)
		b.Reduce(backend.ReduceSum, one, tmp)
		if log && b.flaw != "no log" {
			b.Unary(backend.Log, one, one, 0, 0)
			b.Binary(backend.Sub, &out, &out, one)
			continue
		}
		b.Binary(backend.Div, &out, tmp, one)
	}
}

// overflow makes infinite what float32 cannot hold.
func (b *fused) overflow(v *backend.View) {
	each(b.Backend, v, func(x float64) float64 {
		if x > math.MaxFloat32 {
			return math.Inf(1)
		}
		return x
	})
}

func (b *fused) target(label, j, v int, smoothing float64) float64 {
	q := smoothing / float64(v)
	if b.flaw == "no smoothing" {
		q, smoothing = 0, 0
	}
	if j == label {
		q += 1 - smoothing
	}
	return q
}

func (b *fused) ignored(label float64) bool { return label < 0 && b.flaw != "no ignore" }

func (b *fused) CrossEntropy(loss, probs, logits, labels *backend.View, smoothing float64) {
	v := logits.Shape[1]
	lp := newView(b.Backend, backend.F32, logits)
	b.Softmax(lp, logits, true)
	logp, l := get(b.Backend, lp), make([]float64, loss.Len())
	for i, label := range get(b.Backend, labels) {
		for j := range v {
			if !b.ignored(label) {
				l[i] -= b.target(int(label), j, v, smoothing) * logp[i*v+j]
			}
		}
	}
	put(b.Backend, loss, l)
	b.Softmax(probs, logits, false)
}

func (b *fused) CrossEntropyGrad(dst, probs, gy, labels *backend.View, smoothing float64) {
	v := probs.Shape[1]
	p, g := get(b.Backend, probs), get(b.Backend, gy)
	for i, label := range get(b.Backend, labels) {
		w := g[i]
		if b.flaw == "one gy" {
			w = g[0]
		}
		if b.ignored(label) {
			w = 0
		}
		for j := range v {
			p[i*v+j] = w * (p[i*v+j] - b.target(int(label), j, v, smoothing))
		}
	}
	put(b.Backend, dst, p)
}

func (b *fused) Dropout(dst, src *backend.View, p float64, key, counter uint64) {
	x, u := get(b.Backend, src), newView(b.Backend, backend.F32, src)
	b.Random(u, backend.Uniform, key, counter)
	draws := get(b.Backend, u)
	for i := range x {
		at := i
		if b.flaw == "one word" {
			at = i &^ 3
		}
		if draws[at] < p {
			x[i] = 0
		} else if b.flaw != "no scale" {
			x[i] /= 1 - p
		}
	}
	put(b.Backend, dst, x)
}

func (b *fused) LSTMCell(h1, c1, gates, z, c *backend.View) {
	n, h := c.Shape[0], c.Shape[1]
	a, cs := get(b.Backend, z), get(b.Backend, c)
	y := make([]float64, n*h)
	for i := range n {
		for j := range h {
			q := func(k int) *float64 { return &a[(i*4+k)*h+j] }
			for _, k := range []int{0, 2, 3} {
				*q(k) = 0.5 + 0.5*math.Tanh(*q(k)/2)
			}
			*q(1) = math.Tanh(*q(1))
			f, g, in := *q(0), *q(1), *q(2)
			if b.flaw == "gate order" {
				in, f, g = *q(0), *q(1), *q(2)
			}
			next := f*cs[i*h+j] + g*in
			cs[i*h+j] = next
			y[i*h+j] = *q(3) * math.Tanh(next)
		}
	}
	put(b.Backend, h1, y)
	put(b.Backend, c1, cs)
	put(b.Backend, gates, a)
}

func (b *fused) LSTMCellGrad(dz, dc, dh, c1, gates, c *backend.View) {
	n, h := c.Shape[0], c.Shape[1]
	a, cs, next, dhs, dcs := get(b.Backend, gates), get(b.Backend, c), get(b.Backend, c1), get(b.Backend, dh), get(b.Backend, dc)
	z, d := make([]float64, len(a)), make([]float64, len(cs))
	for i := range n {
		for j := range h {
			q := func(k int) float64 { return a[(i*4+k)*h+j] }
			tanh := math.Tanh(next[i*h+j])
			gh, gc := dhs[i*h+j], dcs[i*h+j]
			if b.flaw != "no gh" {
				gc += gh * q(3) * (1 - tanh*tanh)
			}
			for k, g := range []float64{
				gc * cs[i*h+j] * q(0) * (1 - q(0)),
				gc * q(2) * (1 - q(1)*q(1)),
				gc * q(1) * q(2) * (1 - q(2)),
				gh * tanh * q(3) * (1 - q(3)),
			} {
				z[(i*4+k)*h+j] = g
			}
			d[i*h+j] = gc * q(0)
		}
	}
	put(b.Backend, dz, z)
	put(b.Backend, dc, d)
}

// gate returns the place of gate k of element i of [N, H] among the gates [N, 3H].
func gate(i, width, k int) int { return (i/width*3+k)*width + i%width }

func (b *fused) GRUGates(s, gates, h *backend.View) {
	a, hs := get(b.Backend, gates), get(b.Backend, h)
	width := h.Shape[1]
	for i := range hs {
		z, r := &a[gate(i, width, 0)], &a[gate(i, width, 1)]
		*z, *r = 0.5+0.5*math.Tanh(*z/2), 0.5+0.5*math.Tanh(*r/2)
		hs[i] *= *r
	}
	put(b.Backend, gates, a)
	put(b.Backend, s, hs)
}

func (b *fused) GRUState(out, gates, h *backend.View) {
	a, hs := get(b.Backend, gates), get(b.Backend, h)
	width := h.Shape[1]
	for i := range hs {
		z, c := a[gate(i, width, 0)], &a[gate(i, width, 2)]
		*c = math.Tanh(*c)
		if b.flaw == "z keeps" { // as PyTorch has it
			z = 1 - z
		}
		hs[i] += z * (*c - hs[i])
	}
	put(b.Backend, gates, a)
	put(b.Backend, out, hs)
}

func (b *fused) GRUStateGrad(dh, gates, gy, h *backend.View) {
	a, hs, g, d := get(b.Backend, gates), get(b.Backend, h), get(b.Backend, gy), get(b.Backend, dh)
	width := h.Shape[1]
	for i := range hs {
		z, c := &a[gate(i, width, 0)], &a[gate(i, width, 2)]
		if b.flaw == "overwrites dh" {
			d[i] = 0
		}
		d[i] += g[i] * (1 - *z)
		*z, *c = g[i]*(*c-hs[i])**z*(1-*z), g[i]**z*(1-*c**c)
	}
	put(b.Backend, dh, d)
	put(b.Backend, gates, a)
}

func (b *fused) GRUGatesGrad(dh, gates, s, h *backend.View) {
	a, hs, ds, d := get(b.Backend, gates), get(b.Backend, h), get(b.Backend, s), get(b.Backend, dh)
	width := h.Shape[1]
	for i := range hs {
		r := &a[gate(i, width, 1)]
		d[i] += ds[i] * *r
		reset := *r * hs[i]
		*r = ds[i] * reset * (1 - *r)
		if b.flaw != "no s" {
			ds[i] = reset
		}
	}
	put(b.Backend, dh, d)
	put(b.Backend, gates, a)
	put(b.Backend, s, ds)
}

func (b *fused) LayerNorm(dst, scale, src *backend.View, eps float64) {
	n, d := src.Shape[0], src.Shape[1]
	rows, factor := *src, *scale
	factor.Layout = backend.Contiguous(n, 1)
	factor.Off = scale.Off
	one := newView(b.Backend, backend.F32, &factor)
	b.Reduce(backend.ReduceSum, one, &rows)
	b.Unary(backend.Scale, one, one, 1/float64(d), 0)
	b.Binary(backend.Sub, dst, &rows, one)
	square := newView(b.Backend, backend.F32, dst)
	b.Unary(backend.Square, square, dst, 0, 0)
	b.Reduce(backend.ReduceSum, &factor, square)
	over := float64(d)
	if b.flaw == "sample variance" && d > 1 {
		over--
	}
	b.Unary(backend.Scale, &factor, &factor, 1/over, eps)
	b.Unary(backend.Rsqrt, &factor, &factor, 0, 0)
	b.Binary(backend.Mul, dst, dst, &factor)
}

func (b *fused) LayerNormGrad(dx, gy, y, scale *backend.View) {
	n, d := gy.Shape[0], gy.Shape[1]
	factor := *scale
	factor.Layout = backend.Contiguous(n, 1)
	factor.Off = scale.Off
	mean, slope := newView(b.Backend, backend.F32, &factor), newView(b.Backend, backend.F32, &factor)
	b.Reduce(backend.ReduceSum, mean, gy)
	b.Unary(backend.Scale, mean, mean, 1/float64(d), 0)
	if b.flaw == "no mean" {
		b.Fill(mean, 0)
	}
	product := newView(b.Backend, backend.F32, gy)
	b.Binary(backend.Mul, product, gy, y)
	b.Reduce(backend.ReduceSum, slope, product)
	b.Unary(backend.Scale, slope, slope, 1/float64(d), 0)
	b.Binary(backend.Mul, product, y, slope)
	b.Binary(backend.Sub, dx, gy, mean)
	b.Binary(backend.Sub, dx, dx, product)
	b.Binary(backend.Mul, dx, dx, &factor)
}

func (b *fused) GatherDots(dst, table, x, ids *backend.View) {
	rows, v, out := get(b.Backend, table), get(b.Backend, x), get(b.Backend, dst)
	k, d := dst.Shape[1], table.Shape[1]
	for i, id := range get(b.Backend, ids) {
		n := i / k
		if b.flaw == "first vector" {
			n = 0
		}
		out[i] = 0
		for j := range d {
			out[i] += rows[int(id)*d+j] * v[n*d+j]
		}
	}
	put(b.Backend, dst, out)
}

func (b *fused) GatherSums(dst, table, w, ids *backend.View) {
	rows, weights, out := get(b.Backend, table), get(b.Backend, w), get(b.Backend, dst)
	k, d := w.Shape[1], table.Shape[1]
	clear(out)
	for i, id := range get(b.Backend, ids) {
		factor := weights[i]
		if b.flaw == "no weights" {
			factor = 1
		}
		for j := range d {
			out[i/k*d+j] += factor * rows[int(id)*d+j]
		}
	}
	put(b.Backend, dst, out)
}

func (b *fused) ScatterProducts(dst, w, x, ids *backend.View) {
	out, weights, v := get(b.Backend, dst), get(b.Backend, w), get(b.Backend, x)
	k, d := w.Shape[1], x.Shape[1]
	for i, id := range get(b.Backend, ids) {
		for j := range d {
			if b.flaw == "last product" {
				out[int(id)*d+j] = 0
			}
			out[int(id)*d+j] += weights[i] * v[i/k*d+j]
		}
	}
	put(b.Backend, dst, out)
}
