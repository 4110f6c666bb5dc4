package backendtest

import (
	"fmt"
	"math"

	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/backend"
)

// specials are the numbers at which float32 kernels go wrong: zeros of either
// sign, infinities, NaN, the ends of the range, halves to round, the points
// where exp overflows and tanh saturates.
var specials = []float64{
	0, math.Copysign(0, -1), 1, -1, math.Inf(1), math.Inf(-1), math.NaN(),
	math.MaxFloat32, -math.MaxFloat32, smallestNormal, -smallestNormal,
	0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 1 - unit, 1 + 2*unit,
	1.0 / (1 << 20), -1.0 / (1 << 20), 10, -10, 20, -20, 88, -88, 100, -100,
	1 << 23, 1<<24 - 1, -(1 << 24),
}

// subnormals are below the smallest normal float32.
var subnormals = []float64{math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, smallestNormal / 2, -smallestNormal / 8}

// moved are all of them: what moves numbers keeps every bit.
var moved = append(specials[:len(specials):len(specials)], subnormals...)

func transferChecks() []check {
	var list []check
	rng := newRand("transfer")
	for _, shape := range allShapes() {
		for _, f := range outputForms {
			p := f.lay(shape...)
			n := p.Len()
			src := make([]float64, n)
			fill(src, uniform(rng, -4, 4))
			if n >= len(moved) {
				copy(src, moved)
			}
			list = append(list,
				transferCheck("floats", f, shape, backend.F32, src, func(be backend.Backend, v *backend.View) error {
					return uploadFloats(be, v, src)
				}))
			ints := make([]float64, n)
			for i := range ints {
				ints[i] = float64(i*1_000_003%(1<<24) - 1<<23) // what Convert to F32 shows exactly
			}
			list = append(list,
				transferCheck("ints", f, shape, backend.I32, ints, func(be backend.Backend, v *backend.View) error {
					return uploadInts(be, v, ints)
				}))
		}
		for _, f := range inputForms {
			list = append(list, downloadCheck(f, shape, uniform(rng, -4, 4)))
		}
	}
	return list
}

// transferCheck uploads src to a view and compares the buffer.
func transferCheck(name string, f form, shape []int, dtype backend.DType, src []float64, up func(backend.Backend, *backend.View) error) check {
	dst := operandOf(dtype, f.lay(shape...), nil)
	dst.out = true
	var failed error
	tr := &trial{
		name:   fmt.Sprintf("%s/%s/%s", name, shapeName(shape), f.name),
		args:   []*operand{dst},
		define: func(v [][]float64) { copy(v[0], src) },
		call:   func(be backend.Backend, v []*backend.View) { failed = up(be, v[0]) },
		tol:    exact,
	}
	return check{tr.name, func(be backend.Backend) error {
		if err := tr.check(be); err != nil {
			return err
		}
		return failed
	}}
}

// downloadCheck downloads a view in one piece, and compares it with what the
// elements of the buffer are.
func downloadCheck(f form, shape []int, v values) check {
	src := input(f.lay(shape...), v)
	name := fmt.Sprintf("download/%s/%s", shapeName(shape), f.name)
	return check{name, func(be backend.Backend) error {
		buf, held, err := src.mem.upload(be, math.NaN())
		if err != nil {
			return err
		}
		defer be.Free(buf)
		const guard = 99
		got := make([]float32, src.Len()+1)
		got[src.Len()] = guard
		view := &backend.View{Buf: buf, Layout: src.Layout}
		if err := be.Download(got[:src.Len()], view); err != nil {
			return err
		}
		for i, want := range append(src.dense(held), guard) {
			if !same(float64(got[i]), want) {
				return fmt.Errorf("Download(%s): element %d: got %v, want %v", src, i, got[i], want)
			}
		}
		return nil
	}}
}

// uploadInts uploads whole numbers.
func uploadInts(be backend.Backend, dst *backend.View, v []float64) error {
	src := make([]int32, len(v))
	for i, x := range v {
		src[i] = int32(x)
	}
	err := be.UploadInts(dst, src)
	clear(src) // the backend must be done with it
	return err
}

func fill(dst []float64, v values) {
	for i := range dst {
		dst[i] = v()
	}
}

func callCopy(be backend.Backend, v []*backend.View) { be.Copy(v[0], v[1]) }

func copyChecks() []check {
	var trials []*trial
	rng := newRand("copy")
	for _, shape := range shapes {
		for _, to := range outputForms {
			for _, from := range inputForms {
				trials = append(trials, &trial{
					name: fmt.Sprintf("%s/%s-from-%s", shapeName(shape), to.name, from.name),
					args: []*operand{output(to.lay(shape...), nil), input(from.lay(shape...), uniform(rng, -4, 4))},
					call: callCopy, tol: exact,
				})
			}
		}
	}
	for _, shape := range largeShapes {
		for _, from := range inputForms {
			trials = append(trials, &trial{
				name: fmt.Sprintf("%s/packed-from-%s", shapeName(shape), from.name),
				args: []*operand{output(packed(shape...), nil), input(from.lay(shape...), uniform(rng, -4, 4))},
				call: callCopy, tol: exact,
			})
		}
	}
	for _, dtype := range []backend.DType{backend.F32, backend.I32, backend.F16, backend.BF16} {
		for _, to := range outputForms {
			dst := operandOf(dtype, to.lay(5, 7), nil)
			dst.out = true
			trials = append(trials, &trial{
				name: fmt.Sprintf("dtype=%s/%s", dtype, to.name),
				args: []*operand{dst, operandOf(dtype, transposed(5, 7), whole(rng))},
				call: callCopy, tol: exact,
			})
		}
	}
	for _, b := range broadcasts {
		trials = append(trials, &trial{
			name: fmt.Sprintf("broadcast/%s-to-%s", shapeName(b.x), shapeName(b.out)),
			args: []*operand{output(offset(b.out...), nil), input(offset(b.x...), whole(rng))},
			call: callCopy, tol: exact,
		})
	}
	// What the gradient of Select writes: one part of a larger array.
	both := operandOf(backend.F32, packed(4, 6), whole(rng))
	part := &operand{mem: both.mem, Layout: backend.Layout{Rank: 1, Shape: [6]int{4}, Stride: [6]int{6}, Off: 2}, out: true}
	column := &operand{mem: both.mem, Layout: backend.Layout{Rank: 1, Shape: [6]int{4}, Stride: [6]int{6}, Off: 3}}
	trials = append(trials,
		&trial{name: "special-values", args: []*operand{output(stepped(len(moved)), nil), input(offset(len(moved)), listed(moved...))}, call: callCopy, tol: exact},
		&trial{name: "column-to-column-of-one-buffer", args: []*operand{part, column}, call: callCopy, tol: exact},
	)
	return checksOf(trials)
}

// broadcasts are pairs of shapes that broadcast to a third. A backend that
// takes shortcuts for rows, columns and scalars meets each of them here.
var broadcasts = []struct{ out, x, y []int }{
	{[]int{3, 5}, []int{5}, []int{3, 1}},
	{[]int{3, 5}, []int{}, []int{3, 5}},
	{[]int{3, 5}, []int{1, 1}, []int{1}},
	{[]int{3, 5}, []int{1, 5}, []int{3, 5}},
	{[]int{3, 5}, []int{3, 1}, []int{3, 5}},
	{[]int{2, 3, 5}, []int{3, 1}, []int{2, 1, 5}},
	{[]int{2, 3, 5}, []int{5}, []int{2, 1, 1}},
	{[]int{2, 3, 5}, []int{1, 3, 1}, []int{1}},
	{[]int{2, 0, 5}, []int{5}, []int{2, 1, 1}},
	{[]int{2, 1, 3, 2}, []int{3, 1}, []int{2, 1, 1, 2}},
	{[]int{2, 2, 1, 3, 2, 2}, []int{2, 1, 1, 1, 1, 2}, []int{1, 3, 2, 1}},
	{[]int{301, 259}, []int{259}, []int{301, 1}},
	{[]int{301, 259}, []int{1}, []int{301, 259}},
}

func drawCopy(t *rapid.T) *trial {
	shape, rng := drawShape(t, backend.MaxRank), drawRand(t)
	return &trial{
		name: "Copy",
		args: []*operand{
			output(drawOutput(t, shape), nil),
			input(drawInput(t, drawNarrower(t, shape)), whole(rng)),
		},
		call: callCopy, tol: exact,
	}
}

func fillChecks() []check {
	var trials []*trial
	for _, shape := range allShapes() {
		for _, to := range outputForms {
			trials = append(trials, &trial{
				name: fmt.Sprintf("%s/%s", shapeName(shape), to.name),
				args: []*operand{output(to.lay(shape...), nil)},
				call: func(be backend.Backend, v []*backend.View) { be.Fill(v[0], -2.5) },
				tol:  exact,
			})
		}
	}
	for _, x := range append([]float64{0.1, 1e-3}, specials...) { // 0.1 rounds to the nearest float32
		trials = append(trials, &trial{
			name: fmt.Sprintf("value=%v", x),
			args: []*operand{output(offset(9), nil)},
			call: func(be backend.Backend, v []*backend.View) { be.Fill(v[0], x) },
			tol:  exact,
		})
	}
	return checksOf(trials)
}

func callConvert(be backend.Backend, v []*backend.View) { be.Convert(v[0], v[1]) }

func convertChecks() []check {
	var trials []*trial
	add := func(name string, to, from backend.DType, p, q place, v values) {
		dst := operandOf(to, p, nil)
		dst.out = true
		trials = append(trials, &trial{
			name: fmt.Sprintf("%s-from-%s/%s", to, from, name),
			args: []*operand{dst, operandOf(from, q, v)},
			call: callConvert, tol: exact,
		})
	}
	dtypes := []backend.DType{backend.F32, backend.I32, backend.F16, backend.BF16}
	rng := newRand("convert")
	for _, to := range dtypes {
		for _, from := range dtypes {
			if to == from {
				continue
			}
			for _, shape := range shapes {
				add(shapeName(shape), to, from, packed(shape...), packed(shape...), whole(rng))
			}
			for _, f := range outputForms {
				add("to-"+f.name, to, from, f.lay(5, 7), offset(5, 7), whole(rng))
			}
			for _, f := range inputForms {
				add("from-"+f.name, to, from, offset(5, 7), f.lay(5, 7), whole(rng))
			}
			add("large", to, from, packed(301, 259), packed(301, 259), whole(rng))
		}
	}
	for _, half := range []backend.DType{backend.F16, backend.BF16} {
		edges := halfEdges(half)
		add("edges", half, backend.F32, packed(len(edges)), packed(len(edges)), listed(edges...))
		var held []float64 // what an F16 or BF16 holds is exact in F32
		for _, x := range edges {
			if x == float64(float32(x)) || math.IsNaN(x) {
				held = append(held, x)
			}
		}
		add("edges", backend.F32, half, packed(len(held)), packed(len(held)), listed(held...))
		add("random", half, backend.F32, packed(999), packed(999), anyFloat32(rng.Uint32))
		add("fractions", backend.I32, half, packed(99), packed(99), uniform(rng, -9, 9))
	}
	fractions := []float64{0, 0.5, -0.5, 0.999, -0.999, 1.5, -1.5, 2.5, -2.5, 123456.7, -(1 << 31), 1<<31 - 128, 1<<24 - 1}
	add("truncates", backend.I32, backend.F32, packed(len(fractions)), packed(len(fractions)), listed(fractions...))
	return append(checksOf(trials), check{"F32-from-I32/large-ints", convertLargeInts})
}

// halfEdges returns float32 numbers around every point where rounding to dtype
// changes its mind: each number that dtype holds on a coarse grid of exponents,
// the ties above and below it, and the float32 neighbours of those.
func halfEdges(dtype backend.DType) []float64 {
	bits, lowest, highest := 11, -24, 16 // precision, exponent of the smallest step, of overflow
	if dtype == backend.BF16 {
		bits, lowest, highest = 8, -133, 128
	}
	list := append([]float64(nil), moved...)
	for e := lowest - 2; e <= highest; e++ {
		for _, mantissa := range []float64{1, 1.5, 2 - math.Ldexp(1, 1-bits), 1 + math.Ldexp(1, 1-bits), 1.25} {
			step := math.Ldexp(1, max(e+1-bits, lowest))
			for _, tie := range []float64{0, -0.5, 0.5} {
				x := math.Ldexp(mantissa, e) + tie*step
				y := float32(x)
				for _, z := range []float32{y, math.Nextafter32(y, 0), math.Nextafter32(y, float32(math.Inf(1)))} {
					list = append(list, float64(z), -float64(z))
				}
			}
		}
	}
	return list
}

// anyFloat32 yields float32 numbers of random bits: every exponent, subnormals,
// infinities and NaN.
func anyFloat32(bits func() uint32) values {
	return func() float64 { return float64(math.Float32frombits(bits())) }
}

// convertLargeInts uploads numbers that float32 cannot hold and looks at how
// they are rounded. It does not go through a trial, whose memories are compared
// as float32.
func convertLargeInts(be backend.Backend) error {
	src := []int32{math.MaxInt32, math.MinInt32, 1<<24 + 1, 1<<24 + 3, -(1<<24 + 1), -(1<<24 + 3), 1<<30 + 64, 1<<30 + 65, 123456789}
	n := len(src)
	ints, err := be.Alloc(backend.I32, n)
	if err != nil {
		return err
	}
	defer be.Free(ints)
	floats, err := be.Alloc(backend.F32, n)
	if err != nil {
		return err
	}
	defer be.Free(floats)
	if err := be.UploadInts(wholeOf(ints, backend.I32, n), src); err != nil {
		return err
	}
	be.Convert(wholeOf(floats, backend.F32, n), wholeOf(ints, backend.I32, n))
	got := make([]float32, n)
	if err := be.Download(got, wholeOf(floats, backend.F32, n)); err != nil {
		return err
	}
	for i, v := range src {
		if want := float32(v); got[i] != want {
			return fmt.Errorf("Convert(%d): got %v, want %v", v, got[i], want)
		}
	}
	return nil
}
