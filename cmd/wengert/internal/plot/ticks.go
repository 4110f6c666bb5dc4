package plot

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// ticks marks an axis at multiples of 1, 2 or 5 times a power of ten, four to
// nine of them, with as many digits as they need. gonum's own prefer 40, 160
// and 280, and write 500 as 500.00.
type ticks struct {
	whole bool // no fractions: there is no epoch 1.5
}

// Ticks implements plot.Ticker.
func (t ticks) Ticks(lo, hi float64) []plot.Tick {
	step, exponent := t.step(hi - lo)
	digits := max(0, -exponent)
	var marks []plot.Tick
	first := math.Ceil(lo / step)
	for i := range 20 { // and not until hi: where values are huge, k+1 may be k
		k := first + float64(i)
		v := k * step
		if !(v <= hi) {
			break
		}
		label := strconv.FormatFloat(v, 'f', digits, 64)
		if math.Abs(v) >= 1e6 || digits > 5 {
			label = strconv.FormatFloat(v, 'g', 3, 64)
		}
		if k == 0 {
			label = "0" // and not -0
		}
		marks = append(marks, plot.Tick{Value: v, Label: label})
	}
	return marks
}

// step returns the distance of ticks for an axis of the given length, and the
// power of ten of its one digit.
func (t ticks) step(length float64) (step float64, exponent int) {
	exponent = int(math.Floor(math.Log10(length / 4)))
	step = math.Pow10(exponent)
	switch ratio := length / 4 / step; {
	case ratio >= 5:
		step *= 5
	case ratio >= 2:
		step *= 2
	}
	if t.whole && step < 1 {
		return 1, 0
	}
	return step, exponent
}
