package nn_test

import (
	"testing"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// TestModelsGradients checks whole models by differences in float64, to second
// order, with respect to every parameter.
func TestModelsGradients(t *testing.T) {
	const n, steps, d, h, v = 2, 3, 3, 2, 4
	be := reference.New()
	in := nn.NewInit(be, 3)
	labels := tensor.NewInts([]int32{0, 3, 3, 1, nn.Ignore, 2}, n, steps)
	data := tensor.Randn(be, tensor.NewRand(5, 0), n, steps, d)

	out, wide := nn.NewLinear(in, h, v), nn.NewLinear(in, 2*h, v)
	embed := nn.NewEmbedding(in, v, d)
	embed.W = in.Normal(1, v, d) // the default is small and its gradients with it
	table := in.Normal(1, v, h)
	cell, gru, rnn := nn.NewLSTM(in, d, h), nn.NewGRU(in, d, h), nn.NewRNN(in, d, h)
	deep := nn.Stacked{Layers: 2, Bidirectional: true, Dropout: 0.3}.NewGRU(in, d, h)
	decoder := nn.NewLSTM(in, d, h)
	heads := nn.NewMultiHeadAttention(in, h, 2)
	negative := &nn.NegativeSampling{W: in.Normal(1, v, d)}

	for _, c := range []struct {
		name  string
		model any
		loss  func(tape *autograd.Tape) autograd.Var
	}{
		{"lstm", []any{embed, cell, out}, func(tape *autograd.Tape) autograd.Var {
			y, _ := cell.Forward(embed.Forward(tape, tensor.NewInts([]int32{1, 3, 1, 0, 2, 3}, n, steps)), nn.LSTMState{})
			return nn.CrossEntropy(out.Forward(y), labels)
		}},
		{"lstm/state", cell, func(tape *autograd.Tape) autograd.Var {
			x := tape.Const(data)
			_, s := cell.Forward(x.Slice(1, 0, 1), nn.LSTMState{})
			y, s := cell.Forward(x.Slice(1, 1, 3), s)
			return y.Square().Sum().Add(s.C.Sum())
		}},
		{"gru", []any{gru, out}, func(tape *autograd.Tape) autograd.Var {
			y, last := gru.Forward(tape.Const(data), autograd.Var{})
			return nn.SmoothedCrossEntropy{Smoothing: 0.1}.Forward(out.Forward(y), labels).Add(last.Square().Sum())
		}},
		{"gru/deep", []any{deep, wide}, func(tape *autograd.Tape) autograd.Var {
			y, _ := deep.Forward(tape.Const(data), autograd.Var{})
			return nn.CrossEntropy(wide.Forward(y), labels)
		}},
		{"rnn", []any{rnn, out}, func(tape *autograd.Tape) autograd.Var {
			y, _ := rnn.Forward(tape.Const(data), autograd.Var{})
			return nn.BCEWithLogits(out.Forward(y), tape.Full(0.3, n, steps, v))
		}},
		{"attention", []any{cell, decoder, wide}, func(tape *autograd.Tape) autograd.Var {
			x := tape.Const(data)
			encoded, _ := cell.Forward(x, nn.LSTMState{})
			y, _ := decoder.Forward(x, nn.LSTMState{H: encoded.Select(1, -1).Unsqueeze(0)})
			context, _ := nn.DotAttention(y, encoded, encoded)
			return nn.CrossEntropy(wide.Forward(autograd.Concat(2, context, y)), labels)
		}},
		{"attention/heads", []any{cell, heads}, func(tape *autograd.Tape) autograd.Var {
			encoded, _ := cell.Forward(tape.Const(data), nn.LSTMState{})
			y, _ := heads.Forward(encoded, encoded, encoded, nn.CausalMask(tape, steps))
			return nn.MSE(y, tape.Full(0.5, n, steps, h))
		}},
		{"tied", []any{table}, func(tape *autograd.Tape) autograd.Var {
			x := tape.Param(table).Gather(tensor.NewInts([]int32{1, 3, 1}, 3))
			return nn.CrossEntropy(x.Tanh().MatMul(table.On(tape).T()), tensor.NewInts([]int32{0, 2, 2}, 3))
		}},
		{"negative sampling", []any{negative, embed}, func(tape *autograd.Tape) autograd.Var {
			hidden := embed.Forward(tape, tensor.NewInts([]int32{0, 2, 0, 1}, n, 2)).Mean(1)
			return negative.Forward(hidden, tensor.NewInts([]int32{1, 3}, n), tensor.NewInts([]int32{0, 0, 2, 1}, n, 2))
		}},
	} {
		t.Run(c.name, func(t *testing.T) { gradtest.Model(t, nn.Params(c.model), c.loss) })
	}
}
