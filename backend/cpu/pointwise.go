package cpu

import (
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu/vec"
)

// kernels are the functions on plain slices that everything else is made of: the
// table of package vec, and the functions of package backend's tables by their
// codes. A Backend chooses them once, when it is made.
//
// Slices of one call are equally long and equal or disjoint; they may be empty.
// An element's result does not depend on where in the slice it stands.
type kernels struct {
	*vec.Kernels
	unary  [backend.NumUnary]unaryKernel
	binary [backend.NumBinary]binaryKernel
	fold   [3]func(x []float32) float64 // by backend.ReduceOp
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

// The grains are 3 to 25 µs of work: handing a part over takes half of one while
// the workers are awake.
const (
	cheap  = 32 << 10 // arithmetic, memory: 0.1 ns an element and more
	costly = 8 << 10  // exponentials: 0.3 ns, in plain Go 8
	slow   = 1 << 10  // functions in float64: 10 to 40 ns
)

// newKernels returns v by codes. Functions that v lacks run as their definition in
// float64.
func newKernels(v *vec.Kernels) kernels {
	k := kernels{
		Kernels: v,
		unary: [backend.NumUnary]unaryKernel{
			backend.Neg:        {plain(v.Neg), cheap},
			backend.Abs:        {plain(v.Abs), cheap},
			backend.Sign:       {plain(v.Sign), cheap},
			backend.Square:     {plain(v.Square), cheap},
			backend.Sqrt:       {plain(v.Sqrt), cheap},
			backend.Rsqrt:      {plain(v.Rsqrt), cheap},
			backend.Reciprocal: {func(dst, x []float32, _, _ float32) { v.ScalarDiv(dst, x, 1) }, cheap},
			backend.Exp:        {plain(v.Exp), costly},
			backend.Log:        {plain(v.Log), costly},
			backend.Tanh:       {plain(v.Tanh), costly},
			backend.Sigmoid:    {plain(v.Sigmoid), costly},
			backend.Softplus:   {plain(v.Softplus), costly},
			backend.ReLU:       {plain(v.ReLU), cheap},
			backend.GELU:       {plain(v.GELU), costly},
			backend.SiLU:       {plain(v.SiLU), costly},
			backend.Floor:      {plain(v.Floor), cheap},
			backend.Ceil:       {plain(v.Ceil), cheap},
			backend.Round:      {plain(v.Round), cheap},
			backend.Scale:      {v.Scale, cheap},
			backend.Clamp:      {v.Clamp, cheap},
			backend.LeakyReLU:  {func(dst, x []float32, slope, _ float32) { v.LeakyReLU(dst, x, slope) }, cheap},
		},
		binary: [backend.NumBinary]binaryKernel{
			backend.Add:          {v.Add, cheap},
			backend.Sub:          {v.Sub, cheap},
			backend.Mul:          {v.Mul, cheap},
			backend.Div:          {v.Div, cheap},
			backend.Maximum:      {v.Maximum, cheap},
			backend.Minimum:      {v.Minimum, cheap},
			backend.Equal:        {v.Equal, cheap},
			backend.NotEqual:     {v.NotEqual, cheap},
			backend.Less:         {v.Less, cheap},
			backend.LessEqual:    {v.LessEqual, cheap},
			backend.Greater:      {v.Greater, cheap},
			backend.GreaterEqual: {v.GreaterEqual, cheap},
			backend.TanhGrad:     {v.TanhGrad, cheap},
			backend.SigmoidGrad:  {v.SigmoidGrad, cheap},
			backend.ReLUGrad:     {v.ReLUGrad, cheap},
			backend.GELUGrad:     {v.GELUGrad, costly},
		},
		fold: [3]func(x []float32) float64{
			backend.ReduceSum: func(x []float32) float64 { return sum(v, x) },
			backend.ReduceMax: func(x []float32) float64 { return float64(v.Max(x)) },
			backend.ReduceMin: func(x []float32) float64 { return float64(v.Min(x)) },
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

// sum adds in float32 or, where a partial sum is beyond its range, in float64: the
// sum itself may be within.
func sum(v *vec.Kernels, x []float32) float64 {
	s := v.Sum(x)
	if s-s == 0 {
		return float64(s)
	}
	total := 0.0
	for _, e := range x {
		total += float64(e)
	}
	return total
}

// squares adds squares, as sum does.
func squares(v *vec.Kernels, x []float32) float64 {
	s := v.SumSquares(x)
	if s-s == 0 {
		return float64(s)
	}
	total := 0.0
	for _, e := range x {
		total += float64(e) * float64(e)
	}
	return total
}

// plain is f as a function that has attributes and does not use them.
func plain(f func(dst, x []float32)) func(dst, x []float32, a, b float32) {
	return func(dst, x []float32, _, _ float32) { f(dst, x) }
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
	j := whereJob{w: newWalk(&dst.Layout), f: b.kernels.Where, dst: floats(dst), cond: floats(cond), x: floats(x), y: floats(y), blocks: &b.blocks}
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
	f               func(dst, cond, x, y []float32)
	dst, cond, x, y []float32
	blocks          *shelf[scratch]
}

func (j *whereJob) Do(part int) {
	s := j.blocks.get()
	defer j.blocks.put(s)
	for t := j.w.tiles(part); t.next(); {
		j.f(t.out(j.dst, &s.f[0]), t.in(1, j.cond, &s.f[1]), t.in(2, j.x, &s.f[2]), t.in(3, j.y, &s.f[3]))
		t.put(j.dst, &s.f[0])
	}
}
