package cpu

import (
	"math"
	"testing"

	"github.com/wengert-ml/wengert/backend"
)

// ulps is the distance of got from want in steps of float32 at want.
func ulps(got float32, want float64) float64 {
	w := float32(want)
	switch {
	case math.IsNaN(want) || math.IsInf(float64(w), 0) || math.IsInf(float64(got), 0):
		if got == w || got != got && want != want {
			return 0
		}
		return math.Inf(1)
	}
	w = float32(math.Abs(want))
	step := float64(math.Nextafter32(w, float32(math.Inf(1))) - w)
	if math.IsInf(step, 1) {
		step = float64(w - math.Nextafter32(w, 0))
	}
	return math.Abs(float64(got)-want) / step
}

// TestUlps compares the exponentials with float64 over all exponents of float32,
// denormals, infinities and NaN: two million arguments, one in 1999.
func TestUlps(t *testing.T) {
	for _, c := range []struct {
		name  string
		f     func(dst, x []float32, a, b float32)
		ref   func(x, a, b float64) float64
		bound float64
	}{
		{"exp", exp, backend.Unaries[backend.Exp].Ref, 0.51},
		{"sigmoid", sigmoid, backend.Unaries[backend.Sigmoid].Ref, 0.51},
		{"tanh", tanh, backend.Unaries[backend.Tanh].Ref, 0.51},
	} {
		t.Run(c.name, func(t *testing.T) {
			worst, at := 0.0, float32(0)
			var x, y [512]float32
			for bits := uint64(0); bits < 1<<32; {
				for i := range x {
					x[i] = math.Float32frombits(uint32(bits))
					bits += 1999
				}
				c.f(y[:], x[:], 0, 0)
				for i, v := range x {
					if e := ulps(y[i], c.ref(float64(v), 0, 0)); e > worst {
						worst, at = e, v
					}
				}
			}
			t.Logf("largest error %.4f ulp, at %v", worst, at)
			if worst > c.bound {
				t.Errorf("largest error %v ulp, at %v; want at most %v", worst, at, c.bound)
			}

			special := []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 1e-45, -1e-45, 88.72283, 88.72284, -103.97, -103.98}
			got := make([]float32, len(special))
			c.f(got, special, 0, 0)
			for i, v := range special {
				want := float32(c.ref(float64(v), 0, 0))
				if e := ulps(got[i], float64(want)); e > 1 || math.Signbit(float64(got[i])) != math.Signbit(float64(want)) && want == 0 {
					t.Errorf("%s(%v) = %v, want %v", c.name, v, got[i], want)
				}
			}
		})
	}
}

// Where an element stands in a slice does not change it.
func TestPosition(t *testing.T) {
	k := genericKernels()
	x := make([]float32, 40)
	for i := range x {
		x[i] = 0.37
	}
	for op := range k.unary {
		row := backend.Unaries[op]
		dst := make([]float32, len(x))
		k.unary[op].f(dst, x, float32(row.A), float32(row.B))
		for i := range dst {
			if dst[i] != dst[0] {
				t.Errorf("%s: element %d is %v, element 0 %v", row.Name, i, dst[i], dst[0])
			}
		}
	}
}
