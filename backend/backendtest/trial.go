package backendtest

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/reference"
)

// memory is the host's picture of one buffer. What no operand has put there is
// junk, chosen anew for each run.
type memory struct {
	dtype backend.DType
	value []float64 // as the buffer would hold it: a float32 or an int32
	given []bool    // value holds an operand's element, not junk
}

// operand is a view of memory. The same *operand twice in a trial is one view
// given twice: an output that equals an input.
type operand struct {
	mem *memory
	backend.Layout
	out bool
}

// String gives shape, strides and offset.
func (o *operand) String() string {
	s := fmt.Sprintf("%v%v strides %v +%d", o.mem.dtype, o.Dims(), o.Stride[:o.Rank], o.Off)
	if o.out {
		return "out " + s
	}
	return s
}

// positions calls f with the place in memory of every element, in row-major order.
func (o *operand) positions(f func(i, at int)) {
	for i := range o.Len() {
		f(i, o.At(i))
	}
}

// dense returns the elements of o in row-major order, read from mem.
func (o *operand) dense(mem []float64) []float64 {
	v := make([]float64, o.Len())
	o.positions(func(i, at int) { v[i] = mem[at] })
	return v
}

// input returns an operand that lies in memory as p says and holds v.
func input(p place, v values) *operand { return operandOf(backend.F32, p, v) }

// output returns an operand that is written. Before the call it holds junk, or
// v where one is given.
func output(p place, v values) *operand {
	o := operandOf(backend.F32, p, v)
	o.out = true
	return o
}

// operandOf returns an input of any dtype, in memory of its own.
func operandOf(dtype backend.DType, p place, v values) *operand {
	m := &memory{dtype: dtype, value: make([]float64, p.size), given: make([]bool, p.size)}
	o := &operand{mem: m, Layout: p.Layout}
	if v != nil {
		o.positions(func(_, at int) {
			x := v()
			if dtype == backend.F32 {
				x = float64(float32(x))
			}
			m.value[at], m.given[at] = x, true
		})
	}
	return o
}

// ids returns an I32 operand of rank 1, which lies after a gap.
func ids(v ...int32) *operand {
	return operandOf(backend.I32, offset(len(v)), listed(v...))
}

// trial is one call of a method: its operands and what is compared.
type trial struct {
	name string
	args []*operand
	call func(be backend.Backend, v []*backend.View)
	// define computes the outputs from row-major copies of all arguments, in
	// place. Where it is nil, call on the reference backend is the definition.
	define func(v [][]float64)
	tol    tolerance
}

// junks are what memory holds where nothing is promised. NaN spoils every sum
// it enters; a finite number shows where NaN would be overwritten by NaN. Half
// precision holds both exactly.
var junks = [...]float64{math.NaN(), -771}

// junkID is junk for I32: as an id it is out of every range.
const junkID = -771_000_000

// check runs the trial on be and says what is wrong.
func (tr *trial) check(be backend.Backend) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %w", tr, panicked(r))
		}
	}()
	want := tr.expect(func(x float64) float64 { return x })
	size := want // the same call on absolute values, where the tolerance asks for it
	if tr.tol.mag > 0 {
		size = tr.expect(math.Abs)
	}
	mems, written := tr.memories(), tr.written()
	var first [][]float64
	for _, junk := range junks {
		before, after, err := tr.run(be, junk)
		if err != nil {
			return fmt.Errorf("%s: %w", tr, err)
		}
		for m := range after {
			for at, got := range after[m] {
				switch {
				case !written[m][at]:
					if !same(got, before[m][at]) {
						return fmt.Errorf("%s: %s is no output and changed from %v to %v",
							tr, tr.where(mems[m], at), before[m][at], got)
					}
				case !tr.tol.ok(got, want[m][at], size[m][at]):
					return fmt.Errorf("%s: %s: got %v, want %v (junk %v)",
						tr, tr.where(mems[m], at), float32(got), float32(want[m][at]), junk)
				case first != nil && !same(got, first[m][at]):
					return fmt.Errorf("%s: %s: %v, and %v where memory holds other junk",
						tr, tr.where(mems[m], at), first[m][at], got)
				}
			}
		}
		first = after
	}
	return nil
}

// sameBits runs the trial on a and on b and compares what they write.
func (tr *trial) sameBits(a, b backend.Backend) error {
	_, x, err := tr.run(a, junks[0])
	if err != nil {
		return fmt.Errorf("%s: %s: %w", tr, a.Name(), err)
	}
	_, y, err := tr.run(b, junks[0])
	if err != nil {
		return fmt.Errorf("%s: %s: %w", tr, b.Name(), err)
	}
	for m := range x {
		for at := range x[m] {
			if !same(x[m][at], y[m][at]) {
				return fmt.Errorf("%s: %s: %s gives %v and %s %v",
					tr, tr.where(tr.memories()[m], at), a.Name(), x[m][at], b.Name(), y[m][at])
			}
		}
	}
	return nil
}

// String names the call and all operands.
func (tr *trial) String() string {
	s := make([]string, len(tr.args))
	for i, a := range tr.args {
		s[i] = a.String()
	}
	return fmt.Sprintf("%s(%s)", tr.name, strings.Join(s, "; "))
}

// where names an element of memory m for a message: by argument and index where
// an output covers it, else by its place in the buffer.
func (tr *trial) where(m *memory, at int) string {
	for n, a := range tr.args {
		if !a.out || a.mem != m {
			continue
		}
		for i := range a.Len() {
			if a.At(i) != at {
				continue
			}
			idx := make([]int, a.Rank)
			for k := a.Rank - 1; k >= 0; k-- {
				idx[k], i = i%a.Shape[k], i/a.Shape[k]
			}
			return fmt.Sprintf("argument %d%v", n, idx)
		}
	}
	n := slices.IndexFunc(tr.args, func(a *operand) bool { return a.mem == m })
	return fmt.Sprintf("element %d of the buffer of argument %d", at, n)
}

// memories returns the distinct memories of the arguments.
func (tr *trial) memories() []*memory {
	var list []*memory
next:
	for _, a := range tr.args {
		for _, m := range list {
			if m == a.mem {
				continue next
			}
		}
		list = append(list, a.mem)
	}
	return list
}

// written says of every element of every memory whether an output covers it.
func (tr *trial) written() [][]bool {
	var list [][]bool
	for _, m := range tr.memories() {
		w := make([]bool, len(m.value))
		for _, a := range tr.args {
			if a.mem == m && a.out {
				a.positions(func(_, at int) { w[at] = true })
			}
		}
		list = append(list, w)
	}
	return list
}

// run makes the call on be and returns what all memories held before and after.
func (tr *trial) run(be backend.Backend, junk float64) (before, after [][]float64, err error) {
	mems := tr.memories()
	bufs := make(map[*memory]backend.Buffer, len(mems))
	for _, m := range mems {
		buf, held, err := m.upload(be, junk)
		if err != nil {
			return nil, nil, err
		}
		defer be.Free(buf)
		bufs[m] = buf
		before = append(before, held)
	}
	views := make([]*backend.View, len(tr.args))
	for i, a := range tr.args {
		views[i] = &backend.View{Buf: bufs[a.mem], DType: a.mem.dtype, Layout: a.Layout}
	}
	tr.call(be, views)
	for _, v := range views {
		*v = backend.View{} // kernels do not keep views
	}
	for _, m := range mems {
		held, err := download(be, bufs[m], m.dtype, len(m.value))
		if err != nil {
			return nil, nil, err
		}
		after = append(after, held)
	}
	return before, after, nil
}

// upload makes a buffer of be that holds m, with junk where nothing is given.
// held is what the buffer's numbers are, which for halves are rounded.
func (m *memory) upload(be backend.Backend, junk float64) (buf backend.Buffer, held []float64, err error) {
	held = make([]float64, len(m.value))
	for i, v := range m.value {
		switch {
		case m.given[i]:
			held[i] = v
		case m.dtype == backend.I32:
			held[i] = junkID
		default:
			held[i] = junk
		}
	}
	buf, err = be.Alloc(m.dtype, len(held))
	if err != nil {
		return nil, nil, err
	}
	whole := wholeOf(buf, m.dtype, len(held))
	switch m.dtype {
	case backend.I32:
		src := make([]int32, len(held))
		for i, v := range held {
			src[i] = int32(v)
		}
		err = be.UploadInts(whole, src)
		clear(src) // the backend must be done with it
	case backend.F32:
		err = uploadFloats(be, whole, held)
	default: // halves have no Upload: through Convert
		var tmp backend.Buffer
		if tmp, err = be.Alloc(backend.F32, len(held)); err != nil {
			return nil, nil, err
		}
		defer be.Free(tmp)
		err = uploadFloats(be, wholeOf(tmp, backend.F32, len(held)), held)
		be.Convert(whole, wholeOf(tmp, backend.F32, len(held)))
		if err == nil {
			held, err = download(be, buf, m.dtype, len(held))
		}
	}
	return buf, held, err
}

// uploadFloats uploads v, rounded to float32.
func uploadFloats(be backend.Backend, dst *backend.View, v []float64) error {
	src := make([]float32, len(v))
	for i, x := range v {
		src[i] = float32(x)
	}
	err := be.Upload(dst, src)
	clear(src) // the backend must be done with it
	return err
}

// download returns all n elements of buf.
func download(be backend.Backend, buf backend.Buffer, dtype backend.DType, n int) ([]float64, error) {
	if dtype != backend.F32 {
		tmp, err := be.Alloc(backend.F32, n)
		if err != nil {
			return nil, err
		}
		defer be.Free(tmp)
		be.Convert(wholeOf(tmp, backend.F32, n), wholeOf(buf, dtype, n))
		buf = tmp
	}
	got := make([]float32, n)
	if err := be.Download(got, wholeOf(buf, backend.F32, n)); err != nil {
		return nil, err
	}
	v := make([]float64, n)
	for i, x := range got {
		v[i] = float64(x)
	}
	return v, nil
}

// wholeOf returns a view of all n elements of buf.
func wholeOf(buf backend.Buffer, dtype backend.DType, n int) *backend.View {
	return &backend.View{Buf: buf, DType: dtype, Layout: backend.Contiguous(n)}
}

// expect returns what all memories should hold after the call, in float64,
// where f is applied to every given element first.
func (tr *trial) expect(f func(float64) float64) [][]float64 {
	mems := tr.memories()
	held := make([][]float64, len(mems))
	of := make(map[*memory][]float64, len(mems))
	for i, m := range mems {
		held[i] = make([]float64, len(m.value))
		for at, v := range m.value {
			if m.given[at] {
				held[i][at] = v
				if m.dtype != backend.I32 {
					held[i][at] = f(v)
				}
			}
		}
		of[m] = held[i]
	}
	if tr.define != nil {
		dense := make([][]float64, len(tr.args))
		for i, a := range tr.args {
			dense[i] = a.dense(of[a.mem])
		}
		tr.define(dense)
		written := map[*operand]bool{}
		for i, a := range tr.args {
			if a.out && !written[a] { // of an operand given twice the first is the output
				written[a] = true
				a.positions(func(k, at int) { of[a.mem][at] = dense[i][k] })
			}
		}
		return held
	}
	ref := reference.New()
	bufs := make(map[*memory]backend.Buffer, len(mems))
	for i, m := range mems {
		bufs[m] = referenceBuffer(ref, m.dtype, held[i])
	}
	views := make([]*backend.View, len(tr.args))
	for i, a := range tr.args {
		views[i] = &backend.View{Buf: bufs[a.mem], DType: a.mem.dtype, Layout: a.Layout}
	}
	tr.call(ref, views)
	for i, m := range mems {
		tmp := referenceBuffer(ref, backend.F32, held[i])
		whole := wholeOf(tmp, backend.F32, len(held[i]))
		ref.Convert(whole, wholeOf(bufs[m], m.dtype, len(held[i])))
		backend.Must(ref, "download", ref.DownloadFloat64(held[i], whole))
	}
	return held
}

// referenceBuffer returns a buffer of dtype that holds v.
func referenceBuffer(ref *reference.Backend, dtype backend.DType, v []float64) backend.Buffer {
	wide, err := ref.Alloc(backend.F32, len(v))
	backend.Must(ref, "alloc", err)
	backend.Must(ref, "upload", ref.UploadFloat64(wholeOf(wide, backend.F32, len(v)), v))
	if dtype == backend.F32 {
		return wide
	}
	buf, err := ref.Alloc(dtype, len(v))
	backend.Must(ref, "alloc", err)
	ref.Convert(wholeOf(buf, dtype, len(v)), wholeOf(wide, backend.F32, len(v)))
	return buf
}

// same reports whether a and b are the same number: equal in every bit, or NaN both.
func same(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
}
