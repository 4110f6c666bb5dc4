package plot

import (
	"fmt"
	"image"
	"image/color"
	"maps"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Decision shows how a classifier divides the plane, and the points that it was
// trained on. As in Deep Learning from Scratch 2, chapter 1, the spiral.
type Decision struct {
	Title string

	// Classify returns the class of each point of xy [N, 2], in row-major order,
	// as one batch. It is called once for every line of the picture.
	Classify func(xy []float32) []int

	Points []float32 // [N, 2], N > 0
	Labels []int     // [N], the class of each point, from 0
}

// resolution is the number of points classified along each axis.
const resolution = 320

// Save writes the picture, 400 by 415 points, to path (.png or .svg).
//
// It is an error if Points and Labels do not match, a point is not finite, a
// class is negative, or Classify returns too few.
func (d Decision) Save(path string) error {
	if len(d.Labels) == 0 || len(d.Points) != 2*len(d.Labels) {
		return fmt.Errorf("draw %s: %d coordinates and %d labels; want two coordinates for each label, and a label at least", path, len(d.Points), len(d.Labels))
	}
	classes := map[int]plotter.XYs{}
	var all plotter.XYs
	for i, label := range d.Labels {
		xy := plotter.XY{X: float64(d.Points[2*i]), Y: float64(d.Points[2*i+1])}
		if !finite(xy.X) || !finite(xy.Y) || label < 0 {
			return fmt.Errorf("draw %s: point %d is (%v, %v) of class %d", path, i, xy.X, xy.Y, label)
		}
		classes[label] = append(classes[label], xy)
		all = append(all, xy)
	}
	area := widen(all)
	plane, err := d.plane(area)
	if err != nil {
		return fmt.Errorf("draw %s: %w", path, err)
	}

	p := newPlot(d.Title, "", "")
	p.X.Padding, p.Y.Padding = 0, 0
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{}, ticks{}
	p.Add(plotter.NewImage(plane, area.x0, area.y0, area.x1, area.y1))
	var names legend
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		points := &plotter.Scatter{XYs: classes[class], GlyphStyle: marker(class)}
		p.Add(points)
		names.add(fmt.Sprintf("class %d", class), points)
	}
	return save(path, 400, 415, func(c draw.Canvas) { names.draw(c, p) })
}

// area is a part of the plane.
type area struct{ x0, x1, y0, y1 float64 }

// widen returns what holds all points, with a tenth more on each side.
func widen(points plotter.XYs) area {
	x0, x1, y0, y1 := plotter.XYRange(points)
	dx, dy := (x1-x0)/10, (y1-y0)/10
	if dx == 0 {
		dx = 1
	}
	if dy == 0 {
		dy = 1
	}
	return area{x0 - dx, x1 + dx, y0 - dy, y1 + dy}
}

// plane is the picture of the classes, in tints of their colours.
func (d Decision) plane(a area) (image.Image, error) {
	white := color.NRGBA{0xff, 0xff, 0xff, 0xff}
	img := image.NewNRGBA(image.Rect(0, 0, resolution, resolution))
	xy := make([]float32, 2*resolution)
	for row := range resolution {
		y := a.y1 - (float64(row)+0.5)/resolution*(a.y1-a.y0) // images go downwards
		for col := range resolution {
			xy[2*col] = float32(a.x0 + (float64(col)+0.5)/resolution*(a.x1-a.x0))
			xy[2*col+1] = float32(y)
		}
		classes := d.Classify(xy)
		if len(classes) != resolution {
			return nil, fmt.Errorf("%d classes from Classify for %d points", len(classes), resolution)
		}
		for col, class := range classes {
			if class < 0 {
				return nil, fmt.Errorf("class %d from Classify", class)
			}
			img.SetNRGBA(col, row, mix(white, hue(class), 0.3))
		}
	}
	return img, nil
}

// marker is how points of a class are drawn: the first four have their own
// shapes, which the book's figure gives three of.
func marker(class int) draw.GlyphStyle {
	shapes := [...]draw.GlyphDrawer{draw.CircleGlyph{}, cross{}, draw.PyramidGlyph{}, draw.SquareGlyph{}}
	return draw.GlyphStyle{
		Color:  mix(hue(class), ink, 0.3), // darker, to stand out from the tint
		Radius: 2.6,
		Shape:  shapes[class%len(shapes)],
	}
}

// cross is an x. gonum's has hairlines, which are hard to see on a tint.
type cross struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (cross) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, pt vg.Point) {
	line := draw.LineStyle{Color: style.Color, Width: 1.3}
	r := 0.9 * style.Radius
	c.StrokeLine2(line, pt.X-r, pt.Y-r, pt.X+r, pt.Y+r)
	c.StrokeLine2(line, pt.X-r, pt.Y+r, pt.X+r, pt.Y-r)
}
