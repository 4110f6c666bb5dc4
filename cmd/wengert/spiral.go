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
	device
	Epochs int     `default:"300" help:"How often to go through the points."`
	Batch  int     `default:"30" help:"Points in a step."`
	Hidden int     `default:"10" help:"Hidden units."`
	LR     float64 `default:"1" name:"lr" help:"The learning rate of SGD."`
	Seed   uint64  `default:"1984" help:"Of initial values and shuffles; the points are the book's."`
	Out    string  `default:"runs/spiral" placeholder:"DIR" help:"Where model, pictures and metrics go: ${default}."`
}

// Help is printed below the flags.
func (spiralCommand) Help() string {
	return `Examples:
  wengert train spiral
  wengert train spiral --hidden 30 --epochs 500`
}

// Run trains and draws the loss and the decision boundary.
func (c *spiralCommand) Run(s *session) error {
	if c.Epochs < 1 || c.Batch < 1 || c.Hidden < 1 || !positive(c.LR) {
		return &usageError{fmt.Sprintf("--epochs %d --batch %d --hidden %d --lr %g: want 1 or more of each, and a rate above 0", c.Epochs, c.Batch, c.Hidden, c.LR)}
	}
	be, err := c.open()
	if err != nil {
		return err
	}
	r, err := newRun(s, c.Out, c)
	if err != nil {
		return err
	}
	defer r.close()
	r.quiet = 30
	r.terminal = nil // an epoch is over before a bar is drawn

	x, labels := data.Spiral(data.NewRandomState(spiralSeed))
	const classes = 3
	net := mlp.NewTwoLayer(nn.NewInit(be, c.Seed), 2, c.Hidden, classes)
	params := nn.Params(net)
	batches := data.NewBatches(len(labels), c.Batch)
	xs, ts := make([]float32, 2*c.Batch), make([]int32, c.Batch)
	loop := &train.Loop{
		Tape:      autograd.Config{Seed: c.Seed}.NewTape(be),
		Params:    params,
		Optimizer: &optim.SGD{Params: params, LR: c.LR},
		Epochs:    c.Epochs,
		Batches:   train.Shuffled(batches, c.Seed),
		Steps:     batches.Len(),
		Loss: func(tape *autograd.Tape, batch []int) autograd.Var {
			n := len(batch)
			data.Gather(xs[:2*n], x, 2, batch)
			data.Gather(ts[:n], labels, 1, batch)
			return nn.CrossEntropy(net.Forward(tape.Input(xs[:2*n], n, 2)), tape.Ints(ts[:n], n))
		},
		Evaluate: func(int) ([]train.Metric, error) {
			right := 0
			for i, class := range classify(be, net, x) {
				if class == int(labels[i]) {
					right++
				}
			}
			return []train.Metric{{Name: "accuracy", Value: float64(right) / float64(len(labels))}}, nil
		},
		Observer: r,
	}
	err = loop.Run(r.ctx)
	if err != nil && !stopped(err) {
		return err
	}
	if err := c.finish(r, loop, net, x, labels); err != nil {
		return err
	}
	if stopped(err) {
		return fmt.Errorf("stopped in epoch %d of %d; the model as it was is in %s", loop.Epoch+1, c.Epochs, c.model())
	}
	return nil
}

// model is the file that the model is saved to.
func (c *spiralCommand) model() string { return filepath.Join(c.Out, "best.safetensors") }

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

// finish saves the model and draws the pictures, also after Ctrl-C.
func (c *spiralCommand) finish(r *trainingRun, loop *train.Loop, net *mlp.TwoLayer, x []float32, labels []int32) error {
	if err := nn.Save(c.model(), net, map[string]string{
		"architecture": "mlp/twolayer",
		"config":       fmt.Sprintf(`{"Hidden":%d}`, c.Hidden),
		"seed":         fmt.Sprint(c.Seed),
		"step":         fmt.Sprint(loop.Epoch*loop.Steps + loop.Step),
	}); err != nil {
		return err
	}
	if len(r.reports) > 0 { // after less than an epoch there is no curve
		if err := r.curves("Spiral: accuracy", "accuracy"); err != nil {
			return err
		}
	}
	boundary := filepath.Join(c.Out, "boundary.png")
	classes := make([]int, len(labels))
	for i, l := range labels {
		classes[i] = int(l)
	}
	d := plot.Decision{
		Title:    "Decision boundary",
		Classify: func(xy []float32) []int { return classify(loop.Tape.Backend(), net, xy) },
		Points:   x,
		Labels:   classes,
	}
	if err := d.Save(boundary); err != nil {
		return err
	}
	_, err := fmt.Fprintf(r.out, "The model, the decision boundary (boundary.png) and the curves are in %s.\n", c.Out)
	return err
}
