package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// stream describes a kernel that walks along slices, 16 floats a block.
type stream struct {
	name     string
	slices   string // names of the *float32 arguments: "dst x y"
	scalars  string // names of the float32 arguments
	ahead    bool   // the last argument is how many bytes ahead of slices to prefetch; of a table, rowsAhead
	fence    bool   // what was written past the caches is there when the kernel returns
	table    string // slices that are tables, whose rows go by turns: see eachRow
	along    string // a slice that has other elements for each row
	gates    bool   // some slices are rows of 3n or 4n floats, walked in as many places
	blocks   int    // blocks an iteration of the main loop, AVX-512 and AVX2
	blocks2  int
	mode     mode // how denormals are treated
	wideMode mode // the same where AVX-512 takes another
	body     func(k *kernel)

	// A reduction has accumulators of accs blocks, which the body adds to. They
	// start at the constant start and are combined by combine.
	accs    int
	start   string
	combine func(k *kernel, x, y vec)
	nan     bool // the body watches for NaN, which is then the result
	tops    bool // the maximum of slice next, 16 side by side, is kept in tops
}

// rowsAhead is how many rows of a table are prefetched ahead. Rows come in any order, from
// tables that do not fit in the second cache level: without, an optimiser waits longer for
// them than it computes.
const rowsAhead = 3

// mode is bits of the processor's MXCSR that a kernel sets.
type mode int32

const (
	ieee      mode = 0
	zeroIn    mode = 0x0040          // denormals are taken as zeros
	flushZero mode = zeroIn | 0x8000 // and zeros are written for them
)

// emit writes the function, with as many constants in registers as there is
// room for, the most used first.
func (s stream) emit(f *file) error {
	blocks, name := s.blocks, s.name+"AVX512"
	if !f.wide {
		blocks, name = s.blocks2, s.name+"AVX2"
	}
	// A trial run counts the constants that the body uses.
	trial := newKernel(newFile(f.wide), name, s.signature())
	s.arguments(trial)
	trial.blocks = blocks
	s.accumulators(trial)
	s.body(trial)
	for pins := len(trial.uses); pins >= 0; pins-- {
		scratch := newFile(f.wide)
		s.write(scratch, name, blocks, trial.uses, pins)
		if _, err := scratch.compile(); err == nil {
			s.write(f, name, blocks, trial.uses, pins)
			return nil
		}
	}
	return fmt.Errorf("%s: too many lanes for the registers", name)
}

func (s stream) signature() string {
	args := strings.ReplaceAll(s.slices, " ", ", ") + " *float32, n int"
	if s.scalars != "" {
		args += ", " + strings.ReplaceAll(s.scalars, " ", ", ") + " float32"
	}
	if s.tops {
		args += ", tops *float32"
	}
	if s.ahead && s.table == "" {
		args += ", ahead int"
	}
	if s.table != "" && s.along == "" {
		args += ", numbers *float32"
	}
	if s.table != "" {
		return "func(" + args + ", ids *int32, k, stride int)"
	}
	if s.accs > 0 {
		return "func(" + args + ") float32"
	}
	return "func(" + args + ")"
}

// write writes the function:
//
//	main loop   blocks·16 floats an iteration
//	block loop  16 floats
//	tail        fewer than 16 floats, under a mask
//
// A slice's elements are loaded before those at the same place are written, so
// that an output may be exactly an input.
func (s stream) write(f *file, name string, blocks int, uses map[string]int, pins int) {
	k := newKernel(f, name, s.signature())
	m := s.mode
	if k.wide && s.wideMode != ieee {
		m = s.wideMode
	}
	restore := k.set(m)
	s.arguments(k)
	n := k.gp("n")
	if s.gates {
		k.stride, k.stride3 = k.GP64(), k.GP64()
		k.LEAQ(operand.Mem{Base: n, Index: n, Scale: 1}, k.stride)
		k.SHLQ(operand.U8(1), k.stride)
		k.LEAQ(operand.Mem{Base: k.stride, Index: k.stride, Scale: 2}, k.stride3)
	}
	k.pin(uses, pins)
	k.blocks = max(s.accs, 1)
	var numbers, ids, rows reg.GPVirtual
	if s.table != "" {
		ids, rows = k.gp("ids"), k.gp("k")
		if s.along == "" {
			numbers = k.gp("numbers")
		}
		n = s.eachRow(k, numbers, ids, rows, n)
	}
	s.accumulators(k)

	if blocks > 1 {
		k.SUBQ(operand.I32(16*blocks), n)
		k.JL(operand.LabelRef("blocks"))
		k.Label("loop")
		k.blocks = blocks
		s.body(k)
		k.advance(blocks)
		k.SUBQ(operand.I32(16*blocks), n)
		k.JGE(operand.LabelRef("loop"))
		k.Label("blocks")
		k.ADDQ(operand.I32(16*blocks), n)
	}
	s.fold(k)
	k.blocks = 1
	k.SUBQ(operand.I8(16), n)
	k.JL(operand.LabelRef("tail"))
	k.Label("loop1")
	s.body(k)
	k.advance(1)
	k.SUBQ(operand.I8(16), n)
	k.JGE(operand.LabelRef("loop1"))
	k.Label("tail")
	k.ADDQ(operand.I8(16), n)
	k.JZ(operand.LabelRef("done"))
	k.mask(n)
	s.body(k)
	k.Label("done")
	if s.accs > 0 {
		result := s.reduce(k)
		if s.nan {
			k.orNaN(result)
		}
		if s.table != "" {
			k.VMOVSS(result, operand.Mem{Base: numbers})
		} else {
			k.Store(result, k.ReturnIndex(0))
		}
		if s.tops {
			k.masked, k.blocks = false, 1
			k.store(k.top, k.at("tops"))
		}
	}
	if s.table != "" {
		if s.along == "" {
			k.ADDQ(operand.I8(4), numbers)
		}
		k.ADDQ(operand.I8(4), ids)
		k.DECQ(rows)
		k.JNZ(operand.LabelRef("row"))
	}
	restore()
	if s.fence {
		k.SFENCE()
	}
	k.VZEROUPPER()
	k.RET()
}

// eachRow begins a loop over rows of the tables, ids being their numbers and stride the
// floats from one to the next: the kernel runs once for each, while slices that are no
// tables stay the same or, along, go on. Without such a slice a reduction writes its results
// to numbers, and others have a factor there for each row. It returns how many floats of a
// row are left.
func (s stream) eachRow(k *kernel, numbers, ids, rows, n reg.GPVirtual) (left reg.GPVirtual) {
	stride, starts := k.gp("stride"), k.ptr
	k.ptr = map[string]reg.GPVirtual{}
	left = k.GP64()
	k.Label("row")
	k.MOVLQSX(operand.Mem{Base: ids}, left)
	if s.ahead {
		// The row of ids[min(rowsAhead, rows-1)], less this one.
		most := k.GP64()
		k.LEAQ(operand.Mem{Base: rows, Disp: -1}, k.ahead)
		k.MOVQ(operand.I32(rowsAhead), most)
		k.CMPQ(k.ahead, most)
		k.CMOVQGT(most, k.ahead)
		k.MOVLQSX(operand.Mem{Base: ids, Index: k.ahead, Scale: 4}, k.ahead)
		k.SUBQ(left, k.ahead)
		k.IMULQ(stride, k.ahead)
		k.SHLQ(operand.U8(2), k.ahead)
	}
	k.IMULQ(stride, left)
	for _, name := range k.names {
		k.ptr[name] = k.GP64()
		if slices.Contains(strings.Fields(s.table), name) {
			k.LEAQ(operand.Mem{Base: starts[name], Index: left, Scale: 4}, k.ptr[name])
			continue
		}
		k.MOVQ(starts[name], k.ptr[name])
		if name == s.along {
			k.LEAQ(operand.Mem{Base: starts[name], Index: n, Scale: 4}, starts[name])
		}
	}
	if s.hasFactor() {
		k.VBROADCASTSS(operand.Mem{Base: numbers}, k.pinned["factor"])
	}
	k.MOVQ(n, left)
	return left
}

// hasFactor says whether numbers are factors of rows.
func (s stream) hasFactor() bool { return s.table != "" && s.along == "" && s.accs == 0 }

func (s stream) arguments(k *kernel) {
	k.names = strings.Fields(s.slices)
	for _, name := range k.names {
		k.ptr[name] = k.gp(name)
	}
	for _, name := range strings.Fields(s.scalars) {
		k.scalar(name)
	}
	switch {
	case s.ahead && s.table != "":
		k.ahead = k.GP64()
	case s.ahead:
		k.ahead = k.gp("ahead")
	}
	if s.hasFactor() {
		k.pinned["factor"] = k.newLane()
	}
}

func (s stream) accumulators(k *kernel) {
	if s.accs == 0 {
		return
	}
	k.acc = k.copyOf(vec{k.inMemory(s.start)}, s.accs*k.perBlock())
	if s.tops {
		k.ptr["tops"] = k.gp("tops")
		k.top = k.load(k.at("tops"))
	}
	if s.nan {
		k.watchFrom()
	}
}

// fold combines the accumulators' blocks into one: (0+1)+(2+3). The order is
// the same for both widths and in plain Go.
func (s stream) fold(k *kernel) {
	p := k.perBlock()
	for len(k.acc) > p {
		half := vec{}
		for i := 0; i < len(k.acc); i += 2 * p {
			s.combine(k, k.acc[i:i+p], k.acc[i+p:i+2*p])
			half = append(half, k.acc[i:i+p]...)
		}
		k.acc = half
	}
}

// reduce combines the 16 elements of the accumulator: i with i+8, then i+4,
// i+2 and i+1. It returns the register with the result in its first element.
func (s stream) reduce(k *kernel) reg.Register {
	first := k.acc[0].(reg.VecVirtual)
	y, x := first.AsY(), first.AsX()
	t := k.YMM()
	if k.wide {
		k.VEXTRACTF64X4(operand.U8(1), first, t)
	} else {
		t = k.acc[1].(reg.VecVirtual)
	}
	s.combine(k, vec{y}, vec{t})
	k.VEXTRACTF128(operand.U8(1), y, t.AsX())
	s.combine(k, vec{x}, vec{t.AsX()})
	k.VPERMILPS(operand.U8(0x4e), x, t.AsX())
	s.combine(k, vec{x}, vec{t.AsX()})
	k.VPERMILPS(operand.U8(0xb1), x, t.AsX())
	s.combine(k, vec{x}, vec{t.AsX()})
	return x
}

// at returns the addresses of a slice's elements being handled, lane by lane.
func (k *kernel) at(name string) vec { return k.gate(name, 0) }

// gate is at for gate q of a row of several n floats.
func (k *kernel) gate(name string, q int) vec {
	v := make(vec, k.lanes())
	for i := range v {
		m := operand.Mem{Base: k.ptr[name], Disp: i * k.width()}
		switch q {
		case 1, 2:
			m.Index, m.Scale = k.stride, uint8(q)
		case 3:
			m.Index, m.Scale = k.stride3, 1
		}
		v[i] = m
	}
	return v
}

// load returns the elements at the addresses; past the end of the slice they are 0.
func (k *kernel) load(at vec) vec {
	dst := make(vec, len(at))
	for i := range at {
		dst[i] = k.loadLane(at, i)
	}
	return dst
}

func (k *kernel) loadLane(at vec, i int) operand.Op {
	r := k.newLane()
	switch {
	case !k.masked:
		k.VMOVUPS(at[i], r)
	case k.wide:
		k.VMOVUPS_Z(at[i], reg.K1, r)
	default:
		k.VMASKMOVPS(at[i], k.tailMask(i), r)
	}
	return r
}

// prefetch asks for what is ahead in a slice, line by line, with PREFETCHT0 or its like.
func (k *kernel) prefetch(name string, ask func(operand.Op)) {
	for i := range k.blocks {
		ask(operand.Mem{Base: k.ptr[name], Index: k.ahead, Scale: 1, Disp: 64 * i})
	}
}

// store writes the lanes of v, and nothing past the end of the slice.
func (k *kernel) store(v, at vec) {
	for i := range at {
		switch {
		case !k.masked:
			k.VMOVUPS(v[i], at[i])
		case k.wide:
			k.VMOVUPS(v[i], reg.K1, at[i])
		default:
			k.VMASKMOVPS(v[i], k.tailMask(i), at[i])
		}
	}
}

// storePast is store past the caches, which does not read what it overwrites. The
// addresses are multiples of a register's width; a tail is written as ever.
func (k *kernel) storePast(v, at vec) {
	if k.masked {
		k.store(v, at)
		return
	}
	for i := range at {
		k.VMOVNTPS(v[i], at[i])
	}
}

// mask begins the tail of n < 16 floats.
func (k *kernel) mask(n reg.GPVirtual) {
	k.masked = true
	if k.wide {
		m := k.GP32()
		k.MOVL(operand.I32(-1), m)
		k.BZHIL(n.As32(), m, m)
		k.KMOVD(m, reg.K1)
		return
	}
	k.tail = k.GP64()
	k.LEAQ(k.maskTable(), k.tail)
	k.SHLQ(operand.U8(2), n)
	k.SUBQ(n, k.tail)
}

// maskTable is 32 words of ones, then 32 words of zeros: what starts at word
// 32-n has n ones.
func (k *kernel) maskTable() operand.Mem {
	if m, ok := k.table["tail masks"]; ok {
		return m
	}
	m := k.StaticGlobal("tail_masks")
	k.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 64 {
		word := operand.U32(0xffffffff)
		if i >= 32 {
			word = 0
		}
		k.AddDatum(4*i, word)
	}
	k.table["tail masks"] = m
	return m
}

// tailMask returns the mask of the tail's lane i in a fresh register: it is
// cheaper to load than to keep.
func (k *kernel) tailMask(i int) operand.Op {
	r := k.YMM()
	k.VMOVUPS(operand.Mem{Base: k.tail, Disp: 128 + 32*i}, r)
	return r
}

// advance moves every slice's pointer past the blocks handled.
func (k *kernel) advance(blocks int) {
	for _, name := range k.names {
		k.ADDQ(operand.I32(64*blocks), k.ptr[name])
	}
}

// set changes the processor's mode, and returns what restores it. Nothing but the
// kernel runs in between.
func (k *kernel) set(m mode) (restore func()) {
	if m == ieee {
		return func() {}
	}
	saved := k.AllocLocal(8)
	changed := saved.Offset(4)
	bits := k.GP32()
	k.STMXCSR(saved)
	k.MOVL(saved, bits)
	k.ORL(operand.I32(int32(m)), bits)
	k.MOVL(bits, changed)
	k.LDMXCSR(changed)
	return func() { k.LDMXCSR(saved) }
}
