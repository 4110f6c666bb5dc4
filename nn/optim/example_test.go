package optim_test

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/tensor"
)

// descend takes three steps down x² + 10 y² from (1, 1) and prints where it is.
func descend(opt optim.Optimizer, p *autograd.Param) {
	be := p.Data.Backend()
	steep := tensor.FromSlice(be, []float32{1, 10}, 2)
	tape := autograd.NewTape(be)
	for range 3 {
		tape.Backward(p.On(tape).Square().Mul(tape.Const(steep)).Sum())
		opt.Step()
		tape.Reset()
		fmt.Printf("%.4f\n", p.Data.Floats())
	}
}

func start(be backend.Backend) *autograd.Param { return autograd.NewParam(tensor.Ones(be, 2)) }

func ExampleSGD() {
	p := start(cpu.New())
	descend(&optim.SGD{Params: []*autograd.Param{p}, LR: 0.04}, p)
	// Output:
	// [0.9200 0.2000]
	// [0.8464 0.0400]
	// [0.7787 0.0080]
}

func ExampleMomentum() {
	p := start(cpu.New())
	descend(&optim.Momentum{Params: []*autograd.Param{p}, LR: 0.04}, p)
	// Output:
	// [0.9200 0.2000]
	// [0.7744 -0.6800]
	// [0.5814 -0.9280]
}

func ExampleNesterov() {
	p := start(cpu.New())
	descend(&optim.Nesterov{Params: []*autograd.Param{p}, LR: 0.04}, p)
	// Output:
	// [0.7832 -1.1680]
	// [0.5551 0.7810]
	// [0.3366 -0.7559]
}

func ExampleAdaGrad() {
	p := start(cpu.New())
	descend(&optim.AdaGrad{Params: []*autograd.Param{p}, LR: 0.5}, p)
	// Output:
	// [0.5000 0.5000]
	// [0.2764 0.2764]
	// [0.1564 0.1564]
}

func ExampleRMSprop() {
	p := start(cpu.New())
	descend(&optim.RMSprop{Params: []*autograd.Param{p}, LR: 0.01}, p)
	// Output:
	// [0.9000 0.9000]
	// [0.8329 0.8329]
	// [0.7800 0.7800]
}

func ExampleAdam() {
	p := start(cpu.New())
	descend(&optim.Adam{Params: []*autograd.Param{p}, LR: 0.1}, p)
	// Output:
	// [0.9000 0.9000]
	// [0.8004 0.8004]
	// [0.7016 0.7016]
}

func ExampleAdamW() {
	p := start(cpu.New())
	descend(&optim.AdamW{Params: []*autograd.Param{p}, LR: 0.1, WeightDecay: 0.1}, p)
	// Output:
	// [0.8900 0.8900]
	// [0.7816 0.7816]
	// [0.6751 0.6751]
}

// Biases without weight decay, and an embedding at half the rate.
func ExampleGroup() {
	be := cpu.New()
	w, b, embed := start(be), start(be), start(be)
	opt := &optim.AdamW{
		Params: []*autograd.Param{w},
		Groups: []optim.Group{
			{Params: []*autograd.Param{b}},
			{Params: []*autograd.Param{embed}, RateFactor: 0.5, WeightDecay: 0.1},
		},
		LR: 0.1, WeightDecay: 0.1,
	}
	for _, p := range []*autograd.Param{w, b, embed} {
		setGrad(p, []float64{1, 1})
	}
	opt.Step()
	fmt.Printf("%.4f\n%.4f\n%.4f\n", w.Data.Floats(), b.Data.Floats(), embed.Data.Floats())
	// Output:
	// [0.8900 0.8900]
	// [0.9000 0.9000]
	// [0.9450 0.9450]
}
