package outside

import (
	"testing"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend/backendtest"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/tensor"
)

func TestOp(t *testing.T) {
	gradtest.Run(t, func(_ *autograd.Tape, in []autograd.Var) autograd.Var { return LogCosh(in[0], 0.7) },
		gradtest.Uniform(-3, 3, 2, 3))
}

func TestLayerLearns(t *testing.T) {
	be := &Counting{Backend: cpu.New()}
	in := nn.NewInit(be, 1)
	net := nn.Sequential{NewHighway(in, 4), nn.NewLinear(in, 4, 1)}
	params := nn.Params(net)
	opt := &optim.Adam{Params: params, LR: 0.02}
	r := tensor.NewRand(2, 0)
	x := tensor.Randn(be, r, 32, 4)
	y := x.Square().Sum(1).Reshape(32, 1)
	tape := autograd.NewTape(be)
	var first, last float64
	for step := range 200 {
		loss := LogCosh(net.Forward(tape.Const(x)).Sub(tape.Const(y)), 1).Mean()
		last = loss.Item()
		if step == 0 {
			first = last
		}
		tape.Backward(loss)
		opt.Step()
		tape.Reset()
	}
	if last > first/2 {
		t.Errorf("loss %.4f after 200 steps, %.4f before", last, first)
	}
	if be.Products == 0 {
		t.Error("no product went through the backend")
	}
}

func TestBackend(t *testing.T) {
	backendtest.Run(t, func(*testing.T) backend.Backend { return &Counting{Backend: reference.New()} })
}
