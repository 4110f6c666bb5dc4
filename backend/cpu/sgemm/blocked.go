package sgemm

const (
	// blockBytes is the size of the packed block of B: it stays in a second-level
	// cache of 1 MiB while tiles of A pass by.
	blockBytes = 600 << 10

	// turnedRows is how many rows of a transposed A are packed at once: a piece of k of
	// them stays in the third-level cache while blocks of B pass by.
	turnedRows = 2048

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
	b := block{depth: depth, deep: deep, cols: cols}
	if p.transA && min(p.n, cols) >= leastPanels*panel {
		height := evenly(ceil(p.m, s.rows), turnedRows/s.rows) * s.rows
		for i := 0; i < p.m; i += height {
			q := p.part(i, min(height, p.m-i), 0, p.n)
			x.turned(&q, &b)
		}
		return
	}
	b.height = evenly(p.m, s.rows)
	for j := 0; j < p.n; j += cols {
		for k := 0; k < p.k; k += depth {
			x.block(p, &b, j, k)
		}
	}
}

// turned computes p, whose A is transposed: a piece of k of it is packed, once for all
// blocks of B.
func (x *scratch) turned(p *product, b *block) {
	s := x.all.kernels
	b.height = evenly(p.m, s.rows)
	b.tileSize = b.depth*b.height + s.lanes // copying writes whole vectors
	b.abuf = floats(&x.abuf, b.tileSize*ceil(p.m, b.height))
	for k := 0; k < p.k; k += b.depth {
		x.packTiles(p, b, k)
		for j := 0; j < p.n; j += b.cols {
			x.block(p, b, j, k)
		}
	}
}

// block computes the block of p that begins at column j, for the piece of k from there on.
func (x *scratch) block(p *product, b *block, j, k int) {
	b.product = p.part(0, p.m, j, min(b.cols, p.n-j))
	b.from, b.steps = k, min(b.depth, p.k-k)
	b.bbuf = x.packed(b)
	x.t.scale(p, k == 0)
	for i := range ceil(p.m, b.height) {
		x.rowOfTiles(b, i)
	}
}

// packed returns all columns of B's piece of k: packed now, or before.
func (x *scratch) packed(b *block) []float32 {
	if w := b.product.packed; w != nil && w.cutsAt(b.col+b.n, x.all.kernels.lanes) {
		return w.piece(b.from, b.col)
	}
	bbuf := floats(&x.bbuf, b.deep*b.cols)
	x.packPanels(&b.product, b.from, b.steps, b.n, b.deep, bbuf)
	return bbuf
}

// block is a part of a product in which all columns of B are packed at once.
type block struct {
	product         // its columns
	depth, cols int // of all blocks but the last ones
	from, steps int // the piece of k
	bbuf        []float32
	deep        int       // rows that a panel in bbuf has room for
	height      int       // rows of a tile, the last one excepted
	abuf        []float32 // the packed tiles of A, nil where A is used in place
	tileSize    int       // of a packed tile
}

// rowOfTiles computes row i of the tiles of b.
func (x *scratch) rowOfTiles(b *block, i int) {
	s, t := x.all.kernels, &x.t
	row := i * b.height
	height := min(b.height, b.m-row)
	table, a, rsa, csa := s.tileRow, at(b.a, b.offA(row, b.from)), size(b.lda), size(1)
	switch {
	case b.abuf != nil:
		table, a = s.tilePacked, at(b.abuf, i*b.tileSize)
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
