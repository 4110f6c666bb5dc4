package tensor_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

// Every mistake is one sentence: what was called, with what, what differs and what
// would fit; and a drawing where an axis is to blame.
func TestShapeErrors(t *testing.T) {
	be := reference.New()
	x := func(shape ...int) *tensor.Tensor { return tensor.Zeros(be, shape...) }
	ids := func(n ...int32) tensor.Ints { return tensor.NewInts(n, len(n)) }
	tests := []struct {
		name string
		f    func()
		want string
	}{
		{"new", func() { x(2, -1) },
			"new: [2 -1]: a negative size, -1; want sizes of 0 or more"},
		{"new/axes", func() { x(1, 1, 1, 1, 1, 1, 1) },
			"new: [1 1 1 1 1 1 1]: 7 axes; want at most 6"},
		{"new/huge", func() { x(1<<40, 1<<40) },
			"new: [1099511627776 1099511627776]: more elements than any memory holds; want a smaller shape"},
		{"fromSlice", func() { tensor.FromSlice(be, make([]float32, 5), 2, 3) },
			"fromSlice: [2 3]: 5 values for 6 elements; want 6 values"},
		{"arange", func() { tensor.Arange(be, 0, 1, 0) },
			"arange: a step of 0; want a step other than 0"},
		{"linspace", func() { tensor.Linspace(be, 0, 1, -1) },
			"linspace: [-1]: a negative size, -1; want sizes of 0 or more"},
		{"dim", func() { x(2, 3).Dim(2) },
			"dim: [2 3]: there is no axis 2; want an axis from -2 to 1"},
		{"dim/number", func() { x().Dim(0) },
			"dim: []: there is no axis 0; want at least one axis: this is a single number"},
		{"item", func() { x(2).Item() },
			"item: [2]: 2 elements; want one element"},
		{"read", func() { x(2, 2).Read(make([]float32, 3)) },
			"read: [2 2]: 3 values for 4 elements; want 4 values"},

		{"add", func() { x(2, 3).Add(x(7, 2, 4)) },
			`
add: [2 3] × [7 2 4]: sizes 3 and 4 of axis -1 differ; want equal sizes, or one of them 1, counted from the last axis
      2 3
        ^
    7 2 4
        ^`},
		{"add/empty", func() { x(0, 3).Add(x(2, 3)) },
			`
add: [0 3] × [2 3]: sizes 0 and 2 of axis -2 differ; want equal sizes, or one of them 1, counted from the last axis
    0 3
    ^
    2 3
    ^`},
		{"add/wide", func() { x(20, 1, 5).Mul(x(3, 100, 5).Slice(1, 0, 64).Transpose(0, 1)) },
			`
mul: [20 1 5] × [64 3 5]: sizes 20 and 64 of axis -3 differ; want equal sizes, or one of them 1, counted from the last axis
    20 1 5
    ^^
    64 3 5
    ^^`},
		{"where", func() { tensor.Where(x(2), x(3, 1), x(3, 4)) },
			`
where: [2] × [3 1] × [3 4]: sizes 2 and 4 of axis -1 differ; want equal sizes, or one of them 1, counted from the last axis
      2
      ^
    3 1
    3 4
      ^`},
		{"backends", func() { x(2).Add(tensor.Zeros(cpu.New(), 2)) },
			"add: [2] × [2]: operands live on two backends, reference and cpu; want all on one: nn.To moves a model, tensor.To a tensor"},
		{"addInPlace", func() { x(2, 3).AddInPlace(x(2)) },
			`
addInPlace: [2] × [2 3]: size 2 of axis -1 does not repeat to 3; want size 3, or 1 to be repeated, counted from the last axis
      2
      ^
    2 3
      ^`},
		{"addInPlace/expanded", func() { x(3).Expand(2, 3).AddInPlace(x(2, 3)) },
			"addInPlace: [2 3]: the destination repeats its elements along an axis, as Expand does; want a tensor of its own: take Clone first"},
		{"fill/expanded", func() { x(3).Expand(2, 3).Fill(1) },
			"fill: [2 3]: the destination repeats its elements along an axis, as Expand does; want a tensor of its own: take Clone first"},
		{"copyFrom/expanded", func() { x(3).Expand(2, 3).CopyFrom(x(3)) },
			"copy: [2 3]: the destination repeats its elements along an axis, as Expand does; want a tensor of its own: take Clone first"},
		{"scaleInPlace/expanded", func() { x(3).Expand(2, 3).ScaleInPlace(2) },
			"scaleInPlace: [2 3]: the destination repeats its elements along an axis, as Expand does; want a tensor of its own: take Clone first"},
		{"addInPlace/larger", func() { x(3).AddInPlace(x(2, 3)) },
			"addInPlace: [2 3] × [3]: 2 axes do not broadcast to 1; want at most 1"},
		{"copyFrom", func() { x(2, 3).CopyFrom(x(4, 1)) },
			`
copy: [4 1] × [2 3]: size 4 of axis -2 does not repeat to 2; want size 2, or 1 to be repeated, counted from the last axis
    4 1
    ^
    2 3
    ^`},
		{"into", func() { tensor.BinaryInto(x(3), backend.Add, x(2, 3), x(3)) },
			"add: [3] × [2 3] × [3]: the destination has another shape than the result; want [2 3]"},
		{"unary into", func() { tensor.UnaryInto(x(3), backend.Exp, x(2), 0, 0) },
			"exp: [3] × [2]: the shapes of destination and operand differ; want equal shapes"},

		{"matmul", func() { x(20, 100).MatMul(x(64, 128)) },
			`
matmul: [20 100] × [64 128]: inner sizes 100 and 64 differ; want [20 100] × [100 n]
    20 100
       ^^^
    64 128
    ^^`},
		{"matmul/batch", func() { x(5, 20, 100).MatMul(x(4, 100, 2)) },
			`
matmul: [5 20 100] × [4 100 2]: batch sizes 5 and 4 of axis -3 differ; want equal batch sizes, or one of them 1
    5  20 100
    ^
    4 100   2
    ^`},
		{"matmul/inner of batch", func() { x(5, 20, 100).MatMul(x(5, 64, 2)) },
			`
matmul: [5 20 100] × [5 64 2]: inner sizes 100 and 64 differ; want [5 20 100] × [... 100 n]
    5 20 100
         ^^^
    5 64   2
      ^^`},
		{"matmul/vector", func() { x(3).MatMul(x(4, 5)) },
			`
matmul: [3] × [4 5]: inner sizes 3 and 4 differ; want [3] × [3 n]
      3
      ^
    4 5
    ^`},
		{"matmul/by vector", func() { x(4, 5).MatMul(x(3)) },
			`
matmul: [4 5] × [3]: inner sizes 5 and 3 differ; want [4 5] × [5]
    4 5
      ^
      3
      ^`},
		{"matmul/vectors", func() { x(4).MatMul(x(3)) },
			`
matmul: [4] × [3]: inner sizes 4 and 3 differ; want [4] × [4]
    4
    ^
    3
    ^`},
		{"matmul/number", func() { x().MatMul(x(3)) },
			"matmul: [] × [3]: a number is no matrix; want at least one axis each; Mul multiplies by a number"},
		{"addMatMul", func() { x(2, 2).AddMatMul(x(2, 3), x(3, 4)) },
			"matmul: [2 2] × [2 3] × [3 4]: the sum has another shape than the product; want [2 4]"},
		{"affine", func() { tensor.Affine(x(3), x(2, 3), x(3, 4)) },
			"affine: [3] × [2 3] × [3 4]: the first operand does not broadcast to [2 4]; want [2 4] or what repeats to it, such as [4]"},
		{"affine/inner", func() { tensor.Affine(x(4), x(2, 3), x(2, 4)) },
			`
affine: [2 3] × [2 4]: inner sizes 3 and 2 differ; want [2 3] × [3 n]
    2 3
      ^
    2 4
    ^`},
		{"affine/vector", func() { tensor.Affine(x(4), x(3), x(3, 4)) },
			"affine: [4] × [3] × [3 4]: a product of fewer than two axes; want [..., M, K] × [..., K, N]"},

		{"transpose", func() { x(3).T() },
			"transpose: [3]: fewer than two axes; want a matrix [..., M, N]"},
		{"permute", func() { x(2, 3).Permute(0, 0) },
			"permute: [2 3]: the axes [0 0]; want each of the 2 axes once"},
		{"permute/none", func() { x(2, 3).Permute() },
			"permute: [2 3]: 0 axes named; want each of the 2 axes once"},
		{"permute/few", func() { x(2, 3).Permute(1) },
			"permute: [2 3]: the axes [1]; want each of the 2 axes once"},
		{"slice", func() { x(2, 3).Slice(1, 2, 9) },
			`
slice: [2 3]: axis 1 of size 3 has no range 2:9:1; want start and stop from -3 to 3 in ascending order, and a step of 1 or more
    2 3
      ^`},
		{"slice/order", func() { x(2, 10, 3).Slice(1, -2, 3) },
			`
slice: [2 10 3]: axis 1 of size 10 has no range -2:3:1; want start and stop from -10 to 10 in ascending order, and a step of 1 or more
    2 10 3
      ^^`},
		{"slice/step", func() { x(4).SliceStep(0, 0, tensor.End, -1) },
			`
slice: [4]: axis 0 of size 4 has no range 0:End:-1; want start and stop from -4 to 4 in ascending order, and a step of 1 or more
    4
    ^`},
		{"select", func() { x(2, 3).Select(0, 2) },
			`
select: [2 3]: axis 0 of size 2 has no element 2; want an element from -2 to 1
    2 3
    ^`},
		{"select/empty", func() { x(0, 3).Select(0, 0) },
			`
select: [0 3]: axis 0 of size 0 has no element 0; want an axis that is not empty
    0 3
    ^`},
		{"squeeze", func() { x(1, 3).Squeeze(-1) },
			`
squeeze: [1 3]: axis -1 has size 3; want an axis of size 1
    1 3
      ^`},
		{"unsqueeze", func() { x(2, 3).Unsqueeze(3) },
			"unsqueeze: [2 3]: no place for axis 3; want at most 6 axes and a place from -3 to 2"},
		{"unsqueeze/axes", func() { x(1, 1, 1, 1, 1, 1).Unsqueeze(0) },
			"unsqueeze: [1 1 1 1 1 1]: no place for axis 0; want at most 6 axes and a place from -7 to 6"},
		{"reshape", func() { x(2, 3).Reshape(4, -1) },
			"reshape: [2 3]: 6 elements do not make [4 -1]; want sizes whose product is 6"},
		{"reshape/two open", func() { x(2, 3).Reshape(-1, -1) },
			"reshape: [2 3]: the shape [-1 -1]; want sizes of 0 or more, and at most one -1"},
		{"reshape/axes", func() { x(2).Reshape(1, 1, 1, 1, 1, 1, 2) },
			"reshape: [2]: 7 axes; want at most 6"},
		{"expand", func() { x(2, 3).Expand(4, 3) },
			`
expand: [2 3] × [4 3]: size 2 of axis -2 does not repeat to 4; want size 4, or 1 to be repeated, counted from the last axis
    2 3
    ^
    4 3
    ^`},
		{"expand/fewer axes", func() { x(2, 3).Expand(3) },
			"expand: [2 3] × [3]: 2 axes do not broadcast to 1; want at most 1"},
		{"split", func() { x(2, 7).Split(-1, 4) },
			`
split: [2 7]: axis -1 of size 7 does not split into 4; want a number of parts that divides it
    2 7
      ^`},

		{"sum", func() { x(2, 3).Sum(2) },
			"sum: [2 3]: there is no axis 2; want an axis from -2 to 1"},
		{"sumTo", func() { x(2, 3).SumTo(2) },
			`
sumTo: [2] × [2 3]: size 2 of axis -1 does not repeat to 3; want size 3, or 1 to be repeated, counted from the last axis
      2
      ^
    2 3
      ^`},
		{"max", func() { x(2, 0).Max(1) },
			"max: [2 0]: nothing to choose from along an empty axis; want at least one element"},
		{"argmax", func() { x(2, 0).ArgMax(1) },
			"argmax: [2 0]: nothing to choose from along an empty axis; want at least one element"},
		{"softmax", func() { x().Softmax() },
			"softmax: []: a number has no last axis; want at least one axis"},

		{"concat", func() { tensor.Concat(0, x(2, 3), x(2, 3), x(1, 4)) },
			`
concat: [2 3] × [1 4]: operands 0 and 2 have sizes 3 and 4 outside axis 0; want equal sizes in every other axis
    2 3
      ^
    1 4
      ^`},
		{"concat/rank", func() { tensor.Concat(0, x(2, 3), x(3)) },
			"concat: [2 3] × [3]: operands 0 and 1 have 2 and 1 axes; want as many axes each; Stack makes a new one"},
		{"concat/nothing", func() { tensor.Concat(0) },
			"concat: nothing to join; want at least one tensor"},
		{"concat/numbers", func() { tensor.Concat(0, x(), x()) },
			"concat: []: there is no axis 0; want at least one axis: this is a single number"},
		{"stack/nothing", func() { tensor.Stack(0) },
			"stack: nothing to join; want at least one tensor"},
		{"stack", func() { tensor.Stack(0, x(2, 3), x(3, 2)) },
			"stack: [2 3] × [3 2]: the shapes of operands 0 and 1 differ; want equal shapes; Concat joins along an axis they have"},
		{"repeat", func() { x(2).Repeat(0, -1) },
			"repeat: [2]: -1 times; want 0 times or more"},
		{"pad", func() { x(2).Pad(0, -1, 0, 0) },
			"pad: [2]: -1 elements before and 0 after; want 0 or more; Slice takes elements away"},
		{"topK", func() { x(2, 3).TopK(4) },
			"topK: [2 3]: 4 of 3 elements; want k from 0 to 3"},
		{"sort", func() { x().Sort(0) },
			"sort: []: there is no axis 0; want at least one axis: this is a single number"},

		{"gather", func() { x(3, 2).Gather(ids(0, 3)) },
			"gather: [2]: id 3 at position 1 is out of range; want ids from 0 to 2"},
		{"gather/number", func() { x().Gather(ids(0)) },
			"gather: []: a number has no rows; want a table [V, ...]"},
		{"gather/axes", func() { x(3, 1, 1, 1, 1).Gather(tensor.NewInts([]int32{0}, 1, 1, 1)) },
			"gather: [1 1 1 1 1 1 1]: 7 axes; want at most 6"},
		{"scatterAdd", func() { x(3, 2).ScatterAdd(ids(0, 1), x(2, 3)) },
			"scatterAdd: [3 2] × [2 3]: 2 ids want 2 rows of 2 elements; want [2 2]"},
		{"scatterAdd/id", func() { x(3, 2).ScatterAdd(ids(0, -1), x(2, 2)) },
			"scatterAdd: [2]: id -1 at position 1 is out of range; want ids from 0 to 2"},
		{"scatterAdd/gaps", func() { x(3, 2, 4).Slice(2, 0, 2).ScatterAdd(ids(0), x(1, 2, 2)) },
			"scatterAdd: [3 2 2]: the table's rows have gaps; want a contiguous table"},
		{"take", func() { x(3, 2).Take(0, tensor.NewInts([]int32{0}, 1, 1)) },
			"take: [3 2] × [1 1]: ids of 2 axes; want ids [n]; Gather takes any shape, TakeAlong one id an element"},
		{"takeAlong", func() { x(3, 2).TakeAlong(0, ids(0, 1)) },
			"takeAlong: [3 2] × [2]: shapes differ outside axis 0; want ids of equal size in every other axis"},
		{"takeAlong/id", func() { x(3, 2).TakeAlong(1, tensor.NewInts([]int32{0, 1, 2}, 3, 1)) },
			"takeAlong: [3 1]: id 2 at position 2 is out of range; want ids from 0 to 1"},
		{"oneHot", func() { tensor.OneHot(be, ids(1, 5), 3) },
			"oneHot: [2]: id 5 at position 1 has no place in 3; want ids below 3"},
		{"put", func() { tensor.NewArena(cpu.New()).Put(x(2)) },
			"put: [2]: the tensor lives on backend reference, the tape on cpu; want both on one: nn.To moves a model, tensor.To a tensor"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := message(t, tt.f)
			assert.Equal(t, strings.TrimPrefix(tt.want, "\n"), got)
		})
	}
}
