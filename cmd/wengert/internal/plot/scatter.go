package plot

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Scatter shows named points: word vectors brought down to two dimensions.
// A label goes where it covers neither a point nor another label, if there is
// such a place beside its point. Where words crowd, the first ones win it, so
// put the frequent ones first.
type Scatter struct {
	Title          string
	XLabel, YLabel string
	X, Y           []float64
	Labels         []string // as many as X and Y
}

// Save writes the picture, 560 by 480 points, to path (.png or .svg).
//
// It is an error if there is no point, X, Y and Labels differ in length or a
// point is not finite.
func (s Scatter) Save(path string) error {
	if len(s.X) == 0 || len(s.X) != len(s.Y) || len(s.X) != len(s.Labels) {
		return fmt.Errorf("draw %s: %d x, %d y and %d labels; want as many of each, and one at least", path, len(s.X), len(s.Y), len(s.Labels))
	}
	words := &words{labels: s.Labels}
	for i := range s.X {
		if !finite(s.X[i]) || !finite(s.Y[i]) {
			return fmt.Errorf("draw %s: point %d (%s) is (%v, %v)", path, i, s.Labels[i], s.X[i], s.Y[i])
		}
		words.points = append(words.points, plotter.XY{X: s.X[i], Y: s.Y[i]})
	}
	p := newPlot(s.Title, s.XLabel, s.YLabel)
	p.Add(words)
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{}, ticks{}
	return save(path, 560, 480, func(c draw.Canvas) { p.Draw(c) })
}

// words draws points with labels beside them.
type words struct {
	points plotter.XYs
	labels []string
}

const (
	dotRadius = vg.Length(2)
	dotSpace  = vg.Length(4) // the same with the white around it
)

// DataRange implements plot.DataRanger.
func (w *words) DataRange() (xmin, xmax, ymin, ymax float64) {
	a := widen(w.points) // room for labels at the edge
	return a.x0, a.x1, a.y0, a.y1
}

// Plot implements plot.Plotter.
func (w *words) Plot(c draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&c)
	style := textStyle(tickSize)
	style.XAlign, style.YAlign = draw.XLeft, draw.YBottom
	taken := make([]vg.Rectangle, 0, 2*len(w.points)) // dots, then labels
	for _, xy := range w.points {
		x, y := trX(xy.X), trY(xy.Y)
		taken = append(taken, vg.Rectangle{
			Min: vg.Point{X: x - dotSpace, Y: y - dotSpace},
			Max: vg.Point{X: x + dotSpace, Y: y + dotSpace},
		})
	}
	for i, label := range w.labels {
		dot := taken[i]
		box := place(dot, style.Width(label), tickSize, c.Rectangle, taken)
		taken = append(taken, box)
		c.FillText(style, box.Min, label)
		glyph := draw.GlyphStyle{Color: hue(0), Radius: dotRadius, Shape: draw.CircleGlyph{}}
		c.DrawGlyphNoClip(glyph, vg.Point{X: dot.Min.X + dotSpace, Y: dot.Min.Y + dotSpace})
	}
}

// place returns where a label of the given size goes beside a dot: of eight
// places the one that covers least of what is taken or lies outside the frame,
// and the first of those that differ by rounding alone.
func place(dot vg.Rectangle, width, height vg.Length, frame vg.Rectangle, taken []vg.Rectangle) vg.Rectangle {
	right, left := dot.Max.X, dot.Min.X-width
	over, under := dot.Max.Y, dot.Min.Y-height
	midX, midY := (dot.Min.X+dot.Max.X-width)/2, (dot.Min.Y+dot.Max.Y-height)/2
	var best vg.Rectangle
	least := vg.Length(math.Inf(1))
	for _, at := range []vg.Point{
		{X: right, Y: midY}, {X: left, Y: midY}, {X: midX, Y: over}, {X: midX, Y: under},
		{X: right, Y: over}, {X: right, Y: under}, {X: left, Y: over}, {X: left, Y: under},
	} {
		box := vg.Rectangle{Min: at, Max: vg.Point{X: at.X + width, Y: at.Y + height}}
		covered := width*height - overlap(box, frame)
		for _, other := range taken {
			covered += overlap(box, other)
		}
		if covered < least-0.1 {
			best, least = box, covered
		}
	}
	return best
}

// overlap returns the area that two rectangles share.
func overlap(a, b vg.Rectangle) vg.Length {
	w := min(a.Max.X, b.Max.X) - max(a.Min.X, b.Min.X)
	h := min(a.Max.Y, b.Max.Y) - max(a.Min.Y, b.Min.Y)
	return max(w, 0) * max(h, 0)
}
