package vec

// chunk is how many elements a call of assembly handles at most: it cannot be
// interrupted, so it is kept short. A multiple of 64, so that the pieces of a
// sum have the same order as the whole.
const chunk = 1 << 16

// expChunk is the same for ExpSum, which has 16 partial sums only: in longer
// pieces their rounding would be seen in a softmax.
const expChunk = 1 << 12

// total adds up f of the pieces of x.
func total(x []float32, f func(x []float32) float32) float32 {
	if len(x) <= chunk {
		return f(x)
	}
	s := 0.0
	for len(x) > 0 {
		n := min(len(x), chunk)
		s += float64(f(x[:n]))
		x = x[n:]
	}
	return float32(s)
}

// total2 is total for two slices.
func total2(x, y []float32, f func(x, y []float32) float32) float32 {
	y = y[:len(x)]
	if len(x) <= chunk {
		return f(x, y)
	}
	s := 0.0
	for len(x) > 0 {
		n := min(len(x), chunk)
		s += float64(f(x[:n], y[:n]))
		x, y = x[n:], y[n:]
	}
	return float32(s)
}

// dots, addRows, addToRows and adamRows are the kernels of a table's rows, row by row.

func dots(dst, table []float32, ids []int32, y []float32, dot func(x, y []float32) float32) {
	for i, id := range ids[:len(dst)] {
		at := int(id) * len(y)
		dst[i] = dot(table[at:at+len(y)], y)
	}
}

func addRows(dst, table []float32, ids []int32, a []float32, axpy func(dst, x []float32, a float32)) {
	for i, id := range ids[:len(a)] {
		axpy(dst, table[int(id)*len(dst):][:len(dst)], a[i])
	}
}

func addToRows(table []float32, stride int, ids []int32, x, a []float32, axpy func(dst, x []float32, a float32)) {
	for i, id := range ids[:len(a)] {
		axpy(table[int(id)*stride:][:len(x)], x, a[i])
	}
}

func adamRows(w, m, v, g []float32, ids []int32, lr, rate1, rate2, eps float32, adam func(w, m, v, g []float32, lr, rate1, rate2, eps float32)) {
	for i, id := range ids {
		n := len(g) / len(ids)
		at := int(id) * n
		adam(w[at:at+n], m[at:], v[at:], g[i*n:], lr, rate1, rate2, eps)
	}
}
