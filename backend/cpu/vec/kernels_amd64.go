package vec

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/wengert-ml/wengert/backend/cpu/isa"
)

func table(set isa.ISA) *Kernels {
	switch set {
	case isa.AVX512:
		return tableAVX512()
	case isa.AVX2:
		return tableAVX2()
	}
	return generic()
}

// The functions below make kernels of slices from assembly, which takes pointers
// and a length. They check the lengths and go through long slices in pieces.

// first returns the address of x's first element; x is not empty.
func first(x []float32) *float32 { return &x[0] }

func map1(f func(dst, x *float32, n int)) func(dst, x []float32) {
	return func(dst, x []float32) {
		for x = x[:len(dst)]; len(dst) > 0; {
			n := min(len(dst), chunk)
			f(first(dst), first(x), n)
			dst, x = dst[n:], x[n:]
		}
	}
}

func map2(f func(dst, x, y *float32, n int)) func(dst, x, y []float32) {
	return func(dst, x, y []float32) {
		for x, y = x[:len(dst)], y[:len(dst)]; len(dst) > 0; {
			n := min(len(dst), chunk)
			f(first(dst), first(x), first(y), n)
			dst, x, y = dst[n:], x[n:], y[n:]
		}
	}
}

func map3(f func(dst, x, y, z *float32, n int)) func(dst, x, y, z []float32) {
	return func(dst, x, y, z []float32) {
		for x, y, z = x[:len(dst)], y[:len(dst)], z[:len(dst)]; len(dst) > 0; {
			n := min(len(dst), chunk)
			f(first(dst), first(x), first(y), first(z), n)
			dst, x, y, z = dst[n:], x[n:], y[n:], z[n:]
		}
	}
}

func into4(f func(dst, a, b, c, d *float32, n int)) func(dst, a, b, c, d []float32) {
	return func(dst, a, b, c, d []float32) {
		for a, b, c, d = a[:len(dst)], b[:len(dst)], c[:len(dst)], d[:len(dst)]; len(dst) > 0; {
			n := min(len(dst), chunk)
			f(first(dst), first(a), first(b), first(c), first(d), n)
			dst, a, b, c, d = dst[n:], a[n:], b[n:], c[n:], d[n:]
		}
	}
}

func mapScalar(f func(dst, x *float32, n int, c float32)) func(dst, x []float32, c float32) {
	return func(dst, x []float32, c float32) {
		for x = x[:len(dst)]; len(dst) > 0; {
			n := min(len(dst), chunk)
			f(first(dst), first(x), n, c)
			dst, x = dst[n:], x[n:]
		}
	}
}

func mapScalars(f func(dst, x *float32, n int, a, b float32)) func(dst, x []float32, a, b float32) {
	return func(dst, x []float32, a, b float32) {
		for x = x[:len(dst)]; len(dst) > 0; {
			n := min(len(dst), chunk)
			f(first(dst), first(x), n, a, b)
			dst, x = dst[n:], x[n:]
		}
	}
}

func reduce(f func(x *float32, n int) float32) func(x []float32) float32 {
	piece := func(x []float32) float32 {
		if len(x) == 0 {
			return 0
		}
		return f(first(x), len(x))
	}
	return func(x []float32) float32 { return total(x, piece) }
}

func reduce2(f func(x, y *float32, n int) float32) func(x, y []float32) float32 {
	piece := func(x, y []float32) float32 {
		if len(x) == 0 {
			return 0
		}
		return f(first(x), first(y), len(x))
	}
	return func(x, y []float32) float32 { return total2(x, y, piece) }
}

// rowKernel is assembly that goes through k rows of a table, which dst or x is: see eachRow
// in internal/gen/vec. It does not look at ids.
type rowKernel func(dst, x *float32, n int, numbers *float32, ids *int32, k, stride int)

// run calls f for all ids, a piece at a time. Rows have n floats, at most chunk.
func (f rowKernel) run(numbers []float32, ids []int32, dst, x, table []float32, n, stride int) {
	ids = ids[:len(numbers)]
	checkRows(table, ids, n, stride)
	for len(numbers) > 0 {
		k := min(len(numbers), chunk/n)
		f(first(dst), first(x), n, first(numbers), &ids[0], k, stride)
		numbers, ids = numbers[k:], ids[k:]
	}
}

// checkRows panics unless a table has the n elements of each row that ids name.
func checkRows(table []float32, ids []int32, n, stride int) {
	for _, id := range ids {
		if at := int(id) * stride; at < 0 || at+n > len(table) {
			panic(fmt.Sprintf("row %d of a table of %d numbers, %d a row", id, len(table), stride))
		}
	}
}

func dotRows(f rowKernel, dot func(x, y []float32) float32) func(dst, table []float32, ids []int32, y []float32) {
	return func(dst, table []float32, ids []int32, y []float32) {
		if n := len(y); 0 < n && n <= chunk {
			f.run(dst, ids, table, y, table, n, n)
			return
		}
		dots(dst, table, ids, y, dot)
	}
}

func axpyRows(f rowKernel, axpy func(dst, x []float32, a float32)) func(dst, table []float32, ids []int32, a []float32) {
	return func(dst, table []float32, ids []int32, a []float32) {
		if n := len(dst); 0 < n && n <= chunk {
			f.run(a, ids, dst, table, table, n, n)
			return
		}
		addRows(dst, table, ids, a, axpy)
	}
}

func axpyToRows(f rowKernel, axpy func(dst, x []float32, a float32)) func(table []float32, stride int, ids []int32, x, a []float32) {
	return func(table []float32, stride int, ids []int32, x, a []float32) {
		if n := len(x); 0 < n && n <= chunk {
			f.run(a, ids, table, x, table, n, stride)
			return
		}
		addToRows(table, stride, ids, x, a, axpy)
	}
}

func extremum(f func(x *float32, n int) float32, sign int, join func(a, b float32) float32) func(x []float32) float32 {
	return func(x []float32) float32 {
		m := float32(math.Inf(sign))
		for len(x) > 0 {
			n := min(len(x), chunk)
			m = join(m, f(first(x), n))
			x = x[n:]
		}
		return m
	}
}

func expSums(write func(dst, x *float32, n int, shift float32) float32, only func(x *float32, n int, shift float32) float32) func(dst, x []float32, shift float32) float64 {
	return func(dst, x []float32, shift float32) float64 {
		s := 0.0
		if dst == nil {
			for len(x) > 0 {
				n := min(len(x), expChunk)
				s += float64(only(first(x), n, shift))
				x = x[n:]
			}
			return s
		}
		for x = x[:len(dst)]; len(dst) > 0; {
			n := min(len(dst), expChunk)
			s += float64(write(first(dst), first(x), n, shift))
			dst, x = dst[n:], x[n:]
		}
		return s
	}
}

func expSumsMax(f func(dst, x, next *float32, n int, shift float32, tops *float32) float32) func(dst, x, next []float32, shift float32, tops []float32) float64 {
	return func(dst, x, next []float32, shift float32, tops []float32) float64 {
		s := 0.0
		tops = tops[:16]
		for x, next = x[:len(dst)], next[:len(dst)]; len(dst) > 0; {
			n := min(len(dst), expChunk)
			s += float64(f(first(dst), first(x), first(next), n, shift, first(tops)))
			dst, x, next = dst[n:], x[n:], next[n:]
		}
		return s
	}
}

// expSumsMaxPast makes expSumMaxPast of assembly that has one length and wants out to start
// on a cache line, and of what does either half.
func expSumsMaxPast(f func(dst, x, next, out, y *float32, n int, shift, c float32, tops *float32, ahead int) float32, exp func(dst, x, next []float32, shift float32, tops []float32) float64, mul, mulPast func(dst, x []float32, c float32)) func(dst, x, next []float32, shift float32, tops []float32, ahead int, out, y []float32, c float32) float64 {
	return func(dst, x, next []float32, shift float32, tops []float32, ahead int, out, y []float32, c float32) float64 {
		x, next, tops, y = x[:len(dst)], next[:len(dst)], tops[:16], y[:len(out)]
		n := beforeLine(out)
		mul(out[:n], y[:n], c)
		out, y = out[n:], y[n:]
		s := 0.0
		for len(dst) > 0 {
			n := min(len(dst), expChunk)
			if len(out) < n {
				break
			}
			s += float64(f(first(dst), first(x), first(next), first(out), first(y), n, shift, c, first(tops), 4*ahead))
			dst, x, next, out, y = dst[n:], x[n:], next[n:], out[n:], y[n:]
		}
		mulPast(out, y, c)
		return s + exp(dst, x, next, shift, tops)
	}
}

// mapPast makes a kernel of assembly that wants dst to start on a cache line; near does
// what is before that.
func mapPast(f, near func(dst, x *float32, n int, c float32)) func(dst, x []float32, c float32) {
	return func(dst, x []float32, c float32) {
		x = x[:len(dst)]
		if n := beforeLine(dst); n > 0 {
			near(first(dst), first(x), n, c)
			dst, x = dst[n:], x[n:]
		}
		for len(dst) > 0 {
			n := min(len(dst), chunk)
			f(first(dst), first(x), n, c)
			dst, x = dst[n:], x[n:]
		}
	}
}

// beforeLine returns how many elements of x there are before one that starts a cache line.
func beforeLine(x []float32) int {
	const line = 64
	return min(len(x), int(-uintptr(unsafe.Pointer(unsafe.SliceData(x)))%line/4))
}

func cell(f func(h, cNew, gates, z, c *float32, n int)) func(h, cNew, gates, z, c []float32) {
	return func(h, cNew, gates, z, c []float32) {
		n := len(h)
		if n == 0 {
			return
		}
		cNew, gates, z, c = cNew[:n], gates[:4*n], z[:4*n], c[:n]
		f(first(h), first(cNew), first(gates), first(z), first(c), n)
	}
}

func cellPlus(f func(h, cNew, gates, z, x, c *float32, n int)) func(h, cNew, gates, z, x, c []float32) {
	return func(h, cNew, gates, z, x, c []float32) {
		n := len(h)
		if n == 0 {
			return
		}
		cNew, gates, z, x, c = cNew[:n], gates[:4*n], z[:4*n], x[:4*n], c[:n]
		f(first(h), first(cNew), first(gates), first(z), first(x), first(c), n)
	}
}

func cellGrad(f func(dz, dc, dh, gates, cNew, c *float32, n int)) func(dz, dc, dh, gates, cNew, c []float32) {
	return func(dz, dc, dh, gates, cNew, c []float32) {
		n := len(dz) / 4
		if n == 0 {
			return
		}
		dc, dh, gates, cNew, c = dc[:n], dh[:n], gates[:4*n], cNew[:n], c[:n]
		f(first(dz), first(dc), first(dh), first(gates), first(cNew), first(c), n)
	}
}

func gated(f func(y, gates, h *float32, n int)) func(y, gates, h []float32) {
	return func(y, gates, h []float32) {
		n := len(y)
		if n == 0 {
			return
		}
		gates, h = gates[:3*n], h[:n]
		f(first(y), first(gates), first(h), n)
	}
}

func gatedGrad(f func(dh, gates, g, h *float32, n int)) func(dh, gates, g, h []float32) {
	return func(dh, gates, g, h []float32) {
		n := len(dh)
		if n == 0 {
			return
		}
		gates, g, h = gates[:3*n], g[:n], h[:n]
		f(first(dh), first(gates), first(g), first(h), n)
	}
}

// update1 is for optimisers with one moment for each parameter.
func update1(f func(w, v, g *float32, n int, a, b float32)) func(w, v, g []float32, a, b float32) {
	return func(w, v, g []float32, a, b float32) {
		for v, g = v[:len(w)], g[:len(w)]; len(w) > 0; {
			n := min(len(w), chunk)
			f(first(w), first(v), first(g), n, a, b)
			w, v, g = w[n:], v[n:], g[n:]
		}
	}
}

// update2 is for optimisers with two.
func update2(f func(w, m, v, g *float32, n int, lr, rate1, rate2, eps float32)) func(w, m, v, g []float32, lr, rate1, rate2, eps float32) {
	return func(w, m, v, g []float32, lr, rate1, rate2, eps float32) {
		for m, v, g = m[:len(w)], v[:len(w)], g[:len(w)]; len(w) > 0; {
			n := min(len(w), chunk)
			f(first(w), first(m), first(v), first(g), n, lr, rate1, rate2, eps)
			w, m, v, g = w[n:], m[n:], v[n:], g[n:]
		}
	}
}

// updateRows is update2 of the rows of tables.
func updateRows(f func(w, m, v, g *float32, n int, lr, rate1, rate2, eps float32, ids *int32, k, stride int), update func(w, m, v, g []float32, lr, rate1, rate2, eps float32)) func(w, m, v, g []float32, ids []int32, lr, rate1, rate2, eps float32) {
	return func(w, m, v, g []float32, ids []int32, lr, rate1, rate2, eps float32) {
		if len(g) == 0 {
			return
		}
		n := len(g) / len(ids)
		if n > chunk {
			adamRows(w, m, v, g, ids, lr, rate1, rate2, eps, update)
			return
		}
		m, v = m[:len(w)], v[:len(w)]
		checkRows(w, ids, n, n)
		for len(ids) > 0 {
			k := min(len(ids), chunk/n)
			f(first(w), first(m), first(v), first(g), n, lr, rate1, rate2, eps, &ids[0], k, n)
			g, ids = g[k*n:], ids[k:]
		}
	}
}

func draw(f func(dst *float32, n int, counter, key uint64)) func(dst []float32, key, counter uint64) {
	return func(dst []float32, key, counter uint64) {
		for len(dst) > 0 {
			n := min(len(dst), chunk)
			f(first(dst), n, counter, key)
			dst, counter = dst[n:], counter+chunk/4
		}
	}
}

func drop(f func(dst, x *float32, n int, counter, key uint64, least uint32, scale float32)) func(dst, x []float32, p float64, key, counter uint64) {
	return func(dst, x []float32, p float64, key, counter uint64) {
		least, scale := threshold(p)
		for x = x[:len(dst)]; len(dst) > 0; {
			n := min(len(dst), chunk)
			f(first(dst), first(x), n, counter, key, least, scale)
			dst, x, counter = dst[n:], x[n:], counter+chunk/4
		}
	}
}
