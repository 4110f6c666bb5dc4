package sgemm

const (
	// blockBytes is the size of the packed block of B: it stays in a second-level
	// cache of 1 MiB while tiles of A pass by.
	blockBytes = 600 << 10

	// tileGroup is how many tiles of a transposed A are packed together, so that
	// whole lines of its rows are read once.
	tileGroup = 16

	// leastPanels is the least number of panels of B for which packing a transposed
	// A pays.
	leastPanels = 3
)

// blocked computes p with B packed in blocks that stay in the second-level
// cache while the tiles of A pass. C is walked along its rows.
//
// A is used in place, which is as fast as packing it. A transposed A is packed:
// a tile would touch as many lines of the cache, and with long rows as many
// pages, as there are steps of k.
func (x *scratch) blocked(p *product, depth int) {
	s := x.all.kernels
	panel := s.panel()
	deep := ceil(depth, s.lanes) * s.lanes // transposing writes whole blocks
	cols := evenly(ceil(p.n, panel), max(1, blockBytes/(4*deep*panel))) * panel
	b := block{
		deep:   deep,
		height: evenly(p.m, s.rows),
	}
	b.tileSize = depth*b.height + s.lanes // copying writes whole vectors
	if p.transA && min(p.n, cols) >= leastPanels*panel {
		b.abuf = floats(&x.abuf, b.tileSize*tileGroup)
	}
	tiles := ceil(p.m, b.height)
	for j := 0; j < p.n; j += cols {
		b.product = p.part(0, p.m, j, min(cols, p.n-j))
		for b.from = 0; b.from < p.k; b.from += depth {
			b.steps = min(depth, p.k-b.from)
			b.bbuf = x.packed(&b, cols)
			for first := 0; first < tiles; first += tileGroup {
				last := min(tiles, first+tileGroup)
				if b.abuf != nil {
					x.packTiles(&b, first, last)
				}
				x.t.scale(p, b.from == 0)
				for i := first; i < last; i++ {
					x.rowOfTiles(&b, i, i-first)
				}
			}
		}
	}
}

// packed returns all columns of B's piece of k: packed now, or before.
func (x *scratch) packed(b *block, cols int) []float32 {
	if w := b.product.packed; w != nil && w.cutsAt(b.col+b.n, x.all.kernels.lanes) {
		return w.piece(b.from, b.col)
	}
	bbuf := floats(&x.bbuf, b.deep*cols)
	x.packPanels(&b.product, b.from, b.steps, b.n, b.deep, bbuf)
	return bbuf
}

// block is a part of a product in which all columns of B are packed at once.
type block struct {
	product         // its columns
	from, steps int // the piece of k
	bbuf        []float32
	deep        int       // rows that a panel in bbuf has room for
	height      int       // rows of a tile, the last one excepted
	abuf        []float32 // a group of packed tiles of A, nil where A is used in place
	tileSize    int       // of a packed tile
}

// rowOfTiles computes row i of the tiles of b. If A is packed, it is the tile
// number inGroup of those that are.
func (x *scratch) rowOfTiles(b *block, i, inGroup int) {
	s, t := x.all.kernels, &x.t
	row := i * b.height
	height := min(b.height, b.m-row)
	table, a, rsa, csa := s.tileRow, at(b.a, b.offA(row, b.from)), size(b.lda), size(1)
	switch {
	case b.abuf != nil:
		table, a = s.tilePacked, at(b.abuf, inGroup*b.tileSize)
	case b.transA:
		table, rsa, csa = s.tileCol, csa, rsa
	}
	t.k, t.a, t.rsa, t.csa = int64(b.steps), a, rsa, csa
	t.rsc, t.ahead = size(b.ldc), 0
	for j := 0; j < b.n; {
		width, panels := s.run(b.n - j)
		vectors := t.columns(s.lanes, width)
		t.b, t.rsb = at(b.bbuf, j*b.deep), size(vectors*s.lanes)
		t.place(&b.product, row, j)
		t.more, t.nextB = int64(panels-1), size(width*b.deep)
		table[vectors-1][height-1](t)
		j += width * panels
	}
}
