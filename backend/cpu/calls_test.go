package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/wengert-ml/wengert/backend"
)

// call is one call of one method, on operands that any backend can be given.
type call struct {
	name string
	args []arg
	do   func(be backend.Backend, v []*backend.View)
}

// arg is an operand: a layout and what it holds. Every call reads back all of
// them, so what a kernel writes elsewhere shows.
type arg struct {
	backend.Layout
	size  int // of the buffer
	dtype backend.DType
	value func(r *rand.Rand) float64
}

func signed(r *rand.Rand) float64   { return 4 * (r.Float64() - 0.5) }
func positive(r *rand.Rand) float64 { return 0.1 + r.Float64() }

// full is a contiguous operand.
func full(shape ...int) arg {
	l := backend.Contiguous(shape...)
	return arg{Layout: l, size: max(1, l.Len()), value: signed}
}

// swapped is a transposed view: its last two axes are stored the other way round.
func swapped(shape ...int) arg {
	n := len(shape)
	s := append([]int(nil), shape...)
	s[n-1], s[n-2] = s[n-2], s[n-1]
	a := full(s...)
	a.Shape[n-1], a.Shape[n-2] = a.Shape[n-2], a.Shape[n-1]
	a.Stride[n-1], a.Stride[n-2] = a.Stride[n-2], a.Stride[n-1]
	return a
}

// cut is a view of the left part of longer rows, behind an offset.
func cut(shape ...int) arg {
	s := append([]int(nil), shape...)
	s[len(s)-1] += 3
	a := full(s...)
	a.Shape[len(s)-1] -= 3
	a.Off = 2
	a.size += 2
	return a
}

// stepped is a view of every second element.
func stepped(shape ...int) arg {
	a := full(shape...)
	for i := range shape {
		a.Stride[i] *= 2
	}
	a.size = 2*a.size + 1
	return a
}

// repeated is a view of one element.
func repeated(shape ...int) arg {
	a := full(shape...)
	a.Stride = [backend.MaxRank]int{}
	a.size = 1
	return a
}

func ids(n, below int) arg {
	a := full(n)
	a.dtype = backend.I32
	a.value = func(r *rand.Rand) float64 { return float64(r.IntN(below)) }
	return a
}

// everySecond is the ids 0, 2, 4 ...
func everySecond(n int) arg {
	a := ids(n, 1)
	next := -2.0
	a.value = func(*rand.Rand) float64 {
		next = math.Mod(next+2, float64(2*n))
		return next
	}
	return a
}

func labels(n, below int) arg {
	a := ids(n, below)
	a.value = func(r *rand.Rand) float64 { return float64(r.IntN(below+1) - 1) }
	return a
}

func (a arg) as(dtype backend.DType) arg { a.dtype = dtype; return a }

func (a arg) of(value func(r *rand.Rand) float64) arg { a.value = value; return a }

// calls returns calls of every method. n and h are about the rows and columns of
// their operands; forms vary with them.
func calls(n, h int) []call {
	var list []call
	add := func(name string, do func(be backend.Backend, v []*backend.View), args ...arg) {
		list = append(list, call{fmt.Sprintf("%s/%dx%d", name, n, h), args, do})
	}
	many := n*h > 50000 // then a few functions stand for all, which run the same way
	for op := range backend.NumUnary {
		if many && op != backend.Neg && op != backend.Tanh && op != backend.Erf {
			continue
		}
		row := backend.Unaries[op]
		f := func(be backend.Backend, v []*backend.View) { be.Unary(op, v[0], v[1], row.A, row.B) }
		value := func(r *rand.Rand) float64 { return row.Lo + (row.Hi-row.Lo)*r.Float64() }
		add(op.String(), f, full(n, h), full(n, h).of(value))
		add(op.String()+"/swapped", f, full(n, h), swapped(n, h).of(value))
		if op == backend.Tanh {
			add(op.String()+"/cut", f, cut(n, h), full(n, h).of(value))
			add(op.String()+"/to-swapped", f, swapped(n, h), full(n, h).of(value))
			add(op.String()+"/in-place", func(be backend.Backend, v []*backend.View) { be.Unary(op, v[0], v[0], 0, 0) }, swapped(n, h))
		}
	}
	for op := range backend.NumBinary {
		if many && op != backend.Add && op != backend.GELUGrad {
			continue
		}
		f := func(be backend.Backend, v []*backend.View) { be.Binary(op, v[0], v[1], v[2]) }
		add(op.String(), f, full(n, h), full(n, h), full(n, h).of(positive))
		if op != backend.Add && (many || op != backend.Div) {
			continue
		}
		y := func(a arg) arg { return a.of(positive) }
		add(op.String()+"/row", f, full(n, h), full(n, h), y(full(h)))
		add(op.String()+"/column", f, full(n, h), full(n, h), y(full(n, 1)))
		add(op.String()+"/scalar", f, full(n, h), full(n, h), y(full()))
		add(op.String()+"/scalar-first", f, full(n, h), full(1, 1), y(full(n, h)))
		add(op.String()+"/outer", f, full(n, h), full(n, 1), y(full(h)))
		add(op.String()+"/repeated", f, full(n, h), repeated(n, h), y(full(n, h)))
		add(op.String()+"/swapped", f, full(n, h), full(n, h), y(swapped(n, h)))
		add(op.String()+"/stepped", f, stepped(n, h), cut(n, h), y(stepped(n, h)))
		add(op.String()+"/rank4", f, cut(3, n, 2, h), swapped(3, 1, 2, h), y(full(n, 1, h)))
	}
	where := func(be backend.Backend, v []*backend.View) { be.Where(v[0], v[1], v[2], v[3]) }
	mask := func(a arg) arg { return a.of(func(r *rand.Rand) float64 { return float64(r.IntN(2)) }) }
	add("where", where, full(n, h), mask(full(n, h)), full(n, h), full(n, h))
	add("where/broadcast", where, swapped(n, h), mask(full(n, 1)), full(), full(h))
	for _, op := range []backend.ReduceOp{backend.ReduceSum, backend.ReduceMax, backend.ReduceMin} {
		f := func(be backend.Backend, v []*backend.View) { be.Reduce(op, v[0], v[1]) }
		name := op.String()
		add(name+"/all", f, full(1, 1), full(n, h))
		add(name+"/last", f, full(n, 1), full(n, h))
		add(name+"/first", f, full(1, h), full(n, h))
		add(name+"/none", f, full(n, h), full(n, h))
		add(name+"/last-swapped", f, full(n, 1), swapped(n, h))
		add(name+"/first-swapped", f, full(1, h), swapped(n, h))
		add(name+"/all-cut", f, full(1, 1), cut(n, h))
		add(name+"/first-cut", f, stepped(1, h), cut(n, h))
		add(name+"/first-stepped", f, full(1, h), stepped(n, h))
		add(name+"/last-stepped", f, full(n, 1), stepped(n, h))
		add(name+"/repeated", f, full(1, h), repeated(n, h))
		add(name+"/middle", f, full(3, 1, h), full(3, n, h))
		add(name+"/ends", f, full(1, n, 1), full(3, n, h))
		add(name+"/tall", f, full(1, 3), full(n*h, 3))
		add(name+"/rank5", f, full(2, 1, 3, 1, h), swapped(2, n, 3, 2, h))
	}
	for _, accumulate := range []bool{false, true} {
		f := func(be backend.Backend, v []*backend.View) { be.MatMul(v[0], v[1], v[2], accumulate) }
		name := fmt.Sprintf("matmul/accumulate=%t/", accumulate)
		h := min(h, 1100) // the product of two large ones would take minutes
		k := h/2 + 1
		add(name+"plain", f, full(n, h), full(n, k), full(k, h))
		add(name+"left-swapped", f, full(n, h), swapped(n, k), full(k, h))
		add(name+"right-swapped", f, full(n, h), full(n, k), swapped(k, h))
		add(name+"both-swapped", f, full(n, h), swapped(n, k), swapped(k, h))
		add(name+"cut", f, cut(n, h), cut(n, k), cut(k, h))
		add(name+"to-swapped", f, swapped(n, h), full(n, k), swapped(k, h))
		add(name+"stepped", f, stepped(n, h), stepped(n, k), stepped(k, h))
		add(name+"repeated", f, full(n, h), repeated(n, k), full(k, h))
		add(name+"vector", f, full(1, h), full(1, k), full(k, h))
		add(name+"column", f, full(n, 1), full(n, h), full(h, 1))
		add(name+"outer", f, full(n, h), full(n, 1), full(1, h))
		add(name+"none", f, full(n, h), full(n, 0), full(0, h))
		add(name+"batch", f, full(2, 3, 8, h), full(2, 3, 8, 5), full(2, 3, 5, h))
		add(name+"batch-broadcast", f, full(2, 3, 8, h), full(3, 8, 5), full(2, 1, 5, h))
		add(name+"batch-fold", f, full(n, 2, h), full(n, 2, k), full(k, h))
		add(name+"batch-repeated", f, full(4, 8, h), repeated(4, 8, 5), swapped(4, 5, h))
	}
	add("gather", func(be backend.Backend, v []*backend.View) { be.Gather(v[0], v[1], v[2]) }, full(n, h), full(7, h), ids(n, 7))
	add("gather/stepped", func(be backend.Backend, v []*backend.View) { be.Gather(v[0], v[1], v[2]) }, cut(n, h), swapped(7, h), ids(n, 7))
	add("scatter", func(be backend.Backend, v []*backend.View) { be.ScatterAdd(v[0], v[1], v[2]) }, full(7, h), full(n, h), ids(n, 7))
	add("scatter/stepped", func(be backend.Backend, v []*backend.View) { be.ScatterAdd(v[0], v[1], v[2]) }, swapped(7, h), repeated(n, h), ids(n, 7))
	for _, dist := range []backend.Dist{backend.Uniform, backend.Normal} {
		f := func(be backend.Backend, v []*backend.View) { be.Random(v[0], dist, 1984, 1<<40) }
		add("random/"+dist.String(), f, full(n, h))
		add("random/"+dist.String()+"/swapped", f, swapped(n, h))
		add("random/"+dist.String()+"/cut", f, cut(n, h))
	}
	copies := func(be backend.Backend, v []*backend.View) { be.Copy(v[0], v[1]) }
	for _, dtype := range []backend.DType{backend.F32, backend.I32} {
		name := "copy/" + dtype.String()
		add(name, copies, full(n, h).as(dtype), full(n, h).as(dtype))
		add(name+"/swapped", copies, full(n, h).as(dtype), swapped(n, h).as(dtype))
		add(name+"/row", copies, cut(n, h).as(dtype), full(h).as(dtype))
	}
	add("fill", func(be backend.Backend, v []*backend.View) { be.Fill(v[0], 1.5) }, full(n, h))
	add("fill/cut", func(be backend.Backend, v []*backend.View) { be.Fill(v[0], -1) }, cut(n, h))
	add("fill/stepped", func(be backend.Backend, v []*backend.View) { be.Fill(v[0], 1e-9) }, stepped(n, h))
	floats, ints := make([]float32, n*h), make([]int32, n*h)
	for i := range floats {
		floats[i], ints[i] = float32(i), int32(i)
	}
	upload := func(be backend.Backend, v []*backend.View) { must(be.Upload(v[0], floats)) }
	add("upload", upload, full(n, h))
	add("upload/swapped", upload, swapped(n, h))
	add("uploadInts", func(be backend.Backend, v []*backend.View) { must(be.UploadInts(v[0], ints)) }, cut(n, h).as(backend.I32))
	down := make([]float32, n*h)
	download := func(be backend.Backend, v []*backend.View) {
		must(be.Download(down, v[1]))
		must(be.Upload(v[0], down))
	}
	add("download", download, full(n, h), full(n, h))
	add("download/swapped", download, full(n, h), swapped(n, h))
	convert := func(be backend.Backend, v []*backend.View) { be.Convert(v[0], v[1]) }
	add("convert/ints", convert, full(n, h).as(backend.I32), swapped(n, h).of(func(r *rand.Rand) float64 { return 200 * (r.Float64() - 0.5) }))
	add("convert/floats", convert, cut(n, h), full(n, h).as(backend.I32).of(func(r *rand.Rand) float64 { return float64(r.IntN(1 << 30)) }))
	return list
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// fused returns calls of the optional interfaces, which package reference does
// not have.
func fused(n, h int) []call {
	var list []call
	add := func(name string, do func(be *Backend, v []*backend.View), args ...arg) {
		list = append(list, call{fmt.Sprintf("%s/%dx%d", name, n, h), args, func(be backend.Backend, v []*backend.View) {
			do(be.(*Backend), v)
		}})
	}
	add("softmax", func(be *Backend, v []*backend.View) { be.Softmax(v[0], v[1], false) }, full(n, h), full(n, h))
	add("logsoftmax", func(be *Backend, v []*backend.View) { be.Softmax(v[0], v[0], true) }, full(n, h))
	add("layernorm", func(be *Backend, v []*backend.View) { be.LayerNorm(v[0], v[1], v[2], 1e-5) }, full(n, h), full(n), full(n, h))
	add("layernormGrad", func(be *Backend, v []*backend.View) { be.LayerNormGrad(v[0], v[1], v[2], v[3]) }, full(n, h), full(n, h), full(n, h), full(n))
	add("crossentropy", func(be *Backend, v []*backend.View) { be.CrossEntropy(v[0], v[1], v[2], v[3], 0.1) },
		full(n), full(n, h), full(n, h), labels(n, h))
	add("crossentropyGrad", func(be *Backend, v []*backend.View) { be.CrossEntropyGrad(v[0], v[0], v[1], v[2], 0.1) },
		full(n, h).of(positive), repeated(n), labels(n, h))
	add("dropout", func(be *Backend, v []*backend.View) { be.Dropout(v[0], v[1], 0.3, 7, 1<<33) }, full(n, h), full(n, h))
	add("lstm", func(be *Backend, v []*backend.View) { be.LSTMCell(v[0], v[1], v[2], v[3], v[4]) },
		full(n, h), full(n, h), full(n, 4*h), full(n, 4*h), full(n, h))
	add("lstmGrad", func(be *Backend, v []*backend.View) { be.LSTMCellGrad(v[0], v[1], v[2], v[3], v[4], v[5]) },
		full(n, 4*h), full(n, h), full(n, h), full(n, h), full(n, 4*h).of(positive), full(n, h))
	batch, width := min(n, 300), min(h, 40) // work grows with the square of the width
	steps, state := full(3, batch, width), full(batch, width)
	add("lstmSteps", func(be *Backend, v []*backend.View) {
		be.LSTM(v[0], v[1], v[2], nil, nil, v[3], v[4], v[5], v[6], true)
	},
		steps, steps, full(3, batch, 4*width), full(width, 4*width), full(4*width), state, state)
	add("lstmSteps/rows", func(be *Backend, v []*backend.View) {
		be.LSTM(v[0], v[1], v[2], v[3], v[4], v[5], nil, v[6], v[7], false)
	}, steps, steps, full(3, batch, 4*width), full(6*batch, 4*width), everySecond(3*batch), full(width, 4*width), state, state)
	add("lstmStepsGrad", func(be *Backend, v []*backend.View) {
		be.LSTMGrad(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], false)
	}, full(3, batch, 4*width).of(positive), full(4*width), state, state, steps, steps, full(width, 4*width), state)
	add("lstmSteps/biases", func(be *Backend, v []*backend.View) {
		be.LSTM(v[0], v[1], v[2], nil, nil, v[3], v[4], nil, v[5], false)
	},
		steps, steps, full(3, batch, 4*width), full(width, 4*width), full(batch, 4*width), state)
	add("lstmStepsGrad/biases", func(be *Backend, v []*backend.View) {
		be.LSTMGrad(v[0], v[1], nil, v[2], v[3], v[4], v[5], v[6], true)
	}, full(3, batch, 4*width).of(positive), full(batch, 4*width), state, steps, steps, full(width, 4*width), state)
	add("gruGates", func(be *Backend, v []*backend.View) { be.GRUGates(v[0], v[1], v[2]) }, full(n, h), full(n, 3*h), full(n, h))
	add("gruState", func(be *Backend, v []*backend.View) { be.GRUState(v[0], v[1], v[2]) }, full(n, h), full(n, 3*h).of(positive), full(n, h))
	add("gruStateGrad", func(be *Backend, v []*backend.View) { be.GRUStateGrad(v[0], v[1], v[2], v[3]) },
		full(n, h), full(n, 3*h).of(positive), full(n, h), full(n, h))
	add("gruGatesGrad", func(be *Backend, v []*backend.View) { be.GRUGatesGrad(v[0], v[1], v[2], v[3]) },
		full(n, h), full(n, 3*h).of(positive), full(n, h), full(n, h))
	add("adam", func(be *Backend, v []*backend.View) { be.Adam(v[0], v[1], v[2], v[3], nil, 0.1, 0.1, 0.001, 1e-7) },
		full(n, h), full(n, h), full(n, h).of(positive), full(n, h))
	add("adaGrad/rows", func(be *Backend, v []*backend.View) { be.AdaGrad(v[0], v[1], v[2], v[3], 0.1, 1e-7) },
		full(2*n, h), full(2*n, h).of(positive), full(n, h), everySecond(n))
	add("momentum", func(be *Backend, v []*backend.View) { be.Momentum(v[0], v[1], v[2], nil, 0.1, 0.9) }, full(n, h), full(n, h), full(n, h))
	add("sgd/rows", func(be *Backend, v []*backend.View) { be.SGD(v[0], v[1], v[2], 0.1) }, full(2*n, h), full(n, h), everySecond(n))
	add("gatherDots", func(be *Backend, v []*backend.View) { be.GatherDots(v[0], v[1], v[2], v[3]) }, full(n, 5), full(7, h), full(n, h), ids(n*5, 7))
	add("gatherSums", func(be *Backend, v []*backend.View) { be.GatherSums(v[0], v[1], v[2], v[3]) }, full(n, h), full(7, h), full(n, 5), ids(n*5, 7))
	add("scatterProducts", func(be *Backend, v []*backend.View) { be.ScatterProducts(v[0], v[1], v[2], v[3]) }, full(7, h), full(n, 5), full(n, h), ids(n*5, 7))
	add("sumSquares", func(be *Backend, v []*backend.View) { be.SumSquares(v[0], v[1]) }, full(1), full(n, h))
	return list
}

// views makes the operands of a call on be, seeded.
func (c call) views(be backend.Backend) []*backend.View {
	r := rand.New(rand.NewPCG(1, 2))
	views := make([]*backend.View, len(c.args))
	for i, a := range c.args {
		buf, err := be.Alloc(a.dtype, a.size)
		must(err)
		all := &backend.View{Buf: buf, DType: a.dtype, Layout: backend.Contiguous(a.size)}
		f, n := make([]float32, a.size), make([]int32, a.size)
		for i := range f {
			f[i] = float32(a.value(r))
			n[i] = int32(f[i])
		}
		if a.dtype == backend.I32 {
			must(be.UploadInts(all, n))
		} else {
			must(be.Upload(all, f))
		}
		views[i] = &backend.View{Buf: buf, DType: a.dtype, Layout: a.Layout}
	}
	return views
}

// result makes the call on be and returns all memory of its operands.
func (c call) result(be backend.Backend) [][]float32 {
	views := c.views(be)
	c.do(be, views)
	out := make([][]float32, len(views))
	for i, v := range views {
		all := &backend.View{Buf: v.Buf, DType: v.DType, Layout: backend.Contiguous(c.args[i].size)}
		if v.DType != backend.F32 {
			buf, err := be.Alloc(backend.F32, c.args[i].size)
			must(err)
			as := &backend.View{Buf: buf, Layout: all.Layout}
			be.Convert(as, all)
			all = as
		}
		out[i] = make([]float32, c.args[i].size)
		must(be.Download(out[i], all))
	}
	return out
}
