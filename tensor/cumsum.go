package tensor

import "github.com/wengert-ml/wengert/backend"

// CumSum returns the running sum along an axis of x [...], in x's shape: element i
// is the sum of elements 0 to i.
//
// It adds the array to itself shifted by 1, 2, 4 ... places (Hillis and Steele,
// "Data parallel algorithms", 1986): log₂ n passes on the backend without a round
// trip to the host, and a sum of n elements has log₂ n roundings instead of n.
func (x *Tensor) CumSum(axis int) *Tensor {
	a := x.axis("cumSum", axis)
	y := x.Clone()
	for d := 1; d < x.view.Shape[a]; d *= 2 {
		z := y.like() // not in place: an output must not overlap its input
		first, sum := z.Slice(a, 0, d), z.Slice(a, d, End)
		same, later, earlier := y.Slice(a, 0, d), y.Slice(a, d, End), y.Slice(a, 0, -d)
		first.CopyFrom(same)
		BinaryInto(sum, backend.Add, later, earlier)
		for _, t := range [...]*Tensor{first, sum, same, later, earlier, y} {
			t.Release()
		}
		y = z
	}
	return y
}
