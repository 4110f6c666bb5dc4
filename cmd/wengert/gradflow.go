package main

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/cmd/wengert/internal/plot"
	"github.com/wengert-ml/wengert/models/lm"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/tensor"
)

// gradflowCommand shows how gradients vanish and explode on their way back through
// time (section 6.1).
type gradflowCommand struct {
	device
	corpusFlags
	Steps  int      `default:"50" help:"Time steps."`
	Hidden int      `default:"32" help:"The width of the layers."`
	Seed   uint64   `default:"1984" help:"Of initial values and inputs."`
	Model  []string `placeholder:"FILE" help:"Trained language models to look at, on the text, instead of fresh layers; may be given several times."`
	Out    string   `default:"runs/gradflow" placeholder:"DIR" help:"Where the pictures go: ${default}."`
}

// Help is printed below the flags.
func (gradflowCommand) Help() string {
	return `The gradient at the last hidden state is 1 at every unit; what arrives of it at the
steps before is measured and drawn. product.png is the book's experiment: a gradient
multiplied by one matrix again and again. cells.png is RNN, LSTM and GRU as they are
when training begins, the RNN also with smaller and larger weights of the state, and
the LSTM also with a forget gate that is open.

Examples:
  wengert gradflow
  wengert gradflow --steps 100
  wengert gradflow --model runs/rnnlm/best.safetensors`
}

// flow is the norms of a gradient over time.
type flow struct {
	name  string
	norms []float64
}

// Run measures, draws and prints.
func (c *gradflowCommand) Run(s *session) error {
	if err := oneOrMore(size{"steps", c.Steps}, size{"hidden", c.Hidden}); err != nil {
		return err
	}
	be, err := c.device.open(s)
	if err != nil {
		return err
	}
	if len(c.Model) > 0 {
		flows, err := c.trained(be)
		if err != nil {
			return err
		}
		return c.show(s, "models.png", "Gradients in trained models", flows)
	}
	if err := c.show(s, "product.png", "Gradients through a product of matrices", products(be)); err != nil {
		return err
	}
	return c.show(s, "cells.png", "Gradients through recurrent layers", c.fresh(be))
}

// product is the layer of the book's experiment: h' = h Wh, from a state of ones.
type product struct {
	Wh *autograd.Param // [H, H]
}

func (p product) Forward(x autograd.Var, s nn.LSTMState) (y autograd.Var, last nn.LSTMState) {
	if s.H.IsZero() {
		s.H = x.Tape().Full(1, 1, x.Dim(0), x.Dim(2))
	}
	s.H = s.H.MatMul(p.Wh)
	return s.H.Transpose(0, 1), s
}

// products are the gradients of the book's experiment, with its numbers.
func products(be backend.Backend) []flow {
	const n, steps, width, seed = 2, 21, 3, 3 // the last state, and 20 steps back
	var flows []flow
	for _, c := range []struct {
		name  string
		scale float64
	}{{"Wh normal", 1}, {"Wh halved", 0.5}} {
		rng := data.NewRandomState(seed)
		values := make([]float32, width*width)
		for i := range values {
			values[i] = float32(c.scale * rng.NormFloat64())
		}
		layer := product{autograd.NewParam(tensor.FromSlice(be, values, width, width))}
		h, _ := rnnlm.Flow(layer, autograd.NewTape(be).Zeros(n, steps, width))
		flows = append(flows, flow{c.name, h})
	}
	return flows
}

// fresh are the gradients in layers that were not trained, on random inputs.
func (c *gradflowCommand) fresh(be backend.Backend) []flow {
	const n = 8
	x := tensor.Randn(be, tensor.NewRand(c.Seed, dataStream), n, c.Steps, c.Hidden)
	var flows []flow
	for _, kind := range []struct {
		name string
		cell rnnlm.Cell
		gain float64 // of the weights of the state
		bias float64 // of the forget gate
	}{
		{"RNN", rnnlm.RNN, 1, 0},
		{"RNN, Wh halved", rnnlm.RNN, 0.5, 0},
		{"RNN, Wh tripled", rnnlm.RNN, 3, 0},
		{"GRU", rnnlm.GRU, 1, 0},
		{"LSTM", rnnlm.LSTM, 1, 0},
		{"LSTM, forget gate open", rnnlm.LSTM, 1, 3},
	} {
		layer := kind.cell.Layer(nn.NewInit(be, c.Seed), c.Hidden, c.Hidden)
		for _, p := range nn.Params(layer) {
			switch {
			case strings.HasSuffix(p.Name, ".Wh"):
				p.Update(func(w *tensor.Tensor) { w.Set(w.Scale(kind.gain, 0).Floats()) })
			case strings.HasSuffix(p.Name, ".B") && kind.bias != 0: // the forget gate is the first
				p.Update(func(b *tensor.Tensor) { b.Slice(0, 0, c.Hidden).Fill(kind.bias) })
			}
		}
		h, _ := rnnlm.Flow(layer, autograd.NewTape(be).Const(x))
		flows = append(flows, flow{kind.name, h})
	}
	return flows
}

// trained are the gradients in trained models, on the text to test on.
func (c *gradflowCommand) trained(be backend.Backend) ([]flow, error) {
	const n = 20
	var flows []flow
	_, _, test, err := c.corpusFlags.open(c.Seed)
	if err != nil {
		return nil, err
	}
	for _, path := range c.Model {
		text, err := openLanguageModel(be, path)
		if err != nil {
			return nil, err
		}
		known, err := encoded(text, path, test)
		if err != nil {
			return nil, err
		}
		streams, err := data.NewStreams(known.IDs, n, c.Steps)
		if err != nil {
			return nil, fmt.Errorf("the text to test on: %w; give fewer --steps", err)
		}
		words, next := make([]int32, n*c.Steps), make([]int32, n*c.Steps)
		streams.Next(words, next)
		h, err := flowOf(be, text, words, n, c.Steps)
		if err != nil {
			return nil, fmt.Errorf("model %s: %w", path, err)
		}
		flows = append(flows, flow{text.Architecture, h})
	}
	return flows, nil
}

// flowOf measures the gradients in a model that reads words [n, steps].
func flowOf(be backend.Backend, text *lm.Text, words []int32, n, steps int) ([]float64, error) {
	tape := autograd.NewTape(be)
	ids := tape.Ints(words, n, steps)
	var h []float64
	switch m := text.Model.(type) {
	case *rnnlm.RNNLM:
		h, _ = rnnlm.Flow(m.Layer, m.Embed.Forward(tape, ids))
	case *rnnlm.BetterRNNLM:
		h, _ = rnnlm.Flow(m.LSTM, m.Embed.Forward(tape, ids))
	default:
		return nil, fmt.Errorf("its architecture is %q, which is no recurrent network", text.Architecture)
	}
	return h, nil
}

// show draws flows and prints some of their norms.
func (c *gradflowCommand) show(s *session, file, title string, flows []flow) error {
	picture := plot.Curves{Title: title, XLabel: "time step", YLabel: "norm of the gradient, log10"}
	for _, f := range flows {
		series := plot.Series{Name: f.name}
		for _, norm := range f.norms {
			series.Y = append(series.Y, math.Log10(norm))
		}
		picture.Series = append(picture.Series, series)
	}
	path := filepath.Join(c.Out, file)
	if err := picture.Save(path); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %s\n", path, strings.ToLower(title[:1])+title[1:])
	steps := len(flows[0].norms)
	fmt.Fprintf(s.out, "  %-24s", "at step")
	for i := range 5 {
		fmt.Fprintf(s.out, "%11d", steps-i*(steps-1)/4)
	}
	fmt.Fprintln(s.out)
	for _, f := range flows {
		fmt.Fprintf(s.out, "  %-24s", f.name)
		for i := range 5 {
			fmt.Fprintf(s.out, "%11.3g", f.norms[steps-1-i*(steps-1)/4])
		}
		if _, err := fmt.Fprintln(s.out); err != nil {
			return err
		}
	}
	return nil
}
