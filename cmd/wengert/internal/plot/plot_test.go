package plot

import (
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"
)

// picture is any of the four.
type picture interface{ Save(path string) error }

func someCurves() Curves {
	return Curves{
		Title: "date", XLabel: "epoch", YLabel: "accuracy",
		Series: []Series{{Name: "attention", Y: []float64{0.9, 0.99, 1}}, {Name: "peeky", Y: []float64{0.2, 0.4, 0.7}}},
	}
}

func halves() Decision {
	return Decision{
		Title:  "halves",
		Points: []float32{-1, -1, -1, 1, 1, 1, 1, -1},
		Labels: []int{0, 0, 1, 1},
		Classify: func(xy []float32) []int {
			classes := make([]int, len(xy)/2)
			for i := range classes {
				if xy[2*i] > 0 {
					classes[i] = 1
				}
			}
			return classes
		},
	}
}

func someAttention() Attention {
	return Attention{
		Title:   "sep 27 -> 09-27",
		Input:   strings.Split("sep 27", ""),
		Output:  strings.Split("09-27", ""),
		Weights: [][]float32{{1, 0, 0, 0, 0, 0}, {0.5, 0.25, 0.25, 0, 0, 0}, {0, 0, 0, 1, 0, 0}, {0, 0, 0, 0, 1, 0}, {0, 0, 0, 0, 0, 1}},
	}
}

func someWords() Scatter {
	return Scatter{Title: "words", X: []float64{0, 1, 2}, Y: []float64{0, 1, -1}, Labels: []string{"king", "queen", "R&D"}}
}

func somePanels() Panels {
	return Panels{Title: "at work", Panels: []Panel{
		{Title: "input", Values: [][]float32{{1, 0, 0}, {0, 1, 0}}},
		{Title: "slots", Values: [][]float32{{1, 0.5, 0}, {0, 0.5, 0.25}, {0, 0, 0.75}}},
	}}
}

func TestPictures(t *testing.T) {
	for _, tc := range []struct {
		name string
		picture
		texts         []string // that an SVG must show
		width, height int      // in points; 0 where the content decides
	}{
		{"curves", someCurves(), []string{"date", "epoch", "accuracy", "attention", "peeky", "3", "0.8"}, 460, 310},
		{"decision", halves(), []string{"halves", "class 0", "class 1"}, 400, 415},
		{"attention", someAttention(), []string{"sep 27 -> 09-27", "input", "output", "s", "9", "-", "0.5"}, 0, 0},
		{"panels", somePanels(), []string{"at work", "input", "slots", "step", "1", "3"}, 0, 0},
		{"scatter", someWords(), []string{"words", "king", "queen", "R&D"}, 560, 480},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "runs") // is made
			require.NoError(t, tc.Save(filepath.Join(dir, "a.png")))
			img := readPNG(t, filepath.Join(dir, "a.png"))
			if tc.width != 0 {
				assert.Equal(t, image.Pt(2*tc.width, 2*tc.height), img.Bounds().Size(), "144 dots per inch are 2 a point")
			}
			assert.Equal(t, color.NRGBA{0xff, 0xff, 0xff, 0xff}, at(img, 0, 0), "background")

			require.NoError(t, tc.Save(filepath.Join(dir, "a.SVG")))
			texts, raw := readSVG(t, filepath.Join(dir, "a.SVG"))
			for _, want := range tc.texts {
				assert.Contains(t, texts, want)
			}
			assert.Contains(t, raw, "Arial", "a font that every reader has")
			assert.NotContains(t, raw, "NaN")

			require.NoError(t, tc.Save(filepath.Join(dir, "b.svg")))
			_, again := readSVG(t, filepath.Join(dir, "b.svg"))
			assert.True(t, raw == again, "the same picture gave two files")
		})
	}
}

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	img, err := png.Decode(f)
	require.NoError(t, err)
	return img
}

func at(img image.Image, x, y int) color.NRGBA {
	return color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
}

// readSVG returns the contents of all text elements, and the file.
func readSVG(t *testing.T, path string) (texts []string, raw string) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	dec := xml.NewDecoder(strings.NewReader(string(b)))
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return texts, string(b)
		}
		require.NoError(t, err)
		start, ok := tok.(xml.StartElement)
		if !ok || start.Name.Local != "text" {
			continue
		}
		var s string
		require.NoError(t, dec.DecodeElement(&s, &start))
		texts = append(texts, s)
	}
}

func TestErrors(t *testing.T) {
	nan := math.NaN()
	ragged := someAttention()
	ragged.Weights[2] = ragged.Weights[2][:5]
	notANumber := someAttention()
	notANumber.Weights[1][3] = float32(nan)
	tooFew := halves()
	tooFew.Classify = func([]float32) []int { return make([]int, 3) }
	negative := halves()
	negative.Labels = []int{0, 0, 1, -1}
	noPoint := halves()
	noPoint.Points[5] = float32(nan)
	for _, tc := range []struct {
		name string
		picture
		file string
		want string
	}{
		{"extension", someCurves(), "a.jpg", `pictures end in .png or .svg, not in ".jpg"`},
		{"no-extension", someWords(), "a", `pictures end in .png or .svg, not in ""`},
		{"curves/empty", Curves{}, "a.png", "there is no finite value to draw"},
		{"curves/all-nan", Curves{Series: []Series{{Y: []float64{nan, math.Inf(1)}}}}, "a.png", "there is no finite value to draw"},
		{"curves/lengths", Curves{Series: []Series{{Name: "s", X: []float64{1}, Y: []float64{1, 2}}}}, "a.png", `series "s" has 1 x and 2 y`},
		{"decision/empty", Decision{}, "a.png", "0 coordinates and 0 labels"},
		{"decision/lengths", Decision{Points: make([]float32, 5), Labels: make([]int, 2)}, "a.png", "5 coordinates and 2 labels"},
		{"decision/label", negative, "a.png", "point 3 is (1, -1) of class -1"},
		{"decision/nan", noPoint, "a.png", "point 2 is (1, NaN) of class 1"},
		{"decision/classify", tooFew, "a.png", "3 classes from Classify for 320 points"},
		{"attention/empty", Attention{}, "a.png", "attention: 0 rows of weights for 0 outputs and 0 inputs"},
		{"attention/rows", Attention{Input: []string{"a"}, Output: []string{"b", "c"}, Weights: [][]float32{{1}}}, "a.png", "attention: 1 rows of weights for 2 outputs and 1 inputs"},
		{"attention/ragged", ragged, "a.png", "attention: row 2 has 5 weights for 6 inputs"},
		{"attention/nan", notANumber, "a.png", "attention: the weight at row 1, column 3 is NaN, not in [0, 1]"},
		{"panels/empty", Panels{}, "a.png", "panels: nothing to show"},
		{"panels/no-rows", Panels{Panels: []Panel{{Values: [][]float32{{1}}}, {Title: "b"}}}, "a.png", `panels: "b" has no rows`},
		{"panels/steps", Panels{Panels: []Panel{{Values: [][]float32{{1}}}, {Title: "b", Values: [][]float32{{1, 0}}}}}, "a.png", `panels: row 0 of "b" has 2 steps; want 1`},
		{"panels/nan", Panels{Panels: []Panel{{Title: "a", Values: [][]float32{{1, float32(nan)}}}}}, "a.png", `panels: row 0, step 1 of "a" is NaN, not in [0, 1]`},
		{"scatter/empty", Scatter{}, "a.png", "0 x, 0 y and 0 labels"},
		{"scatter/lengths", Scatter{X: []float64{1}, Y: []float64{1}, Labels: []string{"a", "b"}}, "a.png", "1 x, 1 y and 2 labels"},
		{"scatter/nan", Scatter{X: []float64{nan}, Y: []float64{1}, Labels: []string{"a"}}, "a.png", "point 0 (a) is (NaN, 1)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), tc.file)
			err := tc.Save(path)
			require.ErrorContains(t, err, "draw "+path+": ")
			assert.ErrorContains(t, err, tc.want)
			assert.NoFileExists(t, path)
		})
	}
}

// What training may come up with must end in a picture or an error, and soon.
func TestOddValues(t *testing.T) {
	for _, y := range [][]float64{
		{0}, {5}, {-3}, {0, 0, 0}, {1e-12, 2e-12}, {1e9, 3e9}, {1e17, 1e17}, {-1e300, 1e300},
		{math.NaN(), 1, math.NaN()}, {math.MaxFloat64, -math.MaxFloat64},
	} {
		t.Run(fmt.Sprint(y), func(t *testing.T) {
			for _, c := range []Curves{
				{Series: []Series{{Y: y}}},
				{Series: []Series{{X: y, Y: y}}},
				{Series: []Series{{Y: y}}, YMax: 2},
			} {
				if err := c.Save(filepath.Join(t.TempDir(), "a.svg")); err != nil {
					t.Log(err)
				}
			}
		})
	}
}

func TestCurvesHaveGaps(t *testing.T) {
	nan := math.NaN()
	got := Series{Y: []float64{nan, 1, 2, nan, math.Inf(1), 3, nan}}.runs()
	require.Len(t, got, 2)
	assert.Equal(t, []float64{2, 3}, []float64{got[0][0].X, got[0][1].X})
	assert.Equal(t, []float64{6, 3}, []float64{got[1][0].X, got[1][0].Y})
}

func TestYRange(t *testing.T) {
	for _, tc := range []struct {
		name                   string
		yMax, lo, hi, from, to float64
	}{
		{"loss-near-zero", 0, 0.1, 1.1, 0, 1.15},
		{"loss-far-from-zero", 0, 1, 2, 0.95, 2.05},
		{"negative", 0, -1, 1, -1.1, 1.1},
		{"constant", 0, 2, 2, 1.9, 2.1},
		{"constant-zero", 0, 0, 0, 0, 1e-3},
		{"cut", 500, 200, 10000, 185, 500},
		{"cut-below-all", 500, 600, 1000, 580, 1020},
	} {
		t.Run(tc.name, func(t *testing.T) {
			from, to := Curves{YMax: tc.yMax}.yRange(tc.lo, tc.hi)
			assert.InDelta(t, tc.from, from, 1e-9)
			assert.InDelta(t, tc.to, to, 1e-9)
		})
	}
}

func TestTicks(t *testing.T) {
	for _, tc := range []struct {
		name   string
		lo, hi float64
		whole  bool
		want   string
	}{
		{"unit", 0, 1, false, "0 0.2 0.4 0.6 0.8 1.0"},
		{"epochs", 1, 3, true, "1 2 3"},
		{"one-epoch", 0, 2, true, "0 1 2"},
		{"many-epochs", 1, 300, true, "50 100 150 200 250 300"},
		{"around-zero", -1, 1, false, "-1.0 -0.5 0 0.5 1.0"},
		{"thousands", 0, 130000, true, "0 20000 40000 60000 80000 100000 120000"},
		{"millions", 0, 4e6, true, "0 1e+06 2e+06 3e+06 4e+06"},
		{"small", 0, 0.004, false, "0 0.001 0.002 0.003 0.004"},
		{"tiny", 0, 4e-9, false, "0 1e-09 2e-09 3e-09 4e-09"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			for _, tick := range (ticks{whole: tc.whole}).Ticks(tc.lo, tc.hi) {
				got = append(got, tick.Label)
			}
			assert.Equal(t, tc.want, strings.Join(got, " "))
		})
	}
}

// The plane has the tint of the class: left blue, right vermilion.
func TestDecisionColours(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.png")
	require.NoError(t, halves().Save(path))
	img := readPNG(t, path)
	white := color.NRGBA{0xff, 0xff, 0xff, 0xff}
	mid := img.Bounds().Dy() / 2
	assert.Equal(t, mix(white, hue(0), 0.3), at(img, img.Bounds().Dx()*2/5, mid))
	assert.Equal(t, mix(white, hue(1), 0.3), at(img, img.Bounds().Dx()*4/5, mid))
}

// The middle of a cell has the shade of its weight: rows downwards, columns to
// the right.
func TestAttentionCells(t *testing.T) {
	a := someAttention()
	path := filepath.Join(t.TempDir(), "a.png")
	require.NoError(t, a.Save(path))
	img := readPNG(t, path)
	l := a.layout()
	for i, row := range a.Weights {
		for j, w := range row {
			x := 2 * (margin + l.left + (vg.Length(j)+0.5)*l.cell)
			y := 2 * (margin + l.top + (vg.Length(i)+0.5)*l.cell)
			assert.Equal(t, shade(float64(w)), at(img, int(x), int(y)), "row %d, column %d", i, j)
		}
	}
}

func TestShadeDarkens(t *testing.T) {
	luminance := func(c color.NRGBA) float64 {
		return 0.2126*float64(c.R) + 0.7152*float64(c.G) + 0.0722*float64(c.B)
	}
	before := math.Inf(1)
	for i := range 65 {
		now := luminance(shade(float64(i) / 64))
		assert.Less(t, now, before, "weight %d/64", i)
		before = now
	}
	assert.Equal(t, color.NRGBA{0xff, 0xff, 0xff, 0xff}, shade(0))
	assert.Equal(t, shade(1), shade(1.00005))
}

// Labels of a long sentence stay readable, and of words fit above their columns.
func TestAttentionLayout(t *testing.T) {
	long := Attention{Input: make([]string, 120), Output: []string{"a"}}
	assert.GreaterOrEqual(t, float64(long.layout().label), 8.0)
	chars, words := someAttention(), someAttention()
	words.Input = []string{"september", "b", "c", "d", "e", "f"}
	assert.False(t, chars.layout().turned)
	assert.True(t, words.layout().turned)
	assert.Greater(t, float64(words.layout().top), float64(chars.layout().top))
	titled := someAttention()
	titled.Title = strings.Repeat("a long title ", 10)
	assert.GreaterOrEqual(t, float64(titled.layout().width), float64(textStyle(titleSize).Width(titled.Title)))
}

// Labels keep clear of each other and of the points while there is room.
func TestPlaceAvoidsOverlap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1984, 0))
	frame := vg.Rectangle{Max: vg.Point{X: 500, Y: 400}}
	var taken []vg.Rectangle
	const n = 40
	for range n {
		x, y := vg.Length(rng.Float64()*500), vg.Length(rng.Float64()*400)
		taken = append(taken, vg.Rectangle{Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + 4, Y: y + 4}})
	}
	clashes := 0
	for i := range n {
		box := place(taken[i], 35, 10, frame, taken)
		for j, other := range taken {
			if j != i && overlap(box, other) > 0.1 {
				clashes++
			}
		}
		taken = append(taken, box)
	}
	assert.Zero(t, clashes)

	corner := vg.Rectangle{Min: vg.Point{X: 494, Y: 394}, Max: vg.Point{X: 498, Y: 398}}
	box := place(corner, 35, 10, frame, nil)
	assert.InDelta(t, 350, float64(overlap(box, frame)), 0.1, "the label of a point in the corner is inside the frame")
}

func TestLegendBreaksLines(t *testing.T) {
	var l legend
	for range 7 {
		l.add("a name of some length")
	}
	total := 0
	for _, n := range l.lines(440) {
		assert.LessOrEqual(t, n, 3)
		total += n
	}
	assert.Equal(t, 7, total)
	assert.Equal(t, []int{1, 1, 1, 1, 1, 1, 1}, l.lines(10), "too narrow for one")
}
