package plot

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// legend explains colours and shapes in lines above a plot. gonum's own lies on
// top of the data, and for one kind of curve or another every corner is wrong.
type legend struct {
	names  []string
	thumbs [][]plot.Thumbnailer
}

const (
	thumbWidth = vg.Length(22)
	thumbGap   = vg.Length(5)  // between thumbnail and name
	entryGap   = vg.Length(16) // between entries
	lineHeight = vg.Length(16)
)

func (l *legend) add(name string, thumbs ...plot.Thumbnailer) {
	l.names = append(l.names, name)
	l.thumbs = append(l.thumbs, thumbs)
}

// lines returns how many entries go on each line of the given width.
func (l *legend) lines(width vg.Length) []int {
	style := textStyle(tickSize)
	var lines []int
	var used vg.Length
	for _, name := range l.names {
		w := thumbWidth + thumbGap + style.Width(name) + entryGap
		if len(lines) == 0 || used+w-entryGap > width {
			lines, used = append(lines, 0), 0
		}
		lines[len(lines)-1]++
		used += w
	}
	return lines
}

// draw draws p under its title, the legend between them.
func (l *legend) draw(c draw.Canvas, p *plot.Plot) {
	if p.Title.Text != "" {
		style := textStyle(titleSize)
		style.YAlign = draw.YTop
		c.FillText(style, vg.Point{X: c.Center().X, Y: c.Max.Y}, p.Title.Text)
		c.Max.Y -= style.Height(p.Title.Text) + p.Title.Padding
		p.Title.Text = ""
	}
	style := textStyle(tickSize)
	style.XAlign = draw.XLeft
	next := 0
	for _, count := range l.lines(c.Size().X) {
		entries := l.names[next : next+count]
		width := -entryGap
		for _, name := range entries {
			width += thumbWidth + thumbGap + style.Width(name) + entryGap
		}
		x, y := c.Center().X-width/2, c.Max.Y-lineHeight/2
		for i, name := range entries {
			box := c
			box.Rectangle = vg.Rectangle{
				Min: vg.Point{X: x, Y: y - tickSize/2},
				Max: vg.Point{X: x + thumbWidth, Y: y + tickSize/2},
			}
			for _, thumb := range l.thumbs[next+i] {
				thumb.Thumbnail(&box)
			}
			x += thumbWidth + thumbGap
			c.FillText(style, vg.Point{X: x, Y: y}, name)
			x += style.Width(name) + entryGap
		}
		c.Max.Y -= lineHeight
		next += count
	}
	if len(l.names) > 0 {
		c.Max.Y -= 4
	}
	p.Draw(c)
}
