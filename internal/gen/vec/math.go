package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
)

func f32(v float64) uint32 { return math.Float32bits(float32(v)) }

// The polynomials are minimax fits by Remez exchange in 40 digits, their
// coefficients then rounded to float32.
var constants = map[string]uint32{
	"zero":     0,
	"half":     f32(0.5),
	"one":      f32(1),
	"two":      f32(2),
	"abs":      0x7fffffff,
	"sign":     0x80000000,
	"inf":      f32(math.Inf(1)),
	"minusInf": f32(math.Inf(-1)),
	"nan":      0x7fc00000,
	"smallest": f32(0x1p-126), // the smallest normal number

	// exp: below expLo the result rounds to 0, above expHi it is +Inf.
	"expLo":    f32(-104.5),
	"expHi":    f32(89),
	"magic":    f32(0x1.8p23), // added, it rounds to a whole number, whose low bits are the result's
	"log2e":    f32(math.Log2E),
	"ln2Hi":    f32(0x1.63p-1), // 9 bits, so that n·ln2Hi is exact
	"ln2Lo":    f32(math.Ln2 - 0x1.63p-1),
	"bias":     127,
	"tiny":     f32(-0x1p-60), // e to this rounds to 1
	"exponent": 0x7f800000,

	// (eʳ - 1 - r)/r² on |r| <= ln2/2: relative error of eʳ 2^-28.
	"exp0": f32(0.5),
	"exp1": f32(1.6666533803e-01),
	"exp2": f32(4.1667238763e-02),
	"exp3": f32(8.3675091447e-03),
	"exp4": f32(1.3863757481e-03),

	// exp by a table: below flushLo the result is below the smallest normal number.
	"flushLo":   f32(-88),
	"sigmoidHi": f32(20),       // from 17 on it rounds to 1
	"large":     f32(0x1p64),   // the factor of largePowers
	"magic16":   f32(0x1.8p19), // added, it rounds to a multiple of 1/16

	// (eʳ - 1 - r)/r² on |r| <= ln2/32: relative error of eʳ 2^-29.
	"exp16_0": f32(5.0001621246e-01),
	"exp16_1": f32(1.6666914523e-01),

	// The same, for a relative error of eʳ - 1 of 2^-31.
	"expm1_1": f32(1.6666666773e-01),
	"expm1_2": f32(4.1666481685e-02),
	"expm1_3": f32(8.3332820669e-03),
	"expm1_4": f32(1.3933352004e-03),
	"expm1_5": f32(1.9909747918e-04),

	"tanhHi": f32(9.02), // from here on tanh rounds to 1

	// (ln(1+f) - f + f²/2)/f³ on [√½ - 1, √2 - 1]: relative error of ln(1+f) 2^-30.
	"log0":      f32(3.3333310390e-01),
	"log1":      f32(-2.4999986426e-01),
	"log2":      f32(2.0002230582e-01),
	"log3":      f32(-1.6669263343e-01),
	"log4":      f32(1.4218576568e-01),
	"log5":      f32(-1.2384069344e-01),
	"log6":      f32(1.1873364953e-01),
	"log7":      f32(-1.1791718574e-01),
	"log8":      f32(6.9167594608e-02),
	"sqrtHalf":  0x3f3504f3, // √½, also as the integer that splits off the exponent
	"mantissa":  0x007fffff,
	"scaleUp":   f32(0x1p23),
	"scaledBy":  f32(23),
	"ln2":       f32(math.Ln2),
	"log1pHi":   f32(math.Sqrt2 - 1),
	"minusOne":  f32(-1),
	"minusHalf": f32(-0.5),

	// Φ(-a)·exp(a²/2) = t·P(t) with t = 1/(1 + 0.3a), a in [0, 14.6]: relative error 2^-28.
	"phiScale": f32(0.3),
	"phiHi":    f32(14.5), // Φ(-14.5) rounds to 0
	"phi0":     f32(1.1968669716e-01),
	"phi1":     f32(1.1957167805e-01),
	"phi2":     f32(1.1023649851e-01),
	"phi3":     f32(7.8384874669e-02),
	"phi4":     f32(9.6170024230e-02),
	"phi5":     f32(-7.9447024453e-02),
	"phi6":     f32(1.9181170343e-01),
	"phi7":     f32(-2.2823321509e-01),
	"phi8":     f32(1.1244366567e-01),
	"phi9":     f32(-2.0624903916e-02),
	"density":  f32(1 / math.Sqrt(2*math.Pi)),

	// Philox4x32: the multipliers, and the weight of the upper 24 bits.
	"philox0": 0xD2511F53,
	"philox1": 0xCD9E8D57,
	"unit":    f32(0x1p-24),
}

// tables are constants of 16 words, which AVX-512 has in one register.
var tables = map[string][16]uint32{
	"powers":      powers(1),
	"largePowers": powers(0x1p64),
	"rootsLow": func() (t [16]uint32) { // what is missing in 2^(j/16), divided by it
		for j := range t {
			root := math.Exp2(float64(j) / 16)
			t[j] = f32(root/float64(float32(root)) - 1)
		}
		return t
	}(),
}

// powers returns scale·2^(j/16), less j<<19: where a whole number of sixteenths, shifted as
// much, is added, its last four bits vanish and the others are the exponent.
func powers(scale float64) (t [16]uint32) {
	for j := range t {
		t[j] = f32(scale*math.Exp2(float64(j)/16)) - uint32(j)<<19
	}
	return t
}

// reduce returns t, n and r with x = n·ln2 + r: n is whole and |r| <= ln2/2, or for
// magic16 n is a multiple of 1/16 and |r| <= ln2/32. The low bits of t hold n, or 16n. x is
// overwritten by r.
func (k *kernel) reduce(x vec, magic string) (t, n, r vec) {
	t = k.copyOf(k.c(magic), len(x))
	k.addMul(t, x, k.c("log2e"))
	n = k.sub(t, k.c(magic))
	k.subMul(x, n, k.c("ln2Hi"))
	k.subMul(x, n, k.c("ln2Lo"))
	return t, n, x
}

// expm1 returns p with 1 + p = eʳ, where the coefficients after 1/2 are given.
func (k *kernel) expm1(r vec, coefficients ...string) vec {
	last := len(coefficients) - 1
	p := k.copyOf(k.c(coefficients[last]), len(r))
	for i := last - 1; i >= 0; i-- {
		k.horner(p, r, k.c(coefficients[i]))
	}
	k.horner(p, r, k.c("exp0"))
	k.into(p, k.VMULPS, r, p)
	return k.horner(p, r, r) // r + r·(r·P)
}

// exp returns eˣ for x <= 0 or NaN; x is overwritten. exp of any x begins with
// atMost expHi.
func (k *kernel) exp(x vec) vec {
	x = k.atLeast(x, k.r("expLo"))
	t, n, r := k.reduce(x, "magic")
	p := k.expm1(r, "exp1", "exp2", "exp3", "exp4")
	k.into(p, k.VADDPS, k.c("one"), p)
	if k.wide {
		return k.into(p, k.VSCALEFPS, n, p)
	}
	// 2ⁿ in two halves, so that denormal results and n = 128 come out right.
	k.into(t, k.VPSUBD, k.c("magic"), t)
	h := k.op(k.VPSRAD, imm(1), t)
	k.into(t, k.VPSUBD, h, t)
	for _, half := range []vec{h, t} {
		k.into(half, k.VPADDD, k.c("bias"), half)
		k.into(half, k.VPSLLD, imm(23), half)
		k.into(p, k.VMULPS, half, p)
	}
	return p
}

// sixteenths returns t and p with eˣ = 2ⁿ·(1 + p), n a multiple of 1/16; the low bits
// of t hold 16n. A polynomial of the third degree is enough. x is overwritten. low, unless
// it is nil, returns of t what is added to p.
func (k *kernel) sixteenths(x vec, low func(t vec) vec) (t, p vec) {
	t, _, x = k.reduce(x, "magic16")
	p = k.copyOf(k.c("exp16_1"), len(x))
	k.horner(p, x, k.c("exp16_0"))
	k.horner(p, x, k.c("one"))
	if low != nil {
		return t, k.horner(p, x, low(t))
	}
	return t, k.into(p, k.VMULPS, x, p)
}

// expFlushed is exp where denormals are flushed, with half the multiplications: powers
// of 2 are looked up. x is at most 0 or NaN, and is overwritten.
func (k *kernel) expFlushed(x vec) vec {
	t, p := k.sixteenths(k.atLeast(x, k.r("flushLo")), nil)
	s := k.powers(t, "powers")
	return k.horner(p, s, s) // s + s·p: a product with s alone might be a denormal
}

// powers returns 2 to the power of the sixteenths that the low bits of t hold, from a
// table. t is overwritten.
func (k *kernel) powers(t vec, table string) vec {
	if k.wide {
		s := k.op(k.VPERMPS, k.c(table), t)
		k.into(t, k.VPSLLD, imm(19), t)
		return k.into(s, k.VPADDD, t, s)
	}
	m := k.inMemory(table)
	s := k.alloc(len(t))
	for i := range t { // lane by lane: two tables of eight take registers
		high, second := k.YMM(), k.YMM()
		k.VPERMPS(m.Offset(32), t[i], high)
		k.VPERMPS(m, t[i], s[i])
		k.VPSLLD(operand.U8(28), t[i], second) // the fourth bit, as a sign
		k.VBLENDVPS(second, high, s[i], s[i])
		k.VPSLLD(operand.U8(19), t[i], t[i])
		k.VPADDD(t[i], s[i], s[i])
	}
	return s
}

// powersLow returns what is missing in the powers, divided by them.
func (k *kernel) powersLow(t vec) vec { return k.op(k.VPERMPS, k.c("rootsLow"), t) }

// expOfMinus returns exp(-|x|). Next to 0 the argument is moved to where no step of
// the way there is a denormal number.
func (k *kernel) expOfMinus(x vec) vec {
	return k.exp(k.atMost(k.or(x, k.c("sign")), k.r("tiny")))
}

// sigmoid is eᵃ/(1+eᵃ) with a = -|x|, and 1/(1+eᵃ) where x is positive: no
// overflow, and the full relative accuracy on both sides.
//
// AVX-512 takes eˣ/(1+eˣ) of any x, below what rounds to 1. Both are 2⁶⁴ times as large,
// so that only the quotient can be a denormal number. It divides beside its
// multiplications: to correct an estimate of 1/(1+eˣ) would add to those (Zen 4).
func (k *kernel) sigmoid(x vec) vec {
	if k.wide {
		t, p := k.sixteenths(k.atLeast(k.atMost(x, k.r("sigmoidHi")), k.r("expLo")), k.powersLow)
		s := k.powers(t, "largePowers")
		e := k.horner(p, s, s)
		return k.div(e, k.add(e, k.c("large")))
	}
	e := k.expOfMinus(x)
	d := k.add(e, k.c("one"))
	return k.div(k.ifNegative(x, e, k.r("one")), d)
}

// tanh is m/(m+2) with m = e^2|x| - 1, and x's sign.
func (k *kernel) tanh(x vec) vec {
	a := k.atMost(k.and(x, k.c("abs")), k.r("tanhHi"))
	k.into(a, k.VADDPS, a, a)
	t, _, r := k.reduce(a, "magic")
	p := k.expm1(r, "expm1_1", "expm1_2", "expm1_3", "expm1_4", "expm1_5")
	k.into(t, k.VPSLLD, imm(23), t)
	s := k.into(t, k.VPADDD, k.c("one"), t) // 2ⁿ
	m := k.sub(s, k.c("one"))
	k.addMul(m, s, p)
	q := k.div(m, k.add(m, k.c("two")))
	if k.wide {
		return k.into(q, k.VPTERNLOGD, imm(0xf8), k.c("sign"), x) // q | sign & x
	}
	return k.or(q, k.and(x, k.c("sign")))
}

// orDenormal returns x where it is a denormal number or 0, else y.
func (k *kernel) orDenormal(y, x vec) vec {
	for i := range y {
		if k.wide {
			k.VPTESTNMD(k.r("exponent")[0], x[i], held(i))
			k.VMOVUPS(x[i], held(i), y[i])
			continue
		}
		t := k.YMM()
		k.VANDPS(k.c("exponent")[0], x[i], t)
		k.VPCMPEQD(k.r("zero")[0], t, t)
		k.VBLENDVPS(t, x[i], y[i], y[i])
	}
	return y
}

// tanhSlope is 1 - y², the derivative of tanh where it is y.
func (k *kernel) tanhSlope(y vec) vec { return k.negHorner(k.copyOf(y, len(y)), y, k.c("one")) }

// log1p returns f - f²/2 + f³P(f), which is ln(1+f), plus low, for f in
// [√½ - 1, √2 - 1].
func (k *kernel) log1p(f, low vec) vec {
	p := k.copyOf(k.c("log8"), len(f))
	for _, c := range []string{"log7", "log6", "log5", "log4", "log3", "log2", "log1", "log0"} {
		k.horner(p, f, k.c(c))
	}
	square := k.mul(f, f)
	k.into(p, k.VMULPS, f, p)
	if low == nil {
		k.into(p, k.VMULPS, square, p)
	} else {
		k.horner(p, square, low)
	}
	k.addMul(p, square, k.c("minusHalf"))
	return k.into(p, k.VADDPS, f, p)
}

// log splits x into 2ⁿ·(1+f), √½ <= 1+f < √2, and returns n·ln2 + ln(1+f).
func (k *kernel) log(x vec) vec {
	// A denormal is first brought into range.
	small := k.r("smallest")
	scaled := k.choose(less, x, small, k.mul(x, k.c("scaleUp")), x)
	shift := k.keep(less, x, small, k.c("scaledBy"))
	bits := k.op(k.VPSUBD, k.c("sqrtHalf"), scaled)
	n := k.op(k.VPSRAD, imm(23), bits)
	n = k.into(n, k.VCVTDQ2PS, n)
	n = k.into(n, k.VSUBPS, shift, n)
	k.into(bits, k.VANDPS, k.c("mantissa"), bits)
	f := k.into(bits, k.VPADDD, k.c("sqrtHalf"), bits)
	k.into(f, k.VSUBPS, k.c("one"), f)
	y := k.log1p(f, k.mul(n, k.c("ln2Lo")))
	k.addMul(y, n, k.c("ln2Hi"))
	// ln 0 = -Inf, ln +Inf = +Inf, NaN below 0 and for NaN.
	zero := k.r("zero")
	y = k.choose(equal, x, k.c("inf"), x, y)
	y = k.choose(greaterEqual, x, zero, y, k.r("nan"))
	return k.choose(equal, x, zero, k.r("minusInf"), y)
}

// normal returns the normal distribution Φ(x) and exp(-x²/2). Φ(-a) for a >= 0
// is exp(-a²/2)·tP(t); the rounding error of a² would cost 50 ulps in the tail
// and is taken along.
func (k *kernel) normal(x vec) (phi, e vec) {
	a := k.atMost(k.and(x, k.c("abs")), k.r("phiHi"))
	square := k.mul(a, a)
	low := k.into(k.copyOf(a, len(a)), k.VFMSUB213PS, square, a) // a·a - square
	low = k.mul(low, k.c("half"))
	e = k.exp(k.mul(square, k.c("minusHalf")))
	e = k.negHorner(low, e, e) // e - low·e
	d := k.addMul(k.copyOf(k.c("one"), len(a)), a, k.c("phiScale"))
	t := k.div(k.r("one"), d)
	p := k.copyOf(k.c("phi9"), len(a))
	for _, c := range []string{"phi8", "phi7", "phi6", "phi5", "phi4", "phi3", "phi2", "phi1", "phi0"} {
		k.horner(p, t, k.c(c))
	}
	k.into(p, k.VMULPS, t, p)
	k.into(p, k.VMULPS, e, p)
	return k.ifNegative(x, p, k.sub(k.r("one"), p)), e
}

// softplus is max(x, 0) + ln(1 + e), e = exp(-|x|) in (0, 1]. Above √2 - 1 it is
// ln2 + ln(1 + (e-1)/2), so that log1p's argument is in range and exact.
func (k *kernel) softplus(x vec) vec {
	e := k.expOfMinus(x)
	high := k.r("log1pHi")
	halved := k.into(k.copyOf(e, len(e)), k.VFMADD213PS, k.c("minusHalf"), k.r("half"))
	f := k.choose(greater, e, high, halved, e)
	offset := k.keep(greater, e, high, k.c("ln2"))
	y := k.log1p(f, nil)
	y = k.add(y, offset)
	return k.add(y, k.atLeast(x, k.r("zero")))
}
