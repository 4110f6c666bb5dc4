package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// field is a field of the Go struct args (kernel.go in package sgemm) by its
// offset in bytes. The generated Go file asserts that the offsets agree.
type field struct {
	name string
	off  int
}

var (
	fK     = field{"k", 0}
	fA     = field{"a", 8}
	fRSA   = field{"rsa", 16}
	fCSA   = field{"csa", 24}
	fB     = field{"b", 32}
	fRSB   = field{"rsb", 40}
	fC     = field{"c", 48}
	fRSC   = field{"rsc", 56}
	fAlpha = field{"alpha", 64}
	fBeta  = field{"beta", 68}
	fTail  = field{"tail", 72}
	fFlags = field{"flags", 80}
	fAhead = field{"ahead", 88}
	fMore  = field{"more", 96}
	fNextB = field{"nextB", 104}
	fRow   = field{"row", 112}
	fMXCSR = field{"mxcsr", 120}

	fields = []field{fK, fA, fRSA, fCSA, fB, fRSB, fC, fRSC, fAlpha, fBeta, fTail, fFlags, fAhead, fMore, fNextB, fRow, fMXCSR}
)

// The bits of args.flags.
const (
	flagAdd    = 1 // beta is not 0: C is read
	flagScale  = 2 // alpha is not 1
	flagRagged = 4 // the last vector of a row has only args.tail columns
	flagRow    = 8 // what is added is a row at args.row, not C
)

// args is the pointer to the struct.
type args struct{ p reg.GPVirtual }

// function opens a kernel func(t *args) and loads the pointer.
func function(name string) args {
	TEXT(name, NOSPLIT, "func(t *byte)")
	return args{Load(Param("t"), GP64()).(reg.GPVirtual)}
}

func (a args) mem(f field) Mem { return Mem{Base: a.p, Disp: f.off} }

// load returns a 64-bit field in a new register.
func (a args) load(f field) reg.GPVirtual {
	r := GP64()
	MOVQ(a.mem(f), r)
	return r
}

// ifNot jumps to label if flag is not set.
func (a args) ifNot(flag uint8, label string) {
	TESTB(U8(flag), a.mem(fFlags))
	JZ(LabelRef(label))
}

// rows addresses up to 14 rows of one matrix without a register a row: two
// bases seven rows apart, and 1, 3 and 5 times the stride as index registers,
// which the addressing mode scales by 1, 2 or 4.
type rows struct{ p0, p7, s1, s3, s5 reg.GPVirtual }

func newRows(p, stride reg.GPVirtual, n int) rows {
	r := rows{p0: p, s1: stride}
	if n > 3 {
		r.s3 = GP64()
		LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, r.s3)
	}
	if n > 5 {
		r.s5 = GP64()
		LEAQ(Mem{Base: stride, Index: stride, Scale: 4}, r.s5)
	}
	if n > 7 {
		r.p7 = GP64()
		LEAQ(Mem{Base: p, Index: r.s3, Scale: 2}, r.p7)
		ADDQ(stride, r.p7)
	}
	return r
}

func (r rows) at(i int) Mem {
	base := r.p0
	if i >= 7 {
		base, i = r.p7, i-7
	}
	switch i {
	case 0:
		return Mem{Base: base}
	case 1:
		return Mem{Base: base, Index: r.s1, Scale: 1}
	case 2:
		return Mem{Base: base, Index: r.s1, Scale: 2}
	case 3:
		return Mem{Base: base, Index: r.s3, Scale: 1}
	case 4:
		return Mem{Base: base, Index: r.s1, Scale: 4}
	case 5:
		return Mem{Base: base, Index: r.s5, Scale: 1}
	case 6:
		return Mem{Base: base, Index: r.s3, Scale: 2}
	}
	panic(fmt.Sprint("no address for row ", i))
}

// advance moves all rows on by n bytes.
func (r rows) advance(n int) {
	ADDQ(I32(int32(n)), r.p0)
	if r.p7 != nil {
		ADDQ(I32(int32(n)), r.p7)
	}
}
