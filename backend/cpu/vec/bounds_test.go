package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/wengert-ml/wengert/backend/cpu/isa"
)

// agreement says on which instruction sets a kernel gives the same bits.
type agreement int

const (
	everywhere agreement = iota
	simd                 // AVX2 and AVX-512; plain Go within the tolerance
	nowhere              // all within the tolerance
)

// call is a kernel with the slices it is called with in these tests.
type call struct {
	name    string
	slices  int                                     // how many slices it takes
	outputs int                                     // how many of them, from the first, it writes
	parts   map[int]int                             // how many times as long those are that hold gates
	alias   []int                                   // inputs that may be slice 0
	same    agreement                               // where bits agree
	unit    bool                                    // inputs in (0, 1): gates, second moments
	run     func(k *Kernels, s [][]float32) float64 // returns a reduction's result
}

func calls() []call {
	one := func(name string, same agreement, f func(k *Kernels) func(dst, x []float32)) call {
		return call{name: name, slices: 2, outputs: 1, alias: []int{1}, same: same, run: func(k *Kernels, s [][]float32) float64 { f(k)(s[0], s[1]); return 0 }}
	}
	two := func(name string, same agreement, f func(k *Kernels) func(dst, x, y []float32)) call {
		return call{name: name, slices: 3, outputs: 1, alias: []int{1, 2}, same: same, run: func(k *Kernels, s [][]float32) float64 { f(k)(s[0], s[1], s[2]); return 0 }}
	}
	scalar := func(name string, same agreement, f func(k *Kernels) func(dst, x []float32, c float32)) call {
		return call{name: name, slices: 2, outputs: 1, alias: []int{1}, same: same, run: func(k *Kernels, s [][]float32) float64 { f(k)(s[0], s[1], 0.7); return 0 }}
	}
	scalars := func(name string, same agreement, f func(k *Kernels) func(dst, x []float32, a, b float32)) call {
		return call{name: name, slices: 2, outputs: 1, alias: []int{1}, same: same, run: func(k *Kernels, s [][]float32) float64 { f(k)(s[0], s[1], -0.7, 0.3); return 0 }}
	}
	number := func(name string, same agreement, f func(k *Kernels) func(x []float32) float32) call {
		return call{name: name, slices: 1, same: same, run: func(k *Kernels, s [][]float32) float64 { return float64(f(k)(s[0])) }}
	}
	scratch := new(Scratch)
	return []call{
		one("neg", everywhere, func(k *Kernels) func(dst, x []float32) { return k.Neg }),
		one("abs", everywhere, func(k *Kernels) func(dst, x []float32) { return k.Abs }),
		one("square", everywhere, func(k *Kernels) func(dst, x []float32) { return k.Square }),
		one("sqrt", everywhere, func(k *Kernels) func(dst, x []float32) { return k.Sqrt }),
		one("sign", everywhere, func(k *Kernels) func(dst, x []float32) { return k.Sign }),
		one("rsqrt", simd, func(k *Kernels) func(dst, x []float32) { return k.Rsqrt }),
		one("floor", everywhere, func(k *Kernels) func(dst, x []float32) { return k.Floor }),
		one("ceil", everywhere, func(k *Kernels) func(dst, x []float32) { return k.Ceil }),
		one("round", everywhere, func(k *Kernels) func(dst, x []float32) { return k.Round }),
		one("relu", everywhere, func(k *Kernels) func(dst, x []float32) { return k.ReLU }),
		one("exp", simd, func(k *Kernels) func(dst, x []float32) { return k.Exp }),
		one("log", simd, func(k *Kernels) func(dst, x []float32) { return k.Log }),
		one("tanh", simd, func(k *Kernels) func(dst, x []float32) { return k.Tanh }),
		one("sigmoid", nowhere, func(k *Kernels) func(dst, x []float32) { return k.Sigmoid }),
		one("silu", nowhere, func(k *Kernels) func(dst, x []float32) { return k.SiLU }),
		one("softplus", simd, func(k *Kernels) func(dst, x []float32) { return k.Softplus }),
		one("gelu", simd, func(k *Kernels) func(dst, x []float32) { return k.GELU }),
		{name: "softmax", slices: 2, outputs: 1, alias: []int{1}, same: simd, run: func(k *Kernels, s [][]float32) float64 {
			k.Softmax(s[0], s[1], max(1, len(s[0])), false, scratch)
			return 0
		}},
		{name: "logSoftmax", slices: 2, outputs: 1, alias: []int{1}, same: simd, run: func(k *Kernels, s [][]float32) float64 { k.LogSoftmax(s[0], s[1]); return 0 }},
		scalars("scale", simd, func(k *Kernels) func(dst, x []float32, a, b float32) { return k.Scale }),
		scalars("clamp", everywhere, func(k *Kernels) func(dst, x []float32, a, b float32) { return k.Clamp }),
		scalars("shift", everywhere, func(k *Kernels) func(dst, x []float32, a, b float32) { return k.Shift }),
		scalar("leakyReLU", everywhere, func(k *Kernels) func(dst, x []float32, c float32) { return k.LeakyReLU }),
		scalar("addScalar", everywhere, func(k *Kernels) func(dst, x []float32, c float32) { return k.AddScalar }),
		scalar("mulScalar", everywhere, func(k *Kernels) func(dst, x []float32, c float32) { return k.MulScalar }),
		scalar("mulFlushed", everywhere, func(k *Kernels) func(dst, x []float32, c float32) { return k.mulFlushed }),
		scalar("mulFlushedPast", everywhere, func(k *Kernels) func(dst, x []float32, c float32) { return k.mulFlushedPast }),
		scalar("divScalar", everywhere, func(k *Kernels) func(dst, x []float32, c float32) { return k.DivScalar }),
		scalar("scalarSub", everywhere, func(k *Kernels) func(dst, x []float32, c float32) { return k.ScalarSub }),
		scalar("scalarDiv", everywhere, func(k *Kernels) func(dst, x []float32, c float32) { return k.ScalarDiv }),
		scalar("axpy", simd, func(k *Kernels) func(dst, x []float32, c float32) { return k.Axpy }),
		scalar("sgd", simd, func(k *Kernels) func(dst, x []float32, c float32) { return k.SGD }),
		two("add", everywhere, func(k *Kernels) func(dst, x, y []float32) { return k.Add }),
		two("sub", everywhere, func(k *Kernels) func(dst, x, y []float32) { return k.Sub }),
		two("mul", everywhere, func(k *Kernels) func(dst, x, y []float32) { return k.Mul }),
		two("div", everywhere, func(k *Kernels) func(dst, x, y []float32) { return k.Div }),
		two("maximum", everywhere, func(k *Kernels) func(dst, x, y []float32) { return k.Maximum }),
		two("minimum", everywhere, func(k *Kernels) func(dst, x, y []float32) { return k.Minimum }),
		two("equal", everywhere, func(k *Kernels) func(dst, x, y []float32) { return k.Equal }),
		two("notEqual", everywhere, func(k *Kernels) func(dst, x, y []float32) { return k.NotEqual }),
		two("less", everywhere, func(k *Kernels) func(dst, x, y []float32) { return k.Less }),
		two("lessEqual", everywhere, func(k *Kernels) func(dst, x, y []float32) { return k.LessEqual }),
		two("greater", everywhere, func(k *Kernels) func(dst, x, y []float32) { return k.Greater }),
		two("greaterEqual", everywhere, func(k *Kernels) func(dst, x, y []float32) { return k.GreaterEqual }),
		two("tanhGrad", simd, func(k *Kernels) func(dst, x, y []float32) { return k.TanhGrad }),
		two("sigmoidGrad", simd, func(k *Kernels) func(dst, x, y []float32) { return k.SigmoidGrad }),
		two("reluGrad", everywhere, func(k *Kernels) func(dst, x, y []float32) { return k.ReLUGrad }),
		two("geluGrad", simd, func(k *Kernels) func(dst, x, y []float32) { return k.GELUGrad }),
		two("mulAdd", simd, func(k *Kernels) func(dst, x, y []float32) { return k.MulAdd }),
		number("sum", everywhere, func(k *Kernels) func(x []float32) float32 { return k.Sum }),
		number("sumSquares", simd, func(k *Kernels) func(x []float32) float32 { return k.SumSquares }),
		number("max", everywhere, func(k *Kernels) func(x []float32) float32 { return k.Max }),
		number("min", everywhere, func(k *Kernels) func(x []float32) float32 { return k.Min }),
		{name: "dot", slices: 2, same: simd, run: func(k *Kernels, s [][]float32) float64 { return float64(k.Dot(s[0], s[1])) }},
		{name: "where", slices: 4, outputs: 1, alias: []int{1, 2, 3}, same: everywhere, run: func(k *Kernels, s [][]float32) float64 {
			k.Where(s[0], s[1], s[2], s[3])
			return 0
		}},
		{name: "addFour", slices: 5, outputs: 1, same: everywhere, run: func(k *Kernels, s [][]float32) float64 {
			k.AddFour(s[0], s[1], s[2], s[3], s[4])
			return 0
		}},
		{name: "expSum", slices: 2, outputs: 1, alias: []int{1}, same: simd, run: func(k *Kernels, s [][]float32) float64 { return k.ExpSum(s[0], s[1], 4) }},
		{name: "expSumOnly", slices: 1, same: simd, run: func(k *Kernels, s [][]float32) float64 { return k.ExpSum(nil, s[0], 4) }},
		{name: "crossEntropy", slices: 2, outputs: 1, alias: []int{1}, same: simd, run: func(k *Kernels, s [][]float32) float64 {
			if len(s[0]) == 0 {
				return 0
			}
			return crossEntropy(k, s[0], s[1], int32(len(s[0])/2), 0.1)
		}},
		{name: "crossEntropyGrad", slices: 2, outputs: 1, alias: []int{1}, same: simd, run: func(k *Kernels, s [][]float32) float64 {
			if len(s[0]) > 0 {
				k.CrossEntropyGrad(s[0], s[1], 0.7, int32(len(s[0])/2), 0.1)
			}
			return 0
		}},
		{name: "layerNorm", slices: 2, outputs: 1, alias: []int{1}, same: simd, run: func(k *Kernels, s [][]float32) float64 { return float64(k.LayerNorm(s[0], s[1], 1e-5)) }},
		{name: "layerNormGrad", slices: 3, outputs: 1, alias: []int{1}, same: simd, run: func(k *Kernels, s [][]float32) float64 { k.LayerNormGrad(s[0], s[1], s[2], 0.7); return 0 }},
		{name: "lstmCell", slices: 5, outputs: 3, parts: map[int]int{2: 4, 3: 4}, same: nowhere, run: func(k *Kernels, s [][]float32) float64 {
			k.LSTMCell(s[0], s[1], s[2], s[3], s[4])
			return 0
		}},
		{name: "lstmCellPlus", slices: 6, outputs: 3, parts: map[int]int{2: 4, 3: 4, 4: 4}, same: nowhere, run: func(k *Kernels, s [][]float32) float64 {
			k.LSTMCellPlus(s[0], s[1], s[2], s[3], s[4], s[5])
			return 0
		}},
		{name: "lstmCellGrad", slices: 6, outputs: 2, parts: map[int]int{0: 4, 3: 4}, alias: []int{3}, unit: true, same: simd, run: func(k *Kernels, s [][]float32) float64 {
			k.LSTMCellGrad(s[0], s[1], s[2], s[3], s[4], s[5])
			return 0
		}},
		{name: "gruGates", slices: 3, outputs: 2, parts: map[int]int{1: 3}, same: nowhere, run: func(k *Kernels, s [][]float32) float64 {
			k.GRUGates(s[0], s[1], s[2])
			return 0
		}},
		{name: "gruState", slices: 3, outputs: 2, parts: map[int]int{1: 3}, same: simd, run: func(k *Kernels, s [][]float32) float64 {
			k.GRUState(s[0], s[1], s[2])
			return 0
		}},
		{name: "gruStateGrad", slices: 4, outputs: 2, parts: map[int]int{1: 3}, unit: true, same: simd, run: func(k *Kernels, s [][]float32) float64 {
			k.GRUStateGrad(s[0], s[1], s[2], s[3])
			return 0
		}},
		{name: "gruGatesGrad", slices: 4, outputs: 3, parts: map[int]int{1: 3}, unit: true, same: simd, run: func(k *Kernels, s [][]float32) float64 {
			k.GRUGatesGrad(s[0], s[1], s[2], s[3])
			return 0
		}},
		{name: "momentum", slices: 3, outputs: 2, same: simd, run: func(k *Kernels, s [][]float32) float64 {
			k.Momentum(s[0], s[1], s[2], 0.1, 0.9)
			return 0
		}},
		{name: "adaGrad", slices: 3, outputs: 2, unit: true, same: simd, run: func(k *Kernels, s [][]float32) float64 {
			k.AdaGrad(s[0], s[1], s[2], 0.1, 1e-7)
			return 0
		}},
		{name: "adam", slices: 4, outputs: 3, unit: true, same: simd, run: func(k *Kernels, s [][]float32) float64 {
			k.Adam(s[0], s[1], s[2], s[3], 0.01, 0.1, 0.001, 1e-7)
			return 0
		}},
		{name: "uniform", slices: 1, outputs: 1, same: everywhere, run: func(k *Kernels, s [][]float32) float64 {
			k.Uniform(s[0], 0x123456789abcdef, 0xfffffffe)
			return 0
		}},
		{name: "dropout", slices: 2, outputs: 1, alias: []int{1}, same: everywhere, run: func(k *Kernels, s [][]float32) float64 {
			k.Dropout(s[0], s[1], 0.3, 0x123456789abcdef, 0xfffffffe)
			return 0
		}},
	}
}

const (
	guard  = 20
	poison = 0x7fa5a5a5 // a NaN that no kernel makes
)

// arena lays the slices of a call for n elements out between guard bands, each
// offset floats behind a multiple of 64 bytes or so, and fills them from a seed.
func (c call) arena(n, offset int) (slices, whole [][]float32) {
	random := rand.New(rand.NewPCG(1, 2))
	for i := range c.slices {
		m := n
		if p, ok := c.parts[i]; ok {
			m = p * n
		}
		w := make([]float32, guard+offset+m+guard)
		for j := range w {
			w[j] = math.Float32frombits(poison)
		}
		s := w[guard+offset : guard+offset+m]
		for j := range s {
			s[j] = float32(random.Float64()*8 - 4)
			if c.unit {
				s[j] = float32(random.Float64())
			}
		}
		slices, whole = append(slices, s[:m:m]), append(whole, w)
	}
	return slices, whole
}

// checkGuards fails if a kernel wrote outside its slices.
func checkGuards(t *testing.T, label string, slices, whole [][]float32) {
	t.Helper()
	for i, w := range whole {
		before := len(w) - guard - len(slices[i])
		for j, v := range w {
			if inside := j >= before && j < before+len(slices[i]); !inside && math.Float32bits(v) != poison {
				t.Fatalf("%s: slice %d written at %d of %d", label, i, j-before, len(slices[i]))
			}
		}
	}
}

func lengths() []int {
	n := []int{}
	for i := range 71 {
		n = append(n, i)
	}
	return append(n, 127, 128, 129, 1000)
}

// near allows for the errors stated in kernels.go; inputs are below 4.
func near(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 2e-6*max(math.Abs(a), math.Abs(b))+1e-6
}

// Every length, start and instruction set against plain Go, whose kernels the
// accuracy tests hold to the formulas.
func TestKernelsAgree(t *testing.T) {
	for _, c := range calls() {
		t.Run(c.name, func(t *testing.T) {
			for _, n := range lengths() {
				want, _ := c.arena(n, 0)
				wantResult := c.run(For(isa.Generic), want)
				first := map[isa.ISA][][]float32{}
				results := map[isa.ISA]float64{}
				for _, set := range isa.Supported() {
					k := For(set)
					for offset := range 5 {
						label := fmt.Sprintf("%s n=%d offset=%d", set, n, offset)
						got, whole := c.arena(n, offset)
						result := c.run(k, got)
						checkGuards(t, label, got, whole)
						if offset > 0 {
							mustEqual(t, label+" against aligned", c, got, first[set], result, results[set], true)
							continue
						}
						first[set], results[set] = got, result
						mustEqual(t, label+" against plain Go", c, got, want, result, wantResult, c.same == everywhere)
					}
				}
				if avx2 := first[isa.AVX2]; avx2 != nil && first[isa.AVX512] != nil {
					mustEqual(t, fmt.Sprintf("n=%d AVX-512 against AVX2", n), c, first[isa.AVX512], avx2, results[isa.AVX512], results[isa.AVX2], c.same != nowhere)
				}
			}
		})
	}
}

// mustEqual compares every slice, inputs too: a kernel must leave them alone.
func mustEqual(t *testing.T, label string, c call, got, want [][]float32, result, wantResult float64, bits bool) {
	t.Helper()
	same := func(a, b float64) bool {
		if bits {
			return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
		}
		return near(a, b)
	}
	if !same(result, wantResult) {
		t.Fatalf("%s: %s is %v, want %v", label, c.name, result, wantResult)
	}
	for i := range got {
		for j := range got[i] {
			if !same(float64(got[i][j]), float64(want[i][j])) {
				t.Fatalf("%s: %s: slice %d element %d is %v, want %v", label, c.name, i, j, got[i][j], want[i][j])
			}
		}
	}
}

// An output that is exactly an input gives what separate slices give.
func TestInPlace(t *testing.T) {
	for _, c := range calls() {
		for _, alias := range c.alias {
			for _, set := range isa.Supported() {
				t.Run(fmt.Sprintf("%s/%d/%s", c.name, alias, set), func(t *testing.T) {
					for _, n := range []int{1, 15, 16, 33, 64, 70, 200} {
						want, _ := c.arena(n, 0)
						copy(want[0], want[alias])
						got, _ := c.arena(n, 0)
						got[0] = got[alias]
						wantResult := c.run(For(set), want)
						result := c.run(For(set), got)
						mustEqual(t, fmt.Sprint("n=", n), c, got[:c.outputs], want[:c.outputs], result, wantResult, true)
					}
				})
			}
		}
	}
}

// Slices longer than one call of assembly handles.
func TestPieces(t *testing.T) {
	for _, c := range calls() {
		if c.parts != nil {
			continue // a cell's row is one call
		}
		t.Run(c.name, func(t *testing.T) {
			n := 2*chunk + 21
			want, _ := c.arena(n, 0)
			wantResult := c.run(For(isa.Generic), want)
			for _, set := range isa.Supported() {
				got, whole := c.arena(n, 1)
				result := c.run(For(set), got)
				checkGuards(t, set.String(), got, whole)
				mustEqual(t, set.String(), c, got, want, result, wantResult, c.same == everywhere)
			}
		})
	}
}

// A slice that is too short panics before anything is written.
func TestShortSlice(t *testing.T) {
	for _, c := range calls() {
		for i := 1; i < c.slices; i++ {
			if c.name == "expSumOnly" {
				continue
			}
			for _, set := range isa.Supported() {
				s, _ := c.arena(40, 0)
				before, _ := c.arena(40, 0)
				s[i] = s[i][: len(s[i])-1 : len(s[i])-1]
				func() {
					defer func() {
						if recover() == nil {
							t.Errorf("%s %s: slice %d is too short, no panic", set, c.name, i)
						}
					}()
					c.run(For(set), s)
				}()
				for j := range s {
					mustEqual(t, fmt.Sprint(set, " slice ", j), c, s[j:j+1], [][]float32{before[j][:len(s[j])]}, 0, 0, true)
				}
			}
		}
	}
}

func TestNoGarbage(t *testing.T) {
	for _, set := range isa.Supported() {
		k := For(set)
		for _, c := range calls() {
			s, _ := c.arena(100, 0)
			if n := testing.AllocsPerRun(10, func() { c.run(k, s) }); n != 0 {
				t.Errorf("%s %s: %g allocations", set, c.name, n)
			}
		}
	}
}
