package vec

import "github.com/wengert-ml/wengert/backend/cpu/isa"

//go:generate go -C ../../../internal/gen/vec run . ../../../backend/cpu/vec

// Kernels is the table of kernels for one instruction set. The fields are
// functions and are not to be changed.
//
// The comment on each gives its formula and its error in ulps; "exact" means
// correctly rounded, 0.5 ulp.
type Kernels struct {
	ISA isa.ISA // what the kernels are written in

	// Functions of one element.

	Neg     func(dst, x []float32) // -x, exact
	Abs     func(dst, x []float32) // |x|, exact
	Square  func(dst, x []float32) // x², exact
	Sqrt    func(dst, x []float32) // √x, exact
	Sign    func(dst, x []float32) // -1, 0 or 1, exact; a zero keeps its sign, NaN stays NaN
	Rsqrt   func(dst, x []float32) // 1/√x, 1.5 ulp
	Floor   func(dst, x []float32) // the largest whole number not above x, exact
	Ceil    func(dst, x []float32) // the smallest whole number not below x, exact
	Round   func(dst, x []float32) // the nearest whole number, halves to even, exact
	ReLU    func(dst, x []float32) // max(x, 0), exact; NaN stays NaN, -0 becomes 0
	Exp     func(dst, x []float32) // eˣ, 1.1 ulp
	Log     func(dst, x []float32) // ln x, 1 ulp; -Inf at 0, NaN below
	Tanh    func(dst, x []float32) // tanh x, 2.5 ulp; odd exactly
	Sigmoid func(dst, x []float32) // 1/(1 + e⁻ˣ), 2.5 ulp
	// SiLU is x/(1 + e⁻ˣ), 3.5 ulp; results below 2^-118 have an error of 2^-142.
	SiLU func(dst, x []float32)
	// Softplus is ln(1 + eˣ), 2.5 ulp.
	Softplus func(dst, x []float32)
	// GELU is x·Φ(x), Φ being the normal distribution, 7 ulp; results below 2^-118
	// have an error of 2^-142.
	GELU func(dst, x []float32)

	// Functions of one element with attributes.

	Scale     func(dst, x []float32, mul, add float32) // x·mul + add, rounded once: exact
	Clamp     func(dst, x []float32, lo, hi float32)   // min(max(x, lo), hi), exact; NaN stays NaN
	LeakyReLU func(dst, x []float32, slope float32)    // x where x > 0, else slope·x, exact
	AddScalar func(dst, x []float32, c float32)        // x + c, exact
	MulScalar func(dst, x []float32, c float32)        // x · c, exact
	DivScalar func(dst, x []float32, c float32)        // x / c, exact
	ScalarSub func(dst, x []float32, c float32)        // c - x, exact
	ScalarDiv func(dst, x []float32, c float32)        // c / x, exact
	Shift     func(dst, x []float32, a, b float32)     // (x - a) - b, each difference rounded

	// Functions of two elements.

	Add     func(dst, x, y []float32) // x + y, exact
	Sub     func(dst, x, y []float32) // x - y, exact
	Mul     func(dst, x, y []float32) // x · y, exact
	Div     func(dst, x, y []float32) // x / y, exact
	Maximum func(dst, x, y []float32) // the larger, NaN if either is, 0 above -0: the builtin max
	Minimum func(dst, x, y []float32) // the smaller, NaN if either is: the builtin min

	// Comparisons: 1 where they hold, else 0; NaN is unequal to everything.

	Equal        func(dst, x, y []float32) // x = y
	NotEqual     func(dst, x, y []float32) // x ≠ y
	Less         func(dst, x, y []float32) // x < y
	LessEqual    func(dst, x, y []float32) // x ≤ y
	Greater      func(dst, x, y []float32) // x > y
	GreaterEqual func(dst, x, y []float32) // x ≥ y

	// Where is x where cond ≠ 0, else y; NaN is unequal to 0. dst may be any of the three.
	Where func(dst, cond, x, y []float32)

	// First derivatives, times the gradient x; y is the function's result
	// (GELUGrad: its argument).

	TanhGrad    func(dst, x, y []float32) // x (1 - y²), 1.5 ulp; 1 - y² is rounded once
	SigmoidGrad func(dst, x, y []float32) // x y (1 - y), 2 ulp; results below 2^-126 have an error of 2^-148
	ReLUGrad    func(dst, x, y []float32) // x where y > 0, else 0, exact
	// GELUGrad is x (Φ(y) + y φ(y)), φ being the normal density. Its error is below
	// 2^-22 |x|: it has a zero at y = -0.75.
	GELUGrad func(dst, x, y []float32)

	// Accumulation, rounded once: exact. AddFour is rounded once for each of its four.

	Axpy   func(dst, x []float32, a float32) // dst += a · x
	MulAdd func(dst, x, y []float32)         // dst += x · y

	// AddRows is Axpy of rows of a table one after the other, a[i] being the factor of row
	// ids[i]; rows are as long as dst. AddToRows adds a[i] · x to row ids[i] of a table, whose
	// rows begin stride elements apart.
	AddRows   func(dst, table []float32, ids []int32, a []float32)
	AddToRows func(table []float32, stride int, ids []int32, x, a []float32)

	AddFour func(dst, a, b, c, d []float32) // dst += a, then b, c and d

	// Reductions. The error of a sum is below (n/64 + 12)·2^-24 times the sum of the
	// terms' magnitudes, n being at most 65,536.

	Sum        func(x []float32) float32    // Σ x
	SumSquares func(x []float32) float32    // Σ x²
	Dot        func(x, y []float32) float32 // Σ x y
	// Dots writes Dot of y and row ids[i] of a table to dst[i]; rows are as long as y.
	Dots func(dst, table []float32, ids []int32, y []float32)
	Max  func(x []float32) float32 // the largest, NaN if one is, -Inf of nothing; a zero's sign may be either
	Min  func(x []float32) float32 // the smallest, NaN if one is, +Inf of nothing; a zero's sign may be either
	// ExpSum returns Σ exp(x - shift) and writes the terms to dst, unless it is nil: 1.1 ulp
	// besides the rounding of x - shift; what is below 2^-126 may be 0. No x is above shift.
	ExpSum func(dst, x []float32, shift float32) float64

	// What softmax is made of. mulFlushed is x · c, denormals flushed; mulFlushedPast writes
	// past the caches and waits until all is written. expSumMax is ExpSum, and raises 16
	// numbers, tops, so that the largest of them is at least the largest of next; a NaN may
	// be lost. expSumMaxPast is that and, at the same time, mulFlushedPast of out, y and c,
	// for which it does not wait; it prefetches what is ahead elements ahead of next.

	mulFlushed, mulFlushedPast func(dst, x []float32, c float32)
	expSumMax                  func(dst, x, next []float32, shift float32, tops []float32) float64
	expSumMaxPast              func(dst, x, next []float32, shift float32, tops []float32, ahead int, out, y []float32, c float32) float64

	// LSTMCell is one row of an LSTM cell, after the products with the weights. z
	// and gates are [4H], the others [H]. It overwrites gates, cNew and h.
	//
	//	f, g, i, o = σ(z₀), tanh(z₁), σ(z₂), σ(z₃)   the quarters of z: gates
	//	cNew = f ⊙ c + i ⊙ g
	//	h = o ⊙ tanh(cNew)
	LSTMCell func(h, cNew, gates, z, c []float32)
	// LSTMCellPlus is LSTMCell of z + x, x being as long as z.
	LSTMCellPlus func(h, cNew, gates, z, x, c []float32)
	// LSTMCellGrad takes the gradients of a row's outputs, dh and, in dc, that of cNew
	// [H] each, and what LSTMCell read and wrote. It overwrites dz [4H], and dc by the
	// gradient of c. dz may be gates.
	LSTMCellGrad func(dz, dc, dh, gates, cNew, c []float32)

	// GRUGates and GRUState are one row of a GRU cell, before and after the product of s
	// with the weights, which is added to a₂. gates is [3H], the others [H]; it holds
	// a, and each gate is written over what it comes from.
	//
	//	z, r = σ(a₀), σ(a₁)    the first two thirds
	//	s = r ⊙ h
	//	ĥ = tanh(a₂)           the last third
	//	y = h + z ⊙ (ĥ - h)
	GRUGates func(s, gates, h []float32)
	GRUState func(y, gates, h []float32)
	// GRUStateGrad takes the gradient gy [H] of y and adds gy ⊙ (1 - z) to dh [H]. The
	// gradients of a₀ and a₂ are written over z and ĥ.
	GRUStateGrad func(dh, gates, gy, h []float32)
	// GRUGatesGrad takes the gradient of s in s [H] and adds it times r to dh [H]. The
	// gradient of a₁ is written over r, and s over its gradient.
	GRUGatesGrad func(dh, gates, s, h []float32)

	// Optimiser updates of the parameters w by the gradient g.

	SGD      func(w, g []float32, lr float32)              // w -= lr·g
	Momentum func(w, v, g []float32, lr, momentum float32) // v = momentum·v - lr·g; w += v
	AdaGrad  func(w, h, g []float32, lr, eps float32)      // h += g²; w -= lr·g/(√h + eps)
	// Adam is m += rate1·(g - m); v += rate2·(g² - v); w -= lr·m/(√v + eps), where
	// rate1 and rate2 are 1-β₁ and 1-β₂ and lr has the correction of the bias in
	// it (Kingma and Ba, 2015; epsilon outside the root). AdamRows is Adam of rows ids of
	// w, m and v, which are as long as those of g [len(ids), n].
	Adam     func(w, m, v, g []float32, lr, rate1, rate2, eps float32)
	AdamRows func(w, m, v, g []float32, ids []int32, lr, rate1, rate2, eps float32)

	// Uniform draws numbers in [0, 1): element i is the upper 24 bits of word i%4 of
	// block counter + i/4 of backend.Philox, times 2^-24.
	Uniform func(dst []float32, key, counter uint64)
	// Dropout writes x/(1-p) where Uniform's number for the element is at least p,
	// else 0. The factor 1/(1-p) is rounded to float32 first. 0 <= p < 1.
	Dropout func(dst, x []float32, p float64, key, counter uint64)
}

// Best returns the kernels for the instruction set that [isa.Detect] chooses. It
// fails where the variable WENGERT_ISA is wrong.
func Best() (*Kernels, error) {
	set, err := isa.Detect()
	if err != nil {
		return nil, err
	}
	return For(set), nil
}

// For returns the kernels for one of the sets that [isa.Supported] lists. Any
// other stops the program at its first instruction.
func For(set isa.ISA) *Kernels { return table(set) }
