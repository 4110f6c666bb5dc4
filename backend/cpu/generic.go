package cpu

import "math"

// The kernels in plain Go. Each first cuts its inputs to the length of dst: the
// compiler then checks no bounds within the loop.

func neg(dst, x []float32, _, _ float32) {
	x = x[:len(dst)]
	for i, v := range x {
		dst[i] = -v
	}
}

func abs(dst, x []float32, _, _ float32) {
	x = x[:len(dst)]
	for i, v := range x {
		dst[i] = math.Float32frombits(math.Float32bits(v) &^ (1 << 31))
	}
}

func square(dst, x []float32, _, _ float32) {
	x = x[:len(dst)]
	for i, v := range x {
		dst[i] = v * v
	}
}

func sqrt(dst, x []float32, _, _ float32) {
	x = x[:len(dst)]
	for i, v := range x {
		dst[i] = float32(math.Sqrt(float64(v))) // one instruction, in single precision
	}
}

func relu(dst, x []float32, _, _ float32) {
	x = x[:len(dst)]
	for i, v := range x {
		dst[i] = max(v, 0)
	}
}

func scale(dst, x []float32, mul, add float32) {
	x = x[:len(dst)]
	for i, v := range x {
		dst[i] = v*mul + add
	}
}

func clamp(dst, x []float32, lo, hi float32) {
	x = x[:len(dst)]
	for i, v := range x {
		dst[i] = min(max(v, lo), hi)
	}
}

func add(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i, v := range x {
		dst[i] = v + y[i]
	}
}

func sub(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i, v := range x {
		dst[i] = v - y[i]
	}
}

func mul(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i, v := range x {
		dst[i] = v * y[i]
	}
}

func div(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i, v := range x {
		dst[i] = v / y[i]
	}
}

func maximum(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i, v := range x {
		dst[i] = max(v, y[i])
	}
}

func minimum(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i, v := range x {
		dst[i] = min(v, y[i])
	}
}

// truth returns 1 or 0, without a branch: comparisons of data cannot be predicted.
func truth(b bool) float32 {
	var one uint32
	if b {
		one = 1
	}
	return math.Float32frombits(-one & 0x3f800000)
}

func equal(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i, v := range x {
		dst[i] = truth(v == y[i])
	}
}

func notEqual(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i, v := range x {
		dst[i] = truth(v != y[i])
	}
}

func less(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i, v := range x {
		dst[i] = truth(v < y[i])
	}
}

func lessEqual(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i, v := range x {
		dst[i] = truth(v <= y[i])
	}
}

func greater(dst, x, y []float32) { less(dst, y, x) }

func greaterEqual(dst, x, y []float32) { lessEqual(dst, y, x) }

func tanhGrad(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i, v := range x {
		dst[i] = v * (1 - y[i]*y[i])
	}
}

func sigmoidGrad(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i, v := range x {
		dst[i] = v * y[i] * (1 - y[i])
	}
}

func reluGrad(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i, v := range x {
		var keep uint32
		if y[i] > 0 {
			keep = 1
		}
		dst[i] = math.Float32frombits(math.Float32bits(v) & -keep)
	}
}

// foldSum adds with eight accumulators: faster, and the error of a block grows
// with an eighth of its length.
func foldSum(x []float32) float32 {
	var a, b, c, d, e, f, g, h float32
	for len(x) >= 8 {
		v := x[:8]
		a += v[0]
		b += v[1]
		c += v[2]
		d += v[3]
		e += v[4]
		f += v[5]
		g += v[6]
		h += v[7]
		x = x[8:]
	}
	for _, v := range x {
		a += v
	}
	return ((a + e) + (c + g)) + ((b + f) + (d + h))
}

func foldMax(x []float32) float32 {
	a := float32(math.Inf(-1))
	b, c, d := a, a, a
	for len(x) >= 4 {
		v := x[:4]
		a, b, c, d = max(a, v[0]), max(b, v[1]), max(c, v[2]), max(d, v[3])
		x = x[4:]
	}
	for _, v := range x {
		a = max(a, v)
	}
	return max(a, b, c, d)
}

func foldMin(x []float32) float32 {
	a := float32(math.Inf(1))
	b, c, d := a, a, a
	for len(x) >= 4 {
		v := x[:4]
		a, b, c, d = min(a, v[0]), min(b, v[1]), min(c, v[2]), min(d, v[3])
		x = x[4:]
	}
	for _, v := range x {
		a = min(a, v)
	}
	return min(a, b, c, d)
}
