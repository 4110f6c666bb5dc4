package nn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// TestStepsMakeNoGarbage holds a warm training step to 0 allocations: forward,
// Backward, gradients discarded, Reset with the state carried over.
func TestStepsMakeNoGarbage(t *testing.T) {
	be := cpu.Config{Threads: 1}.New()
	in := nn.NewInit(be, 1)
	const n, steps, d, h, v = 4, 6, 5, 8, 7
	ids := make([]int32, n*steps)
	for i := range ids {
		ids[i] = int32(i % v)
	}
	embed, out := nn.NewEmbedding(in, v, d), nn.NewLinear(in, h, v)
	var lstmState, stackedState, idsState nn.LSTMState
	var gruState, rnnState autograd.Var

	lstm, stacked := nn.NewLSTM(in, d, h), nn.Stacked{Layers: 2, Bidirectional: true, Dropout: 0.3}.NewLSTM(in, d, h/2)
	gru, rnn := nn.NewGRU(in, d, h), nn.NewRNN(in, d, h)
	encoder := nn.NewLSTM(in, d, h)
	heads, norm := nn.NewMultiHeadAttention(in, h, 2), nn.NewLayerNorm(in, h)
	negative := nn.NewNegativeSampling(in, v, h)

	for _, c := range []struct {
		name  string
		model any
		loss  func(tape *autograd.Tape, x autograd.Var, labels tensor.Ints) autograd.Var
		keep  []*autograd.Var
	}{
		{"lstm", lstm, func(_ *autograd.Tape, x autograd.Var, labels tensor.Ints) autograd.Var {
			y, s := lstm.Forward(x, lstmState)
			lstmState = s
			return nn.CrossEntropy(out.Forward(y), labels)
		}, lstmState.Vars()},
		{"lstm/stacked", stacked, func(_ *autograd.Tape, x autograd.Var, labels tensor.Ints) autograd.Var {
			y, s := stacked.Forward(x, stackedState)
			stackedState = s
			return nn.CrossEntropy(out.Forward(y), labels)
		}, stackedState.Vars()},
		{"lstm/ids", lstm, func(tape *autograd.Tape, _ autograd.Var, labels tensor.Ints) autograd.Var {
			y, s := lstm.ForwardIDs(tape, embed, labels, idsState)
			idsState = s
			return nn.CrossEntropy(out.Forward(y), labels)
		}, idsState.Vars()},
		{"gru", gru, func(_ *autograd.Tape, x autograd.Var, labels tensor.Ints) autograd.Var {
			y, s := gru.Forward(x, gruState)
			gruState = s
			return nn.CrossEntropy(out.Forward(y), labels)
		}, []*autograd.Var{&gruState}},
		{"rnn", rnn, func(_ *autograd.Tape, x autograd.Var, labels tensor.Ints) autograd.Var {
			y, s := rnn.Forward(x, rnnState)
			rnnState = s
			return nn.CrossEntropy(out.Forward(y), labels)
		}, []*autograd.Var{&rnnState}},
		{"attention", []any{encoder, lstm}, func(_ *autograd.Tape, x autograd.Var, labels tensor.Ints) autograd.Var {
			encoded, _ := encoder.Forward(x, nn.LSTMState{})
			y, _ := lstm.Forward(x, nn.LSTMState{H: encoded.Select(1, -1).Unsqueeze(0)})
			context, _ := nn.DotAttention(y, encoded, encoded)
			return nn.CrossEntropy(out.Forward(context.Add(y)), labels)
		}, nil},
		{"attention/heads", []any{encoder, heads, norm}, func(tape *autograd.Tape, x autograd.Var, labels tensor.Ints) autograd.Var {
			encoded, _ := encoder.Forward(x, nn.LSTMState{})
			y, _ := heads.Forward(encoded, encoded, encoded, nn.CausalMask(tape, steps))
			y = norm.Forward(nn.TimeDropout{P: 0.2}.Forward(y).Add(encoded))
			return nn.SmoothedCrossEntropy{Smoothing: 0.1}.Forward(out.Forward(y), labels)
		}, nil},
		{"negative sampling", []any{encoder, negative}, func(tape *autograd.Tape, x autograd.Var, labels tensor.Ints) autograd.Var {
			encoded, _ := encoder.Forward(x, nn.LSTMState{})
			return negative.Forward(encoded.Select(1, 0), tape.Ints(ids[:n], n), tape.Ints(ids[:3*n], n, 3))
		}, nil},
		{"bce and mse", encoder, func(tape *autograd.Tape, x autograd.Var, labels tensor.Ints) autograd.Var {
			encoded, _ := encoder.Forward(x, nn.LSTMState{})
			target := tape.Full(0.5, encoded.Shape()...)
			return nn.BCEWithLogits(encoded, target).Add(nn.MSE(encoded, target))
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			tape := autograd.NewTape(be)
			params := nn.Params([]any{embed, out, c.model})
			step := func() {
				labels := tape.Ints(ids, n, steps)
				tape.Backward(c.loss(tape, embed.Forward(tape, labels), labels))
				nn.ZeroGrad(params)
				tape.Reset(c.keep...)
			}
			for range 4 {
				step()
			}
			assert.Zero(t, testing.AllocsPerRun(10, step))
		})
	}
}
