package autograd_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/internal/remote"
	"github.com/wengert-ml/wengert/tensor"
)

type (
	tape = autograd.Tape
	vars = []autograd.Var
)

// gradCheck is one differentiable function at one choice of shapes.
type gradCheck struct {
	name string
	f    gradtest.Func
	in   []gradtest.Input
}

var uniform = gradtest.Uniform

// anywhere is an input [shape...] around 0.
func anywhere(shape ...int) gradtest.Input { return uniform(-2, 2, shape...) }

func inputs(in ...gradtest.Input) []gradtest.Input { return in }

// one and two make a check of a method.
func one(f func(x autograd.Var) autograd.Var) gradtest.Func {
	return func(_ *tape, in vars) autograd.Var { return f(in[0]) }
}

func two(f func(x autograd.Var, y autograd.Operand) autograd.Var) gradtest.Func {
	return func(_ *tape, in vars) autograd.Var { return f(in[0], in[1]) }
}

// gradChecks has a row for every differentiable function of the package, but the
// pointwise ones, whose rows come from the tables of package backend: see allChecks.
var gradChecks = []gradCheck{
	// Pointwise, beyond the tables.
	{"where", func(tape *tape, in vars) autograd.Var {
		return autograd.Where(tape.Input([]float32{1, 0, 1}, 3), in[0], in[1])
	}, inputs(anywhere(2, 3), anywhere(2, 1))},
	{"where/condition-computed", func(_ *tape, in vars) autograd.Var {
		return autograd.Where(in[0].Greater(in[1]), in[0].Square(), in[1].Exp())
	}, inputs(anywhere(2, 3), anywhere(2, 3))},
	{"sum-used-again", one(func(x autograd.Var) autograd.Var { // a stride-0 gradient first, then another
		return x.Square().Tanh().Sum().Add(x.Sum())
	}), inputs(anywhere(4, 3))},
	// A gradient that two values share, or a stride-0 one, is there first; then a slice,
	// a row or a product is added to it in place.
	{"shared/slice", func(_ *tape, in vars) autograd.Var {
		part := in[0].Slice(1, 0, 2).Tanh().Sum()
		return in[0].Add(in[1]).Square().Sum().Add(part)
	}, inputs(anywhere(3, 3), anywhere(3, 3))},
	{"shared/select", func(_ *tape, in vars) autograd.Var {
		part := in[0].Select(0, 1).Tanh().Sum()
		return in[0].Add(in[1]).Square().Sum().Add(part)
	}, inputs(anywhere(3, 3), anywhere(3, 3))},
	{"shared/gather", func(tape *tape, in vars) autograd.Var {
		part := in[0].Gather(tape.Ints([]int32{2, 2}, 2)).Tanh().Sum()
		return in[0].Add(in[1]).Square().Sum().Add(part)
	}, inputs(anywhere(3, 2, 2), anywhere(3, 2, 2))},
	{"shared/matmul", func(_ *tape, in vars) autograd.Var {
		part := in[0].MatMul(in[1]).Tanh().Sum()
		return in[0].Add(in[1]).Square().Sum().Add(part)
	}, inputs(anywhere(3, 3), anywhere(3, 3))},
	{"repeated/slice", one(func(x autograd.Var) autograd.Var {
		part := x.Slice(1, 0, 2).Tanh().Sum()
		return x.Sum().Square().Add(part)
	}), inputs(anywhere(3, 3))},
	{"repeated/matmul", one(func(x autograd.Var) autograd.Var {
		part := x.MatMul(x).Tanh().Sum()
		return x.Sum().Square().Add(part)
	}), inputs(anywhere(3, 3))},
	{"repeated/gather", one(func(x autograd.Var) autograd.Var {
		part := x.Gather(x.Tape().Ints([]int32{2, 2}, 2)).Tanh().Sum()
		return x.Sum().Square().Add(part)
	}), inputs(anywhere(3, 2, 2))},
	// A gradient that lies in another order of the axes is there first.
	{"permuted/slice", one(func(x autograd.Var) autograd.Var {
		part := x.Slice(1, 1, 3).Tanh().Sum()
		return x.Transpose(0, 2).Square().Sum().Add(part)
	}), inputs(anywhere(2, 4, 3))},
	{"permuted/select", one(func(x autograd.Var) autograd.Var {
		part := x.Select(1, -1).Tanh().Sum()
		return x.Transpose(0, 1).MatMul(x.Transpose(0, 1).T()).Sum().Add(part)
	}), inputs(anywhere(2, 4, 3))},
	{"permuted/gather", one(func(x autograd.Var) autograd.Var {
		part := x.Gather(x.Tape().Ints([]int32{1, 1}, 2)).Tanh().Sum()
		return x.Transpose(0, 2).Square().Sum().Add(part)
	}), inputs(anywhere(3, 2, 2))},
	{"matmul/batch-transposed", two(func(x autograd.Var, y autograd.Operand) autograd.Var {
		w := y.(autograd.Var)
		return x.MatMul(w.T()).Add(x.MatMul(w.Tanh().T()))
	}), inputs(anywhere(2, 2, 3), anywhere(2, 4, 3))},
	{"matmul/batch-transposed-once", two(func(x autograd.Var, y autograd.Operand) autograd.Var {
		return x.MatMul(y.(autograd.Var).T())
	}), inputs(anywhere(3, 2, 3), anywhere(1, 4, 3))},
	{"branch", one(func(x autograd.Var) autograd.Var { return x.Mul(x).Mul(x).Add(x) }), inputs(anywhere(3))},

	// Products.
	{"matmul", two(autograd.Var.MatMul), inputs(anywhere(2, 3), anywhere(3, 4))},
	{"matmul/row-column", two(autograd.Var.MatMul), inputs(anywhere(1, 3), anywhere(3, 1))},
	{"matmul/vectors", two(autograd.Var.MatMul), inputs(anywhere(3), anywhere(3))},
	{"matmul/vector-matrix", two(autograd.Var.MatMul), inputs(anywhere(3), anywhere(3, 2))},
	{"matmul/matrix-vector", two(autograd.Var.MatMul), inputs(anywhere(2, 3), anywhere(3))},
	{"matmul/vector-batch", two(autograd.Var.MatMul), inputs(anywhere(3), anywhere(2, 3, 2))},
	{"matmul/batch-vector", two(autograd.Var.MatMul), inputs(anywhere(2, 2, 3), anywhere(3))},
	{"matmul/batch", two(autograd.Var.MatMul), inputs(anywhere(2, 2, 3), anywhere(2, 3, 2))},
	{"matmul/batch-matrix", two(autograd.Var.MatMul), inputs(anywhere(2, 2, 3), anywhere(3, 2))},
	{"matmul/matrix-batch", two(autograd.Var.MatMul), inputs(anywhere(2, 3), anywhere(2, 3, 2))},
	{"matmul/broadcast-batch", two(autograd.Var.MatMul), inputs(anywhere(2, 1, 2, 3), anywhere(2, 3, 2))},
	{"matmul/transposed", func(_ *tape, in vars) autograd.Var { return in[0].T().MatMul(in[1].T()) }, inputs(anywhere(3, 2), anywhere(4, 3))},
	{"matmul/twice", func(_ *tape, in vars) autograd.Var { // the second product adds into the gradient of in[1]
		return in[0].MatMul(in[1]).Tanh().MatMul(in[1])
	}, inputs(anywhere(2, 3), anywhere(3, 3))},
	{"matmul/square", func(_ *tape, in vars) autograd.Var { return in[0].MatMul(in[0]) }, inputs(anywhere(3, 3))},
	{"affine", affineCheck, inputs(anywhere(2, 3), anywhere(3, 4), anywhere(4))},
	{"affine/batch", affineCheck, inputs(anywhere(2, 2, 3), anywhere(3, 2), anywhere(2))},
	{"affine/vector", affineCheck, inputs(anywhere(3), anywhere(3, 2), anywhere(2))},
	{"affine/shared", func(_ *tape, in vars) autograd.Var {
		return in[0].Affine(in[1], in[2]).Tanh().Affine(in[1], in[2])
	}, inputs(anywhere(2, 3), anywhere(3, 3), anywhere(3))},
	{"addMatMul", func(_ *tape, in vars) autograd.Var { return in[0].AddMatMul(in[1], in[2]) }, inputs(anywhere(2, 4), anywhere(2, 3), anywhere(3, 4))},
	{"addMatMul/column", func(_ *tape, in vars) autograd.Var { return in[0].AddMatMul(in[1], in[2]) }, inputs(anywhere(2, 1), anywhere(2, 3), anywhere(3, 4))},

	// Views. Each is squared, so that there is a second derivative to check.
	{"t", one(func(x autograd.Var) autograd.Var { return x.T().Square() }), inputs(anywhere(2, 3))},
	{"transpose", one(func(x autograd.Var) autograd.Var { return x.Transpose(0, -1).Square() }), inputs(anywhere(2, 2, 3))},
	{"permute", one(func(x autograd.Var) autograd.Var { return x.Permute(2, 0, 1).Square() }), inputs(anywhere(2, 3, 2))},
	{"permute/negative", one(func(x autograd.Var) autograd.Var { return x.Permute(-1, 0, -2).Square() }), inputs(anywhere(2, 3, 2))},
	{"reshape", one(func(x autograd.Var) autograd.Var { return x.Reshape(3, -1).Square() }), inputs(anywhere(2, 6))},
	{"reshape/of-transposed", one(func(x autograd.Var) autograd.Var { return x.T().Reshape(2, 6).Square() }), inputs(anywhere(3, 4))},
	{"reshape/same", one(func(x autograd.Var) autograd.Var { return x.Reshape(2, 3).Square() }), inputs(anywhere(2, 3))},
	{"flatten", one(func(x autograd.Var) autograd.Var { return x.Flatten().Square() }), inputs(anywhere(2, 3))},
	{"squeeze", one(func(x autograd.Var) autograd.Var { return x.Squeeze(0).Square() }), inputs(anywhere(1, 3, 1))},
	{"squeeze/all", one(func(x autograd.Var) autograd.Var { return x.Squeeze().Square() }), inputs(anywhere(1, 3, 1))},
	{"unsqueeze", one(func(x autograd.Var) autograd.Var { return x.Unsqueeze(1).Mul(x.Unsqueeze(-1)) }), inputs(anywhere(2, 3))},
	{"slice", one(func(x autograd.Var) autograd.Var { return x.Slice(1, 1, 3).Square() }), inputs(anywhere(2, 4))},
	{"slice/overlapping", one(func(x autograd.Var) autograd.Var { return x.Slice(1, 0, 3).Mul(x.Slice(1, 1, 4)) }), inputs(anywhere(2, 4))},
	{"slice/negative", one(func(x autograd.Var) autograd.Var { return x.Slice(-1, -3, -1).Square() }), inputs(anywhere(2, 4))},
	{"slice/end", one(func(x autograd.Var) autograd.Var { return x.Slice(0, 1, tensor.End).Square() }), inputs(anywhere(3, 2))},
	{"slice/empty", one(func(x autograd.Var) autograd.Var {
		return x.Slice(0, 2, 2).Square().Sum().Add(x.Sum())
	}), inputs(anywhere(3, 2))},
	{"sliceStep", one(func(x autograd.Var) autograd.Var { return x.SliceStep(1, 1, 6, 2).Square() }), inputs(anywhere(2, 7))},
	{"sliceStep/negative", one(func(x autograd.Var) autograd.Var { return x.SliceStep(1, -6, tensor.End, 3).Square() }), inputs(anywhere(2, 7))},
	{"select", one(func(x autograd.Var) autograd.Var { return x.Select(1, 2).Square() }), inputs(anywhere(2, 3, 2))},
	{"select/negative", one(func(x autograd.Var) autograd.Var { return x.Select(-2, -1).Mul(x.Select(1, 0)) }), inputs(anywhere(2, 3, 2))},
	{"split", one(func(x autograd.Var) autograd.Var {
		parts := x.Split(-1, 3)
		return parts[0].Mul(parts[1]).Add(parts[2].Tanh())
	}), inputs(anywhere(2, 6))},
	{"pad", one(func(x autograd.Var) autograd.Var { return x.Pad(1, 2, 1, 0.5).Exp() }), inputs(anywhere(2, 3))},
	{"pad/negative-axis", one(func(x autograd.Var) autograd.Var { return x.Pad(-2, 0, 2, 0).Exp() }), inputs(anywhere(2, 3))},
	{"expand", one(func(x autograd.Var) autograd.Var { return x.Expand(2, 4, 3).Exp() }), inputs(anywhere(4, 1))},
	{"expand/used-again", one(func(x autograd.Var) autograd.Var { return x.Expand(2, 3).Mul(x).Add(x) }), inputs(anywhere(3))},

	// Reductions.
	{"sum", one(func(x autograd.Var) autograd.Var { return x.Sum().Square() }), inputs(anywhere(2, 3))},
	{"sum/axis", one(func(x autograd.Var) autograd.Var { return x.Sum(1).Square() }), inputs(anywhere(2, 3, 2))},
	{"sum/axes", one(func(x autograd.Var) autograd.Var { return x.Sum(0, -1).Square() }), inputs(anywhere(2, 3, 2))},
	{"sumKeep", one(func(x autograd.Var) autograd.Var { return x.SumKeep(1).Mul(x) }), inputs(anywhere(2, 3))},
	{"sumTo", one(func(x autograd.Var) autograd.Var { return x.SumTo(1, 2).Square() }), inputs(anywhere(3, 4, 2))},
	{"sumLike", func(_ *tape, in vars) autograd.Var { return in[0].SumLike(in[1]).Mul(in[1]) }, inputs(anywhere(2, 3), anywhere(3))},
	{"mean", one(func(x autograd.Var) autograd.Var { return x.Mean().Square() }), inputs(anywhere(2, 3))},
	{"mean/axes", one(func(x autograd.Var) autograd.Var { return x.Mean(0, 2).Square() }), inputs(anywhere(2, 3, 2))},
	{"meanKeep", one(func(x autograd.Var) autograd.Var { return x.MeanKeep(-1).Mul(x) }), inputs(anywhere(2, 3))},
	{"variance", one(func(x autograd.Var) autograd.Var { return x.Variance().Square() }), inputs(anywhere(2, 3))},
	{"variance/axis", one(func(x autograd.Var) autograd.Var { return x.Variance(0).Square() }), inputs(anywhere(4, 3))},
	{"varianceKeep", one(func(x autograd.Var) autograd.Var { return x.VarianceKeep(-1).Mul(x) }), inputs(anywhere(2, 4))},
	{"max", one(func(x autograd.Var) autograd.Var { return x.Max().Square() }), inputs(anywhere(2, 3))},
	{"max/axis", one(func(x autograd.Var) autograd.Var { return x.Max(1).Square() }), inputs(anywhere(3, 4))},
	{"max/axis-of-one", one(func(x autograd.Var) autograd.Var { return x.Max(1).Square() }), inputs(anywhere(3, 1))},
	{"maxKeep", one(func(x autograd.Var) autograd.Var { return x.MaxKeep(0, 2).Mul(x) }), inputs(anywhere(2, 3, 2))},
	{"min", one(func(x autograd.Var) autograd.Var { return x.Min().Square() }), inputs(anywhere(2, 3))},
	{"min/axis", one(func(x autograd.Var) autograd.Var { return x.Min(-1).Square() }), inputs(anywhere(3, 4))},
	{"minKeep", one(func(x autograd.Var) autograd.Var { return x.MinKeep(0).Mul(x) }), inputs(anywhere(3, 2))},

	// Rows.
	{"gather", func(tape *tape, in vars) autograd.Var {
		return in[0].Gather(tape.Ints([]int32{1, 3, 1, 4}, 2, 2)).Square()
	}, inputs(anywhere(5, 3))},
	{"gather/twice", func(tape *tape, in vars) autograd.Var {
		return in[0].Gather(tape.Ints([]int32{0, 1}, 2)).Mul(in[0].Gather(tape.Ints([]int32{1, 2}, 2)))
	}, inputs(anywhere(3, 2))},
	{"gather/tied", func(tape *tape, in vars) autograd.Var { // rows and the whole matrix
		return in[0].Gather(tape.Ints([]int32{1, 3, 1}, 3)).Tanh().MatMul(in[0].T())
	}, inputs(anywhere(4, 3))},
	{"gather/vector", func(tape *tape, in vars) autograd.Var {
		return in[0].Gather(tape.Ints([]int32{2, 0, 2}, 3)).Square()
	}, inputs(anywhere(4))},
	{"gather/rank-3", func(tape *tape, in vars) autograd.Var {
		return in[0].Gather(tape.Ints([]int32{2, 0, 2}, 3)).Square()
	}, inputs(anywhere(3, 2, 2))},
	{"gather/no-ids", func(tape *tape, in vars) autograd.Var {
		return in[0].Gather(tape.Ints(nil, 0)).Sum().Add(in[0].Square().Sum())
	}, inputs(anywhere(3, 2))},
	{"gatherDot", func(tape *tape, in vars) autograd.Var {
		return in[0].GatherDot(in[1], tape.Ints([]int32{1, 3, 1, 4, 0, 4}, 2, 3)).Square()
	}, inputs(anywhere(5, 3), anywhere(2, 3))},
	{"gatherDot/one", func(tape *tape, in vars) autograd.Var {
		return in[0].GatherDot(in[1], tape.Ints([]int32{1, 3}, 2)).Square()
	}, inputs(anywhere(5, 3), anywhere(2, 3))},
	{"gatherDot/tied", func(tape *tape, in vars) autograd.Var { // rows and the whole matrix
		return in[0].GatherDot(in[0].Slice(0, 0, 2), tape.Ints([]int32{1, 3, 0, 2}, 2, 2)).Tanh().MatMul(in[0].Slice(0, 1, 3))
	}, inputs(anywhere(4, 3))},
	{"gatherMean", func(tape *tape, in vars) autograd.Var {
		return in[0].GatherMean(tape.Ints([]int32{1, 3, 1, 4, 0, 4}, 2, 3)).Square()
	}, inputs(anywhere(5, 3))},
	{"gatherMean/twice", func(tape *tape, in vars) autograd.Var {
		return in[0].GatherMean(tape.Ints([]int32{0, 1}, 1, 2)).Mul(in[0].GatherMean(tape.Ints([]int32{1, 2}, 1, 2)))
	}, inputs(anywhere(3, 2))},
	{"scatterAdd", func(tape *tape, in vars) autograd.Var {
		return in[0].ScatterAdd(tape.Ints([]int32{1, 3, 1}, 3), 4, 2).Square()
	}, inputs(anywhere(3, 2))},
	{"take", func(tape *tape, in vars) autograd.Var {
		return in[0].Take(1, tape.Ints([]int32{2, 0, 2, 1}, 4)).Square()
	}, inputs(anywhere(2, 3, 2))},
	{"takeAlong", one(func(x autograd.Var) autograd.Var {
		return x.TakeAlong(1, tensor.NewInts([]int32{2, 0, 0, 1, 1, 1, 2, 0}, 2, 4)).Exp()
	}), inputs(anywhere(2, 3))},
	{"takeAlong/first-axis", one(func(x autograd.Var) autograd.Var {
		return x.TakeAlong(0, tensor.NewInts([]int32{1, 0, 1}, 1, 3)).Exp()
	}), inputs(anywhere(2, 3))},
	{"sort", one(func(x autograd.Var) autograd.Var {
		y, _ := x.Sort(0)
		return y.Mul(y.Slice(0, 1, 2)).Tanh()
	}), inputs(anywhere(4, 3))},
	{"topK", one(func(x autograd.Var) autograd.Var {
		y, _ := x.TopK(2)
		return y.Exp()
	}), inputs(anywhere(3, 5))},
	{"cumSum", one(func(x autograd.Var) autograd.Var { return x.CumSum(1).Tanh() }), inputs(anywhere(2, 5))},
	{"cumSum/first-axis", one(func(x autograd.Var) autograd.Var { return x.CumSum(-2).Tanh() }), inputs(anywhere(5, 2))},
	{"tile", one(func(x autograd.Var) autograd.Var { return x.Tile(2, 1, 3).Exp() }), inputs(anywhere(2, 3))},
	{"roll", one(func(x autograd.Var) autograd.Var { return x.Roll(1, 1).Mul(x).Add(x.Roll(-2, -4).Exp()) }), inputs(anywhere(3, 4))},
	{"flip", one(func(x autograd.Var) autograd.Var { return x.Flip(1).Mul(x) }), inputs(anywhere(2, 3))},

	// Joining.
	{"concat", func(_ *tape, in vars) autograd.Var { return autograd.Concat(1, in...).Square() }, inputs(anywhere(2, 1), anywhere(2, 3), anywhere(2, 2))},
	{"concat/negative-axis", func(_ *tape, in vars) autograd.Var { return autograd.Concat(-1, in[0], in[1], in[0]).Exp() }, inputs(anywhere(2, 1), anywhere(2, 2))},
	{"stack", func(_ *tape, in vars) autograd.Var { return autograd.Stack(1, in...).Square() }, inputs(anywhere(2, 3), anywhere(2, 3))},
	{"stack/last", func(_ *tape, in vars) autograd.Var { return autograd.Stack(-1, in...).Exp() }, inputs(anywhere(2, 3), anywhere(2, 3))},
	{"repeat", one(func(x autograd.Var) autograd.Var { return x.Repeat(0, 3).Exp() }), inputs(anywhere(2, 2))},

	// Softmax and losses.
	{"softmax", one(autograd.Var.Softmax), inputs(anywhere(3, 5))},
	{"softmax/vector", one(autograd.Var.Softmax), inputs(anywhere(4))},
	{"softmax/rank-3", one(func(x autograd.Var) autograd.Var { return x.Softmax().Mul(x) }), inputs(anywhere(2, 2, 3))},
	{"logSoftmax", one(autograd.Var.LogSoftmax), inputs(anywhere(3, 5))},
	{"logSumExp", one(autograd.Var.LogSumExp), inputs(anywhere(3, 5))},
	{"layerNorm", one(func(x autograd.Var) autograd.Var { return x.LayerNorm(1e-5) }), inputs(anywhere(3, 5))},
	{"layerNorm/vector", one(func(x autograd.Var) autograd.Var { return x.LayerNorm(0.1) }), inputs(anywhere(4))},
	{"layerNorm/rank-3", one(func(x autograd.Var) autograd.Var { return x.Transpose(0, 2).LayerNorm(1e-3).Mul(x.Transpose(0, 2)) }), inputs(anywhere(6, 2, 2))}, // of two elements next to nothing is left: the gradient is all rounding,
	{"crossEntropy", func(tape *tape, in vars) autograd.Var {
		return in[0].CrossEntropy(tape.Ints([]int32{1, 4, 0}, 3), 0)
	}, inputs(anywhere(3, 5))},
	{"crossEntropy/smoothing", func(tape *tape, in vars) autograd.Var {
		return in[0].CrossEntropy(tape.Ints([]int32{1, 4, 0}, 3), 0.1)
	}, inputs(anywhere(3, 5))},
	{"crossEntropy/ignored", func(tape *tape, in vars) autograd.Var {
		return in[0].CrossEntropy(tape.Ints([]int32{1, -1, 0, -1}, 2, 2), 0.2).Square()
	}, inputs(anywhere(2, 2, 3))},
	{"crossEntropy/all-ignored", func(tape *tape, in vars) autograd.Var {
		return in[0].CrossEntropy(tape.Ints([]int32{-1, -1}, 2), 0)
	}, inputs(anywhere(2, 3))},
	{"crossEntropy/of-product", func(tape *tape, in vars) autograd.Var {
		return in[0].MatMul(in[1]).CrossEntropy(tape.Ints([]int32{1, 4, 0}, 3), 0).Mean()
	}, inputs(anywhere(3, 4), anywhere(4, 5))},

	// Networks.
	{"dropout", one(func(x autograd.Var) autograd.Var { return x.Dropout(0.4).Square() }), inputs(anywhere(3, 5))},
	{"dropout/twice", one(func(x autograd.Var) autograd.Var { return x.Dropout(0.4).Tanh().Dropout(0.2) }), inputs(anywhere(3, 5))},
	{"lstmCell", func(_ *tape, in vars) autograd.Var {
		h, c := autograd.LSTMCell(in[0], in[1])
		return h.Mul(c)
	}, inputs(anywhere(2, 12), anywhere(2, 3))},
	{"lstmCell/hidden-only", func(_ *tape, in vars) autograd.Var {
		h, _ := autograd.LSTMCell(in[0], in[1])
		return h
	}, inputs(anywhere(2, 4), anywhere(2, 1))},
	{"lstmCell/two-steps", func(_ *tape, in vars) autograd.Var {
		h, c := autograd.LSTMCell(in[0], in[1])
		h, c = autograd.LSTMCell(h.MatMul(in[2]), c)
		return autograd.Stack(0, h, c)
	}, inputs(anywhere(2, 8), anywhere(2, 2), anywhere(2, 8))},
	{"lstm", func(_ *tape, in vars) autograd.Var {
		hs, _, c := autograd.LSTM(in[0], in[1], in[2], in[3], in[4], in[5], false)
		return autograd.Concat(0, hs, c.Unsqueeze(0))
	}, inputs(anywhere(3, 2, 3), anywhere(3, 8), anywhere(2, 8), anywhere(8), anywhere(2, 2), anywhere(2, 2))},
	{"lstm/reverse", func(_ *tape, in vars) autograd.Var {
		hs, h, c := autograd.LSTM(in[0], in[1], in[2], in[3], in[4], autograd.Var{}, true)
		return hs.Mul(c).Add(h)
	}, inputs(anywhere(3, 1, 1), anywhere(1, 8), anywhere(2, 8), anywhere(8), anywhere(1, 2))},
	{"lstm/no-state", func(_ *tape, in vars) autograd.Var {
		hs, _, _ := autograd.LSTM(in[0].Transpose(0, 1), in[1], in[2], in[3], autograd.Var{}, autograd.Var{}, false)
		return hs
	}, inputs(anywhere(2, 2, 3), anywhere(3, 4), anywhere(1, 4), anywhere(4))},
	{"lstm/one-step", func(_ *tape, in vars) autograd.Var {
		_, _, c := autograd.LSTM(in[0], in[1], in[2], in[3], autograd.Var{}, in[4], true)
		return c
	}, inputs(anywhere(1, 2, 2), anywhere(2, 4), anywhere(1, 4), anywhere(4), anywhere(2, 1))},
	{"lstm/bias-for-each-row", func(_ *tape, in vars) autograd.Var {
		hs, h, c := autograd.LSTM(in[0], in[1], in[2], in[3], in[4], autograd.Var{}, true)
		return hs.Mul(c).Add(h)
	}, inputs(anywhere(3, 2, 1), anywhere(1, 8), anywhere(2, 8), anywhere(2, 8), anywhere(2, 2))},
	{"lstm/rows", func(tape *tape, in vars) autograd.Var { // row 1 is not asked for, row 3 by two steps
		hs, h, c := autograd.LSTMRows(in[0], tape.Ints([]int32{3, 0, 2, 3, 3, 0}, 3, 2), in[1], in[2], in[3], in[4], autograd.Var{}, true)
		return hs.Mul(c).Add(h)
	}, inputs(anywhere(4, 2), anywhere(2, 8), anywhere(2, 8), anywhere(8), anywhere(2, 2))},
	{"lstm/rows-and-bias-for-each", func(tape *tape, in vars) autograd.Var {
		hs, _, _ := autograd.LSTMRows(in[0], tape.Ints([]int32{0, 1, 1, 1}, 2, 2), in[1], in[2], in[3], autograd.Var{}, autograd.Var{}, false)
		return hs
	}, inputs(anywhere(2, 1), anywhere(1, 8), anywhere(2, 8), anywhere(2, 8))},
	{"gru", func(_ *tape, in vars) autograd.Var {
		return autograd.GRU(in[0], in[1], in[2], in[3], in[4], false)
	}, inputs(anywhere(3, 2, 3), anywhere(3, 6), anywhere(2, 6), anywhere(6), anywhere(2, 2))},
	{"gru/reverse", func(_ *tape, in vars) autograd.Var {
		return autograd.GRU(in[0], in[1], in[2], in[3], in[4], true).Tanh()
	}, inputs(anywhere(3, 1, 1), anywhere(1, 6), anywhere(2, 6), anywhere(6), anywhere(1, 2))},
	{"gru/no-state", func(_ *tape, in vars) autograd.Var {
		return autograd.GRU(in[0].Transpose(0, 1), in[1], in[2], in[3], autograd.Var{}, false)
	}, inputs(anywhere(2, 2, 3), anywhere(3, 3), anywhere(1, 3), anywhere(3))},
	{"gru/one-step", func(_ *tape, in vars) autograd.Var {
		h := autograd.GRU(in[0], in[1], in[2], in[3], autograd.Var{}, true)
		return autograd.GRU(in[0], in[1], in[2], in[3], h.Select(0, 0), true) // the weights twice
	}, inputs(anywhere(1, 2, 2), anywhere(2, 3), anywhere(1, 3), anywhere(3))},
	{"composer", func(_ *tape, in vars) autograd.Var { // its kernels run on any backend, and the engine takes its definition for the rest
		return autograd.Apply2(fusedProduct{0.5}, in[0], in[1]).Tanh()
	}, inputs(anywhere(2, 3), anywhere(2, 3))},
	{"composer/nested", func(_ *tape, in vars) autograd.Var {
		y := autograd.Apply2(fusedProduct{0.5}, in[0], in[1])
		return autograd.Apply2(fusedProduct{2}, y, y)
	}, inputs(anywhere(2, 2), anywhere(2, 2))},
}

func affineCheck(_ *tape, in vars) autograd.Var { return in[0].Affine(in[1], in[2]) }

// fusedProduct is a·x·y² with first-order kernels in tensor arithmetic: a
// Composer that is fused on every backend, also where numbers are float64.
type fusedProduct struct{ A float64 }

func (*fusedProduct) Name() string { return "fusedProduct" }

func (*fusedProduct) Fused(backend.Backend) bool { return true }

func (o *fusedProduct) Forward(f *autograd.Fwd) *tensor.Tensor {
	square := f.In(1).Square()
	f.Save(square)
	return f.In(0).Mul(square).Scale(o.A, 0)
}

func (o *fusedProduct) VJP(b *autograd.Bwd) {
	gy := b.Grad().Value() // plain arithmetic, of which nothing is recorded
	x, y, square := b.In(0).Value(), b.In(1).Value(), b.TakeSaved(0)
	b.Add(0, b.Temp(gy.Mul(square).Scale(o.A, 0)))
	b.Add(1, b.Temp(gy.Mul(x).Mul(y).Scale(2*o.A, 0)))
}

func (o *fusedProduct) Composed(in []autograd.Var) autograd.Var {
	return in[0].Mul(in[1].Square()).Scale(o.A, 0)
}

// allChecks returns gradChecks and the rows of the pointwise tables, called by
// the names of their methods.
func allChecks() []gradCheck {
	checks := slices.Clone(gradChecks)
	for code := range backend.NumUnary {
		row := &backend.Unaries[code]
		call := func(x autograd.Var) autograd.Var {
			args := []reflect.Value{}
			for _, a := range []float64{row.A, row.B}[:len(row.Args)] {
				args = append(args, reflect.ValueOf(a))
			}
			return reflect.ValueOf(x).MethodByName(row.Name).Call(args)[0].Interface().(autograd.Var)
		}
		checks = append(checks, gradCheck{code.String(), one(call), inputs(uniform(row.Lo, row.Hi, 3, 4))})
	}
	for code := range backend.NumPublicBinary {
		call := func(x autograd.Var, y autograd.Operand) autograd.Var {
			return reflect.ValueOf(x).MethodByName(backend.Binaries[code].Name).Call([]reflect.Value{reflect.ValueOf(y)})[0].Interface().(autograd.Var)
		}
		name, away := code.String(), func(shape ...int) gradtest.Input { return uniform(0.5, 3, shape...) }
		checks = append(checks,
			gradCheck{name, two(call), inputs(anywhere(2, 3), away(2, 3))},
			gradCheck{name + "/row-broadcast", two(call), inputs(anywhere(2, 3), away(3))},
			gradCheck{name + "/column-broadcast", two(call), inputs(anywhere(2, 1), away(2, 3))},
			gradCheck{name + "/outer", two(call), inputs(anywhere(2, 1, 3), away(4, 1))},
			gradCheck{name + "/scalar", two(call), inputs(anywhere(), away(2, 3))},
			gradCheck{name + "/itself", two(func(x autograd.Var, _ autograd.Operand) autograd.Var { return call(x, x) }), inputs(away(3), away(1))},
		)
	}
	return checks
}

// wide returns the backends on which gradients are checked in float64: plain Go
// memory, and memory that Go cannot address.
func wide(t testing.TB) []backend.Backend {
	dev := remote.NewFloat64(reference.New(), 16<<20)
	t.Cleanup(dev.Close)
	return []backend.Backend{reference.New(), dev}
}

func TestGradients(t *testing.T) {
	for _, be := range wide(t) {
		for _, c := range allChecks() {
			t.Run(fmt.Sprintf("backend=%s/%s", be.Name(), c.name), func(t *testing.T) {
				gradtest.Config{Backend: be, Seed: 1984}.Run(t, c.f, c.in...)
			})
		}
	}
}

// Every function gives the same with the fused kernels of the CPU as without.
func TestFusedKernels(t *testing.T) {
	be := cpu.New()
	for _, c := range allChecks() {
		t.Run(c.name, func(t *testing.T) { gradtest.Fused(t, be, c.f, c.in...) })
	}
}

// Recurrent layers of so many rows that the gradients of their weights are added up in
// several blocks of time steps, of which the first and the last may be a single step.
func TestFusedKernelsInBlocks(t *testing.T) {
	for _, n := range []int{150, 300, 500} { // 3 steps, 2 + 2 + 1, and one by one
		for _, reverse := range []bool{false, true} {
			t.Run(fmt.Sprintf("lstm/rows=%d/reverse=%t", n, reverse), func(t *testing.T) {
				gradtest.Fused(t, cpu.New(), func(_ *tape, in vars) autograd.Var {
					hs, _, c := autograd.LSTM(in[0], in[1], in[2], in[3], in[4], autograd.Var{}, reverse)
					return hs.Mul(c).Scale(0.1, 0) // so many terms in float32
				}, inputs(anywhere(5, n, 2), anywhere(2, 12), anywhere(3, 12), anywhere(12), anywhere(n, 3))...)
			})
			t.Run(fmt.Sprintf("lstm-of-table/rows=%d/reverse=%t", n, reverse), func(t *testing.T) {
				gradtest.Fused(t, cpu.New(), func(tape *tape, in vars) autograd.Var {
					ids := make([]int32, 5*n)
					for i := range ids {
						ids[i] = int32(i * i % 7)
					}
					hs, _, _ := autograd.LSTMRows(in[0], tape.Ints(ids, 5, n), in[1], in[2], in[3], autograd.Var{}, autograd.Var{}, reverse)
					return hs.Scale(0.1, 0)
				}, inputs(anywhere(7, 2), anywhere(2, 12), anywhere(3, 12), anywhere(12))...)
			})
			t.Run(fmt.Sprintf("gru/rows=%d/reverse=%t", n, reverse), func(t *testing.T) {
				gradtest.Fused(t, cpu.New(), func(_ *tape, in vars) autograd.Var {
					return autograd.GRU(in[0], in[1], in[2], in[3], in[4], reverse).Scale(0.1, 0)
				}, inputs(anywhere(5, n, 2), anywhere(2, 9), anywhere(3, 9), anywhere(9), anywhere(n, 3))...)
			})
		}
	}
}

// House rule: every primitive has a gradient check. The primitives are the types
// of the package with a method VJP; what a check runs is what its record shows.
func TestEveryPrimitiveHasAGradientCheck(t *testing.T) {
	primitives := primitivesOf(t, ".")
	require.Contains(t, primitives, "matmul")
	require.Contains(t, primitives, "alias")
	run := map[string]bool{}
	for _, c := range allChecks() {
		for _, be := range []backend.Backend{reference.New(), cpu.New()} { // composed and fused
			maps.Copy(run, recordedBy(be, c))
		}
	}
	assert.Empty(t, unchecked(primitives, run), "types with a VJP and no row in gradChecks")
	assert.Equal(t, []string{"novel"}, unchecked([]string{"matmul", "novel"}, run), "the rule can fail")
}

// primitivesOf parses the package in a folder and returns the types with a VJP.
func primitivesOf(t *testing.T, folder string) (types []string) {
	t.Helper()
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range parsed.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || fn.Name.Name != "VJP" {
				continue
			}
			recv := fn.Recv.List[0].Type
			if star, ok := recv.(*ast.StarExpr); ok {
				recv = star.X
			}
			types = append(types, recv.(*ast.Ident).Name)
		}
	}
	return types
}

// recordedBy runs a check to second order and returns the types of the ops on the record.
func recordedBy(be backend.Backend, c gradCheck) map[string]bool {
	tape := autograd.NewTape(be)
	var in vars
	for _, x := range c.in {
		in = append(in, tape.Leaf(tensor.Full(be, 1, x.Shape()...)))
	}
	grads := tape.Grad(vars{c.f(tape, in)}, in)
	tape.Grad(grads, in)
	types := map[string]bool{}
	for r := range tape.Records() {
		if r.Op != nil {
			types[reflect.TypeOf(r.Op).Elem().Name()] = true
		}
	}
	return types
}

func unchecked(primitives []string, run map[string]bool) (missing []string) {
	for _, p := range primitives {
		if !run[p] {
			missing = append(missing, p)
		}
	}
	return missing
}

// House rule: every pointwise function has a row of derivatives that a check
// reaches, and every exported function that returns a Var is called by a check.
func TestEveryMethodHasAGradientCheck(t *testing.T) {
	source, err := os.ReadFile("grad_test.go")
	require.NoError(t, err)
	names := map[string]bool{}
	for i := range reflect.TypeFor[autograd.Var]().NumMethod() {
		m := reflect.TypeFor[autograd.Var]().Method(i)
		if m.Type.NumOut() > 0 && (m.Type.Out(0) == reflect.TypeFor[autograd.Var]() || m.Type.Out(0) == reflect.TypeFor[vars]()) {
			names[m.Name] = true
		}
	}
	for _, row := range backend.Unaries {
		delete(names, row.Name)
	}
	for _, row := range backend.Binaries {
		delete(names, row.Name)
	}
	for _, notDifferentiable := range []string{"Detach", "Grad", "RetainGrad"} {
		delete(names, notDifferentiable)
	}
	require.NotEmpty(t, names)
	for name := range names {
		assert.Contains(t, string(source), "."+name, "a method without a row")
	}
}
