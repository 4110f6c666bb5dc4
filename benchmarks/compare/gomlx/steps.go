package main

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"

	"github.com/wengert-ml/wengert/benchmarks/compare/rig"
)

// trainer is a model in training by Adam: a compiled function from parameters,
// moments and a batch to the loss, and to parameters and moments anew.
type trainer struct {
	be     backends.Backend
	exec   *Exec
	names  []string          // of the parameters, in their order
	kept   []*tensors.Tensor // parameters and moments
	params int

	batches [][]*tensors.Tensor
	clip    float64 // the largest norm of the gradients; 0 means any

	// loss takes parameters by name and a batch.
	loss func(p map[string]*Node, batch []*Node) *Node

	steps int
	last  float64
}

// param adds a parameter [shape...] with wengert's name and initial values.
func (t *trainer) param(name string, shape ...int) {
	t.names = append(t.names, name)
	t.kept = append(t.kept, tensors.FromFlatDataAndDimensions(rig.Weights(name, shape...), shape...))
}

// gates adds a parameter whose columns are cut into four: name.0 to name.3.
func (t *trainer) gates(name string, shape ...int) {
	const n = 4
	rows, width := 1, shape[len(shape)-1]
	if len(shape) == 2 {
		rows = shape[0]
	}
	w := rig.Weights(name, shape...)
	cut := append([]int{}, shape...)
	cut[len(cut)-1] = width / n
	for g := range n {
		var data []float32
		for r := range rows {
			data = append(data, w[r*width+g*width/n:][:width/n]...)
		}
		t.names = append(t.names, fmt.Sprintf("%s.%d", name, g))
		t.kept = append(t.kept, tensors.FromFlatDataAndDimensions(data, cut...))
	}
}

func (t *trainer) cell(name string, d, h int) {
	t.gates(name+".Wx", d, 4*h)
	t.gates(name+".Wh", h, 4*h)
	t.gates(name+".B", 4*h)
}

// ready adds the moments and compiles the step.
func (t *trainer) ready() {
	t.params = len(t.names)
	for range 2 {
		for _, p := range t.kept[:t.params] {
			t.kept = append(t.kept, tensors.FromShape(p.Shape()))
		}
	}
	t.exec = MustNewExec(t.be, t.graph)
}

func (t *trainer) graph(in []*Node) []*Node {
	n := len(t.kept)
	params, moments, rate, batch := in[:t.params], in[t.params:n], in[n], in[n+1:]
	named := map[string]*Node{}
	for i, name := range t.names {
		named[name] = params[i]
	}
	loss := t.loss(named, batch)
	grads := Gradient(loss, params...)
	if t.clip > 0 {
		sum := ScalarZero(loss.Graph(), dtypes.Float32)
		for _, g := range grads {
			sum = Add(sum, ReduceAllSum(Square(g)))
		}
		scale := MinScalar(Div(Scalar(loss.Graph(), dtypes.Float32, t.clip), AddScalar(Sqrt(sum), 1e-6)), 1.0)
		for i := range grads {
			grads[i] = Mul(grads[i], scale)
		}
	}
	out := []*Node{loss}
	var ms, vs []*Node
	for i, p := range params {
		m := Add(MulScalar(moments[i], 0.9), MulScalar(grads[i], 0.1))
		v := Add(MulScalar(moments[t.params+i], 0.999), MulScalar(Square(grads[i]), 0.001))
		out = append(out, Sub(p, Div(Mul(m, rate), AddScalar(Sqrt(v), 1e-7))))
		ms, vs = append(ms, m), append(vs, v)
	}
	return append(append(out, ms...), vs...)
}

func (t *trainer) step() {
	n := float64(t.steps + 1)
	rate := 1e-3 * math.Sqrt(1-math.Pow(0.999, n)) / (1 - math.Pow(0.9, n))
	var args []any
	for _, k := range t.kept {
		given, err := DonateTensorBuffer(k, t.be, 0)
		if err != nil {
			panic(err)
		}
		args = append(args, given)
	}
	args = append(args, tensors.FromScalar(float32(rate)))
	for _, b := range t.batches[t.steps%len(t.batches)] {
		args = append(args, b)
	}
	out, err := t.exec.Exec(args...)
	if err != nil {
		panic(err)
	}
	t.last = float64(tensors.ToScalar[float32](out[0]))
	out[0].MustFinalizeAll()
	t.kept = out[1:]
	t.steps++
}

func newStep(be backends.Backend, model string) (*rig.Bench, error) {
	t := &trainer{be: be}
	switch model {
	case "cbow", "skipgram":
		t.word2vec(model == "skipgram")
	case "seq2seq", "peeky":
		t.answer(model, 13, 128, 7, 4)
	case "attention":
		t.answer(model, 59, 256, 29, 10)
	default:
		return nil, fmt.Errorf("GoMLX has no %q here: see doc.go", model)
	}
	return &rig.Bench{
		Run: func(n int) {
			for range n {
				t.step()
			}
		},
		Check: func() float64 { return t.last },
	}, nil
}

// stream cuts a stream of ids into count batches [shape...]; the last axis is 1
// where each id is looked up.
func (t *trainer) stream(name string, count, vocab int, power float64, shape ...int) {
	n := 1
	for _, d := range shape {
		n *= d
	}
	ids := rig.IDs(name, count*n, vocab, power)
	if t.batches == nil {
		t.batches = make([][]*tensors.Tensor, count)
	}
	for i := range t.batches {
		t.batches[i] = append(t.batches[i], tensors.FromFlatDataAndDimensions(ids[i*n:(i+1)*n], shape...))
	}
}

func (t *trainer) word2vec(skipgram bool) {
	const batches, n, c, k, v, d = 32, 100, 10, 5, 10000, 100
	asked := 1
	if skipgram {
		asked = c
	}
	t.param("Embed.W", v, d)
	t.param("Out.W", v, d)
	t.stream("contexts", batches, v, 1, n, c, 1)
	t.stream("targets", batches, v, 1, n, 1, 1)
	t.stream("negatives", batches, v, 0.75, n, asked*k, 1)
	t.loss = func(p map[string]*Node, batch []*Node) *Node {
		contexts, targets, negatives := batch[0], batch[1], batch[2]
		seen, right := contexts, targets
		if skipgram {
			seen, right = targets, contexts
		}
		h := ReduceMean(Gather(p["Embed.W"], seen), 1) // [N, D]
		scores := func(ids *Node) *Node { return Einsum("ncd,nd->nc", Gather(p["Out.W"], ids), h) }
		sum := Add(ReduceAllSum(Softplus(Neg(scores(right)))), ReduceAllSum(Softplus(scores(negatives))))
		return DivScalar(sum, float64(n))
	}
	t.ready()
}

// dot is x [N, D] times w [D, H].
func dot(x, w *Node) *Node { return EinsumAxes(x, w, [][2]int{{1, 0}}, nil) }

// recur is a step of an LSTM with the gates f, g, i, o; h and c are nil for zeros.
func recur(p map[string]*Node, name string, x, h, c *Node) (nextH, nextC *Node) {
	var z [4]*Node
	for g := range z {
		at := func(w string) *Node { return p[fmt.Sprintf("%s.%s.%d", name, w, g)] }
		z[g] = Add(dot(x, at("Wx")), ExpandLeftToRank(at("B"), 2))
		if h != nil {
			z[g] = Add(z[g], dot(h, at("Wh")))
		}
	}
	c1 := Mul(Sigmoid(z[2]), Tanh(z[1]))
	if c != nil {
		c1 = Add(c1, Mul(Sigmoid(z[0]), c))
	}
	return Mul(Sigmoid(z[3]), Tanh(c1)), c1
}

// at returns time step t of ids [N, T, 1]: [N, 1].
func at(ids *Node, t int) *Node {
	return Reshape(Slice(ids, AxisRange(), AxisElem(t), AxisRange()), -1, 1)
}

// answer is an encoder and a decoder: plain, peeky or with attention.
func (t *trainer) answer(kind string, v, h, question, answer int) {
	const batches, n, d = 8, 128, 16
	below, wide := d, h
	if kind == "peeky" {
		below = h + d
	}
	if kind != "seq2seq" {
		wide = 2 * h
	}
	t.param("Encoder.Embed.W", v, d)
	t.cell("Encoder.LSTM.Cells.0", d, h)
	t.param("Decoder.Embed.W", v, d)
	t.cell("Decoder.LSTM.Cells.0", below, h)
	t.param("Decoder.Out.W", wide, v)
	t.param("Decoder.Out.B", v)
	t.stream("questions", batches, v, 0, n, question, 1)
	t.stream("given", batches, v, 0, n, answer, 1)
	t.stream("wanted", batches, v, 0, n, answer, 1)
	t.clip = 5
	t.loss = func(p map[string]*Node, batch []*Node) *Node {
		var read, written []*Node
		var s, c *Node
		for i := range question {
			s, c = recur(p, "Encoder.LSTM.Cells.0", Gather(p["Encoder.Embed.W"], at(batch[0], i)), s, c)
			read = append(read, s)
		}
		peek := s
		c = nil
		for i := range answer {
			x := Gather(p["Decoder.Embed.W"], at(batch[1], i))
			if kind == "peeky" {
				x = Concatenate([]*Node{peek, x}, 1)
			}
			s, c = recur(p, "Decoder.LSTM.Cells.0", x, s, c)
			y := s
			if kind == "peeky" {
				y = Concatenate([]*Node{peek, s}, 1)
			}
			written = append(written, y)
		}
		y := Stack(written, 1) // [N, S, H]
		if kind == "attention" {
			keys := Stack(read, 1) // [N, T, H]
			w := Softmax(Einsum("nsh,nth->nst", y, keys))
			y = Concatenate([]*Node{Einsum("nst,nth->nsh", w, keys), y}, 2)
		}
		scores := Add(dot(Reshape(y, n*answer, wide), p["Decoder.Out.W"]), ExpandLeftToRank(p["Decoder.Out.B"], 2))
		return crossEntropy(scores, Reshape(batch[2], -1, 1))
	}
	t.ready()
}
