package plot

import (
	"fmt"
	"image/color"
	"math"
	"unicode/utf8"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Attention shows how much each step of the output attended to each step of the
// input: the darker, the more. As in Deep Learning from Scratch 2, chapter 8.
// Rows go from the first step of the output down; a space is shown as an open box.
type Attention struct {
	Title  string
	Input  []string // [Tin], a character or word for each column
	Output []string // [Tout], a character or word for each row

	// Weights is [Tout][Tin], each in [0, 1]; those of a row add up to 1.
	Weights [][]float32
}

// Save writes the picture to path (.png or .svg). Its size follows from the
// number of columns and rows.
//
// It is an error if there is no row or column, if Weights does not have the
// shape of the labels, or if a weight is NaN or not in [0, 1].
func (a Attention) Save(path string) error {
	if err := a.check(); err != nil {
		return fmt.Errorf("draw %s: %w", path, err)
	}
	l := a.layout()
	return save(path, l.width+2*margin, l.height+2*margin, func(c draw.Canvas) { a.draw(c, l) })
}

func (a Attention) check() error {
	tOut, tIn := len(a.Output), len(a.Input)
	if tOut == 0 || tIn == 0 || len(a.Weights) != tOut {
		return fmt.Errorf("attention: %d rows of weights for %d outputs and %d inputs", len(a.Weights), tOut, tIn)
	}
	for i, row := range a.Weights {
		if len(row) != tIn {
			return fmt.Errorf("attention: row %d has %d weights for %d inputs", i, len(row), tIn)
		}
		for j, w := range row {
			// A softmax of float32 may add up to, and be, a little more than 1.
			if !(w >= 0 && w <= 1.0001) {
				return fmt.Errorf("attention: the weight at row %d, column %d is %v, not in [0, 1]", i, j, w)
			}
		}
	}
	return nil
}

// attentionLayout are lengths in points. The picture is, from the left, caption,
// row labels, cells and scale; and from the top title, caption, column labels, cells.
type attentionLayout struct {
	cell          vg.Length // side of a cell
	label         vg.Length // size of the labels' letters
	turned        bool      // column labels read upwards: they are words
	left, top     vg.Length // of the first cell
	width, height vg.Length
}

const (
	scaleWidth = vg.Length(10)
	scaleSpace = vg.Length(52) // from the cells to the right edge, the scale included
	minScale   = 5 * tickSize  // its height, so that its three numbers are apart
	caption    = labelSize + 6
)

func (a Attention) layout() attentionLayout {
	tOut, tIn := vg.Length(len(a.Output)), vg.Length(len(a.Input))
	var l attentionLayout
	l.cell = min(20, max(10, 640/max(tOut, tIn)))
	l.label = min(12, 0.8*l.cell)
	style := textStyle(l.label)
	columns := l.label + 2
	for _, s := range a.Input {
		if utf8.RuneCountInString(s) > 2 {
			l.turned = true
		}
	}
	for _, s := range a.Input {
		if l.turned {
			columns = max(columns, style.Width(s))
		}
	}
	rows := l.label
	for _, s := range a.Output {
		rows = max(rows, style.Width(s))
	}
	l.left = caption + rows + 6
	l.top = caption + columns + 6
	if a.Title != "" {
		l.top += titleSize + 10
	}
	l.width = max(l.left+tIn*l.cell+scaleSpace, textStyle(titleSize).Width(a.Title))
	l.height = l.top + max(tOut*l.cell, minScale)
	return l
}

func (a Attention) draw(c draw.Canvas, l attentionLayout) {
	// at counts from the top left, as the rows do.
	at := func(x, y vg.Length) vg.Point { return vg.Point{X: c.Min.X + x, Y: c.Max.Y - y} }
	tOut, tIn := vg.Length(len(a.Output)), vg.Length(len(a.Input))
	right, bottom := l.left+tIn*l.cell, l.top+tOut*l.cell

	title := textStyle(titleSize)
	c.FillText(title, at(l.width/2, titleSize/2), a.Title)
	middle := textStyle(labelSize)
	captionY := caption / 2
	if a.Title != "" {
		captionY += titleSize + 10
	}
	c.FillText(middle, at((l.left+right)/2, captionY), "input")
	middle.Rotation = math.Pi / 2
	c.FillText(middle, at(caption/2, (l.top+bottom)/2), "output")

	columns := textStyle(l.label)
	if l.turned {
		columns.Rotation = math.Pi / 2
		columns.XAlign = draw.XLeft
	}
	for j, s := range a.Input {
		x, y := l.left+(vg.Length(j)+0.5)*l.cell, l.top-l.label/2-4
		if l.turned {
			y = l.top - 4
		}
		drawLabel(c, columns, at(x, y), s)
	}
	rows := textStyle(l.label)
	rows.XAlign = draw.XRight
	for i, s := range a.Output {
		drawLabel(c, rows, at(l.left-5, l.top+(vg.Length(i)+0.5)*l.cell), s)
	}

	border := draw.LineStyle{Color: gridColor, Width: 0.4}
	for i, row := range a.Weights {
		for j, w := range row {
			x, y := l.left+vg.Length(j)*l.cell, l.top+vg.Length(i)*l.cell
			cell := corners(vg.Rectangle{Min: at(x, y+l.cell), Max: at(x+l.cell, y)})
			c.FillPolygon(shade(float64(w)), cell)
			c.StrokeLines(border, append(cell, cell[0]))
		}
	}
	frame := corners(vg.Rectangle{Min: at(l.left, bottom), Max: at(right, l.top)})
	c.StrokeLines(draw.LineStyle{Color: ink, Width: 0.6}, append(frame, frame[0]))

	a.drawScale(c, at, right+12, l.top, max(bottom, l.top+minScale))
}

// drawScale draws the meaning of the shades, from 0 at the bottom to 1 at the top.
func (a Attention) drawScale(c draw.Canvas, at func(x, y vg.Length) vg.Point, x, top, bottom vg.Length) {
	const steps = 64
	step := (bottom - top) / steps
	for i := range steps {
		y := top + vg.Length(i)*step
		// Each reaches under the one before: no white lines between them.
		c.FillPolygon(shade(1-(float64(i)+0.5)/steps), corners(vg.Rectangle{Min: at(x, bottom), Max: at(x+scaleWidth, y)}))
	}
	frame := corners(vg.Rectangle{Min: at(x, bottom), Max: at(x+scaleWidth, top)})
	c.StrokeLines(draw.LineStyle{Color: ink, Width: 0.6}, append(frame, frame[0]))
	style := textStyle(tickSize)
	style.XAlign = draw.XLeft
	for _, mark := range []struct {
		name  string
		value vg.Length
		align text.YAlignment
	}{{"1", 1, draw.YTop}, {"0.5", 0.5, draw.YCenter}, {"0", 0, draw.YBottom}} {
		style.YAlign = mark.align
		c.FillText(style, at(x+scaleWidth+4, bottom-mark.value*(bottom-top)), mark.name)
	}
}

// shade returns the colour of a weight: white for 0, through blue to nearly
// black for 1, darker all the way.
func shade(w float64) color.NRGBA {
	white := color.NRGBA{0xff, 0xff, 0xff, 0xff}
	blue := color.NRGBA{0x5b, 0x9b, 0xcf, 0xff}
	dark := color.NRGBA{0x04, 0x1f, 0x4a, 0xff}
	w = min(w, 1)
	if w < 0.5 {
		return mix(white, blue, 2*w)
	}
	return mix(blue, dark, 2*w-1)
}

// drawLabel draws s at pt; for a space it draws the box, open at the top, that
// stands for it in print: ␣. The fonts at hand have no such letter.
func drawLabel(c draw.Canvas, style text.Style, pt vg.Point, s string) {
	if s != " " {
		c.FillText(style, pt, s)
		return
	}
	size := style.Font.Size
	x := pt.X + vg.Length(style.XAlign)*0.5*size // XAlign is -0.5 where pt is the centre, -1 where it is the right end
	if style.Rotation != 0 {
		x, pt.Y = pt.X-0.25*size, pt.Y+0.4*size
	}
	bottom := pt.Y - 0.35*size
	c.StrokeLines(draw.LineStyle{Color: style.Color, Width: 0.09 * size}, []vg.Point{
		{X: x, Y: bottom + 0.22*size}, {X: x, Y: bottom},
		{X: x + 0.5*size, Y: bottom}, {X: x + 0.5*size, Y: bottom + 0.22*size},
	})
}
