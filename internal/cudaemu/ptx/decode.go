package ptx

import (
	"fmt"
	"slices"
	"strings"
)

// space is a PTX state space.
type space uint8

const (
	generic space = iota
	global
	shared
	local
	constants
)

// Generic addresses of shared and local memory lie in windows of their own.
const (
	sharedWindow = uint64(1) << 40
	localWindow  = uint64(1) << 41
	windowSize   = uint64(1) << 32
)

// window returns what is added to an address of the space to make it generic.
func (s space) window() uint64 {
	switch s {
	case shared:
		return sharedWindow
	case local:
		return localWindow
	}
	return 0
}

// String returns the name of the space in PTX.
func (s space) String() string {
	return [...]string{"generic", "global", "shared", "local", "const"}[s]
}

// kind says how an instruction is executed.
type kind uint8

const (
	kindApply    kind = iota // d = f(a, b, c)
	kindDivide               // kindApply, where b = 0 is a fault
	kindCompare              // predicate d = test(a, b), combined with predicate c
	kindSet                  // d = test(a, b) ? f's constant : 0
	kindSelect               // d = predicate c ? a : b
	kindLogic                // predicate d = logic(predicates a, b)
	kindPack                 // d = {regs…}
	kindUnpack               // {regs…} = a
	kindLoad                 // ld
	kindStore                // st
	kindAtomic               // atom and red
	kindBranch               // bra
	kindIndexed              // brx.idx
	kindExit                 // ret and exit
	kindBarrier              // bar.sync of the block
	kindWarpSync             // bar.warp.sync
	kindShuffle              // shfl.sync
	kindVote                 // vote.sync
	kindActive               // activemask
	kindFence                // membar and fence
	kindFast                 // the first of the kinds with a loop of their own: see fast.go
)

// instr is a decoded instruction. Operands are indices of register columns, or of
// predicates; -1 is none.
type instr struct {
	kind     kind
	negated  bool // @!p
	flip     bool // predicate operand c is negated
	flipA    bool
	flipB    bool
	strong   bool // an access that takes part in no race: atomic, volatile, relaxed, acquire, release
	readOnly bool // ld.global.nc
	space    space
	mode     uint8 // of kindShuffle, kindVote, kindAtomic and combinations of kindCompare
	guard    int32
	d, d2    int32
	a, b, c  int32
	mask     int32 // column of a member mask
	line     int32
	size     uint64 // bytes of an access, for each element
	offset   uint64
	typ      typ
	regs     []int32 // of vectors
	f        scalar
	test     func(a, b uint64) bool
	targets  []int32
	name     string
	count    uint64 // threads that have executed it
}

// ends reports whether nothing after the instruction follows it.
func (in *instr) ends() bool {
	return in.guard < 0 && (in.kind == kindExit || in.kind == kindBranch || in.kind == kindIndexed)
}

// decode fills in for b.mnemonic and its operands.
func (b *body) decode(in *instr, operands []operand) error {
	parts := strings.Split(b.mnemonic, ".")
	m := modifiers(parts[1:])
	if f, ok := control[parts[0]]; ok {
		if err := f(b, in, &m, operands); err != nil {
			return err
		}
		return m.end()
	}
	if slices.Equal(m, modifiers{"pred"}) {
		return b.predicateLogic(in, parts[0], operands)
	}
	op, known, err := decodeArithmetic(b.mnemonic)
	if !known {
		return fmt.Errorf("the instruction is unknown")
	}
	if err != nil {
		return err
	}
	in.kind, in.f = kindApply, op.f
	if op.divides {
		in.kind = kindDivide
	}
	if len(operands) != 1+len(op.src) {
		return fmt.Errorf("%d operands; want %d", len(operands), 1+len(op.src))
	}
	if in.d, err = b.destination(operands[0], op.dst, op.widens); err != nil {
		return err
	}
	columns := [3]int32{b.constant(0), b.constant(0), b.constant(0)}
	for i, t := range op.src {
		if columns[i], err = b.source1(operands[1+i], t, op.widens); err != nil {
			return err
		}
	}
	in.a, in.b, in.c = columns[0], columns[1], columns[2]
	if op.widens {
		in.f = fitting(op, operands[0].reg.typ, operands[1])
	}
	if k, ok := fastKinds[b.mnemonic]; ok {
		in.kind = k
	}
	return nil
}

// fitting wraps a cvt whose registers are wider than its types: the operand is cut,
// and the result extended by its sign.
func fitting(op operation, dst typ, src operand) scalar {
	f, from, to := op.f, op.src[0], op.dst
	if src.reg != nil && src.reg.typ.bits > from.bits {
		g := f
		f = func(a, b, c uint64) uint64 { return g(a&from.mask(), b, c) }
	}
	if dst.bits > to.bits {
		g := f
		f = func(a, b, c uint64) uint64 { return to.extend(g(a, b, c)) & dst.mask() }
	}
	return f
}

// control maps the first part of a mnemonic to the decoder of what is not arithmetic.
var control = map[string]func(b *body, in *instr, m *modifiers, o []operand) error{
	"mov": (*body).move, "setp": (*body).setPredicate, "set": (*body).set, "selp": (*body).selectValue,
	"ld": (*body).load, "st": (*body).store, "atom": (*body).atomic, "red": (*body).atomic,
	"bra": (*body).branch, "brx": (*body).indexedBranch, "ret": (*body).exit, "exit": (*body).exit,
	"bar": (*body).barrier, "barrier": (*body).barrier, "shfl": (*body).shuffle, "vote": (*body).vote,
	"activemask": (*body).activeMask, "membar": (*body).fence, "fence": (*body).fence,
}

// Known returns the first parts of all mnemonics that the emulator executes, sorted.
func Known() []string {
	names := slices.Collect(func(yield func(string) bool) {
		for name := range control {
			if !yield(name) {
				return
			}
		}
		for name := range arithmetic {
			if !yield(name) {
				return
			}
		}
	})
	slices.Sort(names)
	return names
}

// agree reports whether a register of type r may stand where t is wanted.
func agree(r, t typ, wider bool) bool {
	if (r.kind == predicate) != (t.kind == predicate) || r.bits < t.bits || r.bits > t.bits && !wider {
		return false
	}
	mixed := (r.kind == float) != (t.kind == float) && r.kind != untyped && t.kind != untyped
	return !mixed || wider && t.kind == float // ld.f16 and cvt.f16 take .b16 registers
}

// destination returns the column of a register of type t that is written.
func (b *body) destination(o operand, t typ, wider bool) (int32, error) {
	if o.reg == nil || o.second != nil || o.address || o.negated {
		return 0, fmt.Errorf("the destination is no register")
	}
	if !agree(o.reg.typ, t, wider) {
		return 0, fmt.Errorf("the destination is a register of another type or size")
	}
	return o.reg.index, nil
}

// source1 returns the column of an operand of type t that is read.
func (b *body) source1(o operand, t typ, wider bool) (int32, error) {
	switch {
	case o.second != nil || o.address || o.negated || o.list != nil || o.sink:
		return 0, fmt.Errorf("an operand of this form is unknown here")
	case o.reg != nil:
		if !agree(o.reg.typ, t, wider) {
			return 0, fmt.Errorf("an operand is a register of another type or size")
		}
		return o.reg.index, nil
	case o.name != "":
		if c, ok := b.special(o.name); ok {
			if t.bits != 32 || t.kind == float {
				return 0, fmt.Errorf("%s has 32 bits", o.name)
			}
			return c, nil
		}
		if s, ok := b.symbols[o.name]; ok && t.bits == 64 {
			return b.symbolColumn(s), nil
		}
		return 0, fmt.Errorf("%s is unknown", o.name)
	case o.bits != 0:
		if t.bits != o.bits || t.kind != float && t.kind != untyped {
			return 0, fmt.Errorf("a float stands where another type is wanted")
		}
	case t.kind == float:
		return 0, fmt.Errorf("an integer stands where a float is wanted")
	default:
		if high := o.value &^ t.mask(); high != 0 && (int64(o.value) >= 0 || int64(o.value) < -(1<<(t.bits-1))) {
			return 0, fmt.Errorf("%d does not fit in %d bits", int64(o.value), t.bits)
		}
	}
	return b.constant(o.value & t.mask()), nil
}

// symbolColumn returns the column that holds a variable's address in its space.
func (b *body) symbolColumn(s symbol) int32 {
	if !s.dynamic {
		return b.constant(s.addr)
	}
	for c := range b.dynamics {
		return c
	}
	c := b.column() // its own, since its value is not known yet
	b.kernel.constants = append(b.kernel.constants, constant{c, 0})
	b.kernel.dynamic = true
	b.dynamics[c] = 0
	return c
}

// predicateOperand returns the index of a predicate, and whether it is negated.
func (b *body) predicateOperand(o operand) (int32, bool, error) {
	if o.reg == nil || o.reg.typ.kind != predicate || o.address || o.second != nil {
		return 0, false, fmt.Errorf("an operand is no predicate")
	}
	return o.reg.index, o.negated, nil
}

func want(o []operand, n int) error {
	if len(o) != n {
		return fmt.Errorf("%d operands; want %d", len(o), n)
	}
	return nil
}

// anyType takes the next modifier, which must be a type of a register.
func anyType(m *modifiers) (typ, error) { return m.typ(untyped, unsigned, signed, float) }

// Logic on predicates is done on masks of lanes: bit i of mode is the result where
// the operands are the two bits of i.
const (
	logicAnd  = 0b1000
	logicOr   = 0b1110
	logicXor  = 0b0110
	logicMove = 0b1100
)

var predicateModes = map[string]uint8{"and": logicAnd, "or": logicOr, "xor": logicXor}

// predicateLogic decodes and.pred, or.pred, xor.pred and not.pred.
func (b *body) predicateLogic(in *instr, name string, o []operand) (err error) {
	in.kind = kindLogic
	if len(o) == 0 || o[0].reg == nil || o[0].negated {
		return fmt.Errorf("the destination is no predicate")
	}
	if in.d, _, err = b.predicateOperand(o[0]); err != nil {
		return err
	}
	if name == "not" {
		if err := want(o, 2); err != nil {
			return err
		}
		in.mode = logicMove
		in.a, in.flipA, err = b.predicateOperand(o[1])
		in.b, in.flipA = in.a, !in.flipA
		return err
	}
	mode, ok := predicateModes[name]
	if !ok {
		return fmt.Errorf("the instruction is unknown")
	}
	in.mode = mode
	if err := want(o, 3); err != nil {
		return err
	}
	if in.a, in.flipA, err = b.predicateOperand(o[1]); err != nil {
		return err
	}
	in.b, in.flipB, err = b.predicateOperand(o[2])
	return err
}

// move decodes mov: of a register, an address, a special register, a predicate, and
// to and from parts.
func (b *body) move(in *instr, m *modifiers, o []operand) (err error) {
	if err := want(o, 2); err != nil {
		return err
	}
	if m.take("pred") != "" {
		in.kind, in.mode = kindLogic, logicMove
		if in.d, _, err = b.predicateOperand(o[0]); err != nil {
			return err
		}
		if in.a, in.flipA, err = b.predicateOperand(o[1]); err != nil {
			return fmt.Errorf("a predicate is moved from another predicate only")
		}
		in.b = in.a
		return nil
	}
	t, err := anyType(m)
	if err != nil {
		return err
	}
	in.typ = t
	if o[0].list != nil || o[1].list != nil {
		return b.pack(in, t, o)
	}
	in.kind, in.f = kindMove, func(a, _, _ uint64) uint64 { return a }
	in.b, in.c = b.constant(0), b.constant(0)
	if in.d, err = b.destination(o[0], t, false); err != nil {
		return err
	}
	in.a, err = b.source1(o[1], t, false)
	return err
}

// pack decodes "mov.b64 %rd, {%r1, %r2}" and its inverse.
func (b *body) pack(in *instr, t typ, o []operand) (err error) {
	if t.kind != untyped {
		return fmt.Errorf("a list of parts wants .b32 or .b64")
	}
	list := o[1].list
	if o[0].list != nil {
		list = o[0].list
	}
	if len(list) != 2 && len(list) != 4 || t.bits%len(list) != 0 {
		return fmt.Errorf("%d parts of %d bits are unknown", len(list), t.bits)
	}
	part := typ{untyped, t.bits / len(list)}
	if part.bits < 16 {
		return fmt.Errorf("parts of %d bits are unknown", part.bits)
	}
	in.size = uint64(part.bits)
	if o[0].list == nil {
		in.kind = kindPack
		if in.d, err = b.destination(o[0], t, false); err != nil {
			return err
		}
		in.regs, err = b.sources(list, part, false)
		return err
	}
	in.kind = kindUnpack
	if in.a, err = b.source1(o[1], t, false); err != nil {
		return err
	}
	in.regs, err = b.destinations(list, part, false)
	return err
}

func (b *body) sources(list []operand, t typ, wider bool) ([]int32, error) {
	var regs []int32
	for _, o := range list {
		c, err := b.source1(o, t, wider)
		if err != nil {
			return nil, err
		}
		regs = append(regs, c)
	}
	return regs, nil
}

// destinations returns the columns of a list that is written; -1 is the sink _.
func (b *body) destinations(list []operand, t typ, wider bool) ([]int32, error) {
	var regs []int32
	for _, o := range list {
		if o.sink {
			regs = append(regs, -1)
			continue
		}
		c, err := b.destination(o, t, wider)
		if err != nil {
			return nil, err
		}
		regs = append(regs, c)
	}
	return regs, nil
}

var comparisons = []string{"eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs", "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan"}

// setPredicate decodes setp.cmp[.bool][.ftz].type p[|q], a, b[, c].
func (b *body) setPredicate(in *instr, m *modifiers, o []operand) (err error) {
	in.kind = kindCompare
	if err := b.compared(in, m, o, 1); err != nil {
		return err
	}
	if in.d, _, err = b.predicateOperand(operand{reg: o[0].reg}); err != nil || o[0].negated || o[0].address {
		return fmt.Errorf("the destination is no predicate")
	}
	if q := o[0].second; q != nil && !q.sink {
		in.d2, _, err = b.predicateOperand(*q)
	}
	return err
}

// set decodes set.cmp.dtype.type d, a, b: all ones, or 1.0, where the comparison holds.
func (b *body) set(in *instr, m *modifiers, o []operand) (err error) {
	in.kind = kindSet
	if len(*m) != 3 && len(*m) != 4 {
		return fmt.Errorf("this form of set is unknown")
	}
	at := len(*m) - 2
	t, ok := typeNames[(*m)[at]]
	if !ok || t.bits != 32 || t.kind == untyped {
		return fmt.Errorf("set to this type is unknown")
	}
	*m = slices.Delete(slices.Clone(*m), at, at+1)
	if err := b.compared(in, m, o, 1); err != nil {
		return err
	}
	if in.mode != 0 {
		return fmt.Errorf("this form of set is unknown")
	}
	in.size = t.mask()
	if t.kind == float {
		in.size = 0x3f800000
	}
	in.d, err = b.destination(o[0], t, false)
	return err
}

// compared decodes the comparison and the sources of setp and set.
func (b *body) compared(in *instr, m *modifiers, o []operand, first int) (err error) {
	name := m.take(comparisons...)
	combine := m.take("and", "or", "xor")
	ftz := m.take("ftz") != ""
	t, err := anyType(m)
	if err != nil {
		return err
	}
	if in.test, err = comparison(name, t, ftz); err != nil {
		return err
	}
	n := first + 2
	if combine != "" {
		n++
	}
	if err := want(o, n); err != nil {
		return err
	}
	if combine != "" {
		in.mode = predicateModes[combine]
		if in.c, in.flip, err = b.predicateOperand(o[n-1]); err != nil {
			return err
		}
	}
	if in.a, err = b.source1(o[first], t, false); err != nil {
		return err
	}
	in.typ = t
	in.b, err = b.source1(o[first+1], t, false)
	return err
}

// selectValue decodes selp.
func (b *body) selectValue(in *instr, m *modifiers, o []operand) (err error) {
	in.kind = kindSelect
	t, err := anyType(m)
	if err != nil {
		return err
	}
	if err := want(o, 4); err != nil {
		return err
	}
	if in.d, err = b.destination(o[0], t, false); err != nil {
		return err
	}
	if in.a, err = b.source1(o[1], t, false); err != nil {
		return err
	}
	if in.b, err = b.source1(o[2], t, false); err != nil {
		return err
	}
	in.c, in.flip, err = b.predicateOperand(o[3])
	return err
}

// ordering takes the modifiers that say how an access orders others. An access with
// one of them takes part in no data race.
func ordering(m *modifiers) (strong bool, err error) {
	sem := m.take("weak", "volatile", "relaxed", "acquire", "release", "acq_rel")
	scope := m.take("cta", "gpu", "sys")
	if (scope != "") != (sem != "" && sem != "weak" && sem != "volatile") {
		return false, fmt.Errorf("an ordering with, or without, a scope like this is unknown")
	}
	return sem != "" && sem != "weak", nil
}

// access decodes what ld and st share: space, vector, type and address.
func (b *body) access(in *instr, m *modifiers, o operand) (n int, err error) {
	if in.strong, err = ordering(m); err != nil {
		return 0, err
	}
	name := m.take("global", "shared", "local", "const", "param")
	in.space = spaces["."+name]
	m.take("ca", "cg", "cs", "lu", "cv", "wb", "wt") // hints to the caches
	in.readOnly = m.take("nc") != ""
	n = map[string]int{"": 1, "v2": 2, "v4": 4}[m.take("v2", "v4")]
	if len(*m) == 0 {
		return 0, fmt.Errorf("the mnemonic has no type")
	}
	t, ok := typeNames[(*m)[0]]
	if !ok || t.kind == predicate {
		return 0, fmt.Errorf("modifier .%s is unknown here", (*m)[0])
	}
	*m = (*m)[1:]
	in.typ, in.size = t, t.size()
	if name == "param" {
		return n, nil
	}
	return n, b.address(in, o)
}

// address decodes [base+offset] in in.space.
func (b *body) address(in *instr, o operand) error {
	if !o.address {
		return fmt.Errorf("an operand is no address")
	}
	in.offset = o.offset
	switch {
	case o.reg != nil:
		small := o.reg.typ.bits == 32 && (in.space == shared || in.space == local)
		if o.reg.typ.kind == float || o.reg.typ.bits != 64 && !small {
			return fmt.Errorf("the address is in a register of another size")
		}
		in.a = o.reg.index
	case o.name != "":
		s, ok := b.symbols[o.name]
		if !ok {
			return fmt.Errorf("%s is unknown", o.name)
		}
		if s.space != in.space {
			return fmt.Errorf("%s is in space .%v, the access is to .%v", o.name, s.space, in.space)
		}
		in.a = b.symbolColumn(s)
	default:
		in.a = b.constant(o.value)
	}
	return nil
}

// load decodes ld. A parameter is a column that the launch has filled.
func (b *body) load(in *instr, m *modifiers, o []operand) (err error) {
	param := slices.Contains(*m, "param")
	if err := want(o, 2); err != nil {
		return err
	}
	in.kind = kindLoad
	n, err := b.access(in, m, o[1])
	if err != nil {
		return err
	}
	if in.readOnly && in.space != global {
		return fmt.Errorf(".nc is known of .global only")
	}
	list := o[0].list
	if list == nil {
		list = o[:1]
	}
	if len(list) != n || param && n != 1 {
		return fmt.Errorf("%d registers for a vector of %d", len(list), n)
	}
	if in.regs, err = b.destinations(list, in.typ, true); err != nil {
		return err
	}
	if param {
		return b.loadParam(in, o)
	}
	wide := typ{untyped, in.typ.bits}
	for _, x := range list {
		if x.reg != nil && x.reg.typ.bits > wide.bits {
			wide = x.reg.typ
		}
	}
	in.f = nil
	if wide.bits > in.typ.bits {
		t := in.typ
		in.f = func(a, _, _ uint64) uint64 { return t.extend(a) & wide.mask() }
	}
	return nil
}

func (b *body) loadParam(in *instr, o []operand) error {
	i, ok := b.params[o[1].name]
	if !ok || !o[1].address {
		return fmt.Errorf("%q is no parameter", o[1].name)
	}
	size := uint64(b.kernel.Params[i].Size)
	if in.offset = o[1].offset; in.offset > size || in.offset+in.size > size {
		return fmt.Errorf("%d bytes at %d of a parameter of %d", in.size, in.offset, size)
	}
	t, wide, shift := in.typ, o[0].reg.typ, 8*in.offset
	in.kind, in.d, in.a, in.b, in.c = kindApply, in.regs[0], i, b.constant(0), b.constant(0)
	in.f = func(a, _, _ uint64) uint64 { return t.extend(a>>shift&t.mask()) & wide.mask() }
	if size == in.size && wide.bits == t.bits {
		in.kind = kindMove
	}
	return nil
}

// store decodes st.
func (b *body) store(in *instr, m *modifiers, o []operand) (err error) {
	if err := want(o, 2); err != nil {
		return err
	}
	in.kind = kindStore
	n, err := b.access(in, m, o[0])
	if err != nil {
		return err
	}
	if in.readOnly || in.space == constants || strings.Contains(b.mnemonic, ".param") {
		return fmt.Errorf("a store to this space is unknown")
	}
	list := o[1].list
	if list == nil {
		list = o[1:2]
	}
	if len(list) != n {
		return fmt.Errorf("%d registers for a vector of %d", len(list), n)
	}
	in.regs, err = b.sources(list, in.typ, true)
	return err
}

// branch decodes bra.
func (b *body) branch(in *instr, m *modifiers, o []operand) error {
	m.take("uni")
	if err := want(o, 1); err != nil {
		return err
	}
	if o[0].name == "" || o[0].address {
		return fmt.Errorf("the target is no label")
	}
	in.kind = kindBranch
	b.jumps = append(b.jumps, jump{at: len(b.kernel.code), label: o[0].name, line: b.line})
	return nil
}

// indexedBranch decodes brx.idx.
func (b *body) indexedBranch(in *instr, m *modifiers, o []operand) (err error) {
	if m.take("idx") == "" {
		return fmt.Errorf("this form of brx is unknown")
	}
	m.take("uni")
	if err := want(o, 2); err != nil {
		return err
	}
	in.kind = kindIndexed
	if o[1].name == "" {
		return fmt.Errorf("the second operand is no table of branch targets")
	}
	b.jumps = append(b.jumps, jump{at: len(b.kernel.code), table: o[1].name, line: b.line})
	in.a, err = b.source1(o[0], typ{unsigned, 32}, false)
	return err
}

// exit decodes ret and exit, which are the same in a kernel.
func (b *body) exit(in *instr, m *modifiers, o []operand) error {
	m.take("uni")
	in.kind = kindExit
	return want(o, 0)
}

// barrier decodes bar.sync 0 of all threads, and bar.warp.sync.
func (b *body) barrier(in *instr, m *modifiers, o []operand) (err error) {
	if m.take("warp") != "" {
		if m.take("sync") == "" {
			return fmt.Errorf("this form of bar is unknown")
		}
		in.kind = kindWarpSync
		if err := want(o, 1); err != nil {
			return err
		}
		in.mask, err = b.source1(o[0], typ{untyped, 32}, false)
		return err
	}
	m.take("cta")
	if m.take("sync") == "" {
		return fmt.Errorf("this form of bar is unknown")
	}
	m.take("aligned")
	in.kind = kindBarrier
	if len(o) != 1 || o[0].reg != nil || o[0].name != "" || o[0].value != 0 {
		return fmt.Errorf("only barrier 0 of all threads is known")
	}
	return nil
}

// Modes of shfl.
const (
	shuffleUp = iota
	shuffleDown
	shuffleButterfly
	shuffleIndex
)

// shuffle decodes shfl.sync.mode.b32 d[|p], a, b, c, mask.
func (b *body) shuffle(in *instr, m *modifiers, o []operand) (err error) {
	if m.take("sync") == "" {
		return fmt.Errorf("this form of shfl is unknown; want .sync")
	}
	modes := []string{"up", "down", "bfly", "idx"}
	i := slices.Index(modes, m.take(modes...))
	if i < 0 || m.take("b32") == "" {
		return fmt.Errorf("this form of shfl is unknown")
	}
	in.kind, in.mode = kindShuffle, uint8(i)
	if err := want(o, 5); err != nil {
		return err
	}
	b32, u32 := typ{untyped, 32}, typ{unsigned, 32}
	if in.d, err = b.destination(operand{reg: o[0].reg}, b32, false); err != nil {
		return err
	}
	if p := o[0].second; p != nil && !p.sink {
		if in.d2, _, err = b.predicateOperand(*p); err != nil {
			return err
		}
	}
	if in.a, err = b.source1(o[1], b32, false); err != nil {
		return err
	}
	if in.b, err = b.source1(o[2], u32, false); err != nil {
		return err
	}
	if in.c, err = b.source1(o[3], u32, false); err != nil {
		return err
	}
	in.mask, err = b.source1(o[4], u32, false)
	return err
}

// Modes of vote.
const (
	voteAll = iota
	voteAny
	voteUniform
	voteBallot
)

// vote decodes vote.sync.mode.
func (b *body) vote(in *instr, m *modifiers, o []operand) (err error) {
	if m.take("sync") == "" {
		return fmt.Errorf("this form of vote is unknown; want .sync")
	}
	modes := []string{"all", "any", "uni", "ballot"}
	i := slices.Index(modes, m.take(modes...))
	if i < 0 {
		return fmt.Errorf("this form of vote is unknown")
	}
	in.kind, in.mode = kindVote, uint8(i)
	if err := want(o, 3); err != nil {
		return err
	}
	if i == voteBallot {
		if m.take("b32") == "" {
			return fmt.Errorf("vote.ballot wants .b32")
		}
		in.d, err = b.destination(o[0], typ{untyped, 32}, false)
	} else {
		if m.take("pred") == "" {
			return fmt.Errorf("vote wants .pred")
		}
		in.d, _, err = b.predicateOperand(o[0])
	}
	if err != nil {
		return err
	}
	if in.c, in.flip, err = b.predicateOperand(o[1]); err != nil {
		return err
	}
	in.mask, err = b.source1(o[2], typ{untyped, 32}, false)
	return err
}

// activeMask decodes activemask.b32.
func (b *body) activeMask(in *instr, m *modifiers, o []operand) (err error) {
	in.kind = kindActive
	if m.take("b32") == "" {
		return fmt.Errorf("activemask wants .b32")
	}
	if err := want(o, 1); err != nil {
		return err
	}
	in.d, err = b.destination(o[0], typ{untyped, 32}, false)
	return err
}

// fence decodes membar and fence: threads run one after another here, so memory is
// always in order.
func (b *body) fence(in *instr, m *modifiers, o []operand) error {
	in.kind = kindFence
	m.take("sc", "acq_rel")
	if m.take("cta", "gl", "gpu", "sys") == "" {
		return fmt.Errorf("the scope is missing")
	}
	return want(o, 0)
}

// atomic decodes atom and red.
func (b *body) atomic(in *instr, m *modifiers, o []operand) (err error) {
	in.kind, in.strong = kindAtomic, true
	if _, err := ordering(m); err != nil {
		return err
	}
	in.space = spaces["."+m.take("global", "shared")]
	name := m.take("add", "min", "max", "and", "or", "xor", "exch", "cas", "inc", "dec")
	t, err := anyType(m)
	if err != nil {
		return err
	}
	if t.bits < 32 {
		return fmt.Errorf("an atomic of this type is unknown")
	}
	if in.f, err = atomicOperation(name, t); err != nil {
		return err
	}
	in.typ, in.size = t, t.size()
	n, first := 2, 0
	in.d = -1
	if strings.HasPrefix(b.mnemonic, "atom.") {
		first = 1
		if len(o) == 0 {
			return fmt.Errorf("the destination is missing")
		}
		if !o[0].sink {
			if in.d, err = b.destination(o[0], t, false); err != nil {
				return err
			}
		}
	} else if name == "exch" || name == "cas" {
		return fmt.Errorf("red.%s is unknown", name)
	}
	if name == "cas" {
		n = 3
	}
	if err := want(o, first+n); err != nil {
		return err
	}
	if err := b.address(in, o[first]); err != nil {
		return err
	}
	if in.b, err = b.source1(o[first+1], t, false); err != nil {
		return err
	}
	in.c = in.b
	if name == "cas" {
		in.c, err = b.source1(o[first+2], t, false)
	}
	return err
}

// atomicOperation returns the new value of memory that holds a, from operands b and c.
func atomicOperation(name string, t typ) (scalar, error) {
	switch name {
	case "exch":
		return func(_, b, _ uint64) uint64 { return b }, nil
	case "cas":
		return func(a, b, c uint64) uint64 {
			if a == b {
				return c
			}
			return a
		}, nil
	case "inc":
		return func(a, b, _ uint64) uint64 {
			if a >= b {
				return 0
			}
			return a + 1
		}, nil
	case "dec":
		return func(a, b, _ uint64) uint64 {
			if a == 0 || a > b {
				return b
			}
			return a - 1
		}, nil
	}
	kind := map[typeKind]string{untyped: "b", unsigned: "u", signed: "s", float: "f"}[t.kind]
	op, known, err := decodeArithmetic(fmt.Sprintf("%s.%s%d", name, kind, t.bits))
	if err != nil || !known {
		return nil, fmt.Errorf("this atomic is unknown")
	}
	return op.f, nil
}
