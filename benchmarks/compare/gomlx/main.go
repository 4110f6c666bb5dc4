package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/simplego"
	. "github.com/gomlx/gomlx/pkg/core/graph" // as GoMLX's own models are written
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/train/losses"

	"github.com/wengert-ml/wengert/benchmarks/compare/rig"
)

func main() { rig.Main(rig.Side{About: about, New: newBench}) }

func about() map[string]string {
	versions := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "github.com/gomlx/gomlx" {
				versions["GoMLX"] = m.Version
			}
		}
	}
	return versions
}

func newBench(work string, threads int) (b *rig.Bench, err error) {
	// Operations side by side wait for each other forever when they have few cores.
	be, err := simplego.New("ops_sequential")
	if err != nil {
		return nil, err
	}
	// GoMLX reports what it cannot do by panicking while the graph is built.
	defer func() {
		if r := recover(); r != nil {
			b, err = nil, fmt.Errorf("GoMLX: %v", r)
		}
	}()
	kind, rest, _ := strings.Cut(work, "/")
	switch kind {
	case "gemm":
		return newProduct(be, work)
	case "exp", "sigmoid", "tanh", "softmax", "xent":
		return newFunction(be, kind, work)
	case "step":
		return newStep(be, rest)
	}
	return nil, fmt.Errorf("no work %q here", work)
}

// repeat runs a compiled function and gives back its outputs' memory.
func repeat(exec *Exec, args ...any) *rig.Bench {
	var last *tensors.Tensor
	return &rig.Bench{
		Run: func(n int) {
			for range n {
				if last != nil {
					last.MustFinalizeAll()
				}
				out, err := exec.Exec(args...)
				if err != nil {
					panic(err)
				}
				for _, t := range out[1:] {
					t.MustFinalizeAll()
				}
				last = out[0]
			}
		},
		Check: func() float64 {
			if last.Shape().IsScalar() {
				return float64(tensors.ToScalar[float32](last))
			}
			return rig.Mean(tensors.MustCopyFlatData[float32](last))
		},
	}
}

func newProduct(be backends.Backend, work string) (*rig.Bench, error) {
	p, err := rig.ParseProduct(work)
	if err != nil {
		return nil, err
	}
	a, b, c := p.Operands()
	lda, ldb, ldc := p.Strides()
	x, y := tensors.FromFlatDataAndDimensions(a, len(a)/lda, lda), tensors.FromFlatDataAndDimensions(b, len(b)/ldb, ldb)
	inner := [2]int{1, 0}
	if p.TransA {
		inner[0] = 0
	}
	if p.TransB {
		inner[1] = 1
	}
	if p.Beta != 0 {
		exec := MustNewExec(be, func(x, y, z *Node) *Node { return Add(EinsumAxes(x, y, [][2]int{inner}, nil), z) })
		return repeat(exec, x, y, tensors.FromFlatDataAndDimensions(c, p.M, ldc)), nil
	}
	return repeat(MustNewExec(be, func(x, y *Node) *Node { return EinsumAxes(x, y, [][2]int{inner}, nil) }), x, y), nil
}

func newFunction(be backends.Backend, kind, work string) (*rig.Bench, error) {
	sizes, err := rig.ParseSizes(work)
	if err != nil {
		return nil, err
	}
	n := sizes[0] * sizes[len(sizes)-1]
	if len(sizes) == 1 {
		n = sizes[0]
	}
	x := tensors.FromFlatDataAndDimensions(rig.Fill("x", n, 4), sizes...)
	switch kind {
	case "exp":
		return repeat(MustNewExec(be, Exp), x), nil
	case "sigmoid":
		return repeat(MustNewExec(be, Sigmoid), x), nil
	case "tanh":
		return repeat(MustNewExec(be, Tanh), x), nil
	case "softmax":
		return repeat(MustNewExec(be, func(x *Node) *Node { return Softmax(x) }), x), nil
	}
	labels := tensors.FromFlatDataAndDimensions(rig.IDs("labels", sizes[0], sizes[1], 0), sizes[0], 1)
	return repeat(MustNewExec(be, func(x, labels *Node) (*Node, *Node) {
		loss := crossEntropy(x, labels)
		return loss, Gradient(loss, x)[0]
	}), x, labels), nil
}

// crossEntropy is the mean loss of scores [..., V] against labels [..., 1].
func crossEntropy(scores, labels *Node) *Node {
	return ReduceAllMean(losses.SparseCategoricalCrossEntropyLogits([]*Node{labels}, []*Node{scores}))
}
