package plot

import (
	"errors"
	"fmt"
	"strconv"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Panels are pictures of what goes on over the same time steps, one below the other: a
// column a step, the darker the more.
type Panels struct {
	Title  string
	Panels []Panel
}

// Panel is one of the pictures.
type Panel struct {
	Title  string
	Values [][]float32 // [rows][steps], each in [0, 1]; the first row is on top
}

// Save writes the picture to path (.png or .svg). Its size follows from the number of
// steps and rows.
//
// It is an error if a panel has no rows or steps, if the panels differ in the number of
// steps, or if a value is NaN or not in [0, 1].
func (p Panels) Save(path string) error {
	if err := p.check(); err != nil {
		return fmt.Errorf("draw %s: %w", path, err)
	}
	steps := vg.Length(len(p.Panels[0].Values[0]))
	cell := min(12, max(3, 520/steps))
	width, height := steps*cell, titleSize+10
	for _, panel := range p.Panels {
		height += panel.height(cell)
	}
	height += labelSize + tickSize
	width = max(width, textStyle(titleSize).Width(p.Title))
	return save(path, width+2*margin, height+2*margin, func(c draw.Canvas) { p.draw(c, cell) })
}

func (p Panels) check() error {
	if len(p.Panels) == 0 || len(p.Panels[0].Values) == 0 || len(p.Panels[0].Values[0]) == 0 {
		return errors.New("panels: nothing to show")
	}
	steps := len(p.Panels[0].Values[0])
	for _, panel := range p.Panels {
		if len(panel.Values) == 0 {
			return fmt.Errorf("panels: %q has no rows", panel.Title)
		}
		for i, row := range panel.Values {
			if len(row) != steps {
				return fmt.Errorf("panels: row %d of %q has %d steps; want %d", i, panel.Title, len(row), steps)
			}
			for j, v := range row {
				if !(v >= 0 && v <= 1.0001) {
					return fmt.Errorf("panels: row %d, step %d of %q is %v, not in [0, 1]", i, j, panel.Title, v)
				}
			}
		}
	}
	return nil
}

// row is the height of a row where a step is cell wide: as much, or less where there are
// many.
func (p Panel) row(cell vg.Length) vg.Length {
	return min(cell, max(2, 240/vg.Length(len(p.Values))))
}

// height is that of the panel with its title.
func (p Panel) height(cell vg.Length) vg.Length {
	return labelSize + 10 + vg.Length(len(p.Values))*p.row(cell)
}

func (p Panels) draw(c draw.Canvas, cell vg.Length) {
	at := func(x, y vg.Length) vg.Point { return vg.Point{X: c.Min.X + x, Y: c.Max.Y - y} }
	steps := len(p.Panels[0].Values[0])
	width := vg.Length(steps) * cell
	c.FillText(textStyle(titleSize), at((c.Max.X-c.Min.X)/2, titleSize/2), p.Title)
	left := textStyle(labelSize)
	left.XAlign = draw.XLeft
	top := titleSize + 10
	for _, panel := range p.Panels {
		c.FillText(left, at(0, top+labelSize/2+2), panel.Title)
		y, row := top+labelSize+7, panel.row(cell)
		for i, values := range panel.Values {
			for j, v := range values {
				if v < 1./512 { // white, on white
					continue
				}
				x, y := vg.Length(j)*cell, y+vg.Length(i)*row
				c.FillPolygon(shade(float64(v)), corners(vg.Rectangle{Min: at(x, y+row), Max: at(x+cell, y)}))
			}
		}
		frame := corners(vg.Rectangle{Min: at(0, y+vg.Length(len(panel.Values))*row), Max: at(width, y)})
		c.StrokeLines(draw.LineStyle{Color: ink, Width: 0.6}, append(frame, frame[0]))
		top += panel.height(cell)
	}
	ticks := textStyle(tickSize)
	for _, step := range []int{1, steps} {
		c.FillText(ticks, at((vg.Length(step)-0.5)*cell, top+tickSize/2), strconv.Itoa(step))
	}
	c.FillText(textStyle(labelSize), at(width/2, top+labelSize/2), "step")
}
