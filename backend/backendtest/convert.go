package backendtest

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/backend"
)

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
	return append(checksOf(trials), check{name: "F32-from-I32/large-ints", run: convertLargeInts})
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
