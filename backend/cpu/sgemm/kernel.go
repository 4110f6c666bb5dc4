package sgemm

import "unsafe"

//go:generate go run -C ../../../internal/gen/sgemm . -to ../../../backend/cpu/sgemm

// args is what a kernel is told: sizes in elements, strides in bytes. The
// assembly reads it by offset; the generated file asserts them.
type args struct {
	k     int64          // steps of k, at least 1
	a     unsafe.Pointer // the tile's first element of A
	rsa   int64          // from row to row of A
	csa   int64          // from column to column of A
	b     unsafe.Pointer // the tile's first element of B
	rsb   int64          // from row to row of B
	c     unsafe.Pointer // the tile of C, or where a packing kernel writes
	rsc   int64          // from row to row of C
	alpha float32
	beta  float32
	tail  int64          // columns in the last vector of a row, 1 to lanes
	flags int64          // flagAdd and so on
	ahead int64          // what to fetch next, relative to b
	more  int64          // panels that follow, of as many columns; a kernel counts it down
	nextB int64          // from one panel of B to the next
	row   unsafe.Pointer // what the tile's rows begin with instead of beta·C
	mxcsr uint32         // where a kernel keeps the processor's mode
}

// The bits of args.flags.
const (
	flagAdd    = 1 << iota // beta is not 0: C is read
	flagScale              // alpha is not 1
	flagRagged             // the last vector of a row has only tail columns
	flagRow                // row is added, not C
)

// kernel is a function in assembly. Calls go through tables, so args must not be
// on the stack: it would escape at each call.
type kernel func(*args)

// kernels is what the assembly offers for one instruction set. Tables of tiles
// are indexed by their size less one: [vectors-1][rows-1].
type kernels struct {
	lanes   int // float32 in a vector
	rows    int // of the largest tile
	vectors int // of the largest tile, in a row
	dotRows int // of the largest tile of dot products

	// Where B is read in place and does not stay in the cache: the length of a piece of
	// k, so that a panel of so many rows is few pages and streams, and how many panels
	// before its turn a panel is fetched. Intel's servers like pieces shorter, AMD's longer.
	streamDepth int
	ahead       int

	// Whether tiles read B in place as fast as packed: a step of k has whole lines of it.
	places bool

	tilePacked [][]kernel // A and B packed
	tileRow    [][]kernel // A in place
	tileCol    [][]kernel // a transposed A in place
	tileWide   kernel     // one row of A in place, wide vectors
	wide       int
	dot        [][]kernel // [columns-1][rows-1]: A and Bᵀ in place

	copy      []kernel // [vectors-1]: packs a panel of B
	copyTiles kernel   // packs tiles of a transposed A
	transpose kernel   // packs a vector's width of a panel of Bᵀ
}

// dotColumns is the largest number of columns of a tile of dot products.
const dotColumns = 4

// panel is the width of the largest tile.
func (s *kernels) panel() int { return s.vectors * s.lanes }

// next is the width of the next panel where n columns are left: four vectors go as
// 2 + 2 and not as 3 + 1, since a tile of one vector waits for the elements of A.
func (s *kernels) next(n int) int {
	if v := ceil(n, s.lanes); s.vectors == 3 && v == 4 {
		return 2 * s.lanes
	}
	return min(n, s.panel())
}

// run is next, and how many panels of that width come one after the other.
func (s *kernels) run(n int) (width, panels int) {
	width, panels = s.next(n), 1
	for left := n - width; left > 0 && width%s.lanes == 0 && s.next(left) == width; left -= width {
		panels++
	}
	return width, panels
}

// scale sets alpha and beta for a piece of k. The first one scales C, the
// others add to it.
func (t *args) scale(p *product, first bool) {
	t.alpha, t.beta, t.flags = p.alpha, p.beta, 0
	switch {
	case !first:
		t.beta = 1
	case p.row != nil:
		t.beta, t.flags = 1, flagRow
	}
	if t.beta != 0 {
		t.flags |= flagAdd
	}
	if t.alpha != 1 {
		t.flags |= flagScale
	}
}

// columns says how many columns of a tile count and returns its vectors.
func (t *args) columns(lanes, n int) (vectors int) {
	vectors = ceil(n, lanes)
	t.tail = int64(n - (vectors-1)*lanes)
	t.flags &^= flagRagged
	if t.tail < int64(lanes) {
		t.flags |= flagRagged
	}
	return vectors
}

// place says where the tile of C at row i and column j lies, and the row it begins with.
func (t *args) place(p *product, i, j int) {
	t.c = at(p.c, i*p.ldc+j)
	if t.flags&flagRow != 0 {
		t.row = at(p.row, j)
	}
}

// at is the address of element i.
func at(s []float32, i int) unsafe.Pointer { return unsafe.Pointer(&s[i]) }

// size is the number of bytes of n elements.
func size(n int) int64 { return 4 * int64(n) }

// ceil returns ⌈a/b⌉.
func ceil(a, b int) int { return (a + b - 1) / b }

// evenly divides n into as few equal parts as are not larger than most, and
// returns the size of a part. 20 rows go as 7 + 7 + 6 and not as 9 + 9 + 2.
func evenly(n, most int) int { return ceil(n, ceil(n, most)) }
