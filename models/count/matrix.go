package count

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/mat"
)

// Matrix is a symmetric sparse matrix [V, V] with a row and a column for each word:
// compressed rows, the columns of each in rising order. It does not change, so
// several goroutines may use it.
type Matrix struct {
	start []int     // [V+1], row i is start[i] to start[i+1] of the others
	col   []int32   // the columns that are not zero
	val   []float64 // their values
}

// CoOccurrence counts how often words stand near one another: entry (x, y) is how
// many times word y is among the window words before, or after, an appearance of
// word x. ids is a text in words below v; where it begins and ends there are fewer
// neighbours. It panics where window is below 1 or an id is not in [0, v). As
// create_co_matrix in Deep Learning from Scratch 2, section 2.3.4.
//
// Time is that of looking at every neighbour once, memory that of the result.
func CoOccurrence(ids []int32, v, window int) *Matrix {
	if window < 1 {
		panic(fmt.Sprintf("count.CoOccurrence: window of %d words; want 1 or more", window))
	}
	m := &Matrix{start: make([]int, 1, v+1)}
	places := appearances(ids, v)
	// A row at a time, so that one dense row is enough and no map is.
	counts := make([]float64, v)
	for word := range v {
		first := len(m.col)
		add := func(neighbours []int32) {
			for _, y := range neighbours {
				if counts[y] == 0 {
					m.col = append(m.col, y)
				}
				counts[y]++
			}
		}
		for _, at := range places[word] {
			add(ids[max(0, int(at)-window):at])
			add(ids[at+1 : min(len(ids), int(at)+window+1)])
		}
		row := m.col[first:]
		slices.Sort(row)
		for _, y := range row {
			m.val = append(m.val, counts[y])
			counts[y] = 0
		}
		m.start = append(m.start, len(m.col))
	}
	return m
}

// appearances returns where each of v words stands in a text, in rising order.
func appearances(ids []int32, v int) [][]int32 {
	counts := make([]int, v)
	for at, id := range ids {
		if id < 0 || int(id) >= v {
			panic(fmt.Sprintf("count.CoOccurrence: id %d at position %d; want one in [0, %d)", id, at, v))
		}
		counts[id]++
	}
	all := make([]int32, 0, len(ids)) // one block for all words
	places := make([][]int32, v)
	for id, n := range counts {
		places[id] = all[len(all) : len(all) : len(all)+n]
		all = all[:len(all)+n]
	}
	for at, id := range ids {
		places[id] = append(places[id], int32(at))
	}
	return places
}

// Len returns V, the number of rows and of columns.
func (m *Matrix) Len() int { return len(m.start) - 1 }

// NonZero returns how many entries are not zero.
func (m *Matrix) NonZero() int { return len(m.col) }

// Row returns the columns of row i that are not zero, in rising order, and their
// values, without a copy.
func (m *Matrix) Row(i int) (cols []int32, values []float64) {
	lo, hi := m.start[i], m.start[i+1]
	return m.col[lo:hi:hi], m.val[lo:hi:hi]
}

// At returns entry (i, j).
func (m *Matrix) At(i, j int) float64 {
	cols, values := m.Row(i)
	k := sort.Search(len(cols), func(k int) bool { return int(cols[k]) >= j })
	if k == len(cols) || int(cols[k]) != j {
		return 0
	}
	return values[k]
}

// Dense returns the matrix with its zeros, [V, V], for small vocabularies.
func (m *Matrix) Dense() *mat.Dense {
	d := mat.NewDense(m.Len(), m.Len(), nil)
	for i := range m.Len() {
		cols, values := m.Row(i)
		row := d.RawRowView(i)
		for k, j := range cols {
			row[j] = values[k]
		}
	}
	return d
}

// Epsilon is the book's: it keeps the logarithm of [Matrix.PPMI] and the quotient of
// [Matrix.Cosine] defined.
const Epsilon = 1e-8

// PPMI returns the positive pointwise mutual information, in bits, of counts C:
//
//	max(0, log2(C(x,y) N / (S(x) S(y)) + Epsilon))
//
// where S(x) is the sum of the column of x and N that of all. It is how much more
// often than by chance x and y stand together; a pair that never does has 0, so the
// result is no denser than C. As ppmi in Deep Learning from Scratch 2, section
// 2.4.1.
func (m *Matrix) PPMI() *Matrix {
	sums, total := make([]float64, m.Len()), 0.0
	for k, j := range m.col {
		sums[j] += m.val[k]
		total += m.val[k]
	}
	p := &Matrix{start: make([]int, 1, len(m.start))}
	for i := range m.Len() {
		cols, values := m.Row(i)
		for k, j := range cols {
			// The product of sums is the same in either order, so p is symmetric to
			// the last bit.
			if bits := math.Log2(values[k]*total/(sums[i]*sums[j]) + Epsilon); bits > 0 {
				p.col = append(p.col, j)
				p.val = append(p.val, bits)
			}
		}
		p.start = append(p.start, len(p.col))
	}
	return p
}

// Cosine returns the cosine similarity of rows i and j,
//
//	x/(|x| + Epsilon) · y/(|y| + Epsilon)
//
// As cos_similarity in Deep Learning from Scratch 2, section 2.3.5.
func (m *Matrix) Cosine(i, j int) float64 {
	xc, x := m.Row(i)
	yc, y := m.Row(j)
	dot := 0.0
	for a, b := 0, 0; a < len(xc) && b < len(yc); {
		switch {
		case xc[a] < yc[b]:
			a++
		case xc[a] > yc[b]:
			b++
		default:
			dot += x[a] * y[b]
			a++
			b++
		}
	}
	return dot / ((norm(x) + Epsilon) * (norm(y) + Epsilon))
}

func norm(x []float64) float64 {
	sum := 0.0
	for _, a := range x {
		sum += a * a
	}
	return math.Sqrt(sum)
}
