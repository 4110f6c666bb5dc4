package tensor

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/wengert-ml/wengert/backend"
)

// How String prints: NumPy's defaults, with precision 4 instead of 8.
const (
	printDigits = 4    // decimals of a number
	printAll    = 1000 // more elements are summarised
	printEdge   = 3    // elements shown at each end of a summarised axis
	printWidth  = 75   // columns of a line
)

// String prints the elements of x [...] as NumPy does: nested brackets, columns
// aligned, at most four decimals, and scientific notation for all where a size
// is 1e8 or more, below 1e-4, or more than 1000 times another (but not for that
// reason if all are whole numbers). Of more than 1000 elements it shows three at
// each end of an axis, and then the shape, as it does where there are no elements.
//
// A failure of the backend is printed instead of the elements. It is not counted
// as reported: package fmt swallows the panics of a String.
func (x *Tensor) String() string {
	if x.Len() == 0 {
		return fmt.Sprintf("[] shape %v", x.Shape())
	}
	p, err := x.printer()
	if err != nil {
		return fmt.Sprintf("<%v>", err)
	}
	if x.view.Rank == 0 {
		s := strings.TrimSpace(p.number(p.data[0]))
		if strings.HasSuffix(s, ".") {
			s += "0"
		}
		return s
	}
	p.axis(0, printWidth)
	if p.cut {
		fmt.Fprintf(&p.out, " shape %v", x.Shape())
	}
	return p.out.String()
}

// printer prints one tensor.
type printer struct {
	out   strings.Builder
	data  []float32 // what is shown, in row-major order, consumed from the front
	shape []int     // of the tensor
	cut   bool      // long axes show their ends alone

	scientific  bool
	digits      int // decimals: of every number if scientific, else at most
	left, right int // columns before and after the point
}

// printer fetches what is shown of x. It never panics with a fault of the
// backend and leaves it to be reported by the next Check.
func (x *Tensor) printer() (p *printer, err error) {
	defer backend.Catch(&err)
	p = &printer{shape: x.Shape(), cut: x.Len() > printAll}
	if p.cut {
		x = x.edges()
		defer x.Release()
	}
	if x.mem != nil {
		if _, err := x.be.Sync(x.mem.faults); err != nil {
			return nil, err
		}
	}
	p.data = make([]float32, x.Len())
	if err := x.be.Download(p.data, &x.view); err != nil {
		return nil, err
	}
	p.measure()
	return p, nil
}

// edges returns what a summary shows of x: both ends of every long axis. Most of
// a large tensor then stays on its device.
func (x *Tensor) edges() *Tensor {
	y := x.Alias()
	for a, n := range x.Shape() {
		if n <= 2*printEdge {
			continue
		}
		head, tail, whole := y.Slice(a, 0, printEdge), y.Slice(a, -printEdge, End), y
		y = Concat(a, head, tail)
		head.Release()
		tail.Release()
		whole.Release()
	}
	return y
}

// measure chooses the notation and the widths of the columns.
func (p *printer) measure() {
	lo, hi := math.Inf(1), 0.0
	fraction := false
	special := 0 // the widest of nan, inf and -inf
	for _, v := range p.data {
		a := math.Abs(float64(v))
		if math.IsNaN(a) || math.IsInf(a, 0) {
			special = max(special, len(name(v)))
			continue
		}
		if a != 0 {
			lo, hi = min(lo, a), max(hi, a)
			fraction = fraction || a != math.Trunc(a)
		}
	}
	p.scientific = hi >= 1e8 || lo < 1e-4 || fraction && hi/lo > 1000
	for _, v := range p.data {
		if a := float64(v); math.IsNaN(a) || math.IsInf(a, 0) {
			continue
		}
		whole, decimals, _ := strings.Cut(p.decimal(v), ".")
		decimals, exponent, _ := strings.Cut(decimals, "e")
		p.left = max(p.left, len(whole))
		p.digits = max(p.digits, len(decimals))
		p.right = p.digits
		if p.scientific {
			p.right += 1 + len(exponent)
		}
	}
	p.left = max(p.left, special-p.right-1)
}

// decimal writes a finite number in the chosen notation: its shortest form that
// reads back as the same float32, or rounded to printDigits decimals if that is
// shorter, without trailing zeros but always with a point.
func (p *printer) decimal(v float32) string {
	verb := byte('f')
	if p.scientific {
		verb = 'e'
	}
	number, exponent, _ := strings.Cut(strconv.FormatFloat(float64(v), verb, -1, 32), "e")
	if _, decimals, _ := strings.Cut(number, "."); len(decimals) > printDigits {
		number, exponent, _ = strings.Cut(strconv.FormatFloat(float64(v), verb, printDigits, 32), "e")
		number = strings.TrimRight(number, "0")
	}
	if !strings.Contains(number, ".") {
		number += "."
	}
	if p.scientific {
		number += "e" + exponent
	}
	return number
}

// name is how nan, inf and -inf are written.
func name(v float32) string {
	return strings.TrimPrefix(strings.ToLower(strconv.FormatFloat(float64(v), 'f', -1, 32)), "+")
}

// number writes one element as wide as its column.
func (p *printer) number(v float32) string {
	if a := float64(v); math.IsNaN(a) || math.IsInf(a, 0) {
		return fmt.Sprintf("%*s", p.left+1+p.right, name(v))
	}
	whole, decimals, _ := strings.Cut(p.decimal(v), ".")
	if p.scientific { // with as many zeros as put the exponents in one column
		digits, exponent, _ := strings.Cut(decimals, "e")
		decimals = digits + strings.Repeat("0", p.digits-len(digits)) + "e" + exponent
	}
	return fmt.Sprintf("%*s.%-*s", p.left, whole, p.right, decimals)
}

// axis prints one slice of axis a between brackets. width is what a line has
// left after the closing brackets of the axes around it.
func (p *printer) axis(a, width int) {
	n, last := p.shape[a], a == len(p.shape)-1
	indent := strings.Repeat(" ", a+1)
	p.out.WriteByte('[')
	if last {
		p.row(n, indent, width-1)
	} else {
		gap := strings.Repeat("\n", len(p.shape)-1-a) + indent
		for i := 0; i < n; i++ {
			if i > 0 {
				p.out.WriteString(gap)
			}
			if p.cut && n > 2*printEdge && i == printEdge {
				p.out.WriteString("..." + gap)
				i = n - printEdge
			}
			p.axis(a+1, width-1)
		}
	}
	p.out.WriteByte(']')
}

// row prints the n elements of the last axis, broken into lines.
func (p *printer) row(n int, indent string, width int) {
	line := ""
	word := func(s string) {
		switch {
		case line == "":
			line = s
		case len(indent)+len(line)+1+len(s) > width:
			p.out.WriteString(strings.TrimRight(line, " ") + "\n" + indent)
			line = s
		default:
			line += " " + s
		}
	}
	for i := 0; i < n; i++ {
		if p.cut && n > 2*printEdge && i == printEdge {
			word("...")
			i = n - printEdge
		}
		word(p.number(p.data[0]))
		p.data = p.data[1:]
	}
	p.out.WriteString(line)
}
