package main

import (
	"fmt"
	"path/filepath"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/cmd/wengert/internal/plot"
	"github.com/wengert-ml/wengert/models/mlp"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/nn/train"
	"github.com/wengert-ml/wengert/tensor"
)

// spiralCommand trains the classifier of chapter 1.
type spiralCommand struct {
	training `set:"name=spiral" set:"epochs=300" set:"batch=30" set:"lr=1" set:"optimizer=SGD" set:"clip=0"`
	bookInit
	Hidden int `default:"10" help:"Hidden units."`
}

// Help is printed below the flags.
func (spiralCommand) Help() string {
	return `Examples:
  wengert train spiral
  wengert train spiral --hidden 30 --epochs 500`
}

// Run trains and draws the loss and the decision boundary.
func (c *spiralCommand) Run(s *session) error {
	if err := c.check(); err != nil {
		return err
	}
	if err := oneOrMore(size{"hidden", c.Hidden}); err != nil {
		return err
	}
	if err := c.begin(&c.training); err != nil {
		return err
	}
	r, err := c.start(s)
	if err != nil {
		return err
	}
	defer r.close()
	r.quiet = 30
	r.terminal = nil // an epoch is over before a bar is drawn

	random := data.NewRandomState(spiralSeed)
	if c.BookInit { // the book seeds the generator for the points, and goes on with it
		c.state = random
	}
	x, labels := data.Spiral(random)
	const classes = 3
	net := mlp.NewTwoLayer(c.init(r.be, c.Seed), 2, c.Hidden, classes)
	params := nn.Params(net)
	batches := data.NewBatches(len(labels), c.Batch)
	xs, ts := make([]float32, 2*c.Batch), make([]int32, c.Batch)
	return r.train(&job{Loop: train.Loop{
		Params:    params,
		Optimizer: &optim.SGD{Params: params, LR: c.LR},
		Batches:   c.shuffled(batches, c.Seed),
		Steps:     batches.Len(),
		Loss: func(tape *autograd.Tape, batch []int) autograd.Var {
			n := len(batch)
			data.Gather(xs[:2*n], x, 2, batch)
			data.Gather(ts[:n], labels, 1, batch)
			return nn.CrossEntropy(net.Forward(tape.Input(xs[:2*n], n, 2)), tape.Ints(ts[:n], n))
		},
		Evaluate: func(int) ([]train.Metric, error) {
			right := 0
			for i, class := range classify(r.be, net, x) {
				if class == int(labels[i]) {
					right++
				}
			}
			return []train.Metric{{Name: "accuracy", Value: float64(right) / float64(len(labels)), Unit: "%"}}, nil
		},
	},
		Save: func(path string, metadata map[string]string) error {
			metadata["architecture"], metadata["config"] = "mlp/twolayer", fmt.Sprintf(`{"Hidden":%d}`, c.Hidden)
			return nn.Save(path, net, metadata)
		},
		Finish: func() error { return c.finish(r, net, x, labels) },
	})
}

// spiralSeed is the seed of the book's points.
const spiralSeed = 1984

// classify returns the likeliest class of each point of xy [N, 2].
func classify(be backend.Backend, net *mlp.TwoLayer, xy []float32) []int {
	tape := autograd.Config{Inference: true}.NewTape(be)
	n := len(xy) / 2
	best := net.Forward(tape.Const(tensor.FromSlice(be, xy, n, 2))).ArgMax(1)
	classes := make([]int, n)
	for i, c := range best.Data() {
		classes[i] = int(c)
	}
	return classes
}

// finish draws the pictures.
func (c *spiralCommand) finish(r *trainingRun, net *mlp.TwoLayer, x []float32, labels []int32) error {
	if err := r.curves("Spiral: accuracy", "share right", "accuracy"); err != nil {
		return err
	}
	boundary := filepath.Join(c.Out, "boundary.png")
	classes := make([]int, len(labels))
	for i, l := range labels {
		classes[i] = int(l)
	}
	d := plot.Decision{
		Title:    "Decision boundary",
		Classify: func(xy []float32) []int { return classify(r.be, net, xy) },
		Points:   x,
		Labels:   classes,
	}
	if err := d.Save(boundary); err != nil {
		return err
	}
	_, err := fmt.Fprintf(r.out, "The model, the decision boundary (boundary.png) and the curves are in %s.\n", c.Out)
	return err
}
