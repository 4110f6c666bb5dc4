package nn_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// tagger is a model: a struct of layers.
type tagger struct {
	Embed *nn.Embedding
	LSTM  *nn.LSTM
	Out   *nn.Linear
}

// Nothing is registered: parameters are found by walking the struct.
func ExampleParams() {
	in := nn.NewInit(cpu.New(), 1)
	net := &tagger{nn.NewEmbedding(in, 100, 8), nn.NewLSTM(in, 8, 16), nn.NewLinear(in, 16, 5)}
	for _, p := range nn.Params(net) {
		fmt.Println(p.Name, p.Data.Shape())
	}
	// Output:
	// Embed.W [100 8]
	// LSTM.Cells.0.Wx [8 64]
	// LSTM.Cells.0.Wh [16 64]
	// LSTM.Cells.0.B [64]
	// Out.W [16 5]
	// Out.B [5]
}

// A frozen parameter keeps its values: it gets no gradient.
func ExampleSummary() {
	in := nn.NewInit(cpu.New(), 1)
	net := &tagger{nn.NewEmbedding(in, 100, 8), nn.NewLSTM(in, 8, 16), nn.NewLinear(in, 16, 5)}
	net.Embed.W.Frozen = true
	fmt.Print(nn.Summary(net))
	// Output:
	// parameter         shape    elements
	// Embed.W (frozen)  [100 8]       800
	// LSTM.Cells.0.Wx   [8 64]        512
	// LSTM.Cells.0.Wh   [16 64]      1024
	// LSTM.Cells.0.B    [64]           64
	// Out.W             [16 5]         80
	// Out.B             [5]             5
	// total                          2485
}

func newParam() *autograd.Param { return autograd.NewParam(tensor.Zeros(cpu.New(), 2)) }

type pair struct{ A, B *autograd.Param }

type (
	Base   struct{ W *autograd.Param }
	hidden struct{ V *autograd.Param }
	list   []*autograd.Param
	ring   struct {
		P    *autograd.Param
		Next *ring
	}
	outer struct {
		Inner pair // at the address of the whole
		C     *autograd.Param
	}
)

func TestParams(t *testing.T) {
	shared := newParam()
	circle := &ring{P: newParam()}
	circle.Next = &ring{P: newParam(), Next: circle}
	nested := &outer{Inner: pair{newParam(), newParam()}, C: newParam()}
	sequence := nn.Sequential{nn.Func(autograd.Var.Tanh), &nn.Linear{W: newParam()}}
	for _, c := range []struct {
		name  string
		model any
		want  []string
	}{
		{"nothing", nil, nil},
		{"param", newParam(), []string{""}},
		{"struct", pair{newParam(), newParam()}, []string{"A", "B"}},
		{"pointer", &pair{newParam(), newParam()}, []string{"A", "B"}},
		{"nil", &struct {
			A *autograd.Param
			L *nn.Linear
			I nn.Layer
			M map[string]*nn.Linear
			S []*nn.Linear
			B *autograd.Param
		}{B: newParam()}, []string{"B"}},
		{"order of fields", struct {
			Z pair
			A pair
		}{pair{newParam(), newParam()}, pair{newParam(), newParam()}}, []string{"Z.A", "Z.B", "A.A", "A.B"}},
		{"slice", []pair{{newParam(), newParam()}, {B: newParam()}}, []string{"0.A", "0.B", "1.B"}},
		{"array", [2]*autograd.Param{newParam(), newParam()}, []string{"0", "1"}},
		{"map", map[string]any{"y": pair{A: newParam()}, "x": newParam()}, []string{"x", "y.A"}},
		{"interface", struct{ L nn.Layer }{&nn.Linear{W: newParam(), B: newParam()}}, []string{"L.W", "L.B"}},
		{"sequential", sequence, []string{"1.W"}},
		{"pointer to slice", &sequence, []string{"1.W"}},
		{"pointer to pointer", struct{ P **autograd.Param }{func() **autograd.Param { p := newParam(); return &p }()}, []string{"P"}},
		{"embedded", struct {
			Base
			*pair
			hidden
			Own *autograd.Param
		}{Base{newParam()}, &pair{A: newParam()}, hidden{newParam()}, newParam()}, []string{"W", "A", "V", "Own"}},
		{"tied", struct {
			In, Out *autograd.Param
			Again   []*autograd.Param
		}{shared, shared, []*autograd.Param{shared}}, []string{"In"}},
		{"cycle", circle, []string{"P", "Next.P"}},
		{"part before whole", struct {
			Part  *pair
			Whole *outer
		}{&nested.Inner, nested}, []string{"Part.A", "Part.B", "Whole.C"}},
		{"machinery", struct {
			Tape *autograd.Tape
			X    *tensor.Tensor
			Init *nn.Init
			W    *autograd.Param
		}{autograd.NewTape(cpu.New()), tensor.Zeros(cpu.New(), 1), nn.NewInit(cpu.New(), 1), newParam()}, []string{"W"}},
		{"unexported, but no parameter", struct {
			steps  int
			labels map[int]string
			inner  pair
			P      *autograd.Param
		}{P: newParam()}, []string{"P"}},
		{"names of one's own", struct{ A, B *autograd.Param }{&autograd.Param{Name: "weight", Data: tensor.Zeros(cpu.New(), 1)}, newParam()}, []string{"weight", "B"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var names []string
			for _, p := range nn.Params(c.model) {
				names = append(names, p.Name)
			}
			assert.Equal(t, c.want, names)
		})
	}
}

func TestParamsOutOfReach(t *testing.T) {
	for _, c := range []struct {
		name  string
		model any
		want  string
	}{
		{"field", struct{ out *autograd.Param }{newParam()},
			"nn: the parameter at out sits behind the unexported field out: export it, or no optimiser and no checkpoint will find it"},
		{"deep", struct{ Net any }{struct{ layers []*nn.Linear }{[]*nn.Linear{{W: newParam()}}}},
			"nn: the parameter at Net.layers.0.W sits behind the unexported field Net.layers: export it, or no optimiser and no checkpoint will find it"},
		{"map", struct{ Heads map[int]*autograd.Param }{map[int]*autograd.Param{3: newParam()}},
			"nn: the parameter at Heads.<int Value> sits behind the map Heads with keys of type int: make them strings, or no optimiser and no checkpoint will find it"},
		{"embedded slice", struct{ list }{list{newParam()}},
			"nn: the parameter at list.0 sits behind the unexported field list: export it, or no optimiser and no checkpoint will find it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, panicText(t, func() { nn.Params(c.model) }))
		})
	}
}

// A name grows to the path from the widest model: the order of walks does not matter.
func TestNamesGrow(t *testing.T) {
	net := struct{ Hidden, Out *nn.Linear }{&nn.Linear{W: newParam(), B: newParam()}, &nn.Linear{W: newParam(), B: newParam()}}
	nn.Params(net.Hidden)
	nn.Params(net.Out)
	require.Equal(t, "W", net.Out.W.Name)
	nn.Params(net)
	assert.Equal(t, "Out.W", net.Out.W.Name)
	assert.Equal(t, "Hidden.B", net.Hidden.B.Name)
	nn.Params(net.Out)
	assert.Equal(t, "Out.W", net.Out.W.Name)
	assert.Contains(t, nn.Summary(net.Out), "\nW ", "by itself, it is what it would be alone")
}

func TestTo(t *testing.T) {
	from, to := reference.New(), cpu.New()
	l := nn.NewLinear(nn.NewInit(from, 1), 2, 3)
	want := l.W.Data.Floats()
	tape := autograd.NewTape(from)
	loss := l.Forward(tape.Full(1, 1, 2)).Sum()
	tape.Backward(loss)
	require.False(t, l.W.Grad.IsZero())

	nn.To(to, l)
	assert.Same(t, to, l.W.Data.Backend())
	assert.Equal(t, want, l.W.Data.Floats())
	assert.True(t, l.W.Grad.IsZero())
	assert.Contains(t, panicText(t, func() { tape.Backward(loss) }), "was updated between its use and Backward")

	fresh := autograd.NewTape(to)
	fresh.Backward(l.Forward(fresh.Full(1, 1, 2)).Sum())
	assert.Equal(t, []float32{1, 1, 1}, l.B.Grad.Floats())
}

func TestCountAndZeroGrad(t *testing.T) {
	be := cpu.New()
	l := nn.NewLinear(nn.NewInit(be, 1), 2, 3)
	assert.Equal(t, 9, nn.Count(l))
	assert.Equal(t, 9, nn.Count([]any{l, l}), "a tied parameter counts once")
	assert.Zero(t, nn.Count(nn.Func(autograd.Var.Tanh)))
	tape := autograd.NewTape(be)
	tape.Backward(l.Forward(tape.Full(1, 1, 2)).Sum())
	nn.ZeroGrad(nn.Params(l))
	assert.True(t, l.W.Grad.IsZero() && l.B.Grad.IsZero())
}
