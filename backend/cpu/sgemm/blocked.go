package sgemm

const (
	// blockBytes is the size of the packed block of B: it stays in a second-level
	// cache of 1 MiB while tiles of A pass by.
	blockBytes = 600 << 10

	// tileGroup is how many tiles of a transposed A are packed together, so that
	// whole lines of its rows are read once.
	tileGroup = 16

	// packPanels is the least number of panels of B for which packing a transposed
	// A pays.
	packPanels = 3
)

// blocked computes p with B packed in blocks that stay in the second-level
// cache while the tiles of A pass. C is walked along its rows.
//
// A is used in place, which is as fast as packing it. A transposed A is packed:
// a tile would touch as many lines of the cache, and with long rows as many
// pages, as there are steps of k.
func (x *scratch) blocked(p *product, depth int) {
	s, t := x.all.kernels, &x.t
	panel := s.panel()
	deep := ceil(depth, s.lanes) * s.lanes // transposing writes whole blocks
	cols := evenly(ceil(p.n, panel), max(1, blockBytes/(4*deep*panel))) * panel
	a := aTiles{height: evenly(p.m, s.rows), packed: p.transA && min(p.n, cols) > (packPanels-1)*panel}
	a.count = ceil(p.m, a.height)
	a.size = depth * s.lanes
	bbuf := floats(&x.bbuf, deep*cols)
	if a.packed {
		a.buf = floats(&x.abuf, a.size*tileGroup)
	}
	for j := 0; j < p.n; j += cols {
		for k := 0; k < p.k; k += depth {
			part := p.part(0, p.m, j, min(cols, p.n-j))
			steps := min(depth, p.k-k)
			for v := 0; v < part.n; v += panel {
				x.packPanel(&part, k, steps, v, min(panel, part.n-v), bbuf[v*deep:])
			}
			t.scale(p, k == 0)
			for first := 0; first < a.count; first += tileGroup {
				last := min(a.count, first+tileGroup)
				if a.packed {
					x.packTiles(&part, &a, k, steps, first, last)
				}
				for i := first; i < last; i++ {
					x.rowOfTiles(&part, &a, k, steps, i, first, deep, bbuf)
				}
			}
		}
	}
}

// aTiles says how the rows of A are cut into tiles.
type aTiles struct {
	height int // rows of a tile, the last one excepted
	count  int
	packed bool
	size   int // of a packed tile
	buf    []float32
}

// rowOfTiles computes the tiles of row i of them, with steps of k from k on and
// the block of B in bbuf.
func (x *scratch) rowOfTiles(p *product, a *aTiles, k, steps, i, first, deep int, bbuf []float32) {
	s, t := x.all.kernels, &x.t
	row := i * a.height
	height := min(a.height, p.m-row)
	table, rsa, csa := s.tileRow, size(p.lda), size(1)
	aAt := at(p.a, p.offA(row, k))
	switch {
	case a.packed:
		table, aAt = s.tilePacked, at(a.buf, (i-first)*a.size)
	case p.transA:
		table, rsa, csa = s.tileCol, csa, rsa
	}
	t.k, t.a, t.rsa, t.csa = int64(steps), aAt, rsa, csa
	t.rsc, t.ahead = size(p.ldc), 0
	panel := s.panel()
	for j := 0; j < p.n; j += panel {
		vectors := t.columns(s.lanes, min(panel, p.n-j))
		t.b, t.rsb = at(bbuf, j*deep), size(vectors*s.lanes)
		t.c = at(p.c, row*p.ldc+j)
		table[vectors-1][height-1](t)
	}
}
