package tensor

import (
	"fmt"
	"math"
)

// Equal reports whether x [...] and y [...] have one shape and equal elements. NaN
// equals nothing, and the zeros equal each other. The tensors may be on different
// backends. For a comparison element by element see [Tensor.Equal].
func Equal(x, y *Tensor) bool { return Tolerance{}.Close(x, y) }

// AllClose reports whether x [...] and y [...] have one shape and elements with
// |x - y| ≤ atol + rtol·|y|, as NumPy's allclose. Infinities must be equal, NaN is
// close to nothing: see [Tolerance] for more.
func AllClose(x, y *Tensor, rtol, atol float64) bool {
	return Tolerance{Rel: rtol, Abs: atol}.Close(x, y)
}

// Tolerance says how far apart two numbers may lie to count as equal. The zero
// value wants them exactly equal.
type Tolerance struct {
	Rel, Abs float64 // |x - y| ≤ Abs + Rel·|y|
	EqualNaN bool    // NaN is close to NaN
}

// Close reports whether x [...] and y [...] have one shape and close elements. It
// compares on the host; they may be on different backends.
func (t Tolerance) Close(x, y *Tensor) bool { return t.Diff(x, y) == "" }

// Diff is "" if x [...] and y [...] are close, else a sentence for the failure of a
// test: the index of the first elements that are not, both of them, and how many
// others there are.
func (t Tolerance) Diff(x, y *Tensor) string {
	if !x.SameShape(y) {
		return fmt.Sprintf("shapes %v and %v differ", x.Shape(), y.Shape())
	}
	xs, ys := x.Float64s(), y.Float64s()
	first, count := 0, 0
	for i := range xs {
		if t.close(xs[i], ys[i]) {
			continue
		}
		if count == 0 {
			first = i
		}
		count++
	}
	if count == 0 {
		return ""
	}
	v, w := xs[first], ys[first]
	return fmt.Sprintf("%d of %d elements differ, first %v: %.9g and %.9g, apart %.3g, allowed %.3g",
		count, len(xs), index(x.Shape(), first), v, w, math.Abs(v-w), t.Abs+t.Rel*math.Abs(w))
}

func (t Tolerance) close(v, w float64) bool {
	switch {
	case v == w: // infinities too
		return true
	case math.IsNaN(v) && math.IsNaN(w):
		return t.EqualNaN
	case math.IsInf(v, 0) || math.IsInf(w, 0):
		return false
	}
	return math.Abs(v-w) <= t.Abs+t.Rel*math.Abs(w)
}

// index turns a position in row-major order into one number an axis.
func index(shape []int, i int) []int {
	at := make([]int, len(shape))
	for a := len(shape) - 1; a >= 0; a-- {
		at[a] = i % shape[a]
		i /= shape[a]
	}
	return at
}
