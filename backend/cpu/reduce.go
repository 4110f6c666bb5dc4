package cpu

import (
	"math"

	"github.com/wengert-ml/wengert/backend"
)

// The order of a sum is fixed by shapes and strides. Up to foldLength
// neighbours along memory are added in float32 by the fold kernel, or up to
// foldRows rows by the kernel of [backend.Add]; what comes out of that is added
// in float64. The error of a sum then does not grow with its length, and the
// float32 kernels do nearly all of the work.
const (
	foldLength = 1024
	foldRows   = 64
)

// grain and pieces are about splitting: a part is at least reduceGrain elements
// of src, and one output is cut into at most reducePieces.
const (
	reduceGrain  = cheap
	reducePieces = 64
)

// Reduce combines src over the axes where dst has size 1.
func (b *Backend) Reduce(op backend.ReduceOp, dst, src *backend.View) {
	if dst.Len() == 0 {
		return
	}
	j := reduceJob{
		op: op, dst: floats(dst), src: floats(src), dstOff: dst.Off, srcOff: src.Off, blocks: &b.blocks,
		fold: b.kernels.fold[op], join: b.kernels.binary[joins[op]].f, start: starts[op],
	}
	if op == backend.ReduceSum {
		j.joinFour = b.kernels.AddFour
	}
	for i := src.Rank - 1; i >= 0; i-- {
		switch n := src.Shape[i]; {
		case n == 1:
		case dst.Shape[i] == 1:
			j.red.push(n, 0, src.Stride[i])
		default:
			j.kept.push(n, dst.Stride[i], src.Stride[i])
		}
	}
	if src.Len() == 0 {
		b.Fill(dst, float64(j.start))
		return
	}
	j.plan()

	if j.pieces > 1 {
		p := b.doubles.get()
		defer b.doubles.put(p)
		if n := j.pieces * j.outputs(); cap(*p) < n {
			*p = make([]float64, n)
		}
		j.partial = (*p)[:j.pieces*j.outputs()]
	}
	if !spread(b.pool, &b.jobs.reduce, &j, j.parts) {
		for p := range j.parts {
			j.Do(p)
		}
	}
	if j.pieces > 1 {
		j.finish()
	}
}

// joins names the function of two elements that each reduction repeats, starts
// its neutral element.
var (
	joins  = [3]backend.BinaryOp{backend.Add, backend.Maximum, backend.Minimum}
	starts = [3]float32{0, float32(math.Inf(-1)), float32(math.Inf(1))}
)

// axes are some axes of a reduction, innermost first.
type axes struct {
	rank    int
	n, d, s [backend.MaxRank]int // sizes, strides of dst and src
}

// push adds an axis.
func (a *axes) push(n, d, s int) {
	a.n[a.rank], a.d[a.rank], a.s[a.rank] = n, d, s
	a.rank++
}

// order puts the smallest stride of src innermost and repeated elements
// outermost, then merges axes that continue each other.
func (a *axes) order() {
	for i := 1; i < a.rank; i++ {
		for k := i; k > 0 && a.s[k] != 0 && (a.s[k] < a.s[k-1] || a.s[k-1] == 0); k-- {
			a.n[k], a.n[k-1] = a.n[k-1], a.n[k]
			a.d[k], a.d[k-1] = a.d[k-1], a.d[k]
			a.s[k], a.s[k-1] = a.s[k-1], a.s[k]
		}
	}
	last := 0
	for i := 1; i < a.rank; i++ {
		if a.s[i] == a.s[last]*a.n[last] && a.d[i] == a.d[last]*a.n[last] {
			a.n[last] *= a.n[i]
			continue
		}
		last++
		a.n[last], a.d[last], a.s[last] = a.n[i], a.d[i], a.s[i]
	}
	a.rank = min(a.rank, last+1)
}

func (a *axes) len() int {
	n := 1
	for _, m := range a.n[:a.rank] {
		n *= m
	}
	return n
}

// at returns the offsets of the i-th element, axes below first left out.
func (a *axes) at(i, first int) (d, s int) {
	for k := first; k < a.rank; k++ {
		m := i % a.n[k]
		i /= a.n[k]
		d += m * a.d[k]
		s += m * a.s[k]
	}
	return d, s
}

// reduceJob computes units: one output each where memory runs along a reduced
// axis, or a stretch of up to block outputs side by side ("across") where it
// runs along a kept one. A unit with much to add is cut into pieces along its
// outermost reduced axis.
type reduceJob struct {
	op             backend.ReduceOp
	dst, src       []float32
	dstOff, srcOff int
	blocks         *shelf[scratch]
	fold           func(x []float32) float64
	join           func(dst, x, y []float32)
	joinFour       func(dst, a, b, c, d []float32) // of a sum: four rows at a time come sooner
	start          float32

	kept, red axes
	across    bool
	wide      int // outputs of a unit: at most
	stretches int // units along the innermost kept axis
	units     int

	parts      int
	pieces     int // of a unit; a part is then one piece
	unitsAPart int // where pieces is 1
	partial    []float64
}

func (j *reduceJob) plan() {
	if j.red.rank == 0 {
		j.red.push(1, 0, 0) // nothing is reduced: one row of one element
	}
	j.kept.order()
	j.red.order()
	j.across = j.kept.rank > 0 && j.kept.s[0] > 0 && (j.kept.s[0] < j.red.s[0] || j.red.s[0] == 0)
	j.wide, j.stretches, j.units = 1, 1, j.kept.len()
	if j.across {
		n := j.kept.n[0]
		j.stretches = (n + block - 1) / block
		j.wide = min(n, block)
		j.units = j.units / n * j.stretches
	}

	work := j.red.len() * j.wide
	outer := j.red.n[j.red.rank-1]
	j.pieces, j.unitsAPart = 1, max(1, reduceGrain/work)
	if work >= 2*reduceGrain && j.units < reducePieces/2 {
		j.pieces = min(work/reduceGrain, reducePieces, outer)
	}
	if j.pieces > 1 {
		j.parts = j.units * j.pieces
		return
	}
	j.parts = (j.units + j.unitsAPart - 1) / j.unitsAPart
}

// outputs returns the number of elements of dst, stretches filled up.
func (j *reduceJob) outputs() int { return j.units * j.wide }

func (j *reduceJob) Do(part int) {
	s := j.blocks.get()
	defer j.blocks.put(s)
	outer := j.red.n[j.red.rank-1]
	if j.pieces > 1 {
		u, i := part/j.pieces, part%j.pieces
		total := j.unit(u, outer*i/j.pieces, outer*(i+1)/j.pieces, s)
		copy(j.partial[(i*j.units+u)*j.wide:], total)
		return
	}
	for u := part * j.unitsAPart; u < min((part+1)*j.unitsAPart, j.units); u++ {
		j.store(u, j.unit(u, 0, outer, s))
	}
}

// finish combines the pieces in order.
func (j *reduceJob) finish() {
	n := j.outputs()
	total := j.partial[:n]
	for i := 1; i < j.pieces; i++ {
		for k, v := range j.partial[i*n : (i+1)*n] {
			total[k] = j.both(total[k], v)
		}
	}
	for u := range j.units {
		j.store(u, total[u*j.wide:(u+1)*j.wide])
	}
}

// place returns the offsets of a unit and its number of outputs.
func (j *reduceJob) place(u int) (d, s, n int) {
	if !j.across {
		d, s = j.kept.at(u, 0)
		return j.dstOff + d, j.srcOff + s, 1
	}
	d, s = j.kept.at(u/j.stretches, 1)
	col := u % j.stretches * block
	d += j.dstOff + col*j.kept.d[0]
	s += j.srcOff + col*j.kept.s[0]
	return d, s, min(block, j.kept.n[0]-col)
}

func (j *reduceJob) store(u int, total []float64) {
	d, _, n := j.place(u)
	for i, v := range total[:n] {
		j.dst[d+i*j.kept.d[0]] = float32(v)
	}
}

// unit combines the part of a unit where the index of the outermost reduced axis
// is in [lo, hi). The result is in s.d.
func (j *reduceJob) unit(u, lo, hi int, s *scratch) []float64 {
	_, off, n := j.place(u)
	if j.across {
		return j.columns(off, n, lo, hi, s)
	}
	if n := hi - lo; j.red.rank == 1 && j.red.s[0] == 1 && n <= foldLength {
		s.d[0] = j.fold(j.src[off+lo : off+hi]) // short rows: most of a softmax or a mean
	} else {
		s.d[0] = j.line(off, lo, hi, s)
	}
	return s.d[:1]
}

// line combines everything into one number.
func (j *reduceJob) line(off, lo, hi int, s *scratch) float64 {
	c := newCounter(&j.red, lo, hi)
	total := float64(j.start)
	for {
		from := off + c.off
		n, stride := c.n, j.red.s[0]
		for n > 0 {
			var m int
			x := j.src[from:]
			if stride == 1 {
				m = min(n, foldLength)
				x = x[:m]
			} else {
				m = min(n, block)
				move(s.f[0][:m], x, 1, m, 0, 1, 0, stride)
				x = s.f[0][:m]
			}
			total = j.both(total, j.fold(x))
			from += m * stride
			n -= m
		}
		if !c.next() {
			return total
		}
	}
}

// columns combines rows of n neighbours, each column by itself. Where the rows
// are short and follow each other without gaps, several are taken as one wide
// row, whose columns are combined at the end.
func (j *reduceJob) columns(off, n, lo, hi int, s *scratch) []float64 {
	total := s.d[:n]
	for i := range total {
		total[i] = float64(j.start)
	}
	step := 1
	if j.kept.s[0] == 1 && j.red.s[0] == n {
		step = min(block/n, j.red.n[0])
	}
	acc := s.f[0][:step*n]
	fill(acc, j.start)

	count := 0
	c := newCounter(&j.red, lo, hi)
	for {
		row := 0
		if j.joinFour != nil && j.kept.s[0] == 1 && step == 1 && count%4 == 0 {
			for ; row+4 <= c.n; row += 4 {
				next := j.red.s[0]
				x := j.src[off+c.off+row*next:]
				j.joinFour(acc, x[:n], x[next:][:n], x[2*next:][:n], x[3*next:][:n])
				if count += 4; count == foldRows {
					j.flush(total, acc)
					count = 0
				}
			}
		}
		for ; row < c.n; row += step {
			m := min(step, c.n-row) * n
			x := j.src[off+c.off+row*j.red.s[0]:]
			if j.kept.s[0] != 1 {
				move(s.f[1][:m], x, 1, m, 0, 1, 0, j.kept.s[0])
				x = s.f[1][:]
			}
			j.join(acc[:m], acc[:m], x[:m])
			if count++; count == foldRows {
				j.flush(total, acc)
				count = 0
			}
		}
		if !c.next() {
			break
		}
	}
	j.flush(total, acc)
	return total
}

// flush moves acc, whole rows as long as total, into total and starts it anew.
func (j *reduceJob) flush(total []float64, acc []float32) {
	for rows := acc; len(rows) > 0; rows = rows[len(total):] {
		for i, v := range rows[:len(total)] {
			total[i] = j.both(total[i], float64(v))
		}
	}
	fill(acc, j.start)
}

func (j *reduceJob) both(x, y float64) float64 {
	switch j.op {
	case backend.ReduceMax:
		return max(x, y)
	case backend.ReduceMin:
		return min(x, y)
	default:
		return x + y
	}
}

// counter counts through the reduced axes, the innermost a whole run at a time.
type counter struct {
	a      *axes
	off    int // of the run
	n      int // its length
	lo, hi int // range of the outermost axis
	idx    [backend.MaxRank]int
}

func newCounter(a *axes, lo, hi int) counter {
	l := a.rank - 1
	c := counter{a: a, lo: lo, hi: hi, n: a.n[0], off: lo * a.s[l]}
	c.idx[l] = lo
	if l == 0 {
		c.n = hi - lo
	}
	return c
}

// next moves to the next run and reports whether there is one.
func (c *counter) next() bool {
	for k := 1; k < c.a.rank; k++ {
		lo, hi := 0, c.a.n[k]
		if k == c.a.rank-1 {
			lo, hi = c.lo, c.hi
		}
		c.idx[k]++
		c.off += c.a.s[k]
		if c.idx[k] < hi {
			return true
		}
		c.off -= (hi - lo) * c.a.s[k]
		c.idx[k] = lo
	}
	return false
}
