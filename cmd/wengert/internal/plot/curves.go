package plot

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Curves shows how one or several quantities change: loss, perplexity or
// accuracy over steps or epochs.
type Curves struct {
	Title          string
	XLabel, YLabel string
	Series         []Series

	// YMax is the upper end of the y axis, for a perplexity that starts in the
	// thousands and is of interest below 500. 0 means what the data need, as does
	// anything below all of them.
	YMax float64
}

// Series is one curve. Where Y is NaN or infinite it has a gap.
type Series struct {
	Name string    // shown where there are several
	X    []float64 // as many as Y; nil means 1, 2, 3 ...
	Y    []float64
}

// Save writes the picture, 460 by 310 points, to path (.png or .svg).
//
// It is an error if X and Y of a series differ in length, or if no point at all
// is finite.
func (cs Curves) Save(path string) error {
	p := newPlot(cs.Title, cs.XLabel, cs.YLabel)
	var names legend
	whole, points := true, 0
	for i, s := range cs.Series {
		if s.X != nil && len(s.X) != len(s.Y) {
			return fmt.Errorf("draw %s: series %q has %d x and %d y", path, s.Name, len(s.X), len(s.Y))
		}
		runs := s.runs()
		line := draw.LineStyle{Color: hue(i), Width: 1.6, Dashes: dashes(i)}
		glyph := draw.GlyphStyle{Color: hue(i), Radius: 2.4, Shape: draw.CircleGlyph{}}
		marked := len(s.Y) <= 30 // few points: show where they are
		for _, run := range runs {
			points += len(run)
			for _, xy := range run {
				whole = whole && xy.X == math.Trunc(xy.X)
			}
			p.Add(&plotter.Line{XYs: run, LineStyle: line})
			if marked || len(run) == 1 { // a line of one point is invisible
				p.Add(&plotter.Scatter{XYs: run, GlyphStyle: glyph})
			}
		}
		if len(cs.Series) > 1 {
			thumbs := []plot.Thumbnailer{&plotter.Line{LineStyle: line}}
			if marked {
				thumbs = append(thumbs, &plotter.Scatter{GlyphStyle: glyph})
			}
			names.add(s.Name, thumbs...)
		}
	}
	if points == 0 {
		return fmt.Errorf("draw %s: there is no finite value to draw", path)
	}
	p.X.Tick.Marker = ticks{whole: whole}
	p.Y.Tick.Marker = ticks{}
	p.Y.Min, p.Y.Max = cs.yRange(p.Y.Min, p.Y.Max)
	return save(path, 460, 310, func(c draw.Canvas) { names.draw(c, p) })
}

// yRange gives data from lo to hi some air, but none below zero where nothing
// is negative; what comes near to zero is shown from zero.
func (cs Curves) yRange(lo, hi float64) (float64, float64) {
	cut := cs.YMax != 0 && cs.YMax > lo
	if cut {
		hi = cs.YMax
	}
	air := 0.05 * (hi - lo)
	if air == 0 {
		air = max(0.05*math.Abs(hi), 1e-3)
	}
	bottom, top := lo-air, hi+air
	if lo >= 0 && (bottom < 0 || lo < hi/4) {
		bottom = 0
	}
	if cut {
		top = cs.YMax
	}
	return bottom, top
}

// runs returns the stretches of finite points.
func (s Series) runs() []plotter.XYs {
	var runs []plotter.XYs
	gap := true
	for i, y := range s.Y {
		x := float64(i + 1)
		if s.X != nil {
			x = s.X[i]
		}
		if !finite(x) || !finite(y) {
			gap = true
			continue
		}
		if gap {
			runs = append(runs, nil)
			gap = false
		}
		last := &runs[len(runs)-1]
		*last = append(*last, plotter.XY{X: x, Y: y})
	}
	return runs
}

// dashes returns the pattern of series i: solid first.
func dashes(i int) []vg.Length {
	patterns := [...][]vg.Length{nil, {6, 3}, {2, 2}, {8, 3, 2, 3}}
	return patterns[i%len(patterns)]
}
