package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// form is how a tile kernel finds its operands.
type form string

const (
	// packed: A is rows floats a step of k, B vectors·lanes floats. All offsets are
	// constants.
	packed form = "Packed"
	// rowMajor: A's columns are adjacent and rows are rsa bytes apart; B's rows
	// are rsb bytes apart.
	rowMajor form = "Row"
	// colMajor: A's rows are adjacent and columns csa bytes apart, that is, a
	// transposed matrix in place; B's rows are rsb bytes apart.
	colMajor form = "Col"
)

// unroll is the number of steps of k in the loop. Four, because then strides
// are 0, 1, 2 and 3 times a register and need no additions in between: next to
// nothing but multiply-adds competes for the ports.
const unroll = 4

func tileName(s isa, f form, rows, vectors int) string {
	return fmt.Sprintf("%sTile%s%dx%d", s.name, f, rows, vectors*s.lanes)
}

// stride is a step in memory as index registers: n steps for n < unroll.
type stride struct{ one, three reg.GPVirtual }

func newStride(one reg.GPVirtual) stride {
	s := stride{one, GP64()}
	LEAQ(Mem{Base: one, Index: one, Scale: 2}, s.three)
	return s
}

func (s stride) at(base reg.GPVirtual, n int) Mem {
	switch n {
	case 0:
		return Mem{Base: base}
	case 1:
		return Mem{Base: base, Index: s.one, Scale: 1}
	case 2:
		return Mem{Base: base, Index: s.one, Scale: 2}
	}
	return Mem{Base: base, Index: s.three, Scale: 1}
}

func (s stride) advance(base reg.GPVirtual, n int) {
	if n == 1 {
		ADDQ(s.one, base)
		return
	}
	LEAQ(Mem{Base: base, Index: s.one, Scale: 4}, base)
}

// tile is a kernel for C = alpha·A·B + beta·C on a tile of rows × vectors. The
// sums stay in registers while k runs. It goes on to the tiles of the panels that
// follow, if told so: a call, and to change the processor's mode, takes as long as
// two to ten steps of k.
type tile struct {
	isa           isa
	form          form
	rows, vectors int

	k, a, b, ahead reg.GPVirtual
	aRows          rows   // of rowMajor
	aStep          stride // of colMajor
	bStep          stride // of both
	sums           [][]reg.VecVirtual
	bv, av         []reg.VecVirtual
}

func tileKernel(s isa, f form, rows, vectors int) {
	in := function(tileName(s, f, rows, vectors))
	t := &tile{isa: s, form: f, rows: rows, vectors: vectors}
	t.fetchC(in, 0)
	flush(in)
	Label("panel")
	t.k, t.a, t.b = in.load(fK), in.load(fA), in.load(fB)
	if f != packed {
		t.bStep = newStride(in.load(fRSB))
		t.ahead = in.load(fAhead)
	}
	switch f {
	case rowMajor:
		t.aRows = newRows(t.a, in.load(fRSA), rows)
	case colMajor:
		t.aStep = newStride(in.load(fCSA))
	}
	t.sums = s.zeros(rows, vectors)
	if rows > 1 {
		t.bv = s.vecs(vectors)
	}
	t.av = s.vecs(2)
	t.loop()
	t.finish(in)
}

// fetchC asks for the tile of C that is so many bytes on: it arrives while k runs.
func (t *tile) fetchC(in args, on int) {
	c, rsc := in.load(fC), in.load(fRSC)
	for i := range t.rows {
		if i > 0 {
			ADDQ(rsc, c)
		}
		for at := 0; at < t.vectors*t.isa.bytes(); at += 64 {
			PREFETCHT0(Mem{Base: c, Disp: on + at})
		}
	}
}

func (t *tile) loop() {
	SUBQ(U8(unroll), t.k)
	JL(LabelRef("rest"))
	Label("loop")
	var next reg.GPVirtual
	if t.form != packed {
		next = GP64()
		LEAQ(Mem{Base: t.b, Index: t.ahead, Scale: 1}, next)
	}
	for u := range unroll {
		t.step(u, next)
	}
	t.advance(unroll)
	SUBQ(U8(unroll), t.k)
	JGE(LabelRef("loop"))
	Label("rest")
	ADDQ(U8(unroll), t.k)
	JZ(LabelRef("summed"))
	Label("single")
	t.step(0, nil)
	t.advance(1)
	DECQ(t.k)
	JNZ(LabelRef("single"))
	Label("summed")
}

// step adds column u of A times row u of B to the sums. next is where B goes on
// later: one line of it is fetched a step, which is all that the ports allow, but for a
// single row, which waits for memory and not for them.
func (t *tile) step(u int, next reg.GPVirtual) {
	b := Mem{Base: t.b, Disp: t.vectors * t.isa.bytes() * u}
	if t.form != packed {
		b = t.bStep.at(t.b, u)
	}
	vector := func(v int) Mem {
		m := b
		m.Disp += t.isa.bytes() * v
		return m
	}
	if next != nil {
		for at := 0; at < t.fetched(); at += 64 {
			m := t.bStep.at(next, u)
			m.Disp += at
			PREFETCHT0(m)
		}
	}
	if t.rows == 1 { // each vector of B is used once
		VBROADCASTSS(t.element(0, u), t.av[0])
		for v, sum := range t.sums[0] {
			VFMADD231PS(vector(v), t.av[0], sum)
		}
		return
	}
	for v, to := range t.bv {
		VMOVUPS(vector(v), to)
	}
	for i := range t.rows {
		a := t.av[i%2]
		VBROADCASTSS(t.element(i, u), a)
		for v, b := range t.bv {
			VFMADD231PS(a, b, t.sums[i][v])
		}
	}
}

// fetched is how many bytes of a row of B to come are fetched at each step.
func (t *tile) fetched() int {
	if t.vectors == wide {
		return wide * t.isa.bytes()
	}
	return 1
}

// element is where A[i, u] lies.
func (t *tile) element(i, u int) Mem {
	switch t.form {
	case rowMajor:
		m := t.aRows.at(i)
		m.Disp = 4 * u
		return m
	case colMajor:
		m := t.aStep.at(t.a, u)
		m.Disp = 4 * i
		return m
	}
	return Mem{Base: t.a, Disp: 4 * (t.rows*u + i)}
}

func (t *tile) advance(n int) {
	if t.form == packed {
		ADDQ(I32(int32(t.vectors*t.isa.bytes()*n)), t.b)
		ADDQ(I32(int32(4*t.rows*n)), t.a)
		return
	}
	t.bStep.advance(t.b, n)
	if t.form == rowMajor {
		t.aRows.advance(4 * n)
		return
	}
	t.aStep.advance(t.a, n)
}

// finish scales the sums by alpha, adds beta·C or a row, and writes C. Where beta is
// 0, C is not read: it may hold anything, NaN included.
func (t *tile) finish(in args) {
	scale, spare := t.av[0], t.av[1]
	in.ifNot(flagScale, "scaled")
	VBROADCASTSS(in.mem(fAlpha), scale)
	for _, row := range t.sums {
		for _, sum := range row {
			VMULPS(scale, sum, sum)
		}
	}
	Label("scaled")
	VBROADCASTSS(in.mem(fBeta), scale)
	tail := in.load(fTail)
	// What is added: C, or the same row over and over.
	d, rsd := in.load(fC), in.load(fRSC)
	in.ifNot(flagRow, "apart")
	MOVQ(in.mem(fRow), d)
	XORQ(rsd, rsd)
	Label("apart")
	c, rsc := in.load(fC), in.load(fRSC)
	in.ifNot(flagRagged, "full")
	m := t.isa.newMask(tail, t.isa.vec())
	in.ifNot(flagAdd, "raggedStore")
	t.write(c, rsc, d, rsd, func(sum reg.VecVirtual, last bool, at, from Mem) {
		if last {
			m.load(from, spare)
			VFMADD231PS(spare, scale, sum)
			m.store(sum, at)
			return
		}
		VFMADD231PS(from, scale, sum)
		VMOVUPS(sum, at)
	})
	Label("raggedStore")
	t.write(c, rsc, nil, nil, func(sum reg.VecVirtual, last bool, at, _ Mem) {
		if last {
			m.store(sum, at)
			return
		}
		VMOVUPS(sum, at)
	})
	Label("full")
	in.ifNot(flagAdd, "fullStore")
	t.write(c, rsc, d, rsd, func(sum reg.VecVirtual, _ bool, at, from Mem) {
		VFMADD231PS(from, scale, sum)
		VMOVUPS(sum, at)
	})
	Label("fullStore")
	t.write(c, rsc, nil, nil, func(sum reg.VecVirtual, _ bool, at, _ Mem) { VMOVUPS(sum, at) })
	Label("next")
	SUBQ(U8(1), in.mem(fMore))
	JL(LabelRef("done"))
	width := t.vectors * t.isa.bytes()
	on := in.load(fNextB)
	ADDQ(on, in.mem(fB))
	ADDQ(U32(width), in.mem(fC))
	in.ifNot(flagRow, "sameRow")
	ADDQ(U32(width), in.mem(fRow))
	Label("sameRow")
	t.fetchC(in, width)
	JMP(LabelRef("panel"))
	Label("done")
	restore(in)
	ret()
}

// write calls put for every vector of the tile, in the order of memory, with where it
// goes in C and where what is added comes from, if d is not nil. Then the next panel
// has its turn.
func (t *tile) write(c, rsc, d, rsd reg.GPVirtual, put func(sum reg.VecVirtual, last bool, at, from Mem)) {
	for i, row := range t.sums {
		if i > 0 {
			ADDQ(rsc, c)
			if d != nil {
				ADDQ(rsd, d)
			}
		}
		for v, sum := range row {
			put(sum, v == t.vectors-1, Mem{Base: c, Disp: t.isa.bytes() * v}, Mem{Base: d, Disp: t.isa.bytes() * v})
		}
	}
	JMP(LabelRef("next"))
}
