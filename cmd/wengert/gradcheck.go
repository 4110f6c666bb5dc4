package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/models/mlp"
	"github.com/wengert-ml/wengert/models/ntm"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/models/seq2seq"
	"github.com/wengert-ml/wengert/models/transformer"
	"github.com/wengert-ml/wengert/models/word2vec"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// gradcheckCommand compares gradients with differences.
type gradcheckCommand struct {
	What []string `arg:"" optional:"" help:"What to check: ops, layers, a family of models (mlp, word2vec, rnnlm, seq2seq, transformer, ntm), or single names from the table; all if not given."`
	Seed uint64   `default:"1984" help:"Of values and directions."`
}

// Help is printed below the flags.
func (gradcheckCommand) Help() string {
	return `The gradients that the tape derives are compared, in float64, with central
differences (f(x+h) - f(x-h)) / 2h along random directions, those of first order and
those of second. The error is relative to the size of what was summed.

Examples:
  wengert gradcheck
  wengert gradcheck rnnlm
  wengert gradcheck matmul softmax lstm`
}

// gradient is something whose gradient can be checked: prepare returns its
// parameters and its loss.
type gradient struct {
	family, name string
	prepare      func(d *drawer) ([]*autograd.Param, func(tape *autograd.Tape) autograd.Var)
}

// drawer makes what gradients are checked with.
type drawer struct {
	in   *nn.Init
	rand *tensor.Rand
}

// param returns numbers [shape...] from lo to hi.
func (d *drawer) param(lo, hi float64, shape ...int) *autograd.Param {
	x := tensor.New(d.in.Backend(), shape...)
	values := make([]float32, x.Len())
	for i := range values {
		values[i] = float32(lo + (hi-lo)*d.rand.Float64())
	}
	x.Set(values)
	return autograd.NewParam(x)
}

// total reduces y [...] to a number [] in which no two elements count the same.
func total(y autograd.Var) autograd.Var {
	n := y.Len()
	weights := make([]float32, n)
	for i := range weights {
		weights[i] = 1 + float32(i)/float32(n)
	}
	return y.Reshape(n).Mul(y.Tape().Input(weights, n)).Sum()
}

// op is an operation of one or more operands [2, 3] from lo to hi.
func op(name string, operands int, lo, hi float64, f func(x []autograd.Var) autograd.Var) gradient {
	return gradient{"ops", name, func(d *drawer) ([]*autograd.Param, func(*autograd.Tape) autograd.Var) {
		var params []*autograd.Param
		for range operands {
			params = append(params, d.param(lo, hi, 2, 3))
		}
		return params, func(tape *autograd.Tape) autograd.Var {
			x := make([]autograd.Var, operands)
			for i, p := range params {
				x[i] = p.On(tape)
			}
			return total(f(x))
		}
	}}
}

// pointwise is the functions of the tables in package backend, each over its domain.
func pointwise() (all []gradient) {
	for code := range backend.NumUnary {
		row := &backend.Unaries[code]
		all = append(all, op(code.String(), 1, row.Lo, row.Hi, func(x []autograd.Var) autograd.Var {
			var args []reflect.Value
			for _, a := range []float64{row.A, row.B}[:len(row.Args)] {
				args = append(args, reflect.ValueOf(a))
			}
			return reflect.ValueOf(x[0]).MethodByName(row.Name).Call(args)[0].Interface().(autograd.Var)
		}))
	}
	for code := range backend.NumPublicBinary {
		name := backend.Binaries[code].Name
		all = append(all, op(code.String(), 2, 0.5, 3, func(x []autograd.Var) autograd.Var {
			return reflect.ValueOf(x[0]).MethodByName(name).Call([]reflect.Value{reflect.ValueOf(x[1])})[0].Interface().(autograd.Var)
		}))
	}
	return all
}

// others is the operations that are no pointwise functions.
func others() []gradient {
	one := func(name string, f func(x autograd.Var) autograd.Var) gradient {
		return op(name, 1, -1, 1, func(x []autograd.Var) autograd.Var { return f(x[0]) })
	}
	two := func(name string, f func(x, y autograd.Var) autograd.Var) gradient {
		return op(name, 2, -1, 1, func(x []autograd.Var) autograd.Var { return f(x[0], x[1]) })
	}
	return []gradient{
		two("matmul", func(x, y autograd.Var) autograd.Var { return x.MatMul(y.T()) }),
		op("affine", 3, -1, 1, func(x []autograd.Var) autograd.Var { return x[0].Affine(x[1].T(), x[2].Select(1, 0)) }),
		one("sum", func(x autograd.Var) autograd.Var { return x.Square().Sum(1) }),
		one("mean", func(x autograd.Var) autograd.Var { return x.Square().Mean(0) }),
		one("variance", func(x autograd.Var) autograd.Var { return x.Variance(1) }),
		one("max", func(x autograd.Var) autograd.Var { return x.Max(1).Square() }),
		one("softmax", autograd.Var.Softmax),
		one("logSoftmax", autograd.Var.LogSoftmax),
		one("logSumExp", autograd.Var.LogSumExp),
		one("cumSum", func(x autograd.Var) autograd.Var { return x.CumSum(1).Square() }),
		one("reshape", func(x autograd.Var) autograd.Var { return x.Reshape(3, 2).Tanh() }),
		one("transpose", func(x autograd.Var) autograd.Var { return x.T().Tanh() }),
		one("slice", func(x autograd.Var) autograd.Var { return x.Slice(1, 1, 3).Tanh() }),
		one("expand", func(x autograd.Var) autograd.Var { return x.Unsqueeze(0).Expand(2, 2, 3).Tanh() }),
		one("pad", func(x autograd.Var) autograd.Var { return x.Pad(1, 1, 2, 0.5).Tanh() }),
		one("roll", func(x autograd.Var) autograd.Var { return x.Roll(1, 1).Tanh() }),
		one("flip", func(x autograd.Var) autograd.Var { return x.Flip(1).Tanh() }),
		two("concat", func(x, y autograd.Var) autograd.Var { return autograd.Concat(1, x, y).Tanh() }),
		two("stack", func(x, y autograd.Var) autograd.Var { return autograd.Stack(1, x, y).Tanh() }),
		one("gather", func(x autograd.Var) autograd.Var {
			return x.Gather(x.Tape().Ints([]int32{1, 0, 1}, 3)).Tanh()
		}),
		one("dropout", func(x autograd.Var) autograd.Var { return x.Dropout(0.3).Tanh() }),
		op("where", 3, -1, 1, func(x []autograd.Var) autograd.Var { return autograd.Where(x[0].Greater(x[1]), x[1], x[2].Tanh()) }),
		one("crossEntropy", func(x autograd.Var) autograd.Var {
			return x.CrossEntropy(x.Tape().Ints([]int32{2, 0}, 2), 0.1)
		}),
	}
}

// of checks a layer or model, made by build, by its loss.
func of[M any](family, name string, build func(in *nn.Init) M, loss func(m M, tape *autograd.Tape) autograd.Var) gradient {
	return gradient{family, name, func(d *drawer) ([]*autograd.Param, func(*autograd.Tape) autograd.Var) {
		m := build(d.in)
		return nn.Params(m), func(tape *autograd.Tape) autograd.Var { return loss(m, tape) }
	}}
}

// ids returns ids [shape...] below v.
func ids(tape *autograd.Tape, v int32, shape ...int) tensor.Ints {
	n := 1
	for _, d := range shape {
		n *= d
	}
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i*i+1) % v
	}
	return tape.Ints(all, shape...)
}

// sequence returns inputs [2, 3, d], some of either sign.
func sequence(tape *autograd.Tape, d int) autograd.Var {
	x := make([]float32, 2*3*d)
	for i := range x {
		x[i] = float32((i*7)%11)/11 - 0.5
	}
	return tape.Input(x, 2, 3, d)
}

// layers is those of package nn that have parameters.
func layers() []gradient {
	return []gradient{
		of("layers", "linear", func(in *nn.Init) *nn.Linear { return nn.NewLinear(in, 3, 2) }, func(m *nn.Linear, tape *autograd.Tape) autograd.Var {
			return total(m.Forward(sequence(tape, 3)).Tanh())
		}),
		of("layers", "embedding", func(in *nn.Init) *nn.Embedding { return nn.NewEmbedding(in, 5, 3) }, func(m *nn.Embedding, tape *autograd.Tape) autograd.Var {
			return total(m.Forward(tape, ids(tape, 5, 2, 3)).Tanh())
		}),
		of("layers", "layer norm", func(in *nn.Init) *nn.LayerNorm { return nn.NewLayerNorm(in, 4) }, func(m *nn.LayerNorm, tape *autograd.Tape) autograd.Var {
			return total(m.Forward(sequence(tape, 4)).Tanh())
		}),
		of("layers", "rnn", func(in *nn.Init) *nn.RNN { return nn.NewRNN(in, 3, 2) }, func(m *nn.RNN, tape *autograd.Tape) autograd.Var {
			y, _ := m.Forward(sequence(tape, 3), autograd.Var{})
			return total(y)
		}),
		of("layers", "lstm", func(in *nn.Init) *nn.LSTM { return nn.NewLSTM(in, 3, 2) }, func(m *nn.LSTM, tape *autograd.Tape) autograd.Var {
			y, _ := m.Forward(sequence(tape, 3), nn.LSTMState{})
			return total(y)
		}),
		of("layers", "gru", func(in *nn.Init) *nn.GRU { return nn.NewGRU(in, 3, 2) }, func(m *nn.GRU, tape *autograd.Tape) autograd.Var {
			y, _ := m.Forward(sequence(tape, 3), autograd.Var{})
			return total(y)
		}),
		of("layers", "multi-head attention", func(in *nn.Init) *nn.MultiHeadAttention { return nn.NewMultiHeadAttention(in, 4, 2) }, func(m *nn.MultiHeadAttention, tape *autograd.Tape) autograd.Var {
			x := sequence(tape, 4)
			y, _ := m.Forward(x, x, x, nn.CausalMask(tape, 3))
			return total(y)
		}),
		of("layers", "negative sampling", func(in *nn.Init) *nn.NegativeSampling { return nn.NewNegativeSampling(in, 5, 3) }, func(m *nn.NegativeSampling, tape *autograd.Tape) autograd.Var {
			return m.Forward(sequence(tape, 3).Reshape(6, 3), ids(tape, 5, 6), ids(tape, 5, 6, 2))
		}),
	}
}

// models is the models of the book, each as small as it can be.
func models() []gradient {
	lm := func(name string, build func(in *nn.Init) rnnlm.Model) gradient {
		return of("rnnlm", name, build, func(m rnnlm.Model, tape *autograd.Tape) autograd.Var {
			loss, _ := m.Loss(tape, ids(tape, 5, 2, 3), ids(tape, 4, 2, 3), nn.LSTMState{})
			return loss
		})
	}
	cell := func(c rnnlm.Cell) gradient {
		return lm(string(c)+" language model", func(in *nn.Init) rnnlm.Model {
			return rnnlm.New(in, rnnlm.Config{Vocab: 5, Embed: 3, Hidden: 2, Cell: c})
		})
	}
	translator := func(name string, arch seq2seq.Arch) gradient {
		return of("seq2seq", name, func(in *nn.Init) seq2seq.Model {
			return seq2seq.New(in, seq2seq.Config{Arch: arch, Vocab: 5, Embed: 2, Hidden: 2})
		}, func(m seq2seq.Model, tape *autograd.Tape) autograd.Var {
			return m.Loss(tape, ids(tape, 5, 2, 4), ids(tape, 4, 2, 3), ids(tape, 3, 2, 3))
		})
	}
	return []gradient{
		of("mlp", "two layers", func(in *nn.Init) *mlp.TwoLayer { return mlp.NewTwoLayer(in, 3, 4, 2) }, func(m *mlp.TwoLayer, tape *autograd.Tape) autograd.Var {
			return nn.CrossEntropy(m.Forward(sequence(tape, 3).Reshape(6, 3)), ids(tape, 2, 6))
		}),
		of("word2vec", "simple cbow", func(in *nn.Init) *word2vec.SimpleCBOW { return word2vec.NewSimpleCBOW(in, 5, 3) }, func(m *word2vec.SimpleCBOW, tape *autograd.Tape) autograd.Var {
			return m.Loss(tape, ids(tape, 5, 3, 2), ids(tape, 5, 3))
		}),
		of("word2vec", "simple skip-gram", func(in *nn.Init) *word2vec.SimpleSkipGram { return word2vec.NewSimpleSkipGram(in, 5, 3) }, func(m *word2vec.SimpleSkipGram, tape *autograd.Tape) autograd.Var {
			return m.Loss(tape, ids(tape, 5, 3, 2), ids(tape, 5, 3))
		}),
		of("word2vec", "cbow", func(in *nn.Init) *word2vec.CBOW { return word2vec.NewCBOW(in, 5, 3) }, func(m *word2vec.CBOW, tape *autograd.Tape) autograd.Var {
			return m.Loss(tape, ids(tape, 5, 3, 2), ids(tape, 5, 3), ids(tape, 4, 3, 2))
		}),
		of("word2vec", "skip-gram", func(in *nn.Init) *word2vec.SkipGram { return word2vec.NewSkipGram(in, 5, 3) }, func(m *word2vec.SkipGram, tape *autograd.Tape) autograd.Var {
			return m.Loss(tape, ids(tape, 5, 3, 2), ids(tape, 5, 3), ids(tape, 4, 3, 4))
		}),
		cell(rnnlm.RNN), cell(rnnlm.LSTM), cell(rnnlm.GRU),
		lm("better language model", func(in *nn.Init) rnnlm.Model { return rnnlm.NewBetter(in, 5, 2, 0.3) }),
		translator("seq2seq", seq2seq.Plain), translator("peeky", seq2seq.WithPeeking), translator("attention", seq2seq.WithAttention),
		of("transformer", "encoder-decoder", func(in *nn.Init) *transformer.EncoderDecoder {
			return transformer.NewEncoderDecoder(in, transformer.Config{Vocab: 5, Width: 4, Layers: 1, Heads: 2, Inner: 4, Pad: []int32{0}})
		}, func(m *transformer.EncoderDecoder, tape *autograd.Tape) autograd.Var {
			return m.Loss(tape, ids(tape, 5, 2, 4), ids(tape, 4, 2, 3), ids(tape, 3, 2, 3))
		}),
		of("transformer", "transformer language model", func(in *nn.Init) *transformer.LM {
			return transformer.NewLM(in, transformer.Config{Vocab: 5, Width: 4, Layers: 1, Heads: 2, Inner: 4, Tied: true, Positions: transformer.Learned, Context: 3})
		}, func(m *transformer.LM, tape *autograd.Tape) autograd.Var {
			return m.Loss(tape, ids(tape, 5, 2, 3), ids(tape, 4, 2, 3))
		}),
		of("ntm", "neural turing machine", func(in *nn.Init) *ntm.NTM {
			return ntm.New(in, ntm.Config{Inputs: 3, Outputs: 2, Hidden: 3, Slots: 4, Width: 2})
		}, func(m *ntm.NTM, tape *autograd.Tape) autograd.Var {
			return total(m.Forward(sequence(tape, 3), 2).Tanh())
		}),
	}
}

// Run checks and prints a table.
func (c *gradcheckCommand) Run(s *session) error {
	all := slices.Concat(pointwise(), others(), layers(), models())
	for _, what := range c.What {
		if !slices.ContainsFunc(all, func(g gradient) bool { return g.is(what) }) {
			return &usageError{fmt.Sprintf("gradcheck %s: want ops, layers, mlp, word2vec, rnnlm, seq2seq, transformer, ntm, or a name from the table that gradcheck prints", what)}
		}
	}
	table := tabwriter.NewWriter(s.out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "what\tfamily\tparameters\tlargest error\t")
	wrong := 0
	for _, g := range all {
		if len(c.What) > 0 && !slices.ContainsFunc(c.What, g.is) {
			continue
		}
		be := reference.New()
		params, loss := g.prepare(&drawer{nn.NewInit(be, c.Seed), tensor.NewRand(c.Seed, dataStream)})
		n := 0
		for _, p := range params {
			n += p.Data.Len()
		}
		largest, err := gradtest.Config{Seed: c.Seed}.CheckModel(params, loss)
		verdict := ""
		if err != nil {
			wrong++
			verdict = err.Error()
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%.1e\t%s\n", g.name, g.family, n, largest, verdict)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if wrong > 0 {
		return fmt.Errorf("%d gradients are wrong", wrong)
	}
	return nil
}

// is reports whether the gradient is what a person asks for.
func (g gradient) is(what string) bool {
	return strings.EqualFold(what, g.family) || strings.EqualFold(what, g.name)
}
