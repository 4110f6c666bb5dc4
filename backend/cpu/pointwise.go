package cpu

import (
	"math"

	"github.com/wengert-ml/wengert/backend"
)

// kernels are the functions on plain slices that everything else is made of. A
// Backend chooses them once, when it is made: a faster one for some processor
// replaces a row of genericKernels.
//
// Slices of one call are equally long and equal or disjoint; they may be empty.
// An element's result must not depend on where in the slice it stands.
type kernels struct {
	unary  [backend.NumUnary]unaryKernel
	binary [backend.NumBinary]binaryKernel
	fold   [3]func(x []float32) float32 // by backend.ReduceOp
}

// unaryKernel sets dst[i] to f(x[i]; a, b).
type unaryKernel struct {
	f     func(dst, x []float32, a, b float32)
	grain int // elements that are worth a part of their own
}

// binaryKernel sets dst[i] to f(x[i], y[i]).
type binaryKernel struct {
	f     func(dst, x, y []float32)
	grain int
}

// The grains are about 25 µs of work: waking a helper takes about 5.
const (
	cheap  = 32 << 10 // arithmetic, memory: below 1 ns an element
	costly = 8 << 10  // exponentials: 2 to 4 ns
	slow   = 1 << 10  // functions in float64: 10 to 40 ns
)

// genericKernels are in plain Go and run on every processor. Functions without
// a row here run as their definition in float64.
func genericKernels() kernels {
	k := kernels{
		unary: [backend.NumUnary]unaryKernel{
			backend.Neg:     {neg, cheap},
			backend.Abs:     {abs, cheap},
			backend.Square:  {square, cheap},
			backend.Sqrt:    {sqrt, cheap},
			backend.Exp:     {exp, costly},
			backend.Tanh:    {tanh, costly},
			backend.Sigmoid: {sigmoid, costly},
			backend.ReLU:    {relu, cheap},
			backend.Scale:   {scale, cheap},
			backend.Clamp:   {clamp, cheap},
		},
		binary: [backend.NumBinary]binaryKernel{
			backend.Add:          {add, cheap},
			backend.Sub:          {sub, cheap},
			backend.Mul:          {mul, cheap},
			backend.Div:          {div, cheap},
			backend.Maximum:      {maximum, cheap},
			backend.Minimum:      {minimum, cheap},
			backend.Equal:        {equal, cheap},
			backend.NotEqual:     {notEqual, cheap},
			backend.Less:         {less, cheap},
			backend.LessEqual:    {lessEqual, cheap},
			backend.Greater:      {greater, cheap},
			backend.GreaterEqual: {greaterEqual, cheap},
			backend.TanhGrad:     {tanhGrad, cheap},
			backend.SigmoidGrad:  {sigmoidGrad, cheap},
			backend.ReLUGrad:     {reluGrad, cheap},
		},
		fold: [3]func(x []float32) float32{
			backend.ReduceSum: foldSum,
			backend.ReduceMax: foldMax,
			backend.ReduceMin: foldMin,
		},
	}
	for op := range k.unary {
		if k.unary[op].f == nil {
			k.unary[op] = unaryKernel{definedUnary(backend.Unaries[op].Ref), slow}
		}
	}
	for op := range k.binary {
		if k.binary[op].f == nil {
			k.binary[op] = binaryKernel{definedBinary(backend.Binaries[op].Ref), slow}
		}
	}
	return k
}

func definedUnary(ref func(x, a, b float64) float64) func(dst, x []float32, a, b float32) {
	return func(dst, x []float32, a, b float32) {
		for i := range dst {
			dst[i] = float32(ref(float64(x[i]), float64(a), float64(b)))
		}
	}
}

func definedBinary(ref func(x, y float64) float64) func(dst, x, y []float32) {
	return func(dst, x, y []float32) {
		for i := range dst {
			dst[i] = float32(ref(float64(x[i]), float64(y[i])))
		}
	}
}

// Unary writes f(src; a, b) to dst. a and b are rounded to float32.
func (b *Backend) Unary(op backend.UnaryOp, dst, src *backend.View, a1, a2 float64) {
	k := &b.kernels.unary[op]
	n := dst.Len()
	if n < 2*k.grain && dst.IsContiguous() && src.IsContiguous() {
		k.f(run(dst), run(src), float32(a1), float32(a2))
		return
	}
	j := unaryJob{w: newWalk(&dst.Layout), f: k.f, dst: floats(dst), x: floats(src), a: float32(a1), b: float32(a2), blocks: &b.blocks}
	j.w.add(&src.Layout, &dst.Layout)
	j.w.plan(k.grain)
	if !spread(b.pool, &b.jobs.unary, &j, j.w.parts) {
		for p := range j.w.parts {
			j.Do(p)
		}
	}
}

type unaryJob struct {
	w      walk
	f      func(dst, x []float32, a, b float32)
	dst, x []float32
	a, b   float32
	blocks *shelf[scratch]
}

func (j *unaryJob) Do(part int) {
	s := j.blocks.get()
	defer j.blocks.put(s)
	for t := j.w.tiles(part); t.next(); {
		j.f(t.out(j.dst, &s.f[0]), t.in(1, j.x, &s.f[1]), j.a, j.b)
		t.put(j.dst, &s.f[0])
	}
}

// Binary writes f(x, y) to dst, x and y broadcast to its shape.
func (b *Backend) Binary(op backend.BinaryOp, dst, x, y *backend.View) {
	k := &b.kernels.binary[op]
	n := dst.Len()
	if n < 2*k.grain && dst.SameShape(&x.Layout) && dst.SameShape(&y.Layout) &&
		dst.IsContiguous() && x.IsContiguous() && y.IsContiguous() {
		k.f(run(dst), run(x), run(y))
		return
	}
	j := binaryJob{w: newWalk(&dst.Layout), f: k.f, dst: floats(dst), x: floats(x), y: floats(y), blocks: &b.blocks}
	j.w.add(&x.Layout, &dst.Layout)
	j.w.add(&y.Layout, &dst.Layout)
	j.w.plan(k.grain)
	if !spread(b.pool, &b.jobs.binary, &j, j.w.parts) {
		for p := range j.w.parts {
			j.Do(p)
		}
	}
}

type binaryJob struct {
	w         walk
	f         func(dst, x, y []float32)
	dst, x, y []float32
	blocks    *shelf[scratch]
}

func (j *binaryJob) Do(part int) {
	s := j.blocks.get()
	defer j.blocks.put(s)
	for t := j.w.tiles(part); t.next(); {
		j.f(t.out(j.dst, &s.f[0]), t.in(1, j.x, &s.f[1]), t.in(2, j.y, &s.f[2]))
		t.put(j.dst, &s.f[0])
	}
}

// Where writes cond != 0 ? x : y to dst, all three broadcast to its shape.
func (b *Backend) Where(dst, cond, x, y *backend.View) {
	j := whereJob{w: newWalk(&dst.Layout), dst: floats(dst), cond: floats(cond), x: floats(x), y: floats(y), blocks: &b.blocks}
	j.w.add(&cond.Layout, &dst.Layout)
	j.w.add(&x.Layout, &dst.Layout)
	j.w.add(&y.Layout, &dst.Layout)
	j.w.plan(cheap)
	if !spread(b.pool, &b.jobs.where, &j, j.w.parts) {
		for p := range j.w.parts {
			j.Do(p)
		}
	}
}

type whereJob struct {
	w               walk
	dst, cond, x, y []float32
	blocks          *shelf[scratch]
}

func (j *whereJob) Do(part int) {
	s := j.blocks.get()
	defer j.blocks.put(s)
	for t := j.w.tiles(part); t.next(); {
		choose(t.out(j.dst, &s.f[0]), t.in(1, j.cond, &s.f[1]), t.in(2, j.x, &s.f[2]), t.in(3, j.y, &s.f[3]))
		t.put(j.dst, &s.f[0])
	}
}

func choose(dst, cond, x, y []float32) {
	cond, x, y = cond[:len(dst)], x[:len(dst)], y[:len(dst)]
	for i, c := range cond {
		v := math.Float32bits(y[i]) // as bits: the choice is then no branch
		if c != 0 {
			v = math.Float32bits(x[i])
		}
		dst[i] = math.Float32frombits(v)
	}
}
