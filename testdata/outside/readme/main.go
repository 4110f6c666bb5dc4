package main

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/tensor"
)

type Net struct{ Hidden, Out *nn.Linear } // parameters are found by walking the struct

func (n *Net) Forward(x autograd.Var) autograd.Var {
	return n.Out.Forward(n.Hidden.Forward(x).Tanh())
}

func main() {
	be := cpu.New()
	in := nn.NewInit(be, 1984)
	net := &Net{nn.NewLinear(in, 2, 8), nn.NewLinear(in, 8, 2)}
	opt := &optim.Adam{Params: nn.Params(net), LR: 0.05}
	x := tensor.FromSlice(be, []float32{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2)
	xor := tensor.NewInts([]int32{0, 1, 1, 0}, 4)
	tape := autograd.NewTape(be)
	for range 200 {
		tape.Backward(nn.CrossEntropy(net.Forward(tape.Const(x)), xor)) // the derivative of what ran
		opt.Step()
		tape.Reset() // every intermediate goes back to the pool
	}
	fmt.Println(net.Forward(tape.Const(x)).ArgMax(1).Data()) // [0 1 1 0]
}
