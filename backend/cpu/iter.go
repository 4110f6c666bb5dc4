package cpu

import (
	"math"
	"sync"

	"github.com/wengert-ml/wengert/backend"
)

// block is the number of elements that are packed at a time: 2 KiB an operand,
// so that four of them stay in the first-level cache.
const block = 512

// scratch is what one goroutine packs operands into.
type scratch struct {
	f [4][block]float32
	d [block]float64
}

// shelf keeps what kernels work in for the next call, as long as the Backend
// lives. A sync.Pool would make garbage: a goroutine that changes processors does
// not find there what it left.
type shelf[T any] struct {
	mu   sync.Mutex
	free []*T
}

// get takes what was put last, or a zero T.
func (s *shelf[T]) get() *T {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.free) - 1
	if n < 0 {
		return new(T)
	}
	x := s.free[n]
	s.free = s.free[:n]
	return x
}

func (s *shelf[T]) put(x *T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, x)
}

// walk visits the elements of up to four operands of one shape in tiles of at
// most block elements, or in longer runs where all of them are contiguous. It
// is made by newWalk, add for each further operand, and plan.
//
// Axis 0 is the innermost here: axes that need not be told apart are merged, and
// unused ones have size 1, so that every walk has a row (axis 0) and a column of
// rows (axis 1). Operand 0 is the output; axes are sorted by its strides.
type walk struct {
	ops, rank int
	n         [backend.MaxRank]int
	s         [4][backend.MaxRank]int
	off       [4]int

	high, wide int  // the tile: rows, and elements of a row
	direct     bool // every operand is contiguous in every tile

	parts       int
	rowsAPart   int // whole rows, where a row is shorter than a part
	piecesARow  int // else parts of a row
	pieceLength int
}

// newWalk starts a walk over dst.
func newWalk(dst *backend.Layout) walk {
	var w walk
	for i := dst.Rank - 1; i >= 0; i-- {
		if dst.Shape[i] != 1 {
			w.n[w.rank], w.s[0][w.rank] = dst.Shape[i], dst.Stride[i]
			w.rank++
		}
	}
	w.off[0] = dst.Off
	w.ops = 1
	return w
}

// add adds an operand, broadcast to dst, the layout that the walk was made for.
func (w *walk) add(x, dst *backend.Layout) {
	s := x.BroadcastTo(dst)
	a := 0
	for i := dst.Rank - 1; i >= 0; i-- {
		if dst.Shape[i] != 1 {
			w.s[w.ops][a] = s[i]
			a++
		}
	}
	w.off[w.ops] = x.Off
	w.ops++
}

// plan merges axes, chooses tiles and cuts the walk into parts of about grain
// elements.
func (w *walk) plan(grain int) {
	for _, n := range w.n[:w.rank] {
		if n == 0 {
			return // no parts
		}
	}
	w.sort()
	w.merge()
	for a := w.rank; a < 2; a++ {
		w.n[a] = 1
	}
	w.shape()

	n := w.n[0]
	rows := w.rows()
	if n >= 2*grain {
		w.piecesARow = n / grain
		w.pieceLength = (n/w.piecesARow + 63) &^ 63
		w.piecesARow = (n + w.pieceLength - 1) / w.pieceLength
		w.parts = rows * w.piecesARow
		return
	}
	w.rowsAPart = max(1, grain/max(1, n*w.high)) * w.high
	w.parts = (rows + w.rowsAPart - 1) / w.rowsAPart
}

// sort puts the axis with the output's smallest stride innermost, so that
// transposed operands in a transposed output are walked along memory.
func (w *walk) sort() {
	for a := 1; a < w.rank; a++ {
		for b := a; b > 0 && w.s[0][b] < w.s[0][b-1]; b-- {
			w.n[b], w.n[b-1] = w.n[b-1], w.n[b]
			for k := range w.ops {
				w.s[k][b], w.s[k][b-1] = w.s[k][b-1], w.s[k][b]
			}
		}
	}
}

// merge joins an axis to the one inside it where all operands continue from one
// to the other.
func (w *walk) merge() {
	last := 0
	for a := 1; a < w.rank; a++ {
		joined := true
		for k := range w.ops {
			joined = joined && w.s[k][a] == w.s[k][last]*w.n[last]
		}
		if joined {
			w.n[last] *= w.n[a]
			continue
		}
		last++
		w.n[last] = w.n[a]
		for k := range w.ops {
			w.s[k][last] = w.s[k][a]
		}
	}
	w.rank = min(w.rank, last+1)
	for a := w.rank; a < backend.MaxRank; a++ {
		w.n[a] = 0
		for k := range w.ops {
			w.s[k][a] = 0
		}
	}
}

// shape chooses the tile. Long contiguous rows are visited as they are; short
// rows are packed many at a time, since a call for each would cost more than its
// work; an operand that is contiguous along the other axis is read in tiles that
// use whole cache lines both ways.
func (w *walk) shape() {
	n, m := w.n[0], w.n[1]
	unit, across := true, false
	for k := range w.ops {
		inner, outer := w.s[k][0], w.s[k][1]
		unit = unit && (inner == 1 || n == 1)
		across = across || 0 < outer && outer < inner
	}
	const short = 64
	switch {
	case unit && (n >= short || m == 1):
		w.high, w.wide, w.direct = 1, n, true
	case across && m > 1:
		w.high = min(m, 16)
		w.wide = min(n, block/w.high)
	case n < block/2:
		w.high, w.wide = min(m, block/max(1, n)), n
	default:
		w.high, w.wide = 1, min(n, block)
	}
}

// rows returns the number of rows.
func (w *walk) rows() int {
	rows := 1
	for a := 1; a < max(2, w.rank); a++ {
		rows *= w.n[a]
	}
	return rows
}

// tiles is a position in a walk. Its fields up to off are what a kernel reads.
type tiles struct {
	rows, cols int    // of the current tile
	off        [4]int // where it starts in each operand

	w              *walk
	row, rowEnd    int // rows of the part
	col, col0, end int // elements of a row
	i              int // row within axis 1
	idx            [backend.MaxRank]int
	slab, base     [4]int // where axes 2 and up, and where the row starts
}

// tiles returns the position before the first tile of a part.
func (w *walk) tiles(part int) tiles {
	t := tiles{w: w, end: w.n[0]}
	if w.piecesARow > 0 {
		t.row, t.rowEnd = part/w.piecesARow, part/w.piecesARow+1
		t.col0 = part % w.piecesARow * w.pieceLength
		t.end = min(t.end, t.col0+w.pieceLength)
	} else {
		t.row = part * w.rowsAPart
		t.rowEnd = min(t.row+w.rowsAPart, w.rows())
	}
	t.col = t.end // the first call of next finds the row at its end

	slab := t.row / w.n[1]
	t.i = t.row % w.n[1]
	t.slab = w.off
	for a := 2; a < w.rank; a++ {
		t.idx[a] = slab % w.n[a]
		slab /= w.n[a]
		for k := range w.ops {
			t.slab[k] += t.idx[a] * w.s[k][a]
		}
	}
	for k := range w.ops {
		t.base[k] = t.slab[k] + t.i*w.s[k][1]
	}
	return t
}

// next moves to the next tile and reports whether there is one.
func (t *tiles) next() bool {
	w := t.w
	t.col += t.cols
	if t.col >= t.end {
		t.row += t.rows
		if t.row >= t.rowEnd {
			return false
		}
		t.i += t.rows
		if t.i < w.n[1] {
			for k := range w.ops {
				t.base[k] += t.rows * w.s[k][1]
			}
		} else {
			t.i = 0
			t.nextSlab()
		}
		t.rows = min(w.high, w.n[1]-t.i, t.rowEnd-t.row)
		t.col = t.col0
	}
	t.cols = min(w.wide, t.end-t.col)
	for k := range w.ops {
		t.off[k] = t.base[k] + t.col*w.s[k][0]
	}
	return true
}

// nextSlab counts up axes 2 and outwards.
func (t *tiles) nextSlab() {
	w := t.w
	for a := 2; a < w.rank; a++ {
		t.idx[a]++
		for k := range w.ops {
			t.slab[k] += w.s[k][a]
		}
		if t.idx[a] < w.n[a] {
			break
		}
		t.idx[a] = 0
		for k := range w.ops {
			t.slab[k] -= w.n[a] * w.s[k][a]
		}
	}
	t.base = t.slab
}

// flat reports whether operand k is contiguous in the current tile.
func (t *tiles) flat(k int) bool {
	s := &t.w.s[k]
	return (s[0] == 1 || t.cols == 1) && (t.rows == 1 || s[1] == t.cols)
}

// in returns the current tile of operand k, packed into buf unless it is
// contiguous as it lies.
func (t *tiles) in(k int, x []float32, buf *[block]float32) []float32 {
	n := t.rows * t.cols
	if t.flat(k) {
		return x[t.off[k] : t.off[k]+n]
	}
	s := &t.w.s[k]
	move(buf[:n], x[t.off[k]:], t.rows, t.cols, t.cols, 1, s[1], s[0])
	return buf[:n]
}

// out returns where a kernel writes the current tile of operand 0: the tile
// itself or, unless that is contiguous, buf. put moves it on.
func (t *tiles) out(x []float32, buf *[block]float32) []float32 {
	n := t.rows * t.cols
	if t.flat(0) {
		return x[t.off[0] : t.off[0]+n]
	}
	return buf[:n]
}

// put moves the output of a kernel from buf to its place.
func (t *tiles) put(x []float32, buf *[block]float32) {
	if !t.flat(0) {
		s := &t.w.s[0]
		move(x[t.off[0]:], buf[:], t.rows, t.cols, s[1], s[0], t.cols, 1)
	}
}

// move copies a matrix of rows x cols between strides: dm and dn are those of
// dst from row to row and along a row, sm and sn those of src.
func move[T float32 | int32 | uint16](dst, src []T, rows, cols, dm, dn, sm, sn int) {
	switch {
	case sn == 1 && dn == 1:
		for i := range rows {
			copy(dst[i*dm:i*dm+cols], src[i*sm:i*sm+cols])
		}
	case sn == 0 && dn == 1:
		for i := range rows {
			fill(dst[i*dm:i*dm+cols], src[i*sm])
		}
	case rows > 1 && (sm == 1 || dm == 1 && sn != 1):
		// Along the axis that is contiguous for one of them.
		for j := range cols {
			d, s := dst[j*dn:], src[j*sn:]
			for i := range rows {
				d[i*dm] = s[i*sm]
			}
		}
	default:
		for i := range rows {
			d, s := dst[i*dm:], src[i*sm:]
			for j := range cols {
				d[j*dn] = s[j*sn]
			}
		}
	}
}

// fill sets every element to v. Doubling what is filled lets copy do the work,
// which is vectorised; it also reads, so that zeros take half the time without.
func fill[T float32 | int32 | uint16](dst []T, v T) {
	if v == 0 && !math.Signbit(float64(v)) {
		clear(dst)
		return
	}
	n := min(16, len(dst))
	for i := range n {
		dst[i] = v
	}
	for ; n < len(dst); n *= 2 {
		copy(dst[n:], dst[:n])
	}
}
