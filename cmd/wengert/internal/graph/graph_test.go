package graph

import (
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

// square records y = x² + x·2 at x = 3, with all gradients, and a constant that
// nothing depends on.
func square() *autograd.Tape {
	tape := autograd.NewTape(reference.New())
	x := autograd.NewParam(tensor.FromSlice(tape.Backend(), []float32{3}))
	x.Name = "x<1>"
	tape.Full(7)
	y := x.On(tape).Mul(x).Add(x.On(tape).Mul(tape.Full(2)))
	for r := range tape.Records() {
		r.Var().RetainGrad()
	}
	tape.Backward(y)
	return tape
}

func TestOf(t *testing.T) {
	g := Of(square())
	assert.Equal(t, []Node{
		{Label: "x<1>", Kind: Value, Note: "%1 param  []"},
		{Kind: Branch},
		{Label: "×", Note: "%2 mul  []"},
		{Label: "2", Kind: Value, Note: "%3 const  []"},
		{Label: "×", Note: "%4 mul  []"},
		{Label: "+", Note: "%5 add  []"},
		{Kind: End},
	}, g.Nodes)
	assert.Equal(t, []Edge{
		{From: 0, To: 1, Above: "3", Below: "8"}, // 2x + 2
		{From: 1, To: 2}, {From: 1, To: 2},
		{From: 1, To: 4}, {From: 3, To: 4, Above: "2"},
		{From: 2, To: 5, Above: "9", Below: "1"}, {From: 4, To: 5, Above: "6", Below: "1"},
		{From: 5, To: 6, Above: "15", Below: "1"},
	}, g.Edges)
}

func TestSVG(t *testing.T) {
	var b strings.Builder
	g := Of(square())
	g.Title = "x & x"
	require.NoError(t, g.SVG(&b))
	d := xml.NewDecoder(strings.NewReader(b.String()))
	var texts []string
	paths := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		switch x := token.(type) {
		case xml.StartElement:
			if x.Name.Local == "path" {
				paths++
			}
		case xml.CharData:
			texts = append(texts, string(x))
		}
	}
	for _, want := range []string{"x & x", "x<1>", "15", "8"} {
		assert.Contains(t, texts, want)
	}
	assert.Equal(t, len(g.Edges)+1, paths, "each edge, and the arrow's head")
	assert.NotContains(t, b.String(), "NaN")
	assert.ErrorIs(t, g.SVG(refusing{}), errFull)
}

type refusing struct{}

var errFull = errors.New("disk full")

func (refusing) Write([]byte) (int, error) { return 0, errFull }

// Whatever the graph, edges lead to the right and nothing in a layer overlaps.
func TestLayout(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 0))
		g := &Graph{Nodes: make([]Node, 2+rng.IntN(25))}
		for to := 1; to < len(g.Nodes); to++ {
			for range 1 + rng.IntN(2) {
				g.Edges = append(g.Edges, Edge{From: rng.IntN(to), To: to, Above: strings.Repeat("0", rng.IntN(9))})
			}
		}
		l := g.layout()
		for i, e := range g.Edges {
			from, to := l.places[e.From], l.places[e.To]
			assert.Less(t, from.x+from.w/2+width(e.Above), to.x-to.w/2, "seed %d, edge %v: no room for its label", seed, e)
			assert.Len(t, l.edges[i], l.layer[e.To]-l.layer[e.From]+1)
		}
		for _, layer := range l.layers {
			for i := range layer[1:] {
				a, b := l.places[layer[i]], l.places[layer[i+1]]
				assert.LessOrEqual(t, a.y+a.h/2, b.y-b.h/2+1e-9, "seed %d", seed)
			}
		}
	}
}

// A ladder of two rails has an order without crossings.
func TestOrderUncrosses(t *testing.T) {
	g := &Graph{Nodes: make([]Node, 6), Edges: []Edge{{From: 0, To: 3}, {From: 1, To: 2}, {From: 2, To: 5}, {From: 3, To: 4}}}
	assert.Zero(t, g.layout().crossings())
}
