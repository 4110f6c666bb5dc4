package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func copyName(s isa, vectors int) string {
	return fmt.Sprintf("%sCopy%d", s.name, vectors*s.lanes)
}

// copyKernel packs a panel of B: k rows of up to vectors·lanes columns, rsb
// bytes apart at b, become adjacent at c. The last vector takes tail columns
// and zeros. It packs the panels that follow on the right as well, as many as
// more says, each to nextB bytes after the one before: to go along whole rows
// lets memory stream.
func copyKernel(s isa, vectors int) {
	in := function(copyName(s, vectors))
	from, step, to, k := in.load(fB), in.load(fRSB), in.load(fC), in.load(fK)
	m := s.newMask(in.load(fTail), s.vec())
	more, gap := in.load(fMore), in.load(fNextB)
	row := s.vecs(vectors)
	src, dst, left, next := GP64(), GP64(), GP64(), GP64()
	Label("loop")
	MOVQ(from, src)
	MOVQ(to, dst)
	MOVQ(more, left)
	LEAQ(Mem{Base: from, Index: step, Scale: 8}, next)
	Label("panel")
	for v, r := range row {
		at := Mem{Base: src, Disp: s.bytes() * v}
		if v < vectors-1 {
			VMOVUPS(at, r)
		} else {
			m.load(at, r)
		}
	}
	for at := 0; at < vectors*s.bytes(); at += 64 {
		PREFETCHT0(Mem{Base: next, Disp: at})
	}
	for v, r := range row {
		VMOVUPS(r, Mem{Base: dst, Disp: s.bytes() * v})
	}
	ADDQ(I32(int32(vectors*s.bytes())), src)
	ADDQ(I32(int32(vectors*s.bytes())), next)
	ADDQ(gap, dst)
	DECQ(left)
	JGE(LabelRef("panel"))
	ADDQ(step, from)
	ADDQ(I32(int32(vectors*s.bytes())), to)
	DECQ(k)
	JNZ(LabelRef("loop"))
	ret()
}

// copyTilesKernel packs tiles of a transposed A: from each of k rows, csa bytes
// apart at a, it cuts flags pieces of tail elements (the rows of a tile of C),
// rsa bytes apart, and writes each to a tile of its own, rsc bytes apart, piece
// after piece. Each is written as a whole vector, whose end the next one
// overwrites; the last one's takes a vector more than the tile. Going along whole
// rows matters: with a stride of a power of two, tile after tile would fetch every
// line again and from few sets of the cache. For the same reason the rows to come
// are asked for.
func copyTilesKernel(s isa) {
	in := function(s.name + "CopyTiles")
	from, step, to, k := in.load(fA), in.load(fCSA), in.load(fC), in.load(fK)
	tiles, height, gap := in.load(fFlags), in.load(fRSA), in.load(fRSC)
	wide := in.load(fTail)
	m := s.newMask(wide, s.vec())
	src, dst, left, next := GP64(), GP64(), GP64(), GP64()
	v := s.vec()
	Label("loop")
	MOVQ(from, src)
	MOVQ(to, dst)
	MOVQ(tiles, left)
	LEAQ(Mem{Base: from, Index: step, Scale: 8}, next)
	Label("tile")
	PREFETCHT0(Mem{Base: next})
	ADDQ(height, next)
	m.load(Mem{Base: src}, v)
	VMOVUPS(v, Mem{Base: dst})
	ADDQ(height, src)
	ADDQ(gap, dst)
	DECQ(left)
	JNZ(LabelRef("tile"))
	LEAQ(Mem{Base: to, Index: wide, Scale: 4}, to)
	ADDQ(step, from)
	DECQ(k)
	JNZ(LabelRef("loop"))
	ret()
}

// transposeKernel packs lanes rows across: element [i, j] of the rows at b goes
// to c + j·rsc + 4·i for j < k. The rows begin at b plus the byte offsets in the
// table at a, in which a row may stand more than once, to fill up. Columns are
// written in whole blocks of lanes, so up to lanes-1 more than k.
func transposeKernel(s isa) {
	in := function(s.name + "Transpose")
	table, from, to, step, k := in.load(fA), in.load(fB), in.load(fC), in.load(fRSC), in.load(fK)
	offset := GP64()
	var m mask
	if s == avx512 {
		KXNORW(reg.K1, reg.K1, reg.K1)
		m = mask{s, reg.K1}
	}
	Label("loop")
	CMPQ(k, U8(s.lanes))
	if s == avx512 {
		// One path: the mask turns from all ones to the tail's.
		JGE(LabelRef("load"))
		s.newMask(k, nil)
		Label("load")
		x := s.vecs(s.lanes)
		for i, v := range x {
			MOVQ(Mem{Base: table, Disp: 8 * i}, offset)
			m.load(Mem{Base: from, Index: offset, Scale: 1}, v)
		}
		put(to, step, transpose16(x))
	} else {
		// Two paths: the tail's mask takes a register that the whole blocks need.
		JL(LabelRef("tail"))
		x := s.vecs(s.lanes)
		for i, v := range x {
			MOVQ(Mem{Base: table, Disp: 8 * i}, offset)
			VMOVUPS(Mem{Base: from, Index: offset, Scale: 1}, v)
		}
		put(to, step, transpose8(x))
	}
	ADDQ(U8(s.bytes()), from)
	SUBQ(U8(s.lanes), k)
	JG(LabelRef("loop"))
	ret()
	if s == avx512 {
		return
	}
	Label("tail")
	CMPQ(k, U8(0))
	JE(LabelRef("done"))
	m = s.newMask(k, s.vec())
	x := s.vecs(s.lanes)
	for i, v := range x {
		MOVQ(Mem{Base: table, Disp: 8 * i}, offset)
		m.load(Mem{Base: from, Index: offset, Scale: 1}, v)
	}
	put(to, step, transpose8(x))
	Label("done")
	ret()
}

// put writes vectors step bytes apart and moves to past them.
func put(to, step reg.GPVirtual, v []reg.VecVirtual) {
	for _, x := range v {
		VMOVUPS(x, Mem{Base: to})
		ADDQ(step, to)
	}
}

// unpack4 transposes each 4 × 4 block of 32 bits: afterwards lane l of
// out[4g+c] holds column 4l+c of rows 4g to 4g+3.
func unpack4(s isa, x []reg.VecVirtual) []reg.VecVirtual {
	t, out := s.vecs(len(x)), s.vecs(len(x))
	for i := 0; i < len(x); i += 2 {
		VUNPCKLPS(x[i+1], x[i], t[i])
		VUNPCKHPS(x[i+1], x[i], t[i+1])
	}
	for i := 0; i < len(x); i += 4 {
		VUNPCKLPD(t[i+2], t[i], out[i])
		VUNPCKHPD(t[i+2], t[i], out[i+1])
		VUNPCKLPD(t[i+3], t[i+1], out[i+2])
		VUNPCKHPD(t[i+3], t[i+1], out[i+3])
	}
	return out
}

// transpose8 transposes 8 × 8: unpack4, then the 128-bit lanes.
func transpose8(x []reg.VecVirtual) []reg.VecVirtual {
	z, out := unpack4(avx2, x), avx2.vecs(8)
	for c := range 4 {
		VPERM2F128(U8(0x20), z[4+c], z[c], out[c])
		VPERM2F128(U8(0x31), z[4+c], z[c], out[4+c])
	}
	return out
}

// transpose16 transposes 16 × 16: unpack4, then a 4 × 4 transpose of 128-bit
// lanes in two shuffles.
func transpose16(x []reg.VecVirtual) []reg.VecVirtual {
	z, t, out := unpack4(avx512, x), avx512.vecs(16), avx512.vecs(16)
	for c := range 4 {
		VSHUFF32X4(U8(0x44), z[4+c], z[c], t[c])
		VSHUFF32X4(U8(0xee), z[4+c], z[c], t[4+c])
		VSHUFF32X4(U8(0x44), z[12+c], z[8+c], t[8+c])
		VSHUFF32X4(U8(0xee), z[12+c], z[8+c], t[12+c])
	}
	for c := range 4 {
		VSHUFF32X4(U8(0x88), t[8+c], t[c], out[c])
		VSHUFF32X4(U8(0xdd), t[8+c], t[c], out[4+c])
		VSHUFF32X4(U8(0x88), t[12+c], t[4+c], out[8+c])
		VSHUFF32X4(U8(0xdd), t[12+c], t[4+c], out[12+c])
	}
	return out
}
