package cuda

import (
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cuda/driver"
)

// product is what a call of MatMul asks for: a batch of products [m, k] × [k, n].
type product struct {
	z, x, y    driver.Pointer
	m, n, k    int
	zm, zn     int // strides
	xm, xk     int
	yk, yn     int
	batch      geometry
	accumulate bool
}

// MatMul writes x·y to dst, or adds it where accumulate is set.
func (b *Backend) MatMul(dst, x, y *backend.View, accumulate bool) {
	r := dst.Rank
	p := product{
		z: b.at("matmul", dst), x: b.at("matmul", x), y: b.at("matmul", y),
		m: dst.Shape[r-2], n: dst.Shape[r-1], k: x.Shape[x.Rank-1],
		zm: dst.Stride[r-2], zn: dst.Stride[r-1],
		xm: x.Stride[x.Rank-2], xk: x.Stride[x.Rank-1],
		yk: y.Stride[y.Rank-2], yn: y.Stride[y.Rank-1],
		batch: geometry{views: 3}, accumulate: accumulate,
	}
	for a := r - 3; a >= 0; a-- {
		p.batch.add(dst.Shape[a], [4]int{dst.Stride[a], batchStride(x, a-r, dst.Shape[a]), batchStride(y, a-r, dst.Shape[a])})
	}
	if p.m*p.n*p.batch.length() == 0 || p.k == 0 && accumulate {
		return
	}
	if b.sgemm(&p) {
		return
	}
	t := p.tile()
	pieces := p.pieces(t)
	if pieces == 1 {
		b.multiply(&p, t, 0)
		return
	}
	b.scratch("matmul", pieces*p.m*p.n, func(parts driver.Pointer) {
		chunk := (p.k + 16*pieces - 1) / (16 * pieces) * 16 // of whole accesses
		q := p
		q.z, q.zm, q.zn, q.accumulate = parts, p.n, 1, false
		pieces := (p.k + chunk - 1) / chunk
		q.batch.add(pieces, [4]int{p.m * p.n, chunk * p.xk, chunk * p.yk})
		b.multiply(&q, t, chunk)
		l := start(kernelJoinPieces, p.m*p.n)
		l.pointers(p.z, parts)
		l.ints(p.m*p.n, p.n, pieces, p.zm, p.zn)
		l.flag(accumulate)
		b.launch(&l)
	})
}

// tile is a kernel for products, whose blocks compute m by n elements each.
type tile struct {
	kernel kernel
	m, n   int
}

// A GPU has about a hundred multiprocessors, which all want a block: a product of fewer
// blocks than enough is made of smaller tiles, or cut along k in pieces of at least
// leastPiece.
const (
	enough     = 128
	leastPiece = 320
)

// blocks returns how many blocks of a kernel the product takes.
func (p *product) blocks(t tile) int {
	return ((p.m + t.m - 1) / t.m) * ((p.n + t.n - 1) / t.n) * p.batch.length()
}

// tile chooses the kernel.
func (p *product) tile() tile {
	small, middle, large := tile{kernelProduct16x16, 16, 16}, tile{kernelProduct64x64, 64, 64}, tile{kernelProduct128x64, 128, 64}
	switch {
	case min(p.m, p.n) <= 32 || p.blocks(middle)*p.mostPieces() < enough/4:
		return small
	case p.m > 64 && p.blocks(large) >= enough:
		return large
	}
	return middle
}

// mostPieces returns in how many pieces the product may be cut along k.
func (p *product) mostPieces() int {
	if p.batch.length() > 1 {
		return 1
	}
	return max(1, p.k/leastPiece)
}

// pieces returns in how many pieces to cut the product along k.
func (p *product) pieces(t tile) int {
	return min(p.mostPieces(), max(1, enough/p.blocks(t)))
}

// multiply queues the product, or its pieces, of a depth of chunk each, as a batch.
func (b *Backend) multiply(p *product, t tile, chunk int) {
	const most = 1<<16 - 1 // blocks along the second and third axis of a grid
	rows, count := most*t.m, p.batch.length()
	for m0 := 0; m0 < p.m; m0 += rows {
		for first := 0; first < count; first += most {
			l := launch{kernel: t.kernel, threads: 256}
			part := min(rows, p.m-m0)
			l.grid = [3]int{(p.n + t.n - 1) / t.n, (part + t.m - 1) / t.m, min(most, count-first)}
			l.pointers(p.z+driver.Pointer(4*m0*p.zm), p.x+driver.Pointer(4*m0*p.xm), p.y)
			l.ints(part, p.n, p.k, chunk, p.zm, p.zn, p.xm, p.xk, p.yk, p.yn)
			l.flag(p.accumulate)
			l.ints(first)
			l.geometry(&p.batch)
			b.launch(&l)
		}
	}
}

// batchStride returns the stride of v along a leading axis, counted from the end, that
// has a size in the product: 0 where v repeats.
func batchStride(v *backend.View, axis, size int) int {
	a := v.Rank + axis
	if a < 0 || v.Shape[a] != size {
		return 0
	}
	return v.Stride[a]
}
