package sgemm

// way is a way through the operands.
type way uint8

const (
	plain    way = iota // gonum's kernels
	blocked             // B packed in blocks, a transposed A in tiles
	streamed            // B in place, or packed a panel at a time
	dots                // both in place, along k
	batched             // many products, each its own way
)

// Sizes at which one way overtakes another. All measured with BenchmarkSgemm;
// the optima are flat.
const (
	// streamedRows is the largest number of rows that streamed takes where it packs B, a
	// panel at a time, or where reading it in place is slow, see [kernels].
	streamedRows = 56

	// farRows is the same where B comes from beyond the second-level cache.
	farRows = 104

	// placeRows is how many rows pass a panel of B in place one after the other: a piece
	// of k of them stays in the second-level cache.
	placeRows = 320

	// dotsRows and dotsDepth bound dots: adding up the lanes of a dot product
	// takes as long as some 256 steps of k.
	dotsRows  = 48
	dotsDepth = 256

	// tileBytes is the size of a tile of A where B is packed, which says how long a piece
	// of k is: it stays in the first-level cache beside what passes by.
	tileBytes = 16 << 10

	// turnedDepth bounds it where a transposed A is packed: its rows are often a power of
	// two apart, and more of them do not stay in the second-level cache.
	turnedDepth = 448

	// narrowCols and narrowDepth: where C has few columns, A passes by once and is not
	// kept, and longer runs of its rows come sooner.
	narrowCols  = 64
	narrowDepth = 640

	// nearBytes is the size of a piece of k of B that stays in the second-level cache while
	// it is read in place: pieces are cut to it, but not below streamDepth, see [kernels],
	// nor below nearDepth for more than farRows rows.
	nearBytes = 1 << 20
	nearDepth = 192

	// Where B is read several times, for placeRows rows each, a piece has at most manyBytes
	// and at least manyDepth steps, or packing pays.
	manyBytes = 768 << 10
	manyDepth = 256

	// placeDepth is the least number of steps of k for which more than streamedRows rows
	// have B in place: with fewer, C is walked along its rows.
	placeDepth = 80

	// dotsPiece keeps one call of a kernel below 50 µs: it cannot be interrupted.
	dotsPiece = 1 << 14

	// chunkWork is the least number of multiply-adds in a chunk for another
	// thread, 4 µs or less: handing it over takes 0.2 µs while the workers wait in
	// a loop. Where there is enough, chunks have spareWork.
	chunkWork = 200_000
	spareWork = 1_000_000

	// A chunk of blocked packs its own part of B, and a transposed A: it has at
	// least so many rows and columns, and fewer columns only where a thread would
	// have no chunk.
	blockedRows  = 72
	blockedCols  = 240
	blockedLeast = 96

	// With so few steps of k a product is as fast as C comes and goes: so many rows are
	// better one chunk, a run of memory, than cut by columns.
	shallowDepth = 32
	shallowRows  = 150
)

// plan is a product and how it is computed. What decides the order of sums,
// namely way and depth, depends on the shape alone; the grid of chunks on the
// number of threads, too.
type plan struct {
	product
	way         way
	depth       int // the length of a piece of k
	rows, cols  int // the grid of chunks
	panel, tall int // the unit that columns and rows are dealt out in

	batch batches // of batched, whose chunks are groups of products
}

// choose plans g.product, which has at least one element and one step of k.
func (g *plan) choose(s *kernels, threads int) {
	g.rows, g.cols = 1, 1
	if s == nil {
		g.way, g.depth, g.panel, g.tall = plain, plainDepth, plainCols, plainRows
		g.rows, g.cols = ceil(g.m, plainRows), ceil(g.n, plainCols)
		return
	}
	g.flip()
	g.panel, g.tall = s.panel(), s.rows
	switch {
	case g.packed != nil:
		g.way, g.depth = blocked, g.packed.depth
	case !g.transA && g.transB && g.m <= dotsRows && g.k >= dotsDepth:
		g.way, g.depth = dots, evenly(g.k, dotsPiece)
		g.panel, g.tall = dotColumns, s.dotRows
	default:
		g.way, g.depth = streamed, g.inPlace(s)
		if g.depth == 0 {
			g.way, g.depth = blocked, s.pieceOf(g.n, g.k)
			if g.transA && g.depth > turnedDepth {
				g.depth = evenly(g.k, turnedDepth)
			}
		}
	}
	if threads > 1 {
		g.deal(threads)
	}
}

// inPlace returns the length of a piece of k for streamed, or 0 if packing B is better.
func (p *product) inPlace(s *kernels) int {
	piece, near := s.pieceOf(p.n, p.k), nearBytes/4/p.n
	few := p.m <= streamedRows
	switch {
	case !few && (p.transB || !s.places || p.k < placeDepth):
		return 0
	case p.m > placeRows:
		if piece < manyDepth || piece > manyBytes/4/p.n {
			return 0
		}
	case p.m > farRows && near < min(piece, nearDepth):
		return 0
	}
	switch {
	case p.transB || piece <= near:
		return piece
	case s.places && near > s.streamDepth:
		return evenly(p.k, near)
	}
	return evenly(p.k, s.streamDepth)
}

// pieceOf is the length of a piece of k where B [k, n] is packed.
func (s *kernels) pieceOf(n, k int) int {
	if n <= narrowCols {
		return evenly(k, narrowDepth)
	}
	return evenly(k, tileBytes/4/s.rows)
}

// flip turns a product with one column into one with one row, which has kernels
// of its own, where all that is transposed lies as before: (A·b)ᵀ = bᵀ·Aᵀ.
func (p *product) flip() {
	if p.n != 1 || p.m == 1 || p.ldc != 1 {
		return
	}
	if !p.transB && p.ldb != 1 {
		return
	}
	p.layRow()
	p.a, p.lda, p.b, p.ldb = p.b, max(1, p.k), p.a, p.lda
	p.transA, p.transB = false, !p.transA
	p.packed = nil
	p.m, p.n = 1, p.m
	p.ldc = p.n
}

// deal lays the grid: a chunk for each thread, or two where they are large, so
// that a thread that comes late, since it slept or its core is busy, holds
// nobody up for long.
func (g *plan) deal(threads int) {
	work := g.m * g.n * g.k
	want := min(threads, work/chunkWork)
	if work/spareWork >= 2*threads {
		want = 2 * threads
	}
	if want < 2 {
		return
	}
	rows, cols := ceil(g.m, g.tall), ceil(g.n, g.panel)
	switch {
	case g.way == blocked:
		rows, cols = g.m/blockedRows, g.n/blockedCols
		if g.k <= shallowDepth && g.m >= want*shallowRows {
			cols = 1
		}
		if g.square(want, rows, cols) {
			return
		}
		if max(1, rows)*max(1, cols) < threads {
			cols = g.n / blockedLeast
		}
	case g.way == streamed && !g.transB && g.square(want, rows, cols):
		return
	}
	if g.n >= g.m/2 {
		g.cols = max(1, min(want, cols))
		g.rows = max(1, min(ceil(want, g.cols), rows))
		return
	}
	g.rows = max(1, min(want, rows))
	g.cols = max(1, min(ceil(want, g.rows), cols))
}

// square lays a grid of at least so many chunks, of at most so many rows and columns: the
// one whose chunks read the least of A and B together. It reports whether there is one.
func (g *plan) square(want, rows, cols int) bool {
	least := 0
	for r := 1; r <= min(want, rows); r++ {
		c := ceil(want, r)
		if c > cols {
			continue
		}
		if read := r*g.n + c*g.m; least == 0 || read < least {
			least, g.rows, g.cols = read, r, c
		}
	}
	return least > 0
}

func (g *plan) chunks() int { return g.rows * g.cols }

// chunk returns the part of the product that is chunk number i.
func (g *plan) chunk(i int) product {
	r, c := i/g.cols, i%g.cols
	i0, i1 := share(g.m, g.tall, g.rows, r)
	j0, j1 := share(g.n, g.panel, g.cols, c)
	return g.part(i0, i1-i0, j0, j1-j0)
}

// share is the part of n that chunk number i of so many has, in whole units.
func share(n, unit, chunks, i int) (from, to int) {
	units := ceil(n, unit)
	return i * units / chunks * unit, min(n, (i+1)*units/chunks*unit)
}
