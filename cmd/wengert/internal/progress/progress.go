package progress

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

const (
	// redraw is the shortest time between two drawings: a step of a small model
	// takes less time than writing to a terminal does.
	redraw = 100 * time.Millisecond

	barWidth = 24 // in characters; less where the terminal is narrow
	reserved = 18 // what the library needs for a bar of 8 characters and the percentage
)

// Bar is the progress of one epoch. It is not for use by several goroutines.
type Bar struct {
	// Unit is what Step counts: "words", "tokens". Empty means "samples".
	Unit string

	// Perplexity shows e to the loss in place of the loss.
	Perplexity bool

	w           *os.File
	bar         *progressbar.ProgressBar // nil where nothing is drawn
	description string
	total, done int
	started     time.Time
	drawn       time.Time
}

// New returns a Bar on w for total units of work, draws it and starts its
// clock. The description comes first on its line: "epoch 1/3".
//
// If w is no terminal, or total is not positive, the Bar draws nothing.
func New(w *os.File, total int, description string) *Bar {
	b := &Bar{w: w, description: description, total: total, started: time.Now()}
	if total <= 0 || !term.IsTerminal(int(w.Fd())) {
		return b
	}
	b.bar = progressbar.NewOptions(total,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription(fit([]string{description}, b.width())),
		progressbar.OptionSetWidth(barWidth),
		// The library's guess of the time left looks at the last seconds alone.
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(false),
		// Without these codes each drawing blanks the line first, which flickers; an
		// old Windows console would show them as letters.
		progressbar.OptionUseANSICodes(runtime.GOOS != "windows"))
	b.bar.RenderBlank()
	return b
}

// Step says that n more units are done and what the loss is now. It draws ten
// times a second at most, so it may be called for every batch.
func (b *Bar) Step(n int, loss float64) {
	if b.bar == nil {
		return
	}
	b.done = min(b.done+n, b.total)
	now := time.Now()
	if now.Sub(b.drawn) < redraw && b.done < b.total {
		return
	}
	b.drawn = now
	// Errors of the terminal are no reason to stop training.
	b.bar.Describe(b.line(loss, now.Sub(b.started), b.width()))
	b.bar.Set(b.done)
}

// Done removes the bar, so that the caller can print a line in its place. Step
// must not be called after it.
func (b *Bar) Done() {
	if b.bar == nil {
		return
	}
	fmt.Fprintf(b.w, "\r%s\r", strings.Repeat(" ", b.width()-1))
}

// width returns how many characters go on a line.
func (b *Bar) width() int {
	width, _, err := term.GetSize(int(b.w.Fd()))
	if err != nil || width <= 0 { // a serial line does not know
		return 80
	}
	return width
}

// line returns what stands before the percentage, after the given time.
func (b *Bar) line(loss float64, elapsed time.Duration, width int) string {
	rate := float64(b.done) / max(elapsed.Seconds(), 1e-3)
	unit := b.Unit
	if unit == "" {
		unit = "samples"
	}
	quality := "loss " + number(loss, 4)
	if b.Perplexity {
		quality = "perplexity " + number(math.Exp(loss), 2)
	}
	parts := []string{b.description, quality, number(rate, 1) + " " + unit + "/s"}
	if left := float64(b.total-b.done) / rate; left > 0 && left < 100*24*3600 {
		parts = append(parts, time.Duration(math.Ceil(left)*float64(time.Second)).String()+" left")
	}
	return fit(parts, width)
}

// fit joins parts. Where the terminal is too narrow, the last are left out: a
// line that wraps could not be drawn over.
func fit(parts []string, width int) string {
	text := ""
	for _, part := range parts {
		if text != "" {
			part = "  " + part
		}
		if utf8.RuneCountInString(text+part)+reserved > width {
			break
		}
		text += part
	}
	return text
}

// number formats v with the given number of decimals, fewer where v is large,
// and with an exponent where they would show nothing of it.
func number(v float64, decimals int) string {
	switch size := math.Abs(v); {
	case size != 0 && size < math.Pow10(1-decimals), size >= 1e9:
		return fmt.Sprintf("%.2e", v)
	case size >= 100:
		return fmt.Sprintf("%.*f", max(decimals-3, 0), v)
	}
	return fmt.Sprintf("%.*f", decimals, v)
}
