package cuda

import "github.com/wengert-ml/wengert/backend"

// MatMul writes x·y to dst, or adds it where accumulate is set.
func (b *Backend) MatMul(dst, x, y *backend.View, accumulate bool) {
	z := b.at("matmul", dst)
	px, py := b.at("matmul", x), b.at("matmul", y)
	r := dst.Rank
	m, n, k := dst.Shape[r-2], dst.Shape[r-1], x.Shape[x.Rank-1]
	g := geometry{views: 3}
	for a := r - 3; a >= 0; a-- {
		g.add(dst.Shape[a], [4]int{dst.Stride[a], batchStride(x, a-r, dst.Shape[a]), batchStride(y, a-r, dst.Shape[a])})
	}
	count := g.length()
	if m*n*count == 0 || k == 0 && accumulate {
		return
	}
	if b.sgemm(dst, x, y, accumulate, &g) {
		return
	}
	kernel, tile := kernelProduct64, 64
	if min(m, n) <= 32 || ((m+63)/64)*((n+63)/64)*count < 8 { // too little for large tiles
		kernel, tile = kernelProduct16, 16
	}
	add := 0
	if accumulate {
		add = 1
	}
	const most = 1<<16 - 1 // blocks along the second and third axis of a grid
	rows := most * tile
	for m0 := 0; m0 < m; m0 += rows {
		for first := 0; first < count; first += most {
			l := launch{kernel: kernel, threads: 256}
			part := min(rows, m-m0)
			l.grid = [3]int{(n + tile - 1) / tile, (part + tile - 1) / tile, min(most, count-first)}
			zm, xm := dst.Stride[r-2], x.Stride[x.Rank-2]
			l.word(uint64(z) + uint64(4*m0*zm))
			l.word(uint64(px) + uint64(4*m0*xm))
			l.pointers(py)
			l.ints(part, n, k, zm, dst.Stride[r-1], xm, x.Stride[x.Rank-1], y.Stride[y.Rank-2], y.Stride[y.Rank-1], add, first)
			l.geometry(&g)
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
