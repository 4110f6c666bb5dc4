package vec

import (
	"flag"
	"fmt"
	"math"
	"testing"

	"github.com/wengert-ml/wengert/backend/cpu/isa"
)

var sweepStep = flag.Uint64("sweep", 4099, "test one float32 number in so many; 1 tests all 2^32")

// A function of one number: the formula in float64, and the largest error that
// is stated. tiny is the error in absolute terms that is allowed besides.
type function struct {
	name string
	run  func(k *Kernels, dst, x []float32)
	ref  func(x float64) float64
	ulps float64
	tiny float64
}

func functions() []function {
	one := float32(1)
	fill := func(x []float32, v float32) []float32 {
		y := make([]float32, len(x))
		for i := range y {
			y[i] = v
		}
		return y
	}
	return []function{
		{"neg", func(k *Kernels, dst, x []float32) { k.Neg(dst, x) }, func(x float64) float64 { return -x }, 0, 0},
		{"abs", func(k *Kernels, dst, x []float32) { k.Abs(dst, x) }, math.Abs, 0, 0},
		{"square", func(k *Kernels, dst, x []float32) { k.Square(dst, x) }, func(x float64) float64 { return x * x }, 0.5, 0},
		{"sqrt", func(k *Kernels, dst, x []float32) { k.Sqrt(dst, x) }, math.Sqrt, 0.5, 0},
		{"sign", func(k *Kernels, dst, x []float32) { k.Sign(dst, x) }, refSign, 0, 0},
		{"rsqrt", func(k *Kernels, dst, x []float32) { k.Rsqrt(dst, x) }, func(x float64) float64 { return 1 / math.Sqrt(x) }, 1.5, 0},
		{"floor", func(k *Kernels, dst, x []float32) { k.Floor(dst, x) }, math.Floor, 0, 0},
		{"ceil", func(k *Kernels, dst, x []float32) { k.Ceil(dst, x) }, math.Ceil, 0, 0},
		{"round", func(k *Kernels, dst, x []float32) { k.Round(dst, x) }, math.RoundToEven, 0, 0},
		{"leakyReLU", func(k *Kernels, dst, x []float32) { k.LeakyReLU(dst, x, 0.1) }, func(x float64) float64 { return max(x, 0) + min(x, 0)*float64(float32(0.1)) }, 0.5, 0},
		{"relu", func(k *Kernels, dst, x []float32) { k.ReLU(dst, x) }, func(x float64) float64 { return max(x, 0) }, 0, 0},
		{"exp", func(k *Kernels, dst, x []float32) { k.Exp(dst, x) }, math.Exp, 1.1, 0},
		{"log", func(k *Kernels, dst, x []float32) { k.Log(dst, x) }, math.Log, 1, 0},
		{"tanh", func(k *Kernels, dst, x []float32) { k.Tanh(dst, x) }, math.Tanh, 2.5, 0},
		{"sigmoid", func(k *Kernels, dst, x []float32) { k.Sigmoid(dst, x) }, refSigmoid, 2.5, 0},
		{"silu", func(k *Kernels, dst, x []float32) { k.SiLU(dst, x) }, func(x float64) float64 { return x * refSigmoid(x) }, 3.5, 0x1p-142},
		{"softplus", func(k *Kernels, dst, x []float32) { k.Softplus(dst, x) }, func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }, 2.5, 0},
		{"gelu", func(k *Kernels, dst, x []float32) { k.GELU(dst, x) }, func(x float64) float64 { return x / 2 * math.Erfc(-x/math.Sqrt2) }, 7, 0x1p-142},
		{"geluGrad", func(k *Kernels, dst, x []float32) { k.GELUGrad(dst, fill(x, one), x) }, refGELUGrad, 0, 0x1p-22},
		{"tanhGrad", func(k *Kernels, dst, x []float32) { k.TanhGrad(dst, fill(x, -3), x) }, func(y float64) float64 { return -3 * (1 - y*y) }, 1.5, 0},
		{"sigmoidGrad", func(k *Kernels, dst, x []float32) { k.SigmoidGrad(dst, fill(x, 3), x) }, func(y float64) float64 { return 3 * y * (1 - y) }, 2, 0x1p-148},
		{"scale", func(k *Kernels, dst, x []float32) { k.Scale(dst, x, -1.5, 0.25) }, func(x float64) float64 { return x*-1.5 + 0.25 }, 0.5, 0},
		{"clamp", func(k *Kernels, dst, x []float32) { k.Clamp(dst, x, -1.5, 2) }, func(x float64) float64 { return min(max(x, -1.5), 2) }, 0, 0},
		{"scalarDiv", func(k *Kernels, dst, x []float32) { k.ScalarDiv(dst, x, 3) }, func(x float64) float64 { return 3 / x }, 0.5, 0},
	}
}

func refSign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

func refSigmoid(x float64) float64 {
	e := math.Exp(-math.Abs(x))
	if x < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}

func refGELUGrad(y float64) float64 {
	return math.Erfc(-y/math.Sqrt2)/2 + y*math.Exp(-y*y/2)/math.Sqrt(2*math.Pi)
}

// spacing is one unit in the last place of float32 at v.
func spacing(v float64) float64 {
	_, e := math.Frexp(v)
	return math.Ldexp(1, max(e-24, -149))
}

// ulps is the error of got. Beyond the largest number, 2^128 stands for infinity.
func ulps(got float32, want float64) float64 {
	if math.Abs(want) > 0x1p128 {
		want = math.Copysign(0x1p128, want)
	}
	g := float64(got)
	switch {
	case want != want && g != g, g == want:
		return 0
	case want != want || g != g:
		return math.Inf(1)
	case math.IsInf(g, 0):
		g = math.Copysign(0x1p128, g)
	}
	return math.Abs(g-want) / spacing(min(math.Abs(want), math.MaxFloat32))
}

// special holds the numbers where functions change their ways.
func special() []float32 {
	x := []float32{0, 1, 2, 0.5, 0.75, 9, 9.01, 9.02, 10, 14.5, 14.6, 18, 87.3, 87.4, 88.72283, 88.72284, 89, 100, 103.97, 103.98, 104.5, 150,
		0x1p-149, 0x1p-127, 0x1p-126, 0x1.fffffep-127, 0x1p-23, 0x1p-24, 0x1p23, 0x1.8p23, 0x1p31, math.MaxFloat32, math.Sqrt2, math.Sqrt2 / 2, math.Sqrt2 - 1,
		float32(math.Inf(1)), float32(math.NaN())}
	for _, v := range x {
		x = append(x, -v)
	}
	return x
}

// sweep calls f with pieces of the whole range of float32.
func sweep(f func(x []float32)) {
	f(special())
	x := make([]float32, 0, 1<<14)
	for b := uint64(0); b < 1<<32; b += *sweepStep {
		if x = append(x, math.Float32frombits(uint32(b))); len(x) == cap(x) {
			f(x)
			x = x[:0]
		}
	}
	f(x)
}

func TestAccuracy(t *testing.T) {
	for _, f := range functions() {
		t.Run(f.name, func(t *testing.T) {
			kernels := []*Kernels{}
			for _, set := range isa.Supported() {
				kernels = append(kernels, For(set))
			}
			worst, at := make([]float64, len(kernels)), make([]float32, len(kernels))
			dst := make([]float32, 1<<14)
			ref := make([]float64, 1<<14)
			sweep(func(x []float32) {
				for i, v := range x {
					ref[i] = f.ref(float64(v))
				}
				for j, k := range kernels {
					f.run(k, dst[:len(x)], x)
					for i, v := range x {
						u := ulps(dst[i], ref[i])
						if u > worst[j] && math.Abs(float64(dst[i])-ref[i]) > f.tiny {
							worst[j], at[j] = u, v
						}
					}
				}
			})
			for j, k := range kernels {
				t.Logf("%s: %.3f ulp at %g", k.ISA, worst[j], at[j])
				if worst[j] > f.ulps {
					f.run(k, dst[:1], at[j:j+1])
					t.Errorf("%s %s(%g) = %g, want %g: %.3f ulp off; at most %g", k.ISA, f.name, at[j], dst[0], f.ref(float64(at[j])), worst[j], f.ulps)
				}
			}
		})
	}
}

// The sign of a zero, which the sweep's equality does not see.
func TestSignedZero(t *testing.T) {
	negative := float32(math.Copysign(0, -1))
	for _, set := range isa.Supported() {
		k := For(set)
		for _, c := range []struct {
			name string
			run  func(dst, x, y []float32)
			x, y float32
			want float32
		}{
			{"relu", func(dst, x, _ []float32) { k.ReLU(dst, x) }, negative, 0, 0},
			{"neg", func(dst, x, _ []float32) { k.Neg(dst, x) }, 0, 0, negative},
			{"tanh", func(dst, x, _ []float32) { k.Tanh(dst, x) }, negative, 0, negative},
			{"sqrt", func(dst, x, _ []float32) { k.Sqrt(dst, x) }, negative, 0, negative},
			{"gelu", func(dst, x, _ []float32) { k.GELU(dst, x) }, negative, 0, negative},
			{"maximum", k.Maximum, negative, 0, 0},
			{"maximum/swapped", k.Maximum, 0, negative, 0},
			{"minimum", k.Minimum, negative, 0, negative},
			{"minimum/swapped", k.Minimum, 0, negative, negative},
		} {
			t.Run(fmt.Sprintf("%s/%s", set, c.name), func(t *testing.T) {
				dst, x, y := make([]float32, 20), make([]float32, 20), make([]float32, 20)
				for i := range x {
					x[i], y[i] = c.x, c.y
				}
				c.run(dst, x, y)
				for i, v := range dst {
					if math.Float32bits(v) != math.Float32bits(c.want) {
						t.Fatalf("element %d is %g, want %g", i, v, c.want)
					}
				}
			})
		}
	}
}

// Comparisons, maximum and minimum, and Where on all pairs of special values.
func TestPairs(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	sevens := make([]float32, 17)
	for i := range sevens {
		sevens[i] = 7
	}
	values := []float32{nan, inf, -inf, 0, 1, -1, 0x1p-149, -0x1p-149, math.MaxFloat32}
	for _, set := range isa.Supported() {
		k := For(set)
		for _, a := range values {
			for _, b := range values {
				x, y := make([]float32, 17), make([]float32, 17)
				for i := range x {
					x[i], y[i] = a, b
				}
				chosen := b
				if a != 0 {
					chosen = 7
				}
				for _, c := range []struct {
					name string
					run  func(dst, x, y []float32)
					want float32
				}{
					{"maximum", k.Maximum, max(a, b)},
					{"minimum", k.Minimum, min(a, b)},
					{"equal", k.Equal, truth(a == b)},
					{"notEqual", k.NotEqual, truth(a != b)},
					{"less", k.Less, truth(a < b)},
					{"lessEqual", k.LessEqual, truth(a <= b)},
					{"greater", k.Greater, truth(a > b)},
					{"greaterEqual", k.GreaterEqual, truth(a >= b)},
					{"reluGrad", k.ReLUGrad, reluGrad(a, b)},
					{"where", func(dst, x, y []float32) { k.Where(dst, x, sevens, y) }, chosen},
				} {
					dst := make([]float32, 17)
					c.run(dst, x, y)
					for i := range dst {
						if ulps(dst[i], float64(c.want)) != 0 {
							t.Fatalf("%s %s(%g, %g) = %g at %d, want %g", set, c.name, a, b, dst[i], i, c.want)
						}
					}
				}
			}
		}
	}
}
