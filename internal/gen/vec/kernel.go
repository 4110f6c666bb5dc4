package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vec is a value in several registers, the lanes: instructions are emitted for
// each lane in turn, so that the processor finds independent work next to each
// other and a long chain of dependent instructions does not fill its scheduler.
// A vec of one operand, such as a constant, goes with any number of lanes.
type vec []operand.Op

// kernel is a function under construction.
type kernel struct {
	*build.Context
	wide    bool                      // AVX-512 (16 floats in a register), else AVX2 (8)
	blocks  int                       // blocks of 16 floats that the code being emitted handles
	masked  bool                      // whether it handles the tail of a slice, fewer than 16 floats
	names   []string                  // the slices
	ptr     map[string]reg.GPVirtual  // where the slices' next elements are
	stride  reg.GPVirtual             // bytes from one gate of a row to the next
	stride3 reg.GPVirtual             // three times that
	tail    reg.GPVirtual             // AVX2: where the tail's masks are
	pinned  map[string]reg.VecVirtual // constants and scalar arguments that sit in registers
	uses    map[string]int            // how often the body asks for each constant
	acc     vec                       // the accumulators of a reduction
	ahead   reg.GPVirtual             // how many bytes ahead to prefetch
	top     vec                       // the maximum so far of what comes next
	seen    reg.VecVirtual            // AVX2: where a reduction has seen a NaN
	table   map[string]operand.Mem    // constants in memory, shared by the file's kernels
}

// width returns the bytes of a register.
func (k *kernel) width() int {
	if k.wide {
		return 64
	}
	return 32
}

// perBlock returns how many registers hold 16 floats.
func (k *kernel) perBlock() int { return 64 / k.width() }

// lanes returns how many registers hold the elements being handled.
func (k *kernel) lanes() int { return k.blocks * k.perBlock() }

func (k *kernel) newLane() reg.VecVirtual {
	if k.wide {
		return k.ZMM()
	}
	return k.YMM()
}

// alloc returns n fresh lanes.
func (k *kernel) alloc(n int) vec {
	v := make(vec, n)
	for i := range v {
		v[i] = k.newLane()
	}
	return v
}

// lane returns what lane i takes of v.
func (v vec) lane(i int) operand.Op {
	if len(v) == 1 {
		return v[0]
	}
	return v[i]
}

// into emits an instruction for each lane of dst, which is its last operand and
// may also be its input. Operands are in the order of Go's assembler.
func (k *kernel) into(dst vec, emit func(...operand.Op), args ...vec) vec {
	for i := range dst {
		ops := make([]operand.Op, 0, 4)
		for _, a := range args {
			ops = append(ops, a.lane(i))
		}
		emit(append(ops, dst[i])...)
	}
	return dst
}

// op is into for a fresh result with as many lanes as the longest argument.
func (k *kernel) op(emit func(...operand.Op), args ...vec) vec {
	n := 0
	for _, a := range args {
		n = max(n, len(a))
	}
	return k.into(k.alloc(n), emit, args...)
}

// imm is an 8-bit immediate operand.
func imm(v uint8) vec { return vec{operand.U8(v)} }

// The arithmetic of the formulas, in the order of mathematics. The operand that
// may be a constant in memory is the last one.

func (k *kernel) add(x, y vec) vec { return k.op(k.VADDPS, y, x) }
func (k *kernel) sub(x, y vec) vec { return k.op(k.VSUBPS, y, x) }
func (k *kernel) mul(x, y vec) vec { return k.op(k.VMULPS, y, x) }
func (k *kernel) div(x, y vec) vec { return k.op(k.VDIVPS, y, x) }

// addMul sets s to s + x·y, rounded once; subMul to s - x·y.
func (k *kernel) addMul(s, x, y vec) vec { return k.into(s, k.VFMADD231PS, y, x) }
func (k *kernel) subMul(s, x, y vec) vec { return k.into(s, k.VFNMADD231PS, y, x) }

// horner sets p to p·x + c; negHorner to c - p·x.
func (k *kernel) horner(p, x, c vec) vec    { return k.into(p, k.VFMADD213PS, c, x) }
func (k *kernel) negHorner(p, x, c vec) vec { return k.into(p, k.VFNMADD213PS, c, x) }

// and, or, xor work on bits.
func (k *kernel) and(x, y vec) vec { return k.op(k.VANDPS, y, x) }
func (k *kernel) or(x, y vec) vec  { return k.op(k.VORPS, y, x) }
func (k *kernel) xor(x, y vec) vec { return k.op(k.VXORPS, y, x) }

// atMost returns x where x < bound, else bound, and x where x is NaN: the
// processor returns its second source (Go's first operand) where one is NaN.
// bound is in registers.
func (k *kernel) atMost(x, bound vec) vec { return k.op(k.VMINPS, x, bound) }

// atLeast is atMost from the other side.
func (k *kernel) atLeast(x, bound vec) vec { return k.op(k.VMAXPS, x, bound) }

// copyOf returns v in n fresh lanes.
func (k *kernel) copyOf(v vec, n int) vec { return k.into(k.alloc(n), k.VMOVUPS, v) }

// Comparison predicates of VCMPPS.
const (
	equal        = 0x00
	less         = 0x11
	unordered    = 0x03
	notEqual     = 0x04
	lessEqual    = 0x12
	greaterEqual = 0x1d
	greater      = 0x1e
)

// held is the register that holds the comparison of lane i. K1 to K3 hold the
// tail's masks.
func held(i int) operand.Op { return []operand.Op{reg.K4, reg.K5, reg.K6, reg.K7}[i%4] }

// choose returns yes where "x predicate y" holds, else no. All but y are in
// registers.
func (k *kernel) choose(predicate uint8, x, y, yes, no vec) vec {
	n := max(len(x), len(y), len(yes), len(no))
	dst := k.alloc(n)
	for i := range dst {
		if k.wide {
			k.VCMPPS(operand.U8(predicate), y.lane(i), x.lane(i), held(i))
			k.VBLENDMPS(yes.lane(i), no.lane(i), held(i), dst[i])
			continue
		}
		k.VCMPPS(operand.U8(predicate), y.lane(i), x.lane(i), dst[i])
		k.VBLENDVPS(dst[i], yes.lane(i), no.lane(i), dst[i])
	}
	return dst
}

// keep returns v where "x predicate y" holds, else 0. x is in registers.
func (k *kernel) keep(predicate uint8, x, y, v vec) vec {
	dst := k.alloc(max(len(x), len(y), len(v)))
	for i := range dst {
		if k.wide {
			k.VCMPPS(operand.U8(predicate), y.lane(i), x.lane(i), held(i))
			k.VMOVUPS_Z(v.lane(i), held(i), dst[i])
			continue
		}
		k.VCMPPS(operand.U8(predicate), y.lane(i), x.lane(i), dst[i])
		k.VANDPS(v.lane(i), dst[i], dst[i])
	}
	return dst
}

// ifNegative returns yes where x's sign bit is set, else no. All are in registers.
func (k *kernel) ifNegative(x, yes, no vec) vec {
	dst := k.alloc(max(len(x), len(yes), len(no)))
	for i := range dst {
		if k.wide {
			k.VPMOVD2M(x.lane(i), held(i))
			k.VBLENDMPS(yes.lane(i), no.lane(i), held(i), dst[i])
			continue
		}
		k.VBLENDVPS(x.lane(i), yes.lane(i), no.lane(i), dst[i])
	}
	return dst
}

// c returns a constant or a scalar argument: in a register where it is pinned,
// else in memory.
func (k *kernel) c(name string) vec {
	k.uses[name]++
	if r, ok := k.pinned[name]; ok {
		return vec{r}
	}
	return vec{k.inMemory(name)}
}

// r is c in a register.
func (k *kernel) r(name string) vec {
	if v := k.c(name); k.pinned[name] != nil {
		return v
	}
	return k.copyOf(vec{k.inMemory(name)}, 1)
}

// inMemory returns the address of a register full of the constant, or of a table.
func (k *kernel) inMemory(name string) operand.Mem {
	if m, ok := k.table[name]; ok {
		return m
	}
	words, ok := tables[name]
	n := len(words)
	if !ok {
		bits, ok := constants[name]
		if !ok {
			panic(fmt.Sprintf("no constant %q", name))
		}
		n = k.width() / 4
		for i := range n {
			words[i] = bits
		}
	}
	m := k.StaticGlobal("const_" + name)
	k.DataAttributes(attr.RODATA | attr.NOPTR)
	for i, bits := range words[:n] {
		k.AddDatum(4*i, operand.U32(bits))
	}
	k.table[name] = m
	return m
}

// pin loads the n constants that the body uses most into registers.
func (k *kernel) pin(uses map[string]int, n int) {
	names := slices.SortedFunc(maps.Keys(uses), func(a, b string) int {
		return cmp.Or(cmp.Compare(uses[b], uses[a]), cmp.Compare(a, b))
	})
	for _, name := range names {
		if k.pinned[name] != nil || n == 0 {
			continue
		}
		n--
		r := k.newLane()
		if _, table := tables[name]; k.wide && !table {
			k.VBROADCASTSS(k.inMemory(name), r)
		} else {
			k.VMOVUPS(k.inMemory(name), r)
		}
		k.pinned[name] = r
	}
}

// scalar loads a float32 argument into every element of a register.
func (k *kernel) scalar(name string) {
	arg, err := k.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	r := k.newLane()
	k.VBROADCASTSS(arg.Addr, r)
	k.pinned[name] = r
}

// gp loads a pointer or integer argument.
func (k *kernel) gp(name string) reg.GPVirtual {
	return k.Load(k.Param(name), k.GP64()).(reg.GPVirtual)
}
