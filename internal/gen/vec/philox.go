package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// philox writes the kernels that draw from Philox4x32-10.
func philox(f *file) {
	suffix := "AVX512"
	if !f.wide {
		suffix = "AVX2"
	}
	k := newKernel(f, "uniform"+suffix, "func(dst *float32, n int, counter, key uint64)")
	k.philoxLoop("dst", func(at int, words vec) {
		u := k.op(k.VCVTDQ2PS, k.op(k.VPSRLD, imm(8), words))
		k.storeDraw(k.mul(u, k.c("unit")), at)
	})
	// An element stays where the upper 24 bits of its word are at least least.
	k = newKernel(f, "dropout"+suffix, "func(dst, x *float32, n int, counter, key uint64, least uint32, scale float32)")
	k.scalar("scale")
	k.scalar("least")
	k.philoxLoop("dst x", func(at int, words vec) {
		u := k.op(k.VPSRLD, imm(8), words)
		x := k.mul(k.loadDraw(at, len(words)), k.c("scale"))
		for i := range x {
			if k.wide {
				k.VPCMPD(operand.U8(5), k.c("least")[0], u[i], held(i)) // not less
				k.VMOVUPS_Z(x[i], held(i), x[i])
				continue
			}
			k.VPCMPGTD(u[i], k.c("least")[0], u[i]) // least > u
			k.VANDNPS(x[i], u[i], x[i])
		}
		k.storeDraw(x, at)
	})
}

// drawn is how many words one round of the loop draws: 8 blocks of 4.
const drawn = 32

// philoxLoop draws 32 words at a time. Each 64-bit element of a register holds
// one word of a block in its lower half, where VPMULUDQ takes it from; the upper
// half may hold anything. Blocks sit in the order in which unpacking leaves them
// sorted. use is given the words of each half of the draw.
func (k *kernel) philoxLoop(slices string, use func(at int, words vec)) {
	s := stream{slices: slices}
	s.arguments(k)
	n, counter, keys := k.gp("n"), k.gp("counter"), k.roundKeys()
	if k.wide {
		k.pin(map[string]int{"philox0": 1, "philox1": 1}, 2)
	}
	offsets := k.offsets()
	step := func() {
		words := k.draw(counter, keys, offsets)
		for i, half := range words {
			use(i*drawn/2, half)
		}
		k.ADDQ(operand.I8(drawn/4), counter)
	}
	k.blocks = 1
	k.SUBQ(operand.I8(drawn), n)
	k.JL(operand.LabelRef("tail"))
	k.Label("loop")
	step()
	k.advance(drawn / 16)
	k.SUBQ(operand.I8(drawn), n)
	k.JGE(operand.LabelRef("loop"))
	k.Label("tail")
	k.ADDQ(operand.I8(drawn), n)
	k.JZ(operand.LabelRef("done"))
	k.mask(n)
	if k.wide {
		upper := k.GP32()
		k.KMOVD(reg.K1, upper)
		k.SHRL(operand.U8(16), upper)
		k.KMOVW(upper, reg.K2)
	}
	step()
	k.Label("done")
	k.VZEROUPPER()
	k.RET()
}

// roundKeys writes the ten rounds' keys to the stack, the two words of each in turn.
func (k *kernel) roundKeys() operand.Mem {
	keys := k.AllocLocal(80)
	low := k.gp("key")
	high := k.GP64()
	k.MOVQ(low, high)
	k.SHRQ(operand.U8(32), high)
	for round := range 10 {
		k.MOVL(low.As32(), keys.Offset(8*round))
		k.MOVL(high.As32(), keys.Offset(8*round+4))
		k.ADDL(operand.U32(0x9E3779B9), low.As32())
		k.ADDL(operand.U32(0xBB67AE85), high.As32())
	}
	return keys
}

// draw returns the 32 words of blocks counter to counter+7, in two halves.
func (k *kernel) draw(counter reg.GPVirtual, keys operand.Mem, offsets vec) []vec {
	base := k.newLane()
	if k.wide {
		k.VPBROADCASTQ(counter, base)
	} else {
		x := k.XMM()
		k.VMOVQ(counter, x)
		k.VPBROADCASTQ(x, base)
	}
	c0 := k.op(k.VPADDQ, offsets, vec{base})
	c1 := k.op(k.VPSRLQ, imm(32), c0)
	zero := k.alloc(1)
	k.into(zero, k.VXORPS, zero, zero)
	c2, c3 := k.copyOf(zero, len(c0)), k.copyOf(zero, len(c0))
	for round := range 10 {
		p0 := k.op(k.VPMULUDQ, k.c("philox0"), c0)
		p1 := k.op(k.VPMULUDQ, k.c("philox1"), c2)
		c0 = k.xorKey(k.op(k.VPSRLQ, imm(32), p1), c1, keys, 2*round)
		c2 = k.xorKey(k.op(k.VPSRLQ, imm(32), p0), c3, keys, 2*round+1)
		c1, c3 = p1, p0
	}
	low := k.pairs(c0, c1)
	high := k.pairs(c2, c3)
	even, odd := k.op(k.VPUNPCKLQDQ, high, low), k.op(k.VPUNPCKHQDQ, high, low)
	if k.wide {
		return []vec{even, odd}
	}
	return []vec{{even[0], odd[0]}, {even[1], odd[1]}}
}

// xorKey returns x ^ c ^ the key's word in x.
func (k *kernel) xorKey(x, c vec, keys operand.Mem, word int) vec {
	m := vec{keys.Offset(4 * word)}
	if k.wide {
		return k.into(x, k.VPTERNLOGD_BCST, imm(0x96), m, c)
	}
	key := k.alloc(1)
	k.into(key, k.VPBROADCASTD, m)
	k.into(x, k.VXORPS, c, x)
	return k.into(x, k.VXORPS, key, x)
}

// pairs joins the lower halves of x and y: x below y.
func (k *kernel) pairs(x, y vec) vec {
	y = k.op(k.VPSLLQ, imm(32), y)
	for i := range x {
		if k.wide {
			k.VPBLENDMD(y[i], x[i], reg.K3, y[i])
			continue
		}
		k.VPBLENDD(operand.U8(0xaa), y[i], x[i], y[i])
	}
	return y
}

// offsets returns the distance of each element's block from the counter, and
// sets K3 to the upper halves. Unpacking takes the even elements of two
// registers first, so these hold the blocks that come first.
func (k *kernel) offsets() vec {
	order := []uint64{0, 4, 1, 5, 2, 6, 3, 7}
	if k.wide {
		m := k.GP32()
		k.MOVL(operand.U32(0xaaaa), m)
		k.KMOVW(m, reg.K3)
	} else {
		order = []uint64{0, 2, 1, 3, 4, 6, 5, 7}
	}
	table, ok := k.table["philox order"]
	if !ok {
		table = k.StaticGlobal("philox_order")
		k.DataAttributes(attr.RODATA | attr.NOPTR)
		for i, v := range order {
			k.AddDatum(8*i, operand.U64(v))
		}
		k.table["philox order"] = table
	}
	v := make(vec, k.perBlock())
	for i := range v {
		v[i] = table.Offset(i * k.width())
	}
	return v
}

// loadDraw and storeDraw move the half of a draw that starts at element at.
func (k *kernel) loadDraw(at, lanes int) vec {
	v := k.alloc(lanes)
	for i := range v {
		m := operand.Mem{Base: k.ptr["x"], Disp: 4*at + i*k.width()}
		switch {
		case !k.masked:
			k.VMOVUPS(m, v[i])
		case k.wide:
			k.VMOVUPS_Z(m, halfMask(at), v[i])
		default:
			k.VMASKMOVPS(m, k.tailMask(at/8+i), v[i])
		}
	}
	return v
}

func (k *kernel) storeDraw(v vec, at int) {
	for i := range v {
		m := operand.Mem{Base: k.ptr["dst"], Disp: 4*at + i*k.width()}
		switch {
		case !k.masked:
			k.VMOVUPS(v[i], m)
		case k.wide:
			k.VMOVUPS(v[i], halfMask(at), m)
		default:
			k.VMASKMOVPS(v[i], k.tailMask(at/8+i), m)
		}
	}
}

// halfMask is the tail's mask of a half of a draw.
func halfMask(at int) operand.Op {
	if at == 0 {
		return reg.K1
	}
	return reg.K2
}
