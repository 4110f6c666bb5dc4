package vec

import (
	"math"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu/isa"
)

// generic returns the kernels in plain Go. Where the formula takes more than one
// operation they compute in float64 and round once, so they are at least as
// accurate as the assembly.
func generic() *Kernels {
	return &Kernels{
		ISA: isa.Generic,

		Neg:      each(func(x float32) float32 { return -x }),
		Abs:      each(func(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }),
		Square:   each(func(x float32) float32 { return x * x }),
		Sqrt:     each(func(x float32) float32 { return float32(math.Sqrt(float64(x))) }),
		Sign:     each(sign),
		Rsqrt:    each(func(x float32) float32 { return float32(1 / math.Sqrt(float64(x))) }),
		Floor:    each(func(x float32) float32 { return float32(math.Floor(float64(x))) }),
		Ceil:     each(func(x float32) float32 { return float32(math.Ceil(float64(x))) }),
		Round:    each(func(x float32) float32 { return float32(math.RoundToEven(float64(x))) }),
		ReLU:     relu,
		Exp:      each(func(x float32) float32 { return float32(exp(float64(x))) }),
		Log:      each(func(x float32) float32 { return float32(math.Log(float64(x))) }),
		Tanh:     each(func(x float32) float32 { return float32(tanh(float64(x))) }),
		Sigmoid:  each(func(x float32) float32 { return float32(sigmoid(float64(x))) }),
		SiLU:     each(func(x float32) float32 { return float32(float64(x) * sigmoid(float64(x))) }),
		Softplus: each(softplus),
		GELU:     each(func(x float32) float32 { return float32(float64(x) * normal(float64(x))) }),

		Scale:     scale,
		Clamp:     clamp,
		LeakyReLU: eachScalar(leakyReLU),
		AddScalar: addScalar,
		MulScalar: mulScalar,
		DivScalar: eachScalar(func(x, c float32) float32 { return x / c }),
		ScalarSub: eachScalar(func(x, c float32) float32 { return c - x }),
		ScalarDiv: eachScalar(func(x, c float32) float32 { return c / x }),
		Shift:     shift,

		Add:     add,
		Sub:     sub,
		Mul:     mul,
		Div:     div,
		Maximum: each2(larger),
		Minimum: each2(smaller),

		Equal:        each2(func(x, y float32) float32 { return truth(x == y) }),
		NotEqual:     each2(func(x, y float32) float32 { return truth(x != y) }),
		Less:         each2(func(x, y float32) float32 { return truth(x < y) }),
		LessEqual:    each2(func(x, y float32) float32 { return truth(x <= y) }),
		Greater:      each2(func(x, y float32) float32 { return truth(x > y) }),
		GreaterEqual: each2(func(x, y float32) float32 { return truth(x >= y) }),

		Where: where,

		TanhGrad:    each2(func(x, y float32) float32 { return float32(float64(x) * (1 - float64(y)*float64(y))) }),
		SigmoidGrad: each2(func(x, y float32) float32 { return float32(float64(x) * float64(y) * (1 - float64(y))) }),
		ReLUGrad:    each2(reluGrad),
		GELUGrad:    each2(geluGrad),

		Axpy:   axpy,
		MulAdd: mulAdd,

		AddRows: func(dst, table []float32, ids []int32, a []float32) { addRows(dst, table, ids, a, axpy) },
		AddToRows: func(table []float32, stride int, ids []int32, x, a []float32) {
			addToRows(table, stride, ids, x, a, axpy)
		},

		AddFour: addFour,

		Sum:        func(x []float32) float32 { return total(x, sum) },
		SumSquares: func(x []float32) float32 { return total2(x, x, dot) },
		Dot:        dotAll,
		Dots:       func(dst, table []float32, ids []int32, y []float32) { dots(dst, table, ids, y, dotAll) },
		Max:        maximum,
		Min:        minimum,
		ExpSum:     expSum,

		mulFlushed:     mulScalar,
		mulFlushedPast: mulScalar,
		expSumMax:      expSumMax,
		expSumMaxPast: func(dst, x, next []float32, shift float32, tops []float32, _ int, out, y []float32, c float32) float64 {
			mulScalar(out, y, c)
			return expSumMax(dst, x, next, shift, tops)
		},

		LSTMCell:     lstmCell,
		LSTMCellPlus: lstmCellPlus,
		LSTMCellGrad: lstmCellGrad,

		GRUGates:     gruGates,
		GRUState:     gruState,
		GRUStateGrad: gruStateGrad,
		GRUGatesGrad: gruGatesGrad,

		SGD:      func(w, g []float32, lr float32) { axpy(w, g, -lr) },
		Momentum: momentum,
		AdaGrad:  adaGrad,
		Adam:     adam,
		AdamRows: func(w, m, v, g []float32, ids []int32, lr, rate1, rate2, eps float32) {
			adamRows(w, m, v, g, ids, lr, rate1, rate2, eps, adam)
		},

		Uniform: uniform,
		Dropout: dropout,
	}
}

// fma is x·y + z, rounded to float64 and then to float32: the product of two
// float32 is exact in float64.
func fma(x, y, z float32) float32 { return float32(float64(x)*float64(y) + float64(z)) }

func each(f func(x float32) float32) func(dst, x []float32) {
	return func(dst, x []float32) {
		x = x[:len(dst)]
		for i := range dst {
			dst[i] = f(x[i])
		}
	}
}

func each2(f func(x, y float32) float32) func(dst, x, y []float32) {
	return func(dst, x, y []float32) {
		x, y = x[:len(dst)], y[:len(dst)]
		for i := range dst {
			dst[i] = f(x[i], y[i])
		}
	}
}

func eachScalar(f func(x, c float32) float32) func(dst, x []float32, c float32) {
	return func(dst, x []float32, c float32) {
		x = x[:len(dst)]
		for i := range dst {
			dst[i] = f(x[i], c)
		}
	}
}

// The commonest functions have loops of their own: a call for each element
// would take three times as long.

func relu(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = max(x[i], 0)
	}
}

func add(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = x[i] + y[i]
	}
}

func sub(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = x[i] - y[i]
	}
}

func mul(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = x[i] * y[i]
	}
}

func div(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = x[i] / y[i]
	}
}

func addScalar(dst, x []float32, c float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = x[i] + c
	}
}

func mulScalar(dst, x []float32, c float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = x[i] * c
	}
}

// expParts returns s = 2ⁿ and q = eʳ - 1 with eˣ = s·(1+q) and |r| <= ln2/2, for
// |x| < 700. The Taylor polynomial of degree 9 leaves a relative error of 2^-37.
func expParts(x float64) (s, q float64) {
	n := math.Floor(x*math.Log2E + 0.5)
	r := x - n*math.Ln2
	p := 1.0 / 362880
	for _, c := range [...]float64{1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 1.0 / 2, 1} {
		p = p*r + c
	}
	return math.Float64frombits(uint64(1023+int64(n)) << 52), p * r
}

// exp is good to float32 and much faster than math.Exp in float64 where that has no assembly.
func exp(x float64) float64 {
	switch {
	case x > 89:
		return math.Inf(1)
	case x < -104.5:
		return 0
	case x != x:
		return x
	}
	s, q := expParts(x)
	return s + s*q
}

func sigmoid(x float64) float64 {
	e := exp(-math.Abs(x))
	if x < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}

func tanh(x float64) float64 {
	a := math.Abs(x)
	if !(a < 9.5) {
		if a != a {
			return x
		}
		return math.Copysign(1, x)
	}
	s, q := expParts(2 * a)
	m := s*q + (s - 1) // e^2|x| - 1
	return math.Copysign(m/(m+2), x)
}

func softplus(x float32) float32 {
	return float32(max(float64(x), 0) + math.Log1p(exp(-math.Abs(float64(x)))))
}

// normal is Φ(x), the normal distribution.
func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

func geluGrad(x, y float32) float32 {
	v := float64(y)
	density := exp(-v*v/2) / math.Sqrt(2*math.Pi)
	return float32(float64(x) * (normal(v) + v*density))
}

func truth(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

func sign(x float32) float32 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

func leakyReLU(x, slope float32) float32 {
	if x > 0 {
		return x
	}
	return slope * x
}

func addFour(dst, a, b, c, d []float32) {
	a, b, c, d = a[:len(dst)], b[:len(dst)], c[:len(dst)], d[:len(dst)]
	for i := range dst {
		dst[i] = dst[i] + a[i] + b[i] + c[i] + d[i]
	}
}

func where(dst, cond, x, y []float32) {
	cond, x, y = cond[:len(dst)], x[:len(dst)], y[:len(dst)]
	for i := range dst {
		v := y[i]
		if cond[i] != 0 {
			v = x[i]
		}
		dst[i] = v
	}
}

func reluGrad(x, y float32) float32 {
	if y > 0 {
		return x
	}
	return 0
}

func scale(dst, x []float32, mul, add float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = fma(x[i], mul, add)
	}
}

func clamp(dst, x []float32, lo, hi float32) {
	x = x[:len(dst)]
	for i := range dst {
		v := x[i]
		if v < lo {
			v = lo
		}
		if v > hi {
			v = hi
		}
		dst[i] = v
	}
}

func shift(dst, x []float32, a, b float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = x[i] - a - b
	}
}

func axpy(dst, x []float32, a float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = fma(a, x[i], dst[i])
	}
}

func mulAdd(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = fma(x[i], y[i], dst[i])
	}
}

// fold adds 16·k partial sums in the order of the assembly, to 16: neighbouring blocks
// of 16 first.
func fold(acc *[64]float32) {
	for i := range 16 {
		acc[i] = (acc[i] + acc[16+i]) + (acc[32+i] + acc[48+i])
	}
}

// fold1 adds 16 partial sums: i and i+8, then i+4, i+2, i+1.
func fold1(acc []float32) float32 {
	for n := 8; n > 0; n /= 2 {
		for i := range n {
			acc[i] += acc[n+i]
		}
	}
	return acc[0]
}

// sum adds whole blocks of 64 elements to 64 partial sums, then what is left to
// 16 of them.
func sum(x []float32) float32 {
	var acc [64]float32
	for ; len(x) >= 64; x = x[64:] {
		for i, v := range x[:64] {
			acc[i] += v
		}
	}
	fold(&acc)
	for i, v := range x {
		acc[i%16] += v
	}
	return fold1(acc[:16])
}

// dotAll is dot of slices of any length.
func dotAll(x, y []float32) float32 { return total2(x, y, dot) }

func dot(x, y []float32) float32 {
	var acc [64]float32
	for ; len(x) >= 64; x, y = x[64:], y[64:] {
		for i, v := range x[:64] {
			acc[i] = fma(v, y[i], acc[i])
		}
	}
	fold(&acc)
	for i, v := range x {
		acc[i%16] = fma(v, y[i], acc[i%16])
	}
	return fold1(acc[:16])
}

func larger(x, y float32) float32 { return max(x, y) }

func smaller(x, y float32) float32 { return min(x, y) }

func maximum(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, v := range x {
		m = max(m, v)
	}
	return m
}

func minimum(x []float32) float32 {
	m := float32(math.Inf(1))
	for _, v := range x {
		m = min(m, v)
	}
	return m
}

func expSum(dst, x []float32, shift float32) float64 {
	if dst != nil {
		x = x[:len(dst)]
	}
	s := 0.0
	for len(x) > 0 {
		var acc [16]float32
		n := min(len(x), expChunk)
		for i, v := range x[:n] {
			e := float32(exp(float64(v - shift)))
			if dst != nil {
				dst[i] = e
			}
			acc[i%16] += e
		}
		s += float64(fold1(acc[:]))
		x = x[n:]
		if dst != nil {
			dst = dst[n:]
		}
	}
	return s
}

func expSumMax(dst, x, next []float32, shift float32, tops []float32) float64 {
	tops[0] = max(tops[0], maximum(next[:len(dst)]))
	return expSum(dst, x, shift)
}

func lstmCell(h, cNew, gates, z, c []float32) {
	n := len(h)
	cNew, gates, z, c = cNew[:n], gates[:4*n], z[:4*n], c[:n]
	for j := range n {
		f, g := sigmoid(float64(z[j])), tanh(float64(z[n+j]))
		i, o := sigmoid(float64(z[2*n+j])), sigmoid(float64(z[3*n+j]))
		gates[j], gates[n+j], gates[2*n+j], gates[3*n+j] = float32(f), float32(g), float32(i), float32(o)
		v := f*float64(c[j]) + i*g
		cNew[j] = float32(v)
		h[j] = float32(o * tanh(v))
	}
}

func lstmCellPlus(h, cNew, gates, z, x, c []float32) {
	n := len(h)
	cNew, gates, z, x, c = cNew[:n], gates[:4*n], z[:4*n], x[:4*n], c[:n]
	for j := range gates {
		gates[j] = z[j] + x[j]
	}
	lstmCell(h, cNew, gates, gates, c)
}

func lstmCellGrad(dz, dc, dh, gates, cNew, c []float32) {
	n := len(dz) / 4
	dc, dh, gates, cNew, c = dc[:n], dh[:n], gates[:4*n], cNew[:n], c[:n]
	for j := range n {
		f, g, i, o := gates[j], gates[n+j], gates[2*n+j], gates[3*n+j]
		t := float32(tanh(float64(cNew[j])))
		u := dh[j] * o
		d := dc[j] + u*(1-t*t)
		dz[j] = d * f * c[j] * (1 - f)
		dz[n+j] = d * i * (1 - g*g)
		dz[2*n+j] = d * i * g * (1 - i)
		dz[3*n+j] = u * t * (1 - o)
		dc[j] = d * f
	}
}

func gruGates(s, gates, h []float32) {
	n := len(s)
	gates, h = gates[:3*n], h[:n]
	for j := range n {
		gates[j], gates[n+j] = float32(sigmoid(float64(gates[j]))), float32(sigmoid(float64(gates[n+j])))
		s[j] = gates[n+j] * h[j]
	}
}

func gruState(y, gates, h []float32) {
	n := len(y)
	gates, h = gates[:3*n], h[:n]
	for j := range n {
		c := tanh(float64(gates[2*n+j]))
		gates[2*n+j] = float32(c)
		y[j] = float32(float64(h[j]) + float64(gates[j])*(c-float64(h[j])))
	}
}

func gruStateGrad(dh, gates, gy, h []float32) {
	n := len(dh)
	gates, gy, h = gates[:3*n], gy[:n], h[:n]
	for j := range n {
		z, c := gates[j], gates[2*n+j]
		t := gy[j] * z // what reaches ĥ
		dh[j] += gy[j] - t
		gates[j] = t * (c - h[j]) * (1 - z)
		gates[2*n+j] = t * (1 - c*c)
	}
}

func gruGatesGrad(dh, gates, s, h []float32) {
	n := len(dh)
	gates, s, h = gates[:3*n], s[:n], h[:n]
	for j := range n {
		r, ds := gates[n+j], s[j]
		dh[j] += ds * r
		s[j] = r * h[j]
		gates[n+j] = ds * s[j] * (1 - r)
	}
}

func momentum(w, v, g []float32, lr, momentum float32) {
	v, g = v[:len(w)], g[:len(w)]
	for i := range w {
		v[i] = fma(-lr, g[i], float32(v[i]*momentum))
		w[i] += v[i]
	}
}

func adaGrad(w, h, g []float32, lr, eps float32) {
	h, g = h[:len(w)], g[:len(w)]
	for i := range w {
		h[i] = fma(g[i], g[i], h[i])
		w[i] -= lr * g[i] / (float32(math.Sqrt(float64(h[i]))) + eps)
	}
}

func adam(w, m, v, g []float32, lr, rate1, rate2, eps float32) {
	m, v, g = m[:len(w)], v[:len(w)], g[:len(w)]
	for i := range w {
		m[i] = fma(g[i]-m[i], rate1, m[i])
		v[i] = fma(fma(g[i], g[i], -v[i]), rate2, v[i])
		w[i] -= lr * m[i] / (float32(math.Sqrt(float64(v[i]))) + eps)
	}
}

func uniform(dst []float32, key, counter uint64) {
	for i := 0; i < len(dst); i += 4 {
		for j, w := range backend.Philox(counter+uint64(i/4), key) {
			if i+j < len(dst) {
				dst[i+j] = float32(backend.Unit(w))
			}
		}
	}
}

func dropout(dst, x []float32, p float64, key, counter uint64) {
	x = x[:len(dst)]
	least, scale := threshold(p)
	for i := 0; i < len(dst); i += 4 {
		words := backend.Philox(counter+uint64(i/4), key)
		for j := i; j < min(i+4, len(dst)); j++ {
			if words[j-i]>>8 < least {
				dst[j] = 0
				continue
			}
			dst[j] = x[j] * scale
		}
	}
}

// threshold returns the least 24-bit number that keeps an element, which is u >=
// p for u = number·2^-24 exactly, and the factor of kept elements.
func threshold(p float64) (least uint32, scale float32) {
	return uint32(math.Ceil(p * (1 << 24))), float32(1 / (1 - p))
}
