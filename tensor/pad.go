package tensor

import "fmt"

// Pad returns x [...] with before and after elements of the given value put around
// it along an axis. It panics with a [*ShapeError] if one of them is negative.
func (x *Tensor) Pad(axis, before, after int, value float64) *Tensor {
	a := x.axis("pad", axis)
	if before < 0 || after < 0 {
		mistake("pad", fmt.Sprintf("%d elements before and %d after", before, after), "0 or more; Slice takes elements away", x)
	}
	n := x.view.Shape[a]
	l := x.view.Packed()
	l.Shape[a] = before + n + after
	y := x.beside(l.Packed())
	head, middle, tail := y.Slice(a, 0, before), y.Slice(a, before, before+n), y.Slice(a, before+n, End)
	head.Fill(value)
	middle.CopyFrom(x)
	tail.Fill(value)
	head.Release()
	middle.Release()
	tail.Release()
	return y
}

// Flip returns x [...] with the order of the elements along an axis reversed.
func (x *Tensor) Flip(axis int) *Tensor {
	n := x.view.Shape[x.axis("flip", axis)]
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32(n - 1 - i)
	}
	return x.Take(axis, NewInts(ids, n))
}

// Tile returns x [...] laid behind itself reps[i] times along axis i. Where there
// are fewer counts than axes they belong to the last axes; where there are more,
// x gets leading axes of size 1, as in NumPy.
func (x *Tensor) Tile(reps ...int) *Tensor {
	y := x.Alias()
	for y.view.Rank < len(reps) {
		z := y.Unsqueeze(0)
		y.Release()
		y = z
	}
	for i, n := range reps {
		z := y.Repeat(i-len(reps), n)
		y.Release()
		y = z
	}
	return y
}
