package ptx

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
)

// scalar is what an arithmetic instruction does for one thread. Operands and result
// are register contents: bits, with zeros above the type's width.
type scalar func(a, b, c uint64) uint64

// operation is an arithmetic instruction, decoded from its mnemonic.
type operation struct {
	f       scalar
	dst     typ
	src     []typ
	divides bool // by its second operand
	widens  bool // the registers may be wider than the types, as those of cvt
}

// modifiers are the parts of a mnemonic after its first: they are taken in order,
// and none may be left.
type modifiers []string

// take takes the next modifier if it is one of set, and returns it.
func (m *modifiers) take(set ...string) string {
	if len(*m) > 0 && slices.Contains(set, (*m)[0]) {
		s := (*m)[0]
		*m = (*m)[1:]
		return s
	}
	return ""
}

// typ takes the next modifier, which must be a type of one of the kinds.
func (m *modifiers) typ(kinds ...typeKind) (typ, error) {
	if len(*m) == 0 {
		return typ{}, fmt.Errorf("the mnemonic has no type")
	}
	t, ok := typeNames[(*m)[0]]
	if !ok || !slices.Contains(kinds, t.kind) || t.bits == 8 {
		return typ{}, fmt.Errorf("modifier .%s is unknown here", (*m)[0])
	}
	*m = (*m)[1:]
	return t, nil
}

// end reports a modifier that is left.
func (m *modifiers) end() error {
	if len(*m) > 0 {
		return fmt.Errorf("modifier .%s is unknown here", strings.Join(*m, "."))
	}
	return nil
}

var roundings = map[string]rounding{
	"": nearest, "rn": nearest, "rz": towards0, "rm": down, "rp": up,
	"rni": nearest, "rzi": towards0, "rmi": down, "rpi": up,
}

// arithmetic maps the first part of a mnemonic to its decoder.
var arithmetic = map[string]func(name string, m *modifiers) (operation, error){
	"add": addition, "sub": addition, "mul": multiplication, "mad": multiplyAdd, "fma": multiplyAdd,
	"div": division, "rem": division, "min": extremum, "max": extremum,
	"neg": sign, "abs": sign, "copysign": copySign,
	"and": logic, "or": logic, "xor": logic, "not": logic, "cnot": logic,
	"shl": shift, "shr": shift, "shf": funnelShift,
	"popc": countBits, "clz": countBits, "brev": countBits,
	"bfe": bitField, "prmt": permute, "sad": absoluteDifference,
	"rcp": root, "sqrt": root, "rsqrt": root,
	"ex2": transcendental, "lg2": transcendental, "sin": transcendental, "cos": transcendental,
	"cvt": conversion, "cvta": addressConversion,
}

// decodeArithmetic returns the operation of a mnemonic, false where its first part
// is not arithmetic.
func decodeArithmetic(mnemonic string) (op operation, known bool, err error) {
	parts := strings.Split(mnemonic, ".")
	decode, known := arithmetic[parts[0]]
	if !known {
		return operation{}, false, nil
	}
	m := modifiers(parts[1:])
	op, err = decode(parts[0], &m)
	if err == nil {
		err = m.end()
	}
	return op, true, err
}

func repeat(t typ, n int) []typ { return slices.Repeat([]typ{t}, n) }

// flushed wraps f, an operation on float32, with the flushing of denormals and the
// clamp to [0, 1].
func flushed(f scalar, ftz, sat bool) scalar {
	if sat {
		g := f
		f = func(a, b, c uint64) uint64 { return saturate32(g(a, b, c)) }
	}
	if ftz {
		g := f
		f = func(a, b, c uint64) uint64 { return flush32(g(flush32(a), flush32(b), flush32(c))) }
	}
	return f
}

// floatModifiers takes .rnd.ftz.sat in this order.
func floatModifiers(m *modifiers) (r rounding, ftz, sat bool) {
	r = roundings[m.take("rn", "rz", "rm", "rp")]
	return r, m.take("ftz") != "", m.take("sat") != ""
}

// onlyNearest is the error of what float64 does not offer.
func onlyNearest(t typ, r rounding, ftz, sat bool) error {
	if t.bits != 32 && (t.bits != 64 || r != nearest || ftz || sat) {
		return fmt.Errorf("the rounding, .ftz or .sat of this type is unknown")
	}
	return nil
}

// addition decodes add and sub.
func addition(name string, m *modifiers) (operation, error) {
	r, ftz, sat := floatModifiers(m)
	t, err := m.typ(unsigned, signed, float)
	if err != nil {
		return operation{}, err
	}
	op := operation{dst: t, src: repeat(t, 2)}
	flip := uint64(0)
	if name == "sub" {
		flip = 1 << (t.bits - 1)
	}
	mask := t.mask()
	switch {
	case t.kind != float && (ftz || r != nearest):
		return op, fmt.Errorf("a rounding of integers is unknown")
	case t.kind != float && sat:
		if t != (typ{signed, 32}) {
			return op, fmt.Errorf(".sat is known of s32 only")
		}
		op.f = func(a, b, _ uint64) uint64 {
			x, y := int64(int32(a)), int64(int32(b))
			if name == "sub" {
				y = -y
			}
			return uint64(min(max(x+y, math.MinInt32), math.MaxInt32)) & mask
		}
	case t.kind != float && name == "add":
		op.f = func(a, b, _ uint64) uint64 { return (a + b) & mask }
	case t.kind != float:
		op.f = func(a, b, _ uint64) uint64 { return (a - b) & mask }
	case t.bits == 64 && name == "add":
		op.f = func(a, b, _ uint64) uint64 { return math.Float64bits(f64(a) + f64(b)) }
	case t.bits == 64:
		op.f = func(a, b, _ uint64) uint64 { return math.Float64bits(f64(a) - f64(b)) }
	case r != nearest:
		op.f = flushed(func(a, b, _ uint64) uint64 {
			return bits32(sum32(float64(f32(a)), float64(f32(b^flip)), r))
		}, ftz, sat)
	default:
		op.f = flushed(func(a, b, _ uint64) uint64 { return bits32(f32(a) + f32(b^flip)) }, ftz, sat)
	}
	if t.kind == float {
		err = onlyNearest(t, r, ftz, sat)
	}
	return op, err
}

// multiplication decodes mul.
func multiplication(_ string, m *modifiers) (operation, error) {
	half := m.take("lo", "hi", "wide")
	r, ftz, sat := floatModifiers(m)
	if half != "" {
		if ftz || sat || r != nearest {
			return operation{}, fmt.Errorf("a rounding of integers is unknown")
		}
		t, err := m.typ(unsigned, signed)
		if err != nil {
			return operation{}, err
		}
		return product(half, t)
	}
	t, err := m.typ(float)
	if err != nil {
		return operation{}, err
	}
	op := operation{dst: t, src: repeat(t, 2)}
	switch {
	case t.bits == 64:
		op.f = func(a, b, _ uint64) uint64 { return math.Float64bits(f64(a) * f64(b)) }
	case r != nearest: // the product of two float32 is exact in float64
		op.f = flushed(func(a, b, _ uint64) uint64 { return bits32(round32(float64(f32(a))*float64(f32(b)), r)) }, ftz, sat)
	default:
		op.f = flushed(func(a, b, _ uint64) uint64 { return bits32(f32(a) * f32(b)) }, ftz, sat)
	}
	return op, onlyNearest(t, r, ftz, sat)
}

// product returns the low or high half of a·b, or all of it.
func product(half string, t typ) (operation, error) {
	op := operation{dst: t, src: repeat(t, 2)}
	switch {
	case half == "lo":
		op.f = func(a, b, _ uint64) uint64 { return a * b & t.mask() }
	case half == "wide" && t.bits == 64:
		return op, fmt.Errorf(".wide of 64 bits is unknown")
	case half == "wide":
		op.dst.bits = 2 * t.bits
		op.f = func(a, b, _ uint64) uint64 { return t.extend(a) * t.extend(b) & op.dst.mask() }
	case t.bits < 64:
		op.f = func(a, b, _ uint64) uint64 { return t.extend(a) * t.extend(b) >> t.bits & t.mask() }
	default:
		op.f = func(a, b, _ uint64) uint64 {
			hi, _ := bits.Mul64(a, b)
			if t.kind == signed { // the high half of the signed product, modulo 2^64
				hi -= uint64(int64(a)>>63)&b + uint64(int64(b)>>63)&a
			}
			return hi
		}
	}
	return op, nil
}

// multiplyAdd decodes mad and fma.
func multiplyAdd(name string, m *modifiers) (operation, error) {
	if half := m.take("lo", "hi", "wide"); half != "" && name == "mad" {
		t, err := m.typ(unsigned, signed)
		if err != nil {
			return operation{}, err
		}
		op, err := product(half, t)
		f, mask := op.f, op.dst.mask()
		op.f = func(a, b, c uint64) uint64 { return (f(a, b, 0) + c) & mask }
		op.src = append(op.src, op.dst)
		return op, err
	}
	given := len(*m) > 0 && slices.Contains([]string{"rn", "rz", "rm", "rp"}, (*m)[0])
	r, ftz, sat := floatModifiers(m)
	t, err := m.typ(float)
	if err != nil {
		return operation{}, err
	}
	if !given {
		return operation{}, fmt.Errorf("the rounding of %s is missing", name)
	}
	op := operation{dst: t, src: repeat(t, 3)}
	switch {
	case t.bits == 64:
		op.f = func(a, b, c uint64) uint64 { return math.Float64bits(math.FMA(f64(a), f64(b), f64(c))) }
	case r != nearest:
		op.f = flushed(func(a, b, c uint64) uint64 {
			return bits32(sum32(float64(f32(a))*float64(f32(b)), float64(f32(c)), r))
		}, ftz, sat)
	default:
		op.f = flushed(func(a, b, c uint64) uint64 { return bits32(fma32(f32(a), f32(b), f32(c))) }, ftz, sat)
	}
	return op, onlyNearest(t, r, ftz, sat)
}

// division decodes div and rem. The approximate quotients are rounded exactly here.
func division(name string, m *modifiers) (operation, error) {
	form := m.take("rn", "full", "approx", "rz", "rm", "rp")
	ftz := m.take("ftz") != ""
	t, err := m.typ(unsigned, signed, float)
	if err != nil {
		return operation{}, err
	}
	op := operation{dst: t, src: repeat(t, 2)}
	mask := t.mask()
	switch {
	case t.kind == float && (name == "rem" || form == "" || form == "rz" || form == "rm" || form == "rp"):
		return op, fmt.Errorf("this form of %s is unknown", name)
	case t.kind == float && t.bits == 64:
		op.f = func(a, b, _ uint64) uint64 { return math.Float64bits(f64(a) / f64(b)) }
		if form != "rn" {
			return op, fmt.Errorf("div.%s.f64 is unknown", form)
		}
		return op, onlyNearest(t, nearest, ftz, false)
	case t.kind == float:
		op.f = flushed(func(a, b, _ uint64) uint64 { return bits32(f32(a) / f32(b)) }, ftz, false)
		return op, nil
	case form != "" || ftz:
		return op, fmt.Errorf("a rounding of integers is unknown")
	}
	op.divides = true
	switch {
	case t.kind == signed && name == "div":
		op.f = func(a, b, _ uint64) uint64 { return uint64(int64(t.extend(a))/int64(t.extend(b))) & mask }
	case t.kind == signed:
		op.f = func(a, b, _ uint64) uint64 { return uint64(int64(t.extend(a))%int64(t.extend(b))) & mask }
	case name == "div":
		op.f = func(a, b, _ uint64) uint64 { return a / b }
	default:
		op.f = func(a, b, _ uint64) uint64 { return a % b }
	}
	return op, nil
}

// extremum decodes min and max.
func extremum(name string, m *modifiers) (operation, error) {
	ftz := m.take("ftz") != ""
	t, err := m.typ(unsigned, signed, float)
	if err != nil {
		return operation{}, err
	}
	op := operation{dst: t, src: repeat(t, 2)}
	smallest := name == "min"
	switch {
	case t == typ{float, 32}:
		f := max32
		if smallest {
			f = min32
		}
		op.f = flushed(func(a, b, _ uint64) uint64 { return f(a, b) }, ftz, false)
		return op, nil
	case t == typ{float, 64}:
		op.f = func(a, b, _ uint64) uint64 {
			x, y := f64(a), f64(b)
			switch {
			case x != x:
				return b
			case y != y:
				return a
			case smallest:
				return math.Float64bits(math.Min(x, y))
			}
			return math.Float64bits(math.Max(x, y))
		}
	case t.kind == signed:
		op.f = func(a, b, _ uint64) uint64 {
			if (int64(t.extend(a)) < int64(t.extend(b))) == smallest {
				return a
			}
			return b
		}
	case t.kind == unsigned:
		op.f = func(a, b, _ uint64) uint64 {
			if (a < b) == smallest {
				return a
			}
			return b
		}
	default:
		return op, fmt.Errorf("%s of this type is unknown", name)
	}
	if ftz {
		return op, fmt.Errorf(".ftz is known of f32 only")
	}
	return op, nil
}

// sign decodes neg and abs. On floats they touch the sign bit alone.
func sign(name string, m *modifiers) (operation, error) {
	ftz := m.take("ftz") != ""
	t, err := m.typ(signed, float)
	if err != nil {
		return operation{}, err
	}
	if ftz && t != (typ{float, 32}) || t == (typ{float, 16}) {
		return operation{}, fmt.Errorf("%s of this type is unknown", name)
	}
	op := operation{dst: t, src: repeat(t, 1)}
	mask, top := t.mask(), uint64(1)<<(t.bits-1)
	switch {
	case t.kind == float && name == "neg":
		op.f = flushed(func(a, _, _ uint64) uint64 { return a ^ top }, ftz, false)
	case t.kind == float:
		op.f = flushed(func(a, _, _ uint64) uint64 { return a &^ top }, ftz, false)
	case name == "neg":
		op.f = func(a, _, _ uint64) uint64 { return -a & mask }
	default:
		op.f = func(a, _, _ uint64) uint64 {
			if a&top != 0 {
				return -a & mask
			}
			return a
		}
	}
	return op, nil
}

// copySign decodes copysign: the sign of the first operand, the rest of the second.
func copySign(_ string, m *modifiers) (operation, error) {
	t, err := m.typ(float)
	if err != nil || t.bits < 32 {
		return operation{}, fmt.Errorf("copysign of this type is unknown")
	}
	top := uint64(1) << (t.bits - 1)
	return operation{dst: t, src: repeat(t, 2), f: func(a, b, _ uint64) uint64 { return a&top | b&^top }}, nil
}

// logic decodes the bitwise operations, those of predicates apart.
func logic(name string, m *modifiers) (operation, error) {
	t, err := m.typ(untyped)
	if err != nil {
		return operation{}, err
	}
	op := operation{dst: t, src: repeat(t, 2)}
	switch name {
	case "and":
		op.f = func(a, b, _ uint64) uint64 { return a & b }
	case "or":
		op.f = func(a, b, _ uint64) uint64 { return a | b }
	case "xor":
		op.f = func(a, b, _ uint64) uint64 { return a ^ b }
	case "not":
		op.src = repeat(t, 1)
		op.f = func(a, _, _ uint64) uint64 { return ^a & t.mask() }
	case "cnot":
		op.src = repeat(t, 1)
		op.f = func(a, _, _ uint64) uint64 { return truth(a == 0) }
	}
	return op, nil
}

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// shift decodes shl and shr: an amount past the width counts as the width.
func shift(name string, m *modifiers) (operation, error) {
	t, err := m.typ(untyped, unsigned, signed)
	if err != nil {
		return operation{}, err
	}
	if name == "shl" && t.kind != untyped {
		return operation{}, fmt.Errorf("shl of this type is unknown; want .b16, .b32 or .b64")
	}
	op := operation{dst: t, src: []typ{t, {unsigned, 32}}}
	width := uint64(t.bits)
	switch {
	case name == "shl":
		op.f = func(a, b, _ uint64) uint64 { return a << min(b, width) & t.mask() }
	default:
		op.f = func(a, b, _ uint64) uint64 {
			if t.kind == signed {
				return uint64(int64(t.extend(a))>>min(b, width)) & t.mask()
			}
			return a >> min(b, width)
		}
	}
	return op, nil
}

// funnelShift decodes shf: 32 bits out of two registers side by side.
func funnelShift(_ string, m *modifiers) (operation, error) {
	left := m.take("l", "r") == "l"
	wrap := m.take("wrap", "clamp") == "wrap"
	t, err := m.typ(untyped)
	if err != nil || t.bits != 32 {
		return operation{}, fmt.Errorf("shf of this type is unknown; want .b32")
	}
	return operation{dst: t, src: repeat(t, 3), f: func(a, b, c uint64) uint64 {
		n := min(c, 32)
		if wrap {
			n = c & 31
		}
		both := b<<32 | a
		if left {
			return both << n >> 32
		}
		return both >> n & t.mask()
	}}, nil
}

// countBits decodes popc, clz and brev.
func countBits(name string, m *modifiers) (operation, error) {
	t, err := m.typ(untyped)
	if err != nil || t.bits < 32 {
		return operation{}, fmt.Errorf("%s of this type is unknown; want .b32 or .b64", name)
	}
	op := operation{dst: typ{untyped, 32}, src: repeat(t, 1)}
	switch name {
	case "popc":
		op.f = func(a, _, _ uint64) uint64 { return uint64(bits.OnesCount64(a)) }
	case "clz":
		op.f = func(a, _, _ uint64) uint64 { return uint64(bits.LeadingZeros64(a) - (64 - t.bits)) }
	default:
		op.dst = t
		op.f = func(a, _, _ uint64) uint64 { return bits.Reverse64(a) >> (64 - t.bits) }
	}
	return op, nil
}

// bitField decodes bfe: c bits of a from bit b on, with the sign of the last one.
func bitField(_ string, m *modifiers) (operation, error) {
	t, err := m.typ(unsigned, signed)
	if err != nil || t.bits < 32 {
		return operation{}, fmt.Errorf("bfe of this type is unknown")
	}
	u32 := typ{unsigned, 32}
	return operation{dst: t, src: []typ{t, u32, u32}, f: func(a, b, c uint64) uint64 {
		pos, n, top := b&255, c&255, uint64(t.bits-1)
		fill, field := uint64(0), uint64(0)
		if t.kind == signed && n > 0 {
			fill = a >> min(pos+n-1, top) & 1
		}
		for i := range uint64(t.bits) {
			bit := fill
			if i < n && pos+i <= top {
				bit = a >> (pos + i) & 1
			}
			field |= bit << i
		}
		return field
	}}, nil
}

// permute decodes prmt without a mode: each nibble of c picks a byte of b:a.
func permute(_ string, m *modifiers) (operation, error) {
	t, err := m.typ(untyped)
	if err != nil || t.bits != 32 {
		return operation{}, fmt.Errorf("prmt of this type is unknown; want .b32")
	}
	return operation{dst: t, src: repeat(t, 3), f: func(a, b, c uint64) uint64 {
		both, y := b<<32|a, uint64(0)
		for i := range 4 {
			sel := c >> (4 * i)
			x := both >> (8 * (sel & 7)) & 255
			if sel&8 != 0 { // the sign of that byte, eight times
				x = x >> 7 * 255
			}
			y |= x << (8 * i)
		}
		return y
	}}, nil
}

// absoluteDifference decodes sad: c + |a - b|.
func absoluteDifference(_ string, m *modifiers) (operation, error) {
	t, err := m.typ(unsigned, signed)
	if err != nil {
		return operation{}, err
	}
	return operation{dst: t, src: repeat(t, 3), f: func(a, b, c uint64) uint64 {
		x, y := int64(t.extend(a)), int64(t.extend(b))
		if t.kind == signed && x < y || t.kind == unsigned && a < b {
			x, y = y, x
		}
		return (c + uint64(x-y)) & t.mask()
	}}, nil
}

// root decodes rcp, sqrt and rsqrt. The approximate forms are rounded exactly here;
// the hardware's may differ in the last bit.
func root(name string, m *modifiers) (operation, error) {
	form := m.take("rn", "approx")
	ftz := m.take("ftz") != ""
	t, err := m.typ(float)
	if err != nil {
		return operation{}, err
	}
	if form == "" || name == "rsqrt" && form == "rn" || t.bits != 32 && (form != "rn" || t.bits != 64 || ftz) {
		return operation{}, fmt.Errorf("this form of %s is unknown", name)
	}
	var f func(float64) float64
	switch name {
	case "rcp":
		f = func(x float64) float64 { return 1 / x }
	case "sqrt":
		f = math.Sqrt
	default:
		f = func(x float64) float64 { return 1 / math.Sqrt(x) }
	}
	return elementary(t, f, ftz), nil
}

// transcendental decodes ex2, lg2, sin and cos, which exist as approximations only.
func transcendental(name string, m *modifiers) (operation, error) {
	form := m.take("approx")
	ftz := m.take("ftz") != ""
	t, err := m.typ(float)
	if err != nil || form == "" || t.bits != 32 {
		return operation{}, fmt.Errorf("this form of %s is unknown; want .approx and .f32", name)
	}
	f := map[string]func(float64) float64{"ex2": math.Exp2, "lg2": math.Log2, "sin": math.Sin, "cos": math.Cos}[name]
	return elementary(t, f, ftz), nil
}

// elementary is a function of one float, evaluated in float64 and rounded to t. The
// quotient and square root of float32 numbers survive the second rounding unharmed
// (Figueroa, 1995).
func elementary(t typ, f func(float64) float64, ftz bool) operation {
	op := operation{dst: t, src: repeat(t, 1)}
	if t.bits == 64 {
		op.f = func(a, _, _ uint64) uint64 { return math.Float64bits(f(f64(a))) }
		return op
	}
	op.f = flushed(func(a, _, _ uint64) uint64 { return bits32(float32(f(float64(f32(a))))) }, ftz, false)
	return op
}

// conversion decodes cvt.
func conversion(_ string, m *modifiers) (operation, error) {
	round := m.take("rn", "rz", "rm", "rp", "rni", "rzi", "rmi", "rpi")
	ftz, sat := m.take("ftz") != "", m.take("sat") != ""
	if len(*m) != 2 {
		return operation{}, fmt.Errorf("cvt wants two types")
	}
	to, ok := typeNames[(*m)[0]]
	from, ok2 := typeNames[(*m)[1]]
	if !ok || !ok2 || to.kind == untyped || from.kind == untyped || to.kind == predicate || from.kind == predicate {
		return operation{}, fmt.Errorf("cvt.%s is unknown", strings.Join(*m, "."))
	}
	*m = nil
	op := operation{dst: to, src: repeat(from, 1), widens: true}
	whole := strings.HasSuffix(round, "i")
	r := roundings[round]
	single := typ{float, 32}
	unknown := fmt.Errorf("this form of cvt is unknown")
	if ftz && from != single && to != single {
		return op, unknown
	}
	switch {
	case to.kind != float && from.kind != float:
		if round != "" || ftz {
			return op, unknown
		}
		op.f = func(a, _, _ uint64) uint64 { return from.extend(a) & to.mask() }
		if sat {
			op.f = func(a, _, _ uint64) uint64 { return clamp(a, from, to) }
		}
	case to.kind != float: // the clamp of float to integer is there without .sat
		if !whole || sat && to.bits > 32 || from.bits == 16 {
			return op, unknown
		}
		op.f = func(a, _, _ uint64) uint64 {
			if ftz {
				a = flush32(a)
			}
			return toInt(roundInt(widen(a, from), r), to)
		}
	case from.kind != float:
		if whole || round == "" || sat || ftz || to.bits == 16 || to.bits == 64 && r != nearest {
			return op, unknown
		}
		op.f = func(a, _, _ uint64) uint64 {
			if to.bits == 32 {
				return bits32(fromInt32(a, from, r))
			}
			if from.kind == signed {
				return math.Float64bits(float64(int64(from.extend(a))))
			}
			return math.Float64bits(float64(a))
		}
	default:
		return floatConversion(op, to, from, round, ftz, sat)
	}
	return op, nil
}

// floatConversion decodes the cvt of a float to a float.
func floatConversion(op operation, to, from typ, round string, ftz, sat bool) (operation, error) {
	unknown := fmt.Errorf("this form of cvt is unknown")
	r, whole := roundings[round], strings.HasSuffix(round, "i")
	narrows := to.bits < from.bits
	switch {
	case sat && to.bits != 32, narrows && (round == "" || whole), to.bits > from.bits && round != "",
		to == from && round != "" && !whole, to.bits == 16 && (r != nearest || from.bits != 32 || whole),
		from.bits == 16 && to.bits != 32:
		return op, unknown
	}
	op.f = func(a, _, _ uint64) uint64 {
		if ftz && from.bits == 32 {
			a = flush32(a)
		}
		x := widen(a, from)
		if whole {
			x = roundInt(x, r)
		}
		var y uint64
		switch {
		case to.bits == 64:
			return math.Float64bits(x)
		case to.bits == 16:
			return toHalf(float32(x))
		case to == from && !whole && x == x:
			y = a
		default:
			y = bits32(round32(x, r))
		}
		if ftz {
			y = flush32(y)
		}
		if sat {
			y = saturate32(y)
		}
		return y
	}
	return op, nil
}

// widen returns the float64 of a float of any size.
func widen(a uint64, t typ) float64 {
	switch t.bits {
	case 64:
		return f64(a)
	case 16:
		return float64(fromHalf(a))
	}
	return float64(f32(a))
}

// clamp converts an integer to another type's nearest value.
func clamp(a uint64, from, to typ) uint64 {
	negative := from.kind == signed && int64(from.extend(a)) < 0
	top := to.mask()
	if to.kind == signed {
		top >>= 1
	}
	switch {
	case negative && to.kind != signed:
		return 0
	case negative:
		return uint64(max(int64(from.extend(a)), -int64(top)-1)) & to.mask()
	}
	return min(a, top)
}

// addressConversion decodes cvta between a space and generic addresses.
func addressConversion(_ string, m *modifiers) (operation, error) {
	to := m.take("to") != ""
	name := m.take("global", "shared", "local", "const")
	t, err := m.typ(unsigned)
	if err != nil || name == "" || t.bits != 64 {
		return operation{}, fmt.Errorf("this form of cvta is unknown")
	}
	window := spaces["."+name].window()
	if to {
		window = -window
	}
	return operation{dst: t, src: repeat(t, 1), f: func(a, _, _ uint64) uint64 { return a + window }}, nil
}

// comparison returns the test of a setp, on values of type t.
func comparison(name string, t typ, ftz bool) (func(a, b uint64) bool, error) {
	if t.kind == float {
		return floatComparison(name, t, ftz)
	}
	switch name {
	case "eq":
		return func(a, b uint64) bool { return a == b }, nil
	case "ne":
		return func(a, b uint64) bool { return a != b }, nil
	}
	if t.kind == untyped || ftz {
		return nil, fmt.Errorf("comparison .%s of this type is unknown", name)
	}
	if t.kind == signed {
		switch name {
		case "lt":
			return func(a, b uint64) bool { return int64(t.extend(a)) < int64(t.extend(b)) }, nil
		case "le":
			return func(a, b uint64) bool { return int64(t.extend(a)) <= int64(t.extend(b)) }, nil
		case "gt":
			return func(a, b uint64) bool { return int64(t.extend(a)) > int64(t.extend(b)) }, nil
		case "ge":
			return func(a, b uint64) bool { return int64(t.extend(a)) >= int64(t.extend(b)) }, nil
		}
		return nil, fmt.Errorf("comparison .%s of this type is unknown", name)
	}
	switch name {
	case "lt", "lo":
		return func(a, b uint64) bool { return a < b }, nil
	case "le", "ls":
		return func(a, b uint64) bool { return a <= b }, nil
	case "gt", "hi":
		return func(a, b uint64) bool { return a > b }, nil
	case "ge", "hs":
		return func(a, b uint64) bool { return a >= b }, nil
	}
	return nil, fmt.Errorf("comparison .%s of this type is unknown", name)
}

// floatComparison: the names that end in u are true also where a number is NaN.
func floatComparison(name string, t typ, ftz bool) (func(a, b uint64) bool, error) {
	if t.bits == 16 || ftz && t.bits != 32 {
		return nil, fmt.Errorf("comparison .%s of this type is unknown", name)
	}
	var f func(x, y float64) bool
	switch name {
	case "eq":
		f = func(x, y float64) bool { return x == y }
	case "ne":
		f = func(x, y float64) bool { return x < y || x > y }
	case "lt":
		f = func(x, y float64) bool { return x < y }
	case "le":
		f = func(x, y float64) bool { return x <= y }
	case "gt":
		f = func(x, y float64) bool { return x > y }
	case "ge":
		f = func(x, y float64) bool { return x >= y }
	case "equ":
		f = func(x, y float64) bool { return !(x < y || x > y) }
	case "neu":
		f = func(x, y float64) bool { return x != y }
	case "ltu":
		f = func(x, y float64) bool { return !(x >= y) }
	case "leu":
		f = func(x, y float64) bool { return !(x > y) }
	case "gtu":
		f = func(x, y float64) bool { return !(x <= y) }
	case "geu":
		f = func(x, y float64) bool { return !(x < y) }
	case "num":
		f = func(x, y float64) bool { return x == x && y == y }
	case "nan":
		f = func(x, y float64) bool { return x != x || y != y }
	default:
		return nil, fmt.Errorf("comparison .%s is unknown", name)
	}
	return func(a, b uint64) bool {
		if ftz {
			a, b = flush32(a), flush32(b)
		}
		return f(widen(a, t), widen(b, t))
	}, nil
}
