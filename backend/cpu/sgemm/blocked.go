package sgemm

const (
	// blockBytes is the size of the packed block of B: it stays in a second-level
	// cache of 1 MiB while tiles of A pass by.
	blockBytes = 600 << 10

	// tileGroup is how many tiles of a transposed A are packed together, so that
	// whole lines of its rows are read once.
	tileGroup = 16

	// aliasing is the stride, in elements, at which rows fall on the same sets of
	// a first-level cache.
	aliasing = 1024
)

// blocked computes p with B packed in blocks that stay in the second-level
// cache, and A tile by tile in the first. C is walked along its rows.
func (x *scratch) blocked(p *product, depth int) {
	s, t := x.all.kernels, &x.t
	panel := s.panel()
	deep := ceil(depth, s.lanes) * s.lanes // transposing writes whole blocks
	cols := evenly(ceil(p.n, panel), max(1, blockBytes/(4*deep*panel))) * panel
	a := aTiles{height: evenly(p.m, s.rows), packed: x.packsA(p, min(p.n, cols))}
	a.size = deep * s.lanes
	a.count = ceil(p.m, a.height)
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
				if a.packed && p.transA {
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

// packsA decides whether A is packed. A transposed A is, if a tile is used often
// enough: in place, a tile takes one line of the cache and, with long rows, one
// page for each step of k. An A with adjacent columns is used in place, unless
// its rows fall on the same sets of the cache.
func (x *scratch) packsA(p *product, cols int) bool {
	return cols > 2*x.all.kernels.panel() && (p.transA || p.lda%aliasing == 0)
}

// rowOfTiles computes the tiles of row i of them, with steps of k from k on and
// the block of B in bbuf.
func (x *scratch) rowOfTiles(p *product, a *aTiles, k, steps, i, first, deep int, bbuf []float32) {
	s, t := x.all.kernels, &x.t
	row := i * a.height
	height := min(a.height, p.m-row)
	flags := t.flags
	table := s.tilePacked
	aAt, rsa, csa := at(p.a, p.offA(row, k)), size(p.lda), size(1)
	switch {
	case a.packed:
		buf := a.buf[(i-first)*a.size:]
		if !p.transA {
			x.transpose(buf, s.lanes, p.a[p.offA(row, k):], p.lda, height, steps)
		}
		aAt = at(buf, 0)
	case p.transA:
		table = s.tileCol
		rsa, csa = csa, rsa
	default:
		table = s.tileRow
	}
	t.flags = flags
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
