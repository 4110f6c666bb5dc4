package reference_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/backendtest"
	"github.com/wengert-ml/wengert/backend/reference"
)

// TestConformance compares the reference with itself: it shows that layouts,
// guards and transfers are kept. What the methods mean is pinned below, in
// numbers that were worked out by hand.
func TestConformance(t *testing.T) {
	if testing.Short() {
		t.Skip("plain loops in the caller's goroutine: nothing for the race detector")
	}
	backendtest.Run(t, func(*testing.T) backend.Backend { return reference.New() })
}

// array returns a contiguous view that holds v.
func array(t *testing.T, be *reference.Backend, shape []int, v ...float64) *backend.View {
	t.Helper()
	l := backend.Contiguous(shape...)
	buf, err := be.Alloc(backend.F32, max(l.Len(), 1))
	require.NoError(t, err)
	x := &backend.View{Buf: buf, Layout: l}
	require.NoError(t, be.UploadFloat64(x, v))
	return x
}

func read(t *testing.T, be *reference.Backend, x *backend.View) []float64 {
	t.Helper()
	v := make([]float64, x.Len())
	require.NoError(t, be.DownloadFloat64(v, x))
	return v
}

// equal is assert.Equal by value, where NaN equals NaN and zeros have signs.
func equal(t *testing.T, want, got []float64) {
	t.Helper()
	assert.Equal(t, fmt.Sprint(want), fmt.Sprint(got))
}

// t2 swaps the axes of a matrix.
func t2(x *backend.View) *backend.View {
	v := *x
	v.Shape[0], v.Shape[1] = x.Shape[1], x.Shape[0]
	v.Stride[0], v.Stride[1] = x.Stride[1], x.Stride[0]
	return &v
}

func shape(n ...int) []int { return n }

var nan, inf = math.NaN(), math.Inf(1)

func TestByHand(t *testing.T) {
	be := reference.New()
	arr := func(shape []int, v ...float64) *backend.View { return array(t, be, shape, v...) }
	for _, c := range []struct {
		name string
		dst  *backend.View
		call func(dst *backend.View)
		want []float64
	}{
		{"copy/transposed", arr(shape(3, 2), 0, 0, 0, 0, 0, 0), func(d *backend.View) {
			be.Copy(d, t2(arr(shape(2, 3), 1, 2, 3, 4, 5, 6)))
		}, []float64{1, 4, 2, 5, 3, 6}},
		{"copy/broadcast", arr(shape(2, 3), 0, 0, 0, 0, 0, 0), func(d *backend.View) {
			be.Copy(d, arr(shape(2, 1), 7, 8))
		}, []float64{7, 7, 7, 8, 8, 8}},
		{"fill/keeps-float64", arr(shape(2), 0, 0), func(d *backend.View) { be.Fill(d, 0.1) }, []float64{0.1, 0.1}},
		{"unary/attributes", arr(shape(3), 1, 2, 3), func(d *backend.View) {
			be.Unary(backend.Scale, d, d, 10, 1)
		}, []float64{11, 21, 31}},
		{"binary/row-and-column", arr(shape(2, 3), 0, 0, 0, 0, 0, 0), func(d *backend.View) {
			be.Binary(backend.Sub, d, arr(shape(2, 1), 10, 20), arr(shape(3), 1, 2, 3))
		}, []float64{9, 8, 7, 19, 18, 17}},
		{"binary/maximum-of-nan-and-inf", arr(shape(3), 0, 0, 0), func(d *backend.View) {
			be.Binary(backend.Maximum, d, arr(shape(3), nan, inf, 1), arr(shape(3), inf, nan, 2))
		}, []float64{nan, nan, 2}},
		{"where/nan-is-true", arr(shape(4), 0, 0, 0, 0), func(d *backend.View) {
			be.Where(d, arr(shape(4), nan, 0, math.Copysign(0, -1), -3), arr(shape(), 1), arr(shape(), 2))
		}, []float64{1, 2, 2, 1}},
		{"reduce/sum-of-columns", arr(shape(1, 3), 9, 9, 9), func(d *backend.View) {
			be.Reduce(backend.ReduceSum, d, arr(shape(2, 3), 1, 2, 3, 4, 5, 6))
		}, []float64{5, 7, 9}},
		{"reduce/max-of-rows", arr(shape(3, 1), 9, 9, 9), func(d *backend.View) {
			be.Reduce(backend.ReduceMax, d, arr(shape(3, 2), -1, -2, inf, nan, -inf, -inf))
		}, []float64{-1, nan, -inf}},
		{"reduce/min-of-all", arr(shape(1, 1), 9), func(d *backend.View) {
			be.Reduce(backend.ReduceMin, d, arr(shape(2, 2), 3, 1, 2, 4))
		}, []float64{1}},
		{"reduce/empty-sum", arr(shape(1), 9), func(d *backend.View) { be.Reduce(backend.ReduceSum, d, arr(shape(0))) }, []float64{0}},
		{"reduce/empty-max", arr(shape(1), 9), func(d *backend.View) { be.Reduce(backend.ReduceMax, d, arr(shape(0))) }, []float64{-inf}},
		{"reduce/empty-min", arr(shape(1), 9), func(d *backend.View) { be.Reduce(backend.ReduceMin, d, arr(shape(0))) }, []float64{inf}},
		{"matmul/write", arr(shape(2, 2), nan, nan, nan, nan), func(d *backend.View) {
			be.MatMul(d, arr(shape(2, 3), 1, 2, 3, 4, 5, 6), arr(shape(3, 2), 7, 8, 9, 10, 11, 12), false)
		}, []float64{58, 64, 139, 154}},
		{"matmul/accumulate", arr(shape(2, 2), 100, 200, 300, 400), func(d *backend.View) {
			be.MatMul(d, arr(shape(2, 1), 1, 2), arr(shape(1, 2), 3, 4), true)
		}, []float64{103, 204, 306, 408}},
		{"matmul/transposed", arr(shape(2, 2), 0, 0, 0, 0), func(d *backend.View) { // xᵀ x
			x := arr(shape(3, 2), 1, 2, 3, 4, 5, 6)
			be.MatMul(d, t2(x), x, false)
		}, []float64{35, 44, 44, 56}},
		{"matmul/no-inner", arr(shape(1, 2), nan, 5), func(d *backend.View) {
			be.MatMul(d, arr(shape(1, 0)), arr(shape(0, 2)), false)
		}, []float64{0, 0}},
		{"matmul/batch", arr(shape(2, 1, 1), 0, 0), func(d *backend.View) {
			be.MatMul(d, arr(shape(2, 1, 2), 1, 2, 3, 4), arr(shape(2, 1), 10, 1), false)
		}, []float64{12, 34}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.call(c.dst)
			equal(t, c.want, read(t, be, c.dst))
		})
	}
}

func TestRows(t *testing.T) {
	be := reference.New()
	buf, err := be.Alloc(backend.I32, 3)
	require.NoError(t, err)
	ids := &backend.View{Buf: buf, DType: backend.I32, Layout: backend.Contiguous(3)}
	require.NoError(t, be.UploadInts(ids, []int32{2, 0, 2}))

	dst := array(t, be, shape(3, 2), 0, 0, 0, 0, 0, 0)
	be.Gather(dst, array(t, be, shape(3, 2), 1, 2, 3, 4, 5, 6), ids)
	equal(t, []float64{5, 6, 1, 2, 5, 6}, read(t, be, dst))

	table := array(t, be, shape(3, 2), 1, 1, 1, 1, 1, 1)
	be.ScatterAdd(table, array(t, be, shape(3, 2), 10, 20, 30, 40, 50, 60), ids)
	equal(t, []float64{31, 41, 1, 1, 61, 81}, read(t, be, table))

	require.NoError(t, be.UploadInts(ids, []int32{2, 3, 2}))
	assert.PanicsWithValue(t, "reference: id 3 outside [0, 3)", func() { be.Gather(dst, table, ids) })
	require.NoError(t, be.UploadInts(ids, []int32{2, 0, -1}))
	assert.PanicsWithValue(t, "reference: id -1 outside [0, 3)", func() { be.ScatterAdd(table, dst, ids) })
}

// TestRandom pins the stream: element i is word i%4 of block counter + i/4.
func TestRandom(t *testing.T) {
	be := reference.New()
	const key, counter = 1984, 41
	first, second := backend.Philox(counter, key), backend.Philox(counter+1, key)

	u := array(t, be, shape(2, 3), make([]float64, 6)...)
	be.Random(u, backend.Uniform, key, counter)
	equal(t, []float64{
		backend.Unit(first[0]), backend.Unit(first[1]), backend.Unit(first[2]), backend.Unit(first[3]),
		backend.Unit(second[0]), backend.Unit(second[1]),
	}, read(t, be, u))

	a, b := backend.NormalPair(first[0], first[1])
	c, d := backend.NormalPair(first[2], first[3])
	e, _ := backend.NormalPair(second[0], second[1])
	n := array(t, be, shape(5), make([]float64, 5)...)
	be.Random(n, backend.Normal, key, counter)
	equal(t, []float64{a, b, c, d, e}, read(t, be, n))
}

// decode returns the number that the bits of a 16-bit float stand for, from the
// definition of the format.
func decode(bits uint16, mantissaBits, bias int) float64 {
	sign := 1.0
	if bits>>15 == 1 {
		sign = -1
	}
	mantissa := float64(bits&(1<<mantissaBits-1)) / float64(int(1)<<mantissaBits)
	exponent := int(bits & 0x7fff >> mantissaBits)
	switch exponent {
	case 0:
		return sign * math.Ldexp(mantissa, 1-bias)
	case 0x7fff >> mantissaBits:
		if mantissa != 0 {
			return math.NaN()
		}
		return sign * math.Inf(1)
	}
	return sign * math.Ldexp(1+mantissa, exponent-bias)
}

// TestHalves tries every number that F16 and BF16 hold: it stays itself; halfway
// to the next, it rounds to the one with an even mantissa; a little off halfway,
// to the nearer one.
func TestHalves(t *testing.T) {
	be := reference.New()
	for _, f := range []struct {
		dtype              backend.DType
		mantissaBits, bias int
		largest            float64
	}{
		{backend.F16, 10, 15, 65504},
		{backend.BF16, 7, 127, 3.3895313892515355e38},
	} {
		t.Run(f.dtype.String(), func(t *testing.T) {
			var src, want []float64
			add := func(x, rounded float64) { src, want = append(src, x), append(want, rounded) }
			for bits := range 1 << 16 {
				x := decode(uint16(bits), f.mantissaBits, f.bias)
				add(x, x)
				if math.IsNaN(x) || math.IsInf(x, 0) {
					continue
				}
				next := decode(uint16(bits+1), f.mantissaBits, f.bias) // away from zero
				if math.IsInf(next, 0) {
					// Halfway from the largest to what would come after it: its mantissa is odd.
					beyond := math.Copysign(math.Ldexp(1, f.bias+1), x)
					add((x+beyond)/2, next)
					add((x+beyond)/2*(1-1e-12), x)
					continue
				}
				even := x
				if bits&1 == 1 {
					even = next
				}
				middle := (x + next) / 2
				add(middle, even)
				add(middle+(next-x)*1e-9, next)
				add(middle-(next-x)*1e-9, x)
			}
			half, err := be.Alloc(f.dtype, len(src))
			require.NoError(t, err)
			x := array(t, be, shape(len(src)), src...)
			h := &backend.View{Buf: half, DType: f.dtype, Layout: x.Layout}
			be.Convert(h, x)
			be.Convert(x, h)
			for i, got := range read(t, be, x) {
				if got != want[i] && !(math.IsNaN(got) && math.IsNaN(want[i])) || math.Signbit(got) != math.Signbit(want[i]) && got == 0 {
					t.Fatalf("%v: got %v, want %v", src[i], got, want[i])
				}
			}
			assert.Contains(t, want, f.largest)
		})
	}
}

func TestConvertInts(t *testing.T) {
	be := reference.New()
	buf, err := be.Alloc(backend.I32, 6)
	require.NoError(t, err)
	ints := &backend.View{Buf: buf, DType: backend.I32, Layout: backend.Contiguous(6)}
	x := array(t, be, shape(6), 1.5, -1.5, 0.99, -0.99, 2.5, -(1 << 31))
	be.Convert(ints, x)
	be.Convert(x, ints)
	equal(t, []float64{1, -1, 0, 0, 2, -(1 << 31)}, read(t, be, x))
}

func TestAllocTooMuch(t *testing.T) {
	be := reference.New()
	for _, n := range []int{1<<40 + 1, math.MaxInt} {
		_, err := be.Alloc(backend.F32, n)
		var oom *backend.OutOfMemory
		require.ErrorAs(t, err, &oom)
		assert.Positive(t, oom.Asked)
	}
}

func Example() {
	be := reference.New()
	buf, _ := be.Alloc(backend.F32, 4)
	x := &backend.View{Buf: buf, Layout: backend.Contiguous(2, 2)}
	_ = be.UploadFloat64(x, []float64{1, 2, 3, 4})

	xt := *x // the transpose is a view
	xt.Stride[0], xt.Stride[1] = x.Stride[1], x.Stride[0]
	out, _ := be.Alloc(backend.F32, 4)
	y := &backend.View{Buf: out, Layout: backend.Contiguous(2, 2)}
	be.MatMul(y, x, &xt, false)

	v := make([]float64, 4)
	_ = be.DownloadFloat64(v, y)
	fmt.Println(v)
	// Output: [5 11 11 25]
}
