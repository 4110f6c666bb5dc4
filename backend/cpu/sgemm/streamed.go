package sgemm

// streamed computes p with B in place: some rows, that is, all if there are few.
func (x *scratch) streamed(p *product, depth int) {
	unit := x.all.kernels.rows
	height := evenly(ceil(p.m, unit), placeRows/unit) * unit
	for i := 0; i < p.m; i += height {
		q := p.part(i, min(height, p.m-i), 0, p.n)
		x.passing(&q, depth)
	}
}

// passing computes p with B passing by once: a piece of k, then panels of columns, then
// the tiles of a panel. B is read in place; a panel is packed only where it is transposed
// or ragged, since tiles read whole vectors.
func (x *scratch) passing(p *product, depth int) {
	s, t := x.all.kernels, &x.t
	panel := s.panel()
	tiles := ceil(p.m, s.rows)
	deep := ceil(depth, s.lanes) * s.lanes
	bbuf := floats(&x.bbuf, deep*panel)
	table, rsa, csa := s.tileRow, size(p.lda), size(1)
	if p.transA {
		table, rsa, csa = s.tileCol, csa, rsa
	}
	for k := 0; k < p.k; k += depth {
		steps := min(depth, p.k-k)
		t.scale(p, k == 0)
		j := 0
		if p.m == 1 && !p.transA && !p.transB {
			j = x.wideTiles(p, k, steps)
		}
		for width := 0; j < p.n; j += width {
			width = s.next(p.n - j)
			vectors := ceil(width, s.lanes)
			inPlace := !p.transB && width%s.lanes == 0
			if !inPlace {
				t.more = 0
				x.packPanel(p, k, steps, j, width, bbuf)
			}
			t.columns(s.lanes, width)
			t.k, t.rsa, t.csa, t.rsc = int64(steps), rsa, csa, size(p.ldc)
			for i := range tiles {
				from, to := i*p.m/tiles, (i+1)*p.m/tiles
				t.a = at(p.a, p.offA(from, k))
				t.place(p, from, j)
				if inPlace {
					t.b, t.rsb = at(p.b, p.offB(k, j)), size(p.ldb)
					// Each tile fetches another line of the rows of a panel to come.
					t.ahead = size(s.ahead*panel) + 64*int64(min(i, panel*4/64-1))
				} else {
					t.b, t.rsb, t.ahead = at(bbuf, 0), size(vectors*s.lanes), 0
				}
				t.more = 0
				table[vectors-1][to-from-1](t)
			}
		}
	}
}

// wideAhead is how many rows of B before its turn a row is fetched: it is a page away from
// the one before, so no processor does that by itself.
const wideAhead = 4

// wideTiles computes as many columns of a single row as there are whole wide
// tiles, and returns their number.
func (x *scratch) wideTiles(p *product, k, steps int) int {
	s, t := x.all.kernels, &x.t
	width := s.wide * s.lanes
	t.columns(s.lanes, width)
	t.k, t.a, t.rsb, t.ahead = int64(steps), at(p.a, p.offA(0, k)), size(p.ldb), size(wideAhead*p.ldb)
	j := 0
	for ; j+width <= p.n; j += width {
		t.b = at(p.b, p.offB(k, j))
		t.place(p, 0, j)
		t.more = 0
		s.tileWide(t)
	}
	return j
}
