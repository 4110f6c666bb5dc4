package sgemm

// dots computes p = A·Bᵀ, which has few rows, as dot products of rows: both
// operands are read in place, along k, and B once.
func (x *scratch) dots(p *product, depth int) {
	s, t := x.all.kernels, &x.t
	strips, tiles := ceil(p.n, dotColumns), ceil(p.m, s.dotRows)
	for k := 0; k < p.k; k += depth {
		t.scale(p, k == 0)
		t.k = int64(min(depth, p.k-k))
		t.rsa, t.rsb, t.rsc = size(p.lda), size(p.ldb), size(p.ldc)
		for strip := range strips {
			j0, j1 := strip*p.n/strips, (strip+1)*p.n/strips
			t.b = at(p.b, p.offB(k, j0))
			for i := range tiles {
				from, to := i*p.m/tiles, (i+1)*p.m/tiles
				// Each tile fetches another row of the next strip.
				t.ahead = size((dotColumns + min(i, dotColumns-1)) * p.ldb)
				t.a = at(p.a, p.offA(from, k))
				t.c = at(p.c, from*p.ldc+j0)
				s.dot[j1-j0-1][to-from-1](t)
			}
		}
	}
}
