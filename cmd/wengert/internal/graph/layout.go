package graph

import (
	"cmp"
	"math"
	"slices"
	"unicode/utf8"
)

// Sizes in the units of the picture, about points.
const (
	charWidth = 6.2 // of a label; no font is measured
	lineEvery = 13.0
	radius    = 15.0
	apart     = 18.0 // between the nodes of a layer
	led       = 14.0 // what an edge that is led through a layer takes
	between   = 34.0 // layers, at least
	border    = 16.0
)

// layout is where everything goes.
type layout struct {
	g      *Graph
	layer  []int // of each place
	places []place
	edges  [][]int // for each edge the places it goes through
	layers [][]int // places, from top to bottom
}

// place is a node, or a point that a long edge goes through.
type place struct {
	node     int // -1 for such a point
	x, y     float64
	w, h     float64
	in, next []int // neighbours in the layers before and behind
}

func (g *Graph) layout() *layout {
	l := &layout{g: g}
	l.rank()
	l.lead()
	l.order()
	l.widths()
	l.align()
	return l
}

func width(label string) float64 { return charWidth * float64(utf8.RuneCountInString(label)) }

// rank puts every node in the layer behind its last input; what has no more inputs
// than outputs then moves to the layer before its first use.
func (l *layout) rank() {
	n := len(l.g.Nodes)
	l.layer = make([]int, n)
	in, out, first := make([]int, n), make([]int, n), make([]int, n)
	for _, e := range l.g.Edges { // ordered by To, but for branches, which come at once
		in[e.To]++
		out[e.From]++
	}
	edges := slices.Clone(l.g.Edges)
	slices.SortStableFunc(edges, func(a, b Edge) int { return cmp.Compare(a.To, b.To) })
	for _, e := range edges {
		l.layer[e.To] = max(l.layer[e.To], l.layer[e.From]+1)
	}
	for i := range first {
		first[i] = math.MaxInt
	}
	for v := n - 1; v >= 0; v-- {
		for _, e := range l.g.Edges {
			if e.From == v {
				first[v] = min(first[v], l.layer[e.To])
			}
		}
		if out[v] > 0 && in[v] < out[v] {
			l.layer[v] = first[v] - 1
		}
	}
	least := slices.Min(append(l.layer, math.MaxInt))
	for i := range l.layer {
		l.layer[i] -= least
	}
	for _, node := range l.g.Nodes {
		p := place{node: len(l.places), w: 2 * radius, h: 2 * radius}
		switch node.Kind {
		case Branch, End:
			p.w, p.h = 4, led
		default:
			p.w = max(p.w, width(node.Label)+12)
		}
		l.places = append(l.places, p)
	}
}

// lead leads edges that skip layers through them.
func (l *layout) lead() {
	for _, e := range l.g.Edges {
		way := []int{e.From}
		for at := l.layer[e.From] + 1; at < l.layer[e.To]; at++ {
			l.layer = append(l.layer, at)
			l.places = append(l.places, place{node: -1, h: led})
			way = append(way, len(l.places)-1)
		}
		way = append(way, e.To)
		for i := range way[1:] {
			from, to := way[i], way[i+1]
			l.places[from].next = append(l.places[from].next, to)
			l.places[to].in = append(l.places[to].in, from)
		}
		l.edges = append(l.edges, way)
	}
	for i, at := range l.layer {
		for len(l.layers) <= at {
			l.layers = append(l.layers, nil)
		}
		l.layers[at] = append(l.layers[at], i)
	}
}

// sweeps is how often the order and the places are made better.
const sweeps = 24

// order sorts each layer by the mean position of the neighbours, to and fro, and
// keeps the order with the fewest crossings.
func (l *layout) order() {
	best, fewest := l.copyLayers(), l.crossings()
	for i := range sweeps {
		for k := range l.layers {
			at, near := k, func(p place) []int { return p.in }
			if i%2 == 1 {
				at, near = len(l.layers)-1-k, func(p place) []int { return p.next }
			}
			position := l.positions()
			mean := func(v int) float64 {
				around := near(l.places[v])
				if len(around) == 0 {
					return position[v]
				}
				sum := 0.0
				for _, u := range around {
					sum += position[u]
				}
				return sum / float64(len(around))
			}
			slices.SortStableFunc(l.layers[at], func(a, b int) int { return cmp.Compare(mean(a), mean(b)) })
		}
		if c := l.crossings(); c < fewest {
			best, fewest = l.copyLayers(), c
		}
	}
	l.layers = best
}

func (l *layout) copyLayers() [][]int {
	c := make([][]int, len(l.layers))
	for i := range c {
		c[i] = slices.Clone(l.layers[i])
	}
	return c
}

// positions is where each place stands in its layer, from 0 to 1.
func (l *layout) positions() []float64 {
	at := make([]float64, len(l.places))
	for _, layer := range l.layers {
		for i, v := range layer {
			at[v] = (float64(i) + 0.5) / float64(len(layer))
		}
	}
	return at
}

func (l *layout) crossings() (n int) {
	at := l.positions()
	for _, layer := range l.layers {
		type pair struct{ from, to float64 }
		var pairs []pair
		for _, v := range layer {
			for _, u := range l.places[v].next {
				pairs = append(pairs, pair{at[v], at[u]})
			}
		}
		for i, p := range pairs {
			for _, q := range pairs[:i] {
				if (p.from-q.from)*(p.to-q.to) < 0 {
					n++
				}
			}
		}
	}
	return n
}

// widths gives each layer its x, with room for the labels of the edges between.
func (l *layout) widths() {
	room := make([]float64, len(l.layers))
	for i, e := range l.g.Edges {
		at := l.layer[l.edges[i][0]]
		room[at] = max(room[at], width(e.Above), width(e.Below))
	}
	x := border
	for i, layer := range l.layers {
		widest := 0.0
		for _, v := range layer {
			widest = max(widest, l.places[v].w)
		}
		for _, v := range layer {
			l.places[v].x = x + widest/2
		}
		x += widest + max(between, room[i]+30)
	}
}

// align gives the places of each layer their y: as near to their neighbours' as the
// order and the room between allow.
func (l *layout) align() {
	for _, layer := range l.layers {
		y := 0.0
		for _, v := range layer {
			l.places[v].y = y
			y += l.places[v].h + apart
		}
	}
	for i := range 4 * sweeps {
		for k := range l.layers {
			at := k
			if i%2 == 1 {
				at = len(l.layers) - 1 - k
			}
			l.settle(l.layers[at])
		}
	}
	top := math.Inf(1)
	for _, p := range l.places {
		top = min(top, p.y-p.h/2)
	}
	for i := range l.places {
		l.places[i].y += border + 2*lineEvery - top
	}
}

// settle moves a layer to where its neighbours' mean is, by least squares under the
// condition that the order and the distances stay: an isotonic regression, solved by
// pooling what would come too near.
func (l *layout) settle(layer []int) {
	type block struct {
		sum, weight float64
		n           int
	}
	var blocks []block
	offset := make([]float64, len(layer)) // of each place from the first one, at least
	for i, v := range layer {
		p := l.places[v]
		if i > 0 {
			before := l.places[layer[i-1]]
			offset[i] = offset[i-1] + (before.h+p.h)/2 + apart
		}
		want, weight := p.y, 0.1
		if around := slices.Concat(p.in, p.next); len(around) > 0 {
			want, weight = 0, float64(len(around))
			for _, u := range around {
				want += l.places[u].y / float64(len(around))
			}
			if p.node < 0 {
				weight *= 4 // a long edge is to be straight
			}
		}
		b := block{weight * (want - offset[i]), weight, 1}
		for len(blocks) > 0 {
			last := blocks[len(blocks)-1]
			if last.sum/last.weight <= b.sum/b.weight {
				break
			}
			b = block{b.sum + last.sum, b.weight + last.weight, b.n + last.n}
			blocks = blocks[:len(blocks)-1]
		}
		blocks = append(blocks, b)
	}
	i := 0
	for _, b := range blocks {
		for range b.n {
			l.places[layer[i]].y = b.sum/b.weight + offset[i]
			i++
		}
	}
}
