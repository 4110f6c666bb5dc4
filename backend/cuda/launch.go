package cuda

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cuda/driver"
)

// kernel is an index of kernelNames.
type kernel int

const (
	kernelUnary kernel = iota
	kernelBinary
	kernelWhere
	kernelCopy32
	kernelFill32
	kernelUnary4
	kernelBinary4
	kernelWhere4
	kernelCopy4
	kernelFill4
	kernelCopy16
	kernelFill16
	kernelConvert
	kernelRandom
	kernelDropout
	kernelReduceRows
	kernelReduceColumns
	kernelProduct16x16
	kernelProduct64x64
	kernelProduct128x64
	kernelJoinPieces
	kernelGather
	kernelChain
	kernelScatter
	kernelGatherDots
	kernelGatherSums
	kernelSoftmax
	kernelCrossEntropy
	kernelCrossEntropyGrad
	kernelLayerNorm
	kernelLayerNormGrad
	kernelLSTM
	kernelLSTMGrad
	kernelGRUGates
	kernelGRUState
	kernelGRUStateGrad
	kernelGRUGatesGrad
	kernelUpdate
	kernelUpdateRows
	numKernels
)

// kernelNames are the names in kernels.cu.
var kernelNames = [numKernels]string{
	"unary", "binary", "where", "copy32", "fill32", "unary4", "binary4", "where4", "copy4",
	"fill4", "copy16", "fill16", "convert", "random", "dropout", "reduceRows", "reduceColumns",
	"product16x16", "product64x64", "product128x64", "joinPieces", "gather", "chain", "scatter",
	"gatherDots", "gatherSums", "softmax", "crossEntropy", "crossEntropyGrad", "layerNorm",
	"layerNormGrad", "lstm", "lstmGrad", "gruGates", "gruState", "gruStateGrad", "gruGatesGrad",
	"update", "updateRows",
}

// launch is a kernel with its arguments, which take a slot of 8 bytes each: the driver
// reads that much of every one.
type launch struct {
	kernel  kernel
	grid    [3]int
	threads int
	quads   bool // the kernel takes ROWS of kernels.cu
	n       int
	args    [56]uint64
}

const (
	blockSize = 256
	maxBlocks = 1 << 14 // of kernels whose threads go on to other elements
)

// start begins a launch with a thread for each of n elements.
func start(k kernel, n int) launch {
	return launch{kernel: k, grid: [3]int{min((n+blockSize-1)/blockSize, maxBlocks), 1, 1}, threads: blockSize}
}

// startPointwise begins a launch on operands at addresses: of k, a thread for each element,
// or of quads, a thread for each four, where the operands lie for it.
func startPointwise(k, quads kernel, g *geometry, addr ...driver.Pointer) launch {
	if !g.inQuads(addr) {
		return start(k, g.length())
	}
	l := start(quads, g.length()/g.size[0]*((g.size[0]+3)/4))
	l.quads = true
	return l
}

// startRows begins a launch with a block for each of n rows of a width.
func startRows(k kernel, n, width int) launch {
	return launch{kernel: k, grid: [3]int{n, 1, 1}, threads: min(blockSize, max(32, width/4/32*32))}
}

func (l *launch) word(v uint64) {
	l.args[l.n] = v
	l.n++
}

func (l *launch) ints(list ...int) {
	for _, v := range list {
		l.word(uint64(v))
	}
}

func (l *launch) flag(v bool) {
	if v {
		l.word(1)
	} else {
		l.word(0)
	}
}

func (l *launch) floats(list ...float64) {
	for _, v := range list {
		l.word(uint64(math.Float32bits(float32(v))))
	}
}

func (l *launch) pointers(list ...driver.Pointer) {
	for _, v := range list {
		l.word(uint64(v))
	}
}

// at returns the address of the first element of a view. It panics with a
// [*backend.Error] that names the operation where the view is of another backend.
func (b *Backend) at(op string, v *backend.View) driver.Pointer {
	m, ok := v.Buf.(*buffer)
	if !ok || m.owner != b {
		panic(&backend.Error{Backend: b.name, Op: op, Err: fmt.Errorf("an operand is in memory of another backend (%T)", v.Buf)})
	}
	return m.addr + driver.Pointer(v.Off*v.DType.Size())
}

// geometry is a shape with the strides of up to four operands, from the last axis to
// the first, with as few axes as tell the same.
type geometry struct {
	rank    int
	size    [backend.MaxRank]int
	strides [4][backend.MaxRank]int
	views   int
}

// add joins an axis outside those that are there.
func (g *geometry) add(size int, strides [4]int) {
	if size == 1 {
		return
	}
	if r := g.rank - 1; r >= 0 && g.continues(strides) {
		g.size[r] *= size
		return
	}
	g.size[g.rank] = size
	for v := range g.views {
		g.strides[v][g.rank] = strides[v]
	}
	g.rank++
}

// continues reports whether an axis of these strides goes on where the outermost ends.
func (g *geometry) continues(strides [4]int) bool {
	r := g.rank - 1
	for v := range g.views {
		if strides[v] != g.strides[v][r]*g.size[r] {
			return false
		}
	}
	return true
}

// of returns the geometry of dst with inputs that are broadcast to it; nil ends them.
func of(dst, x, y, z *backend.View) (g geometry) {
	var strides [4][backend.MaxRank]int
	strides[0] = dst.Stride
	g.views = 1
	for _, v := range [...]*backend.View{x, y, z} {
		if v == nil {
			break
		}
		strides[g.views] = v.BroadcastTo(&dst.Layout)
		g.views++
	}
	for a := dst.Rank - 1; a >= 0; a-- {
		g.add(dst.Shape[a], [4]int{strides[0][a], strides[1][a], strides[2][a], strides[3][a]})
	}
	return g
}

// length returns the number of elements.
func (g *geometry) length() int {
	n := 1
	for _, d := range g.size[:g.rank] {
		n *= d
	}
	return n
}

// sizes passes SIZES of kernels.cu: the number of elements, the rank, and all sizes
// but the last, which no kernel needs.
func (l *launch) sizes(g *geometry) {
	l.ints(g.length(), g.rank)
	l.ints(g.size[:backend.MaxRank-1]...)
}

// inQuads reports whether the kernels that take four neighbours at a time can have the
// operands at addresses: along the last axis neighbours lie side by side in dst, and in
// the others too or they are one element that repeats.
func (g *geometry) inQuads(addr []driver.Pointer) bool {
	if g.rank == 0 || g.size[0] < 4 || g.strides[0][0] != 1 {
		return false
	}
	for v, a := range addr {
		switch g.strides[v][0] {
		case 0:
		case 1:
			for _, s := range g.strides[v][1:g.rank] {
				a |= driver.Pointer(4 * s)
			}
			if a%16 != 0 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// rows returns the geometry without the last axis.
func (g *geometry) rows() geometry {
	r := geometry{rank: g.rank - 1, views: g.views}
	copy(r.size[:], g.size[1:])
	for v := range g.views {
		copy(r.strides[v][:], g.strides[v][1:])
	}
	return r
}

// geometry passes SIZES and STRIDES of kernels.cu, or ROWS and ROW.
func (l *launch) geometry(g *geometry) {
	if l.quads {
		rows := g.rows()
		l.ints(g.size[0], (g.size[0]+3)/4)
		l.sizes(&rows)
		l.ints(rows.strides[0][:]...)
		for v := 1; v < g.views; v++ {
			l.ints(rows.strides[v][:]...)
			l.ints(g.strides[v][0])
		}
		return
	}
	l.sizes(g)
	for v := range g.views {
		l.ints(g.strides[v][:]...)
	}
}
