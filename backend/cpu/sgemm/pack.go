package sgemm

import "unsafe"

// packPanels packs the first n columns of op(B), panel after panel with room for deep
// rows: steps rows from k on.
func (x *scratch) packPanels(p *product, k, steps, n, deep int, dst []float32) {
	for j := 0; j < n; {
		width, panels := x.all.kernels.run(n - j)
		if p.transB {
			panels = 1
		}
		x.t.more, x.t.nextB = int64(panels-1), size(width*deep)
		x.packPanel(p, k, steps, j, width, dst[j*deep:])
		j += width * panels
	}
	x.t.more = 0
}

// packPanel packs columns [j, j+width) of op(B), steps rows from k on: row after
// row, filled up with zeros to whole vectors. Where t has more panels, and op(B) is no
// transpose, it packs them too. It overwrites what t says of B and C.
func (x *scratch) packPanel(p *product, k, steps, j, width int, dst []float32) {
	s, t := x.all.kernels, &x.t
	vectors := ceil(width, s.lanes)
	if p.transB {
		for v := range vectors {
			rows := min(s.lanes, width-v*s.lanes)
			x.transpose(dst[v*s.lanes:], vectors*s.lanes, p.b[p.offB(k, j+v*s.lanes):], p.ldb, rows, steps)
		}
		return
	}
	t.b, t.rsb = at(p.b, p.offB(k, j)), size(p.ldb)
	t.c, t.k = at(dst, 0), int64(steps)
	t.tail = int64(width - (vectors-1)*s.lanes)
	s.copy[vectors-1](t)
}

// transpose writes column after column of a matrix of so many rows, at most a
// vector's lanes, and steps columns. Columns begin stride elements apart in dst.
// Lanes without a row repeat the last one: their columns of C are cut off.
func (x *scratch) transpose(dst []float32, stride int, src []float32, ld, rows, steps int) {
	s, t := x.all.kernels, &x.t
	for i := range x.offsets {
		x.offsets[i] = size(min(i, rows-1) * ld)
	}
	t.a, t.b, t.c = unsafe.Pointer(&x.offsets), at(src, 0), at(dst, 0)
	t.rsc, t.k = size(stride), int64(steps)
	s.transpose(t)
}

// packTiles packs all tiles of p's transposed A for b: the piece of k from there on. It
// overwrites what t says of A and C, and its flags.
func (x *scratch) packTiles(p *product, b *block, k int) {
	s, t := x.all.kernels, &x.t
	t.csa, t.rsa, t.rsc = size(p.lda), size(b.height), size(b.tileSize)
	t.k = int64(min(b.depth, p.k-k))
	full, rest := p.m/b.height, p.m%b.height
	if rest > 0 { // the last tile by itself: to read as many rows as of the others would pass the end
		t.a, t.c = at(p.a, p.offA(p.m-rest, k)), at(b.abuf, full*b.tileSize)
		t.flags, t.tail = 1, int64(rest)
		s.copyTiles(t)
	}
	if full > 0 {
		t.a, t.c = at(p.a, p.offA(0, k)), at(b.abuf, 0)
		t.flags, t.tail = int64(full), int64(b.height)
		s.copyTiles(t)
	}
}
