package main

import "github.com/mmcloughlin/avo/operand"

// pointwise returns the kernels of one and of two elements, and those with scalars.
func pointwise() []stream {
	var all []stream
	unaryIn := func(m mode, name string, blocks, blocks2 int, f func(k *kernel, x vec) vec) {
		all = append(all, stream{name: name, slices: "dst x", blocks: blocks, blocks2: blocks2, mode: m, body: func(k *kernel) {
			k.store(f(k, k.load(k.at("x"))), k.at("dst"))
		}})
	}
	unary := func(name string, blocks, blocks2 int, f func(k *kernel, x vec) vec) {
		unaryIn(ieee, name, blocks, blocks2, f)
	}
	attributes := func(name, scalars string, f func(k *kernel, x vec) vec) {
		all = append(all, stream{name: name, slices: "dst x", scalars: scalars, blocks: 4, blocks2: 2, body: func(k *kernel) {
			k.store(f(k, k.load(k.at("x"))), k.at("dst"))
		}})
	}
	binary := func(name string, blocks, blocks2 int, f func(k *kernel, x, y vec) vec) {
		all = append(all, stream{name: name, slices: "dst x y", blocks: blocks, blocks2: blocks2, body: func(k *kernel) {
			x, y := k.load(k.at("x")), k.load(k.at("y"))
			k.store(f(k, x, y), k.at("dst"))
		}})
	}

	unary("neg", 4, 2, func(k *kernel, x vec) vec { return k.xor(x, k.c("sign")) })
	unary("abs", 4, 2, func(k *kernel, x vec) vec { return k.and(x, k.c("abs")) })
	unary("square", 4, 2, func(k *kernel, x vec) vec { return k.mul(x, x) })
	unary("sqrt", 4, 2, func(k *kernel, x vec) vec { return k.op(k.VSQRTPS, x) })
	// Adding 0 makes -0 a 0.
	unary("relu", 4, 2, func(k *kernel, x vec) vec { return k.add(k.atLeast(x, k.r("zero")), k.c("zero")) })
	unary("sign", 4, 2, func(k *kernel, x vec) vec {
		positive := k.choose(greater, x, k.c("zero"), k.r("one"), x)
		return k.choose(less, x, k.c("zero"), k.r("minusOne"), positive)
	})
	unary("rsqrt", 4, 2, func(k *kernel, x vec) vec { return k.div(k.r("one"), k.op(k.VSQRTPS, x)) })
	unary("floor", 4, 2, func(k *kernel, x vec) vec { return k.round(x, 1) })
	unary("ceil", 4, 2, func(k *kernel, x vec) vec { return k.round(x, 2) })
	unary("round", 4, 2, func(k *kernel, x vec) vec { return k.round(x, 0) })
	unaryIn(zeroIn, "exp", 4, 2, func(k *kernel, x vec) vec { return k.exp(k.atMost(x, k.r("expHi"))) })
	unary("log", 2, 1, (*kernel).log)
	unaryIn(flushZero, "tanh", 4, 2, func(k *kernel, x vec) vec { return k.orDenormal(k.tanh(x), x) })
	all = append(all, stream{name: "sigmoid", slices: "dst x", blocks: 4, blocks2: 2, wideMode: zeroIn, body: func(k *kernel) {
		k.store(k.sigmoid(k.load(k.at("x"))), k.at("dst"))
	}})
	unary("silu", 4, 2, func(k *kernel, x vec) vec { return k.mul(k.sigmoid(x), x) })
	unary("softplus", 2, 1, (*kernel).softplus)
	unary("gelu", 2, 1, func(k *kernel, x vec) vec {
		phi, _ := k.normal(x)
		return k.mul(phi, x)
	})

	binary("add", 4, 2, (*kernel).add)
	binary("sub", 4, 2, (*kernel).sub)
	binary("mul", 4, 2, (*kernel).mul)
	binary("div", 4, 2, (*kernel).div)
	binary("maximum", 2, 1, func(k *kernel, x, y vec) vec { return k.extreme(k.VMAXPS, k.VANDPS, x, y) })
	binary("minimum", 2, 1, func(k *kernel, x, y vec) vec { return k.extreme(k.VMINPS, k.VORPS, x, y) })
	binary("tanhGrad", 4, 2, func(k *kernel, x, y vec) vec { return k.mul(x, k.tanhSlope(y)) })
	binary("sigmoidGrad", 4, 2, func(k *kernel, x, y vec) vec {
		return k.mul(k.mul(x, y), k.sub(k.r("one"), y))
	})
	binary("reluGrad", 4, 2, func(k *kernel, x, y vec) vec { return k.keep(greater, y, k.c("zero"), x) })
	binary("geluGrad", 2, 1, func(k *kernel, x, y vec) vec {
		phi, e := k.normal(y)
		k.addMul(phi, k.mul(e, k.c("density")), y)
		return k.mul(phi, x)
	})

	for _, c := range []struct {
		name      string
		predicate uint8
	}{{"equal", equal}, {"notEqual", notEqual}, {"less", less}, {"lessEqual", lessEqual}, {"greater", greater}, {"greaterEqual", greaterEqual}} {
		binary(c.name, 4, 2, func(k *kernel, x, y vec) vec { return k.keep(c.predicate, x, y, k.c("one")) })
	}

	attributes("leakyReLU", "slope", func(k *kernel, x vec) vec {
		return k.choose(greater, x, k.r("zero"), x, k.mul(x, k.c("slope")))
	})
	attributes("scale", "mul add", func(k *kernel, x vec) vec { return k.horner(x, k.c("mul"), k.c("add")) })
	attributes("clamp", "lo hi", func(k *kernel, x vec) vec {
		return k.atMost(k.atLeast(x, k.c("lo")), k.c("hi"))
	})
	attributes("addScalar", "c", func(k *kernel, x vec) vec { return k.add(x, k.c("c")) })
	attributes("mulScalar", "c", func(k *kernel, x vec) vec { return k.mul(x, k.c("c")) })
	attributes("divScalar", "c", func(k *kernel, x vec) vec { return k.div(x, k.c("c")) })
	attributes("scalarSub", "c", func(k *kernel, x vec) vec { return k.sub(k.c("c"), x) })
	attributes("scalarDiv", "c", func(k *kernel, x vec) vec { return k.div(k.c("c"), x) })
	// x - a - b, which keeps the digits of log-softmax where a is large.
	attributes("shift", "a b", func(k *kernel, x vec) vec { return k.sub(k.sub(x, k.c("a")), k.c("b")) })

	// The last pass of a softmax.
	all = append(all, stream{name: "mulFlushed", slices: "dst x", scalars: "c", blocks: 4, blocks2: 2, mode: flushZero, body: func(k *kernel) {
		k.store(k.mul(k.load(k.at("x")), k.c("c")), k.at("dst"))
	}})
	all = append(all, stream{name: "mulFlushedPast", slices: "dst x", scalars: "c", blocks: 4, blocks2: 2, mode: flushZero, fence: true, body: func(k *kernel) {
		k.storePast(k.mul(k.load(k.at("x")), k.c("c")), k.at("dst"))
	}})
	axpy := func(name, scalars, table, factor string) stream {
		return stream{name: name, slices: "dst x", scalars: scalars, table: table, blocks: 4, blocks2: 2, body: func(k *kernel) {
			d := k.load(k.at("dst"))
			k.addMul(d, k.load(k.at("x")), k.c(factor))
			k.store(d, k.at("dst"))
		}}
	}
	all = append(all, axpy("axpy", "a", "", "a"), axpy("addRows", "", "x", "factor"), axpy("addToRows", "", "dst", "factor"))
	all = append(all, stream{name: "mulAdd", slices: "dst x y", blocks: 4, blocks2: 2, body: func(k *kernel) {
		d := k.load(k.at("dst"))
		k.addMul(d, k.load(k.at("x")), k.load(k.at("y")))
		k.store(d, k.at("dst"))
	}})
	all = append(all, stream{name: "addFour", slices: "dst a b c d", blocks: 4, blocks2: 2, body: func(k *kernel) {
		sum := k.load(k.at("dst"))
		for _, x := range []string{"a", "b", "c", "d"} {
			k.into(sum, k.VADDPS, k.load(k.at(x)), sum)
		}
		k.store(sum, k.at("dst"))
	}})
	all = append(all, stream{name: "where", slices: "dst cond x y", blocks: 4, blocks2: 2, body: func(k *kernel) {
		cond, x, y := k.load(k.at("cond")), k.load(k.at("x")), k.load(k.at("y"))
		k.store(k.choose(notEqual, cond, k.c("zero"), x, y), k.at("dst"))
	}})
	return all
}

// round returns x rounded to a whole number: mode 0 to the nearest, halves to
// even, 1 down, 2 up.
func (k *kernel) round(x vec, mode uint8) vec {
	if k.wide {
		return k.op(k.VRNDSCALEPS, imm(mode), x)
	}
	dst := k.alloc(len(x))
	for i := range dst {
		k.VROUNDPS(operand.U8(mode), x[i], dst[i])
	}
	return dst
}

// extreme is the maximum or minimum of two elements. The processor returns its
// second source where both are zeros or one is NaN, so both orders are asked
// for and their bits joined: that makes max(-0, 0) = 0 and min(0, -0) = -0. NaN
// is x + y.
func (k *kernel) extreme(which, join func(...operand.Op), x, y vec) vec {
	m := k.op(which, y, x)
	k.into(m, join, k.op(which, x, y), m)
	if k.wide {
		for i := range m {
			k.VCMPPS(operand.U8(unordered), y[i], x[i], held(i))
			k.VADDPS(y[i], x[i], held(i), m[i])
		}
		return m
	}
	return k.choose(unordered, x, y, k.add(x, y), m)
}
