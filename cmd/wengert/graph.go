package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/cmd/wengert/internal/graph"
	"github.com/wengert-ml/wengert/internal/atomicfile"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// graphCommand draws computational graphs (appendix A).
type graphCommand struct {
	Name string `arg:"" optional:"" help:"What to draw: ${formulas}."`
	Out  string `placeholder:"FILE" help:"Where to, as .svg or .dot; NAME.svg if not given."`
}

// Help is printed below the flags.
func (graphCommand) Help() string {
	return `The formula is computed on a tape, forwards and backwards, and what the tape has
recorded is drawn: values above the lines, gradients below them. A value that is used
more than once parts at a point, where its gradients add up.

Examples:
  wengert graph sigmoid
  wengert graph lstm --out lstm.dot`
}

// formula computes a number from inputs.
type formula struct {
	name, title string
	compute     func(in *inputs) autograd.Var
}

// formulas are what can be drawn, with numbers that are easy to follow.
var formulas = []formula{
	{"sigmoid", "sigmoid: y = 1 / (1 + exp(-x))", func(in *inputs) autograd.Var {
		return in.of("x", []int{}, 0.5).Mul(in.number(-1)).Exp().Add(in.number(1)).Reciprocal()
	}},
	{"tanh", "tanh: y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))", func(in *inputs) autograd.Var {
		x := in.of("x", []int{}, 0.5)
		plus, minus := x.Exp(), x.Mul(in.number(-1)).Exp()
		return plus.Sub(minus).Div(plus.Add(minus))
	}},
	{"affine", "affine: y = x W + b", func(in *inputs) autograd.Var {
		y := in.of("x", []int{1, 2}, 1, 2).MatMul(in.of("W", []int{2, 2}, 0.1, 0.2, 0.3, 0.4))
		return y.Add(in.of("b", []int{2}, 0.5, -0.5))
	}},
	{"softmax", "softmax and cross entropy: L = -log(exp(s) / sum exp(s)) · t", func(in *inputs) autograd.Var {
		e := in.of("s", []int{3}, 0.3, 2.9, 4).Exp()
		t := in.tape.Input([]float32{0, 1, 0}, 3)
		return e.Div(e.Sum()).Log().Mul(t).Sum().Neg()
	}},
	{"rnn", "a step of an RNN: h' = tanh(x Wx + h Wh + b)", func(in *inputs) autograd.Var {
		cell := nn.RNNCell{Wx: in.param("Wx", []int{1, 1}, 0.6), Wh: in.param("Wh", []int{1, 1}, 0.9), B: in.param("b", []int{1}, 0.1)}
		return cell.Forward(in.of("x", []int{1, 1}, 1), in.of("h", []int{1, 1}, -0.5))
	}},
	{"lstm", "a step of an LSTM: gates f, g, i, o; c' = σ(f) c + σ(i) tanh(g); h' = σ(o) tanh(c')", func(in *inputs) autograd.Var {
		z := in.of("x", []int{1, 1}, 1).Affine(in.param("Wx", []int{1, 4}, 0.5, 0.6, 0.7, 0.8), in.param("b", []int{4}, 1, 0, 0, 0))
		gates := z.AddMatMul(in.of("h", []int{1, 1}, -0.5), in.param("Wh", []int{1, 4}, 0.4, -0.3, 0.2, -0.1)).Split(1, 4)
		f, g, i, o := gates[0].Sigmoid(), gates[1].Tanh(), gates[2].Sigmoid(), gates[3].Sigmoid()
		c := f.Mul(in.of("c", []int{1, 1}, 0.8)).Add(i.Mul(g))
		return o.Mul(c.Tanh())
	}},
	{"gru", "a step of a GRU: gates z, r; h' = h + σ(z) (tanh(x Wx + (σ(r) h) Wh + b) - h)", func(in *inputs) autograd.Var {
		a := in.of("x", []int{1, 1}, 1).Affine(in.param("Wx", []int{1, 3}, 0.5, 0.6, 0.7), in.param("b", []int{3}, 0, 0, 0.1))
		wh, h := in.param("Wh", []int{1, 3}, 0.4, -0.3, 0.2).On(a.Tape()), in.of("h", []int{1, 1}, -0.5)
		zr := a.Slice(1, 0, 2).AddMatMul(h, wh.Slice(1, 0, 2)).Sigmoid().Split(1, 2)
		z, r := zr[0], zr[1]
		candidate := a.Slice(1, 2, 3).AddMatMul(r.Mul(h), wh.Slice(1, 2, 3)).Tanh()
		return h.Add(z.Mul(candidate.Sub(h)))
	}},
	{"attention", "attention: context = softmax(h hsᵀ) hs", func(in *inputs) autograd.Var {
		hs := in.of("hs", []int{1, 2, 2}, 0.9, 0.1, -0.2, 0.7)
		context, _ := nn.DotAttention(in.of("h", []int{1, 1, 2}, 0.8, 0.3), hs, hs)
		return context
	}},
}

// formulaNames lists the formulas: "sigmoid, tanh, ... or attention".
func formulaNames() string {
	var names []string
	for _, f := range formulas {
		names = append(names, f.name)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// inputs makes the inputs of a formula.
type inputs struct {
	be   backend.Backend
	tape *autograd.Tape
}

// param returns a named input [shape...].
func (in *inputs) param(name string, shape []int, values ...float32) *autograd.Param {
	p := autograd.NewParam(tensor.FromSlice(in.be, values, shape...))
	p.Name = name
	return p
}

// of returns a named input [shape...] on the tape.
func (in *inputs) of(name string, shape []int, values ...float32) autograd.Var {
	return in.param(name, shape, values...).On(in.tape)
}

// number returns a constant [].
func (in *inputs) number(v float64) autograd.Var { return in.tape.Full(v) }

// record computes a formula and its gradients.
func (f formula) record() *autograd.Tape {
	be := backend.Basic(reference.New()) // without fused kernels, so that every operation is seen
	in := &inputs{be, autograd.NewTape(be)}
	y := f.compute(in)
	for r := range in.tape.Records() {
		r.Var().RetainGrad()
	}
	// The gradient of the sum is 1 for every element of y. The sum is no part of the
	// formula, so it is drawn only where there is something to add.
	if y.Len() > 1 {
		y = y.Sum()
		y.RetainGrad()
	}
	in.tape.Backward(y)
	return in.tape
}

// Run draws the graph.
func (c *graphCommand) Run(s *session) error {
	i := slices.IndexFunc(formulas, func(f formula) bool { return f.name == c.Name })
	if i < 0 {
		return &usageError{strings.TrimSpace("graph "+c.Name) + ": want " + formulaNames()}
	}
	path := c.Out
	if path == "" {
		path = c.Name + ".svg"
	}
	var draw func(io.Writer) error
	tape := formulas[i].record()
	switch filepath.Ext(path) {
	case ".svg":
		g := graph.Of(tape)
		g.Title = formulas[i].title
		draw = g.SVG
	case ".dot":
		draw = tape.DOT
	default:
		return &usageError{fmt.Sprintf("--out %s: want a name that ends in .svg or .dot", path)}
	}
	if err := atomicfile.WriteFile(path, 0o644, draw); err != nil {
		return err
	}
	if err := tape.Explain(s.out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.out, "The graph is in %s.\n", path)
	return err
}
