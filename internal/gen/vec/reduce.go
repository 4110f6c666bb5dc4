package main

import (
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// reductions returns the kernels that make one number of a slice.
func reductions() []stream {
	plus := func(k *kernel, x, y vec) { k.into(x, k.VADDPS, y, x) }
	lanewise := func(name, slices string, add func(k *kernel, acc, x operand.Op, lane int)) stream {
		return stream{name: name, slices: slices, blocks: 4, blocks2: 4, accs: 4, start: "zero", combine: plus, body: func(k *kernel) {
			for i := range k.acc {
				add(k, k.acc[i], k.loadLane(k.at("x"), i), i)
			}
		}}
	}
	dot := lanewise("dot", "x y", func(k *kernel, acc, x operand.Op, lane int) {
		if k.masked {
			k.VFMADD231PS(k.loadLane(k.at("y"), lane), x, acc)
			return
		}
		k.VFMADD231PS(k.at("y")[lane], x, acc)
	})
	dots := dot
	dots.name, dots.table = "dots", "x"
	return []stream{
		lanewise("sum", "x", func(k *kernel, acc, x operand.Op, _ int) { k.VADDPS(x, acc, acc) }),
		lanewise("sumSquares", "x", func(k *kernel, acc, x operand.Op, _ int) { k.VFMADD231PS(x, x, acc) }),
		dot,
		dots,
		extremum("max", "minusInf", (*build.Context).VMAXPS),
		extremum("min", "inf", (*build.Context).VMINPS),
		expSum("expSum", "dst x", "shift", 2),
		expSum("expSumOnly", "x", "shift", 2),
		expSum("expSumMax", "dst x next", "shift", 1),
		expSum("expSumMaxPast", "dst x next out y", "shift c", 1),
	}
}

// expSum adds up exp(x - shift), x <= shift, and writes it to dst if there is one.
// Sixteen sums run side by side. With next, it also keeps the maximum of that, where a
// NaN may be lost. With out, it also writes c·y there, past the caches: memory is as busy
// as the processor then.
func expSum(name, names, scalars string, blocks2 int) stream {
	with := func(slice string) bool { return slices.Contains(strings.Fields(names), slice) }
	return stream{
		name: name, slices: names, scalars: scalars, blocks: 2, blocks2: blocks2, accs: 1, start: "zero", mode: flushZero,
		combine: func(k *kernel, x, y vec) { k.into(x, k.VADDPS, y, x) },
		tops:    with("next"),
		ahead:   with("out"),
		body: func(k *kernel) {
			if with("out") && !k.masked {
				k.prefetch("next", k.PREFETCHT1) // a row ahead: the second level has room for it
			}
			e := k.expFlushed(k.sub(k.load(k.at("x")), k.c("shift")))
			if with("dst") {
				k.store(e, k.at("dst"))
			}
			for i := range e {
				acc := k.acc[i%len(k.acc)]
				switch {
				case !k.masked:
					k.VADDPS(e[i], acc, acc)
				case k.wide:
					k.VADDPS(e[i], acc, reg.K1, acc)
				default:
					k.VANDPS(k.tailMask(i), e[i], e[i])
					k.VADDPS(e[i], acc, acc)
				}
			}
			if with("next") {
				k.keepTop("next")
			}
			if with("out") {
				k.storePast(k.mul(k.load(k.at("y")), k.c("c")), k.at("out"))
			}
		},
	}
}

// keepTop raises the maximum so far to that of a slice's elements.
func (k *kernel) keepTop(name string) {
	for i, at := range k.at(name) {
		top := k.top[i%len(k.top)]
		switch {
		case !k.masked:
			k.VMAXPS(at, top, top)
		case k.wide:
			k.VMAXPS(at, top, reg.K1, top)
		default:
			x := k.loadLane(k.at(name), i)
			k.VBLENDVPS(k.tailMask(i), x, top, x)
			k.VMAXPS(x, top, top)
		}
	}
}

// extremum is the maximum or minimum. The processor's own instruction loses a
// NaN in the accumulator, so NaN is watched for beside it.
func extremum(name, start string, which func(*build.Context, ...operand.Op)) stream {
	return stream{
		name: name, slices: "x", blocks: 4, blocks2: 4, accs: 4, start: start, nan: true,
		combine: func(k *kernel, x, y vec) { k.into(x, func(ops ...operand.Op) { which(k.Context, ops...) }, y, x) },
		body: func(k *kernel) {
			for i, acc := range k.acc {
				x := k.loadLane(k.at("x"), i)
				k.watch(x)
				switch {
				case !k.masked:
					which(k.Context, x, acc, acc)
				case k.wide:
					which(k.Context, x, acc, reg.K1, acc)
				default:
					k.VBLENDVPS(k.tailMask(i), x, k.r(start)[0], x)
					which(k.Context, x, acc, acc)
				}
			}
		},
	}
}

// watch remembers whether x has a NaN: AVX-512 in K2, AVX2 in a register.
func (k *kernel) watch(x operand.Op) {
	if k.wide {
		k.VCMPPS(operand.U8(unordered), x, x, held(0))
		k.KORW(held(0), reg.K2, reg.K2)
		return
	}
	t := k.YMM()
	k.VCMPPS(operand.U8(unordered), x, x, t)
	k.VORPS(t, k.seen, k.seen)
}

// watchFrom begins the watch.
func (k *kernel) watchFrom() {
	if k.wide {
		k.KXORW(reg.K2, reg.K2, reg.K2)
		return
	}
	k.seen = k.YMM()
	k.VXORPS(k.seen, k.seen, k.seen)
}

// orNaN makes the result NaN if one was seen.
func (k *kernel) orNaN(result reg.Register) {
	if k.wide {
		k.KORTESTW(reg.K2, reg.K2)
	} else {
		m := k.GP32()
		k.VMOVMSKPS(k.seen, m)
		k.TESTL(m, m)
	}
	k.JZ(operand.LabelRef("clean"))
	k.VMOVSS(k.inMemory("nan"), result)
	k.Label("clean")
}
