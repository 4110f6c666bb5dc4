package plot

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"math"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/wengert-ml/wengert/internal/atomicfile"
)

const (
	margin    = vg.Length(10) // white around a picture, in points
	labelSize = vg.Length(11)
	titleSize = vg.Length(13)
	tickSize  = vg.Length(10)
)

var (
	ink       = color.NRGBA{0x22, 0x22, 0x22, 0xff}
	gridColor = color.NRGBA{0xe4, 0xe4, 0xe4, 0xff}
)

// hue returns a colour for series or class i. The colours are those of M. Okabe
// and K. Ito, "Color Universal Design" (2008), without yellow and black: yellow
// lines vanish on white, and black is for text.
func hue(i int) color.NRGBA {
	hues := [...]color.NRGBA{
		{0x00, 0x72, 0xb2, 0xff}, // blue
		{0xd5, 0x5e, 0x00, 0xff}, // vermilion
		{0x00, 0x9e, 0x73, 0xff}, // bluish green
		{0xcc, 0x79, 0xa7, 0xff}, // reddish purple
		{0xe6, 0x9f, 0x00, 0xff}, // orange
		{0x56, 0xb4, 0xe9, 0xff}, // sky blue
	}
	return hues[i%len(hues)]
}

// mix returns the colour a fraction t of the way from a to b.
func mix(a, b color.NRGBA, t float64) color.NRGBA {
	f := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + t*(float64(b)-float64(a)))) }
	return color.NRGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), 0xff}
}

// textStyle is centred on its point in both directions.
func textStyle(size vg.Length) text.Style {
	return text.Style{
		Color:   ink,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: size},
		XAlign:  draw.XCenter,
		YAlign:  draw.YCenter,
		Handler: plot.DefaultTextHandler,
	}
}

// newPlot returns axes in the house style.
func newPlot(title, xLabel, yLabel string) *plot.Plot {
	p := plot.New()
	restyle := func(s *text.Style, size vg.Length) {
		t := textStyle(size)
		s.Font, s.Color = t.Font, t.Color
	}
	p.Title.Text = title
	p.Title.Padding = 6
	restyle(&p.Title.TextStyle, titleSize)
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		restyle(&axis.Label.TextStyle, labelSize)
		restyle(&axis.Tick.Label, tickSize)
		axis.LineStyle.Color, axis.Tick.LineStyle.Color = ink, ink
		axis.Tick.Length = 4
		axis.Label.Padding = 4
	}
	p.X.Label.Text, p.Y.Label.Text = xLabel, yLabel
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = gridColor, gridColor
	p.Add(grid)
	return p
}

// save draws a picture of the given size in points and writes it to path.
func save(path string, width, height vg.Length, paint func(c draw.Canvas)) error {
	var canvas vg.CanvasWriterTo
	ext := strings.ToLower(filepath.Ext(path))
	switch ext {
	case ".png":
		canvas = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(144))}
	case ".svg":
		canvas = vgsvg.New(width, height)
	default:
		return fmt.Errorf("draw %s: pictures end in .png or .svg, not in %q", path, ext)
	}
	c := draw.New(canvas)
	c.FillPolygon(color.White, corners(c.Rectangle))
	paint(draw.Crop(c, margin, -margin, margin, -margin))

	var buf bytes.Buffer
	if _, err := canvas.WriteTo(&buf); err != nil {
		return fmt.Errorf("draw %s: %w", path, err)
	}
	picture := buf.Bytes()
	if ext == ".svg" {
		picture = portable(picture)
	}
	return atomicfile.WriteFile(path, 0o644, func(w io.Writer) error {
		_, err := w.Write(picture)
		return err
	})
}

// portable changes what gonum writes into what browsers show as it was meant.
func portable(svg []byte) []byte {
	for _, change := range [...]struct{ from, to string }{
		// Who lacks the font gets one of the same widths, and none with serifs.
		{"font-family:Liberation Sans;", "font-family:Liberation Sans,Arial,Helvetica,sans-serif;"},
		// An image fills its rectangle, and is a PNG.
		{"<image ", `<image preserveAspectRatio="none" `},
		{"data:image/jpg;", "data:image/png;"},
	} {
		svg = bytes.ReplaceAll(svg, []byte(change.from), []byte(change.to))
	}
	return svg
}

func corners(r vg.Rectangle) []vg.Point {
	return []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}}
}

// finite reports whether v can be drawn.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
