package graph

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The colours of values and gradients: the first two of the other pictures.
const (
	valueColour    = "#0072b2"
	gradientColour = "#d55e00"
	inkColour      = "#222222"
)

// SVG draws the graph.
func (g *Graph) SVG(w io.Writer) error {
	l := g.layout()
	width, height := 0.0, 0.0
	for _, p := range l.places {
		width, height = max(width, p.x+p.w/2), max(height, p.y+p.h/2)
	}
	width, height = max(width+border, 330), height+border+lineEvery
	s := &svg{}
	s.printf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"11\">\n", width, height, width, height)
	s.printf("<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0.8 7 4 0 7.2z\" fill=%q/></marker></defs>\n", inkColour)
	s.printf("<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n")
	s.text(border, border+6, "start", inkColour, g.Title, " font-size=\"13\"")
	s.text(width-border, border+6, "end", valueColour, "value above the line,", "")
	s.text(width-border, border+6+lineEvery, "end", gradientColour, "its gradient below", "")
	for i := range g.Edges {
		s.edge(l, i)
	}
	for _, p := range l.places {
		if p.node >= 0 {
			s.node(g.Nodes[p.node], p)
		}
	}
	s.printf("</svg>\n")
	_, err := io.WriteString(w, s.String())
	return err
}

type svg struct{ strings.Builder }

func (s *svg) printf(format string, args ...any) { fmt.Fprintf(s, format, args...) }

func (s *svg) text(x, y float64, anchor, colour, text, more string) {
	s.printf("<text x=\"%.1f\" y=\"%.1f\" text-anchor=%q fill=%q%s>%s</text>\n", x, y, anchor, colour, more, escape(text))
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return b.String()
}

// edge draws a curve through the edge's places, level where it leaves, along its
// labels, and where it arrives.
func (s *svg) edge(l *layout, i int) {
	e, way := l.g.Edges[i], l.edges[i]
	from := l.places[way[0]]
	x, y := from.x+from.w/2, from.y
	s.printf("<path d=\"M%.1f %.1f", x, y)
	if label := max(width(e.Above), width(e.Below)); label > 0 { // level along its labels
		x += label + 6
		s.printf(" L%.1f %.1f", x, y)
	}
	for _, v := range way[1:] {
		p := l.places[v]
		toX := p.x - p.w/2
		if l.g.kind(p) == Branch {
			toX = p.x
		}
		mid := (x + toX) / 2
		s.printf(" C%.1f %.1f %.1f %.1f %.1f %.1f", mid, y, mid, p.y, toX, p.y)
		x, y = toX, p.y
	}
	head := " marker-end=\"url(#head)\""
	if l.g.Nodes[e.To].Kind == Branch {
		head = ""
	}
	s.printf("\" fill=\"none\" stroke=%q%s/>\n", inkColour, head)
	x, y = from.x+from.w/2+5, from.y
	s.text(x, y-4, "start", valueColour, e.Above, "")
	s.text(x, y+lineEvery-1, "start", gradientColour, e.Below, "")
}

// kind is how the node at a place is drawn.
func (g *Graph) kind(p place) Kind {
	if p.node < 0 {
		return End
	}
	return g.Nodes[p.node].Kind
}

func (s *svg) node(n Node, p place) {
	s.printf("<g><title>%s</title>", escape(n.Note))
	switch n.Kind {
	case Op:
		s.printf("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%.1f\" fill=\"white\" stroke=%q/>", p.x-p.w/2, p.y-radius, p.w, 2*radius, radius, inkColour)
	case Value:
		s.printf("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#f0f0f0\" stroke=%q/>", p.x-p.w/2, p.y-radius+3, p.w, 2*radius-6, inkColour)
	case Branch:
		s.printf("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=%q/>", p.x, p.y, inkColour)
	}
	s.printf("</g>\n")
	if n.Label != "" {
		s.text(p.x, p.y+4, "middle", inkColour, n.Label, "")
	}
}
