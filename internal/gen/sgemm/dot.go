package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func dotName(s isa, rows, columns int) string {
	return fmt.Sprintf("%sDot%dx%d", s.name, rows, columns)
}

// dotKernel is C = alpha·A·Bᵀ + beta·C on a tile of rows × columns, both
// operands read along k: rows of A are rsa bytes apart and rows of B, which are
// columns of the product, rsb bytes. Every lane sums its own share of k and the
// lanes are added at the end, always in the same order.
func dotKernel(s isa, rows, columns int) {
	in := function(dotName(s, rows, columns))
	k := in.load(fK)
	a := newRows(in.load(fA), in.load(fRSA), rows)
	b := newRows(in.load(fB), in.load(fRSB), columns)
	ahead := in.load(fAhead)
	sums := s.zeros(rows, columns)
	flush(in)

	SUBQ(U8(s.lanes), k)
	JL(LabelRef("rest"))
	Label("loop")
	// A is held and B passes through one register: AVX2 has no more.
	av, bv := s.vecs(rows), s.vec()
	for i, v := range av {
		VMOVUPS(a.at(i), v)
	}
	PREFETCHT0(Mem{Base: b.p0, Index: ahead, Scale: 1})
	for j := range columns {
		VMOVUPS(b.at(j), bv)
		for i, v := range av {
			VFMADD231PS(bv, v, sums[i][j])
		}
	}
	a.advance(s.bytes())
	b.advance(s.bytes())
	SUBQ(U8(s.lanes), k)
	JGE(LabelRef("loop"))
	Label("rest")
	ADDQ(U8(s.lanes), k)
	JZ(LabelRef("fold"))
	// The mask takes a register, so here A passes through one, too.
	m := s.newMask(k, s.vec())
	ar, br := s.vec(), s.vec()
	for j := range columns {
		m.load(b.at(j), br)
		for i := range rows {
			m.load(a.at(i), ar)
			VFMADD231PS(br, ar, sums[i][j])
		}
	}
	Label("fold")

	alpha, beta, spare := s.vec(), s.vec(), s.vec()
	VBROADCASTSS(in.mem(fAlpha), alpha.AsX())
	VBROADCASTSS(in.mem(fBeta), beta.AsX())
	var part mask
	if columns < dotColumns {
		n := GP64()
		MOVQ(I32(int32(columns)), n)
		part = s.newMask(n, s.vec())
	}
	c, rsc := in.load(fC), in.load(fRSC)
	for i, row := range sums {
		sum := s.fold(row, spare)
		VMULPS(alpha.AsX(), sum, sum)
		stored := fmt.Sprint("stored", i)
		in.ifNot(flagAdd, stored)
		part.loadX(Mem{Base: c}, spare.AsX())
		VFMADD231PS(spare.AsX(), beta.AsX(), sum)
		Label(stored)
		part.storeX(sum, Mem{Base: c})
		if i < rows-1 {
			ADDQ(rsc, c)
		}
	}
	restore(in)
	ret()
}

// fold returns the sums of the lanes of up to four vectors as the lanes of one.
// It transposes while it adds, which takes 13 instructions for four vectors of
// 16 lanes where adding up each alone takes 28. The vectors are used up.
func (s isa) fold(v []reg.VecVirtual, spare reg.VecVirtual) reg.Register {
	v0, v1 := v[0], v[min(1, len(v)-1)]
	pair := func(x, y reg.VecVirtual) { // x = x0+x2, y0+y2, x1+x3, y1+y3 of each four lanes
		VUNPCKLPS(y, x, spare)
		VUNPCKHPS(y, x, x)
		VADDPS(spare, x, x)
	}
	pair(v0, v1)
	v2 := v0
	if len(v) > 2 {
		v2 = v[2]
		pair(v2, v[len(v)-1])
	}
	VUNPCKLPD(v2, v0, spare)
	VUNPCKHPD(v2, v0, v0)
	VADDPS(spare, v0, v0)
	if s == avx512 {
		VEXTRACTF64X4(U8(1), v0, spare.AsY())
		VADDPS(spare.AsY(), v0.AsY(), v0.AsY())
		VEXTRACTF32X4(U8(1), v0.AsY(), spare.AsX())
	} else {
		VEXTRACTF128(U8(1), v0, spare.AsX())
	}
	VADDPS(spare.AsX(), v0.AsX(), v0.AsX())
	return v0.AsX()
}
