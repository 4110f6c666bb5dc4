package main

import (
	"fmt"
	"strings"

	"gonum.org/v1/gonum/blas"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu/isa"
	"github.com/wengert-ml/wengert/backend/cpu/sgemm"
	"github.com/wengert-ml/wengert/benchmarks/compare/rig"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// newProduct multiplies with the BLAS that the CPU backend uses.
func newProduct(work string, threads int) (*rig.Bench, error) {
	p, err := rig.ParseProduct(work)
	if err != nil {
		return nil, err
	}
	set, err := isa.Detect()
	if err != nil {
		return nil, err
	}
	impl := sgemm.New(set, sgemm.Config{Threads: threads})
	a, b, c := p.Operands()
	lda, ldb, ldc := p.Strides()
	return &rig.Bench{
		Run: func(n int) {
			for range n {
				impl.Sgemm(transpose(p.TransA), transpose(p.TransB), p.M, p.N, p.K, 1, a, lda, b, ldb, p.Beta, c, ldc)
			}
		},
		Check: func() float64 { return rig.Mean(c) },
	}, nil
}

func transpose(t bool) blas.Transpose {
	if t {
		return blas.Trans
	}
	return blas.NoTrans
}

// newPointwise applies a function to an array that is there, into another.
// "exp/10000/denormal" takes denormals.
func newPointwise(be backend.Backend, kind, work string) (*rig.Bench, error) {
	op, ok := map[string]backend.UnaryOp{"exp": backend.Exp, "sigmoid": backend.Sigmoid, "tanh": backend.Tanh}[kind]
	if !ok {
		return nil, nil
	}
	sizes, err := rig.ParseSizes(work)
	if err != nil || len(sizes) != 1 {
		return nil, fmt.Errorf("work %q: want one size: %w", work, err)
	}
	bound := 4.0
	if strings.HasSuffix(work, "/denormal") {
		bound = 1e-39
	}
	x, y := tensor.FromSlice(be, rig.Fill("x", sizes[0], bound), sizes[0]), tensor.New(be, sizes[0])
	return &rig.Bench{
		Run: func(n int) {
			for range n {
				tensor.UnaryInto(y, op, x, 0, 0)
			}
		},
		Check: func() float64 { return rig.Mean(y.Floats()) },
	}, nil
}

// newRows takes softmax of rows of scores, or their cross entropy and its
// gradient, on a tape that takes its memory back each time.
func newRows(be backend.Backend, kind, work string) (*rig.Bench, error) {
	sizes, err := rig.ParseSizes(work)
	if err != nil || len(sizes) != 2 {
		return nil, fmt.Errorf("work %q: want two sizes: %w", work, err)
	}
	rows, classes := sizes[0], sizes[1]
	x := tensor.FromSlice(be, rig.Fill("x", rows*classes, 4), rows, classes)
	if kind == "softmax" {
		tape := autograd.Config{Inference: true}.NewTape(be)
		var y autograd.Var
		return &rig.Bench{
			Run: func(n int) {
				for range n {
					tape.Reset()
					y = tape.Const(x).Softmax()
				}
			},
			Check: func() float64 { return rig.Mean(y.Floats()) },
		}, nil
	}
	scores, tape := autograd.NewParam(x), autograd.NewTape(be)
	labels := tensor.NewInts(rig.IDs("labels", rows, classes, 0), rows)
	loss := 0.0
	return &rig.Bench{
		Run: func(n int) {
			for range n {
				y := nn.CrossEntropy(scores.On(tape), labels)
				loss = y.Item()
				tape.Backward(y)
				scores.Grad.Zero()
				tape.Reset()
			}
		},
		Check: func() float64 { return loss },
	}, nil
}
