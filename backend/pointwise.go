package backend

import (
	"math"
	"strings"
)

//go:generate go run ../internal/gen

// UnaryOp is the code of a pointwise function of one element: an index of [Unaries].
type UnaryOp uint8

// The functions of one element. The table says what each computes.
const (
	Neg UnaryOp = iota
	Abs
	Sign
	Square
	Sqrt
	Rsqrt
	Reciprocal
	Exp
	Expm1
	Log
	Log1p
	Sin
	Cos
	Tanh
	Sigmoid
	Softplus
	Erf
	ReLU
	GELU
	SiLU
	Floor
	Ceil
	Round
	// From here on: functions with attributes.
	Scale
	Pow
	Clamp
	LeakyReLU
	NumUnary
)

// UnaryRow defines a pointwise function of one element.
type UnaryRow struct {
	Name   string                        // the Go name of its methods
	Doc    string                        // its formula
	Args   []string                      // the names of its attributes a, b
	Ref    func(x, a, b float64) float64 // the definition
	Lo, Hi float64                       // where tests draw x from
	A, B   float64                       // attributes for tests
}

// String returns the method's name in lower case first: "tanh", "leakyReLU".
func (u UnaryOp) String() string { return unaryNames[u] }

// Unaries defines every pointwise function of one element. The methods of
// Tensor and Var are generated from it; the derivative is a row of the same
// index in autograd.
var Unaries = [NumUnary]UnaryRow{
	Neg:        {Name: "Neg", Doc: "-x", Ref: func(x, _, _ float64) float64 { return -x }, Lo: -4, Hi: 4},
	Abs:        {Name: "Abs", Doc: "|x|", Ref: func(x, _, _ float64) float64 { return math.Abs(x) }, Lo: -4, Hi: 4},
	Sign:       {Name: "Sign", Doc: "-1, 0 or 1, the sign of x", Ref: sign, Lo: -4, Hi: 4},
	Square:     {Name: "Square", Doc: "x²", Ref: func(x, _, _ float64) float64 { return x * x }, Lo: -4, Hi: 4},
	Sqrt:       {Name: "Sqrt", Doc: "√x", Ref: func(x, _, _ float64) float64 { return math.Sqrt(x) }, Lo: 0.1, Hi: 8},
	Rsqrt:      {Name: "Rsqrt", Doc: "1/√x", Ref: func(x, _, _ float64) float64 { return 1 / math.Sqrt(x) }, Lo: 0.1, Hi: 8},
	Reciprocal: {Name: "Reciprocal", Doc: "1/x", Ref: func(x, _, _ float64) float64 { return 1 / x }, Lo: 0.2, Hi: 4},
	Exp:        {Name: "Exp", Doc: "eˣ", Ref: func(x, _, _ float64) float64 { return math.Exp(x) }, Lo: -8, Hi: 8},
	Expm1:      {Name: "Expm1", Doc: "eˣ - 1, accurate near 0", Ref: func(x, _, _ float64) float64 { return math.Expm1(x) }, Lo: -4, Hi: 4},
	Log:        {Name: "Log", Doc: "ln x", Ref: func(x, _, _ float64) float64 { return math.Log(x) }, Lo: 0.1, Hi: 8},
	Log1p:      {Name: "Log1p", Doc: "ln(1 + x), accurate near 0", Ref: func(x, _, _ float64) float64 { return math.Log1p(x) }, Lo: -0.8, Hi: 4},
	Sin:        {Name: "Sin", Doc: "sin x, x in radians", Ref: func(x, _, _ float64) float64 { return math.Sin(x) }, Lo: -6, Hi: 6},
	Cos:        {Name: "Cos", Doc: "cos x, x in radians", Ref: func(x, _, _ float64) float64 { return math.Cos(x) }, Lo: -6, Hi: 6},
	Tanh:       {Name: "Tanh", Doc: "tanh x", Ref: func(x, _, _ float64) float64 { return math.Tanh(x) }, Lo: -4, Hi: 4},
	Sigmoid:    {Name: "Sigmoid", Doc: "1/(1 + e⁻ˣ)", Ref: func(x, _, _ float64) float64 { return sigmoid(x) }, Lo: -8, Hi: 8},
	Softplus:   {Name: "Softplus", Doc: "ln(1 + eˣ)", Ref: softplus, Lo: -8, Hi: 8},
	Erf:        {Name: "Erf", Doc: "2/√π ∫₀ˣ exp(-t²) dt, the error function", Ref: func(x, _, _ float64) float64 { return math.Erf(x) }, Lo: -3, Hi: 3},
	ReLU:       {Name: "ReLU", Doc: "max(x, 0)", Ref: relu, Lo: -4, Hi: 4},
	GELU:       {Name: "GELU", Doc: "x Φ(x) = x/2 (1 + erf(x/√2)) (Hendrycks and Gimpel, 2016)", Ref: func(x, _, _ float64) float64 { return x / 2 * math.Erfc(-x/math.Sqrt2) }, Lo: -4, Hi: 4},
	SiLU:       {Name: "SiLU", Doc: "x/(1 + e⁻ˣ)", Ref: func(x, _, _ float64) float64 { return x * sigmoid(x) }, Lo: -8, Hi: 8},
	Floor:      {Name: "Floor", Doc: "the largest whole number not above x; its derivative is 0", Ref: func(x, _, _ float64) float64 { return math.Floor(x) }, Lo: -4, Hi: 4},
	Ceil:       {Name: "Ceil", Doc: "the smallest whole number not below x; its derivative is 0", Ref: func(x, _, _ float64) float64 { return math.Ceil(x) }, Lo: -4, Hi: 4},
	Round:      {Name: "Round", Doc: "the nearest whole number, halves to even; its derivative is 0", Ref: func(x, _, _ float64) float64 { return math.RoundToEven(x) }, Lo: -4, Hi: 4},
	Scale:      {Name: "Scale", Doc: "x·mul + add", Args: []string{"mul", "add"}, Ref: func(x, mul, add float64) float64 { return x*mul + add }, Lo: -4, Hi: 4, A: -1.5, B: 0.25},
	Pow:        {Name: "Pow", Doc: "xᵖ", Args: []string{"p"}, Ref: func(x, p, _ float64) float64 { return math.Pow(x, p) }, Lo: 0.2, Hi: 3, A: 2.5},
	Clamp:      {Name: "Clamp", Doc: "min(max(x, lo), hi)", Args: []string{"lo", "hi"}, Ref: clamp, Lo: -4, Hi: 4, A: -1.5, B: 2},
	LeakyReLU:  {Name: "LeakyReLU", Doc: "x where x > 0, else slope·x", Args: []string{"slope"}, Ref: leakyReLU, Lo: -4, Hi: 4, A: 0.1},
}

// BinaryOp is the code of a pointwise function of two elements: an index of [Binaries].
type BinaryOp uint8

// The functions of two elements. The table says what each computes.
const (
	Add BinaryOp = iota
	Sub
	Mul
	Div
	Maximum
	Minimum
	Equal
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
	// NumPublicBinary ends the functions that have methods. The rest are the
	// one-pass first derivatives of unary functions.
	NumPublicBinary
	TanhGrad BinaryOp = iota - 1
	SigmoidGrad
	ReLUGrad
	GELUGrad
	NumBinary
)

// BinaryRow defines a pointwise function of two elements.
type BinaryRow struct {
	Name string
	Doc  string
	Ref  func(x, y float64) float64
}

// String returns the method's name in lower case first: "add", "greaterEqual".
func (b BinaryOp) String() string { return binaryNames[b] }

// Binaries defines every pointwise function of two elements. Comparisons give
// 1 for true and 0 for false.
var Binaries = [NumBinary]BinaryRow{
	Add:          {"Add", "x + y", func(x, y float64) float64 { return x + y }},
	Sub:          {"Sub", "x - y", func(x, y float64) float64 { return x - y }},
	Mul:          {"Mul", "x · y", func(x, y float64) float64 { return x * y }},
	Div:          {"Div", "x / y", func(x, y float64) float64 { return x / y }},
	Maximum:      {"Maximum", "the larger of x and y, NaN if either is", func(x, y float64) float64 { return max(x, y) }},
	Minimum:      {"Minimum", "the smaller of x and y, NaN if either is", func(x, y float64) float64 { return min(x, y) }},
	Equal:        {"Equal", "1 where x = y, else 0", func(x, y float64) float64 { return truth(x == y) }},
	NotEqual:     {"NotEqual", "1 where x ≠ y, else 0", func(x, y float64) float64 { return truth(x != y) }},
	Less:         {"Less", "1 where x < y, else 0", func(x, y float64) float64 { return truth(x < y) }},
	LessEqual:    {"LessEqual", "1 where x ≤ y, else 0", func(x, y float64) float64 { return truth(x <= y) }},
	Greater:      {"Greater", "1 where x > y, else 0", func(x, y float64) float64 { return truth(x > y) }},
	GreaterEqual: {"GreaterEqual", "1 where x ≥ y, else 0", func(x, y float64) float64 { return truth(x >= y) }},
	TanhGrad:     {"TanhGrad", "x (1 - y²), where y is a tanh", func(x, y float64) float64 { return x * (1 - y*y) }},
	SigmoidGrad:  {"SigmoidGrad", "x y (1 - y), where y is a sigmoid", func(x, y float64) float64 { return x * y * (1 - y) }},
	ReLUGrad:     {"ReLUGrad", "x where y > 0, else 0", reluGrad},
	GELUGrad:     {"GELUGrad", "x (Φ(y) + y φ(y)), Φ and φ the normal distribution and density", geluGrad},
}

// The names are made once: every operation passes its name on, for its error,
// and must not make garbage for it.
var (
	unaryNames  = lowered(Unaries[:], func(r UnaryRow) string { return r.Name })
	binaryNames = lowered(Binaries[:], func(r BinaryRow) string { return r.Name })
)

func lowered[R any](rows []R, name func(R) string) []string {
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = strings.ToLower(name(r)[:1]) + name(r)[1:]
	}
	return names
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func sign(x, _, _ float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // a zero or NaN
}

// sigmoid never overflows: exp is taken of a negative number only.
func sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

func softplus(x, _, _ float64) float64 {
	if x > 0 {
		return x + math.Log1p(math.Exp(-x))
	}
	return math.Log1p(math.Exp(x))
}

func relu(x, _, _ float64) float64 { return math.Max(x, 0) }

func clamp(x, lo, hi float64) float64 { return math.Min(math.Max(x, lo), hi) }

func leakyReLU(x, slope, _ float64) float64 {
	if x > 0 {
		return x
	}
	return slope * x
}

func reluGrad(x, y float64) float64 {
	if y > 0 {
		return x
	}
	return 0
}

func geluGrad(x, y float64) float64 {
	density := math.Exp(-y*y/2) / math.Sqrt(2*math.Pi)
	return x * (math.Erfc(-y/math.Sqrt2)/2 + y*density)
}
