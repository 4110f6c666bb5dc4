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

// packTiles packs a piece of k of all tiles of a transposed A. It overwrites what t says of
// A and C, and its flags.
func (x *scratch) packTiles(b *block, tiles int) {
	s, t := x.all.kernels, &x.t
	t.csa, t.rsa, t.rsc = size(b.lda), size(b.height), size(b.tileSize)
	t.k = int64(b.steps)
	// The last tile may have fewer rows: reading on would pass the end.
	full := tiles
	if tiles*b.height > b.m {
		full--
		row := full * b.height
		t.a, t.c = at(b.a, b.offA(row, b.from)), at(b.abuf, full*b.tileSize)
		t.flags, t.tail = 1, int64(b.m-row)
		s.copyTiles(t)
	}
	if full > 0 {
		t.a, t.c = at(b.a, b.offA(0, b.from)), at(b.abuf, 0)
		t.flags, t.tail = int64(full), int64(b.height)
		s.copyTiles(t)
	}
}
