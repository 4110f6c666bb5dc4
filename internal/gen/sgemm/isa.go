package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is what differs between the two instruction sets.
type isa struct {
	name  string // prefix of the functions
	table string // name of the Go function that returns the kernels
	lanes int    // float32 in a vector

	// The largest tile of C is rows × vectors·lanes. What counts is loads for
	// each multiply-add: a step of k loads vectors of B and broadcasts rows
	// elements of A for rows·vectors multiply-adds. 9 × 3 vectors uses all 32
	// registers (27 sums, 3 of B, 2 of A) and measured best of the shapes that
	// fit on Intel, 6 × 2 all 16 of AVX2 (12, 2, 2).
	rows, vectors int

	// A tile of dot products is dotRows × 4. Four columns, because four vectors
	// of partial sums fold into one vector of four sums.
	dotRows int
}

var (
	avx512 = isa{name: "avx512", table: "avx512Kernels", lanes: 16, rows: 9, vectors: 3, dotRows: 6}
	avx2   = isa{name: "avx2", table: "avx2Kernels", lanes: 8, rows: 6, vectors: 2, dotRows: 3}
)

const dotColumns = 4

// wide is the number of vectors in a tile of one row that reads B in place, for
// the product of a vector and a matrix: enough sums to hide the latency of
// adding, and long runs of memory in each row.
const wide = 8

// bytes is the size of a vector.
func (s isa) bytes() int { return 4 * s.lanes }

// vec returns a new vector register.
func (s isa) vec() reg.VecVirtual {
	if s == avx512 {
		return ZMM()
	}
	return YMM()
}

func (s isa) vecs(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = s.vec()
	}
	return v
}

// zeros returns rows × columns registers set to zero.
func (s isa) zeros(rows, columns int) [][]reg.VecVirtual {
	acc := make([][]reg.VecVirtual, rows)
	for i := range acc {
		acc[i] = s.vecs(columns)
		for _, v := range acc[i] {
			if s == avx512 {
				VPXORD(v, v, v)
			} else {
				VXORPS(v, v, v)
			}
		}
	}
	return acc
}

// mask selects the first n lanes of a vector. In AVX-512 it is a mask register;
// in AVX2 a vector of 0 and -1, read from a table of 8 ones and 8 zeros.
type mask struct {
	isa isa
	op  Op
}

// newMask makes the mask of the first n lanes, 1 <= n <= lanes.
// into is the AVX2 register to use. n survives.
func (s isa) newMask(n reg.GPVirtual, into reg.VecVirtual) mask {
	if s == avx512 {
		// (1 << n) - 1. The count of a shift is in CL.
		bits := GP32()
		MOVQ(n, reg.RCX)
		MOVL(U32(1), bits)
		SHLL(reg.CL, bits)
		DECL(bits)
		KMOVW(bits, reg.K1)
		return mask{s, reg.K1}
	}
	at := GP64()
	back := GP64()
	LEAQ(NewDataAddr(Symbol{Name: "maskTable", Static: true}, 32), at)
	MOVQ(n, back)
	NEGQ(back)
	VMOVUPS(Mem{Base: at, Index: back, Scale: 4}, into)
	return mask{s, into}
}

// load reads the lanes of the mask and zeros for the others.
func (m mask) load(from Mem, to reg.VecVirtual) {
	if m.isa == avx512 {
		VMOVUPS_Z(from, m.op, to)
		return
	}
	VMASKMOVPS(from, m.op, to)
}

// store writes the lanes of the mask alone.
func (m mask) store(from reg.VecVirtual, to Mem) {
	if m.isa == avx512 {
		VMOVUPS(from, m.op, to)
		return
	}
	VMASKMOVPS(from, m.op, to)
}

// loadX and storeX are load and store of four lanes; the zero mask selects all.
func (m mask) loadX(from Mem, to reg.Register) {
	switch {
	case m.op == nil:
		VMOVUPS(from, to)
	case m.isa == avx512:
		VMOVUPS_Z(from, m.op, to)
	default:
		VMASKMOVPS(from, m.x(), to)
	}
}

func (m mask) storeX(from reg.Register, to Mem) {
	switch {
	case m.op == nil:
		VMOVUPS(from, to)
	case m.isa == avx512:
		VMOVUPS(from, m.op, to)
	default:
		VMASKMOVPS(from, m.x(), to)
	}
}

func (m mask) x() Op { return m.op.(reg.VecVirtual).AsX() }

// flush makes the processor take denormals for zeros, in operands and results,
// until restore. On Intel's processors a multiply-add with a denormal takes some
// 150 cycles, and gradients that vanish over many steps of time are full of them.
// It costs one part in a hundred of a tile. It has to be undone in the same
// call: compiled Go code expects IEEE 754.
func flush(in args) {
	STMXCSR(in.mem(fMXCSR))
	LDMXCSR(NewDataAddr(Symbol{Name: "flushing", Static: true}, 0))
}

func restore(in args) { LDMXCSR(in.mem(fMXCSR)) }

// ret leaves the kernel. Upper halves are cleared, or every SSE instruction of
// compiled Go code after it would be slow.
func ret() {
	VZEROUPPER()
	RET()
}

// constants writes the tables in memory.
func constants() {
	GLOBL("maskTable", RODATA|NOPTR)
	for i := range 16 {
		v := U32(0)
		if i < 8 {
			v = 0xffffffff
		}
		DATA(4*i, v)
	}
	// All exceptions masked, round to nearest (0x1f80, the default), flush to
	// zero (1 << 15), denormals are zeros (1 << 6).
	GLOBL("flushing", RODATA|NOPTR)
	DATA(0, U32(0x1f80|1<<15|1<<6))
}
