package backendtest

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/backend"
)

// place is a layout and the number of elements of the buffer it lies in.
type place struct {
	backend.Layout
	size int
}

// form is a way to lay a shape out in memory.
type form struct {
	name string
	lay  func(shape ...int) place
}

// margin is the number of guard elements on either side of a view. It is odd,
// so that the view begins where no vector does.
const margin = 3

// outputForms place every element by itself.
var outputForms = []form{
	{"packed", packed},
	{"offset", offset},
	{"transposed", transposed},
	{"stepped", stepped},
	{"padded", padded},
}

// inputForms add those in which elements share memory.
var inputForms = append(outputForms[:len(outputForms):len(outputForms)],
	form{"repeated", repeated},
	form{"repeated-first", func(shape ...int) place { return repeatedAxis(0, shape) }},
	form{"repeated-last", func(shape ...int) place { return repeatedAxis(len(shape)-1, shape) }},
	form{"sliding", sliding},
)

// packed is row-major and fills its buffer.
func packed(shape ...int) place {
	l := backend.Contiguous(shape...)
	return place{l, max(l.Len(), 1)}
}

// offset is row-major between guards.
func offset(shape ...int) place { return strided(shape, backend.Contiguous(shape...).Stride) }

// transposed is column-major: the first axis has stride 1.
func transposed(shape ...int) place {
	var stride [backend.MaxRank]int
	n := 1
	for i, d := range shape {
		stride[i] = n
		n *= max(d, 1)
	}
	return strided(shape, stride)
}

// stepped takes every other element along the last axis.
func stepped(shape ...int) place {
	stride := backend.Contiguous(shape...).Stride
	for i := range shape {
		stride[i] *= 2
	}
	return strided(shape, stride)
}

// padded has rows that are longer than the last axis: a leading dimension, as
// BLAS says.
func padded(shape ...int) place {
	wide := append([]int(nil), shape...)
	if len(wide) > 0 {
		wide[len(wide)-1] += 3
	}
	return strided(shape, backend.Contiguous(wide...).Stride)
}

// repeated has stride 0 everywhere, like the gradient of a sum.
func repeated(shape ...int) place { return strided(shape, [backend.MaxRank]int{}) }

// repeatedAxis has stride 0 along one axis, like a row or column that was expanded.
func repeatedAxis(axis int, shape []int) place {
	once := append([]int(nil), shape...)
	if axis >= 0 && axis < len(once) {
		once[axis] = 1
	}
	stride := backend.Contiguous(once...).Stride
	if axis >= 0 && axis < len(once) {
		stride[axis] = 0
	}
	return strided(shape, stride)
}

// sliding has stride 1 along every axis: neighbouring rows overlap, as in the
// windows over a sequence.
func sliding(shape ...int) place {
	var stride [backend.MaxRank]int
	for i := range shape {
		stride[i] = 1
	}
	return strided(shape, stride)
}

// strided puts a layout between guards.
func strided(shape []int, stride [backend.MaxRank]int) place {
	l := backend.Contiguous(shape...)
	copy(l.Stride[:l.Rank], stride[:])
	l.Off = margin
	last := l.Off
	if l.Len() > 0 {
		for i, d := range shape {
			last += (d - 1) * l.Stride[i]
		}
	}
	return place{l, last + 1 + margin}
}

// shapes are the ranks 0 to 6: empty, of one element, odd, and with axes of size 1.
var shapes = [][]int{
	{},
	{1}, {7}, {0},
	{3, 5}, {1, 1}, {4, 0}, {1, 6}, {6, 1},
	{2, 3, 4}, {2, 0, 3}, {3, 1, 2},
	{2, 1, 3, 2},
	{2, 3, 1, 2, 2},
	{2, 1, 2, 3, 1, 2},
}

// largeShapes are long enough for backends that split work, and divide by no
// power of two.
var largeShapes = [][]int{{65_537}, {301, 259}}

func allShapes() [][]int { return slices.Concat(shapes, largeShapes) }

// shapeName writes a shape for the name of a subtest: "2x3x4", "scalar".
func shapeName(shape []int) string {
	if len(shape) == 0 {
		return "scalar"
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", "x"), "[]")
}

// drawShape draws a shape of at most maxRank axes, mostly small, sometimes empty.
func drawShape(t *rapid.T, maxRank int) []int {
	ranks := []int{0, 1, 2, 3, 4, 5, 6} // sampled, since IntRange prefers its ends
	shape := make([]int, rapid.SampledFrom(ranks[:maxRank+1]).Draw(t, "rank"))
	for i := range shape {
		shape[i] = rapid.SampledFrom([]int{1, 2, 3, 4, 5, 2, 3, 9, 1, 2, 3, 0}).Draw(t, "size")
	}
	return shape
}

// drawOutput draws a layout of distinct elements: axes in any order in memory,
// with gaps between them.
func drawOutput(t *rapid.T, shape []int) place {
	axes := make([]int, len(shape))
	for i := range axes {
		axes[i] = i
	}
	var stride [backend.MaxRank]int
	n := rapid.IntRange(1, 2).Draw(t, "step")
	for _, axis := range rapid.Permutation(axes).Draw(t, "axes in memory") {
		stride[axis] = n
		n = n*max(shape[axis], 1) + rapid.IntRange(0, 2).Draw(t, "gap")
	}
	return strided(shape, stride)
}

// drawInput draws any layout at all: as for outputs, or with strides from 0 up,
// where elements repeat and overlap.
func drawInput(t *rapid.T, shape []int) place {
	if rapid.Bool().Draw(t, "distinct") {
		return drawOutput(t, shape)
	}
	var stride [backend.MaxRank]int
	for i := range shape {
		stride[i] = rapid.SampledFrom([]int{0, 1, 2, 5}).Draw(t, "stride")
	}
	return strided(shape, stride)
}

// drawNarrower draws a shape that broadcasts to shape: axes shrunk to 1, and
// leading axes left out.
func drawNarrower(t *rapid.T, shape []int) []int {
	s := append([]int(nil), shape...)
	if rapid.Bool().Draw(t, "whole") {
		return s
	}
	for i := range s {
		if rapid.Bool().Draw(t, "shrink") {
			s[i] = 1
		}
	}
	return s[rapid.SampledFrom([]int{0, len(s) / 2, 0, len(s)}).Draw(t, "leave out"):]
}
