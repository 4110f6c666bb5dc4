package cuda

import (
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cuda/driver"
)

// sumSquares is a reduction of kernels.cu beyond those of [backend.ReduceOp].
const sumSquares = 3

// Reduce combines src over every axis where dst has size 1.
func (b *Backend) Reduce(op backend.ReduceOp, dst, src *backend.View) {
	b.reduce(int(op), dst, src)
}

// SumSquares writes the sum of the squares of src to dst.
func (b *Backend) SumSquares(dst, src *backend.View) {
	one := *dst
	one.Layout = backend.Layout{Rank: src.Rank, Off: dst.Off}
	for a := range src.Rank {
		one.Shape[a], one.Stride[a] = 1, 1
	}
	b.reduce(sumSquares, &one, src)
}

// A block combines so many elements of an output: more are cut in chunks, and the chunks
// combined by a second launch, always in the same order.
const (
	columnChunk = 1 << 10
	rowChunk    = 1 << 14
)

func (b *Backend) reduce(op int, dst, src *backend.View) {
	kept, gone := geometry{views: 2}, geometry{views: 1}
	for a := src.Rank - 1; a >= 0; a-- {
		if dst.Shape[a] == src.Shape[a] {
			kept.add(src.Shape[a], [4]int{dst.Stride[a], src.Stride[a]})
		} else {
			gone.add(src.Shape[a], [4]int{src.Stride[a]})
		}
	}
	to, from := b.at("reduce", dst), b.at("reduce", src)
	outs, n := kept.length(), gone.length()
	// Neighbouring threads take neighbouring elements: of one output where those lie
	// side by side, else of several.
	rows := n >= 64 && (gone.rank > 0 && gone.strides[0][0] == 1 || outs < 32) && outs < 1<<31
	if !rows && n <= columnChunk || rows && n <= rowChunk {
		b.combine(rows, op, to, from, 0, &kept, &gone, n, 1)
		return
	}
	chunk := columnChunk
	if rows { // a quarter of what one block takes, for more of them; then a thousand chunks
		chunk = max(rowChunk/4, (n>>10+3)&^3)
	}
	chunk = max(chunk, n>>15)
	chunks := (n + chunk - 1) / chunk
	b.scratch("reduce", outs*chunks, func(parts driver.Pointer) {
		first := kept
		first.strides[0] = [backend.MaxRank]int{}
		last := kept
		for a, apart := 0, 1; a < kept.rank; a++ {
			first.strides[0][a], last.strides[1][a] = apart, apart
			apart *= kept.size[a]
		}
		b.combine(rows, op, parts, from, outs, &first, &gone, chunk, chunks)
		again := geometry{views: 1}
		again.add(chunks, [4]int{outs})
		if op == sumSquares {
			op = int(backend.ReduceSum)
		}
		b.combine(chunks >= 64 && outs < 32, op, to, parts, 0, &last, &again, chunks, 1)
	})
}

// combine queues one launch: chunks of each output, apart elements from one to the next.
func (b *Backend) combine(rows bool, op int, to, from driver.Pointer, apart int, kept, gone *geometry, chunk, chunks int) {
	outs := kept.length()
	var l launch
	if rows {
		l = startRows(kernelReduceRows, outs, min(chunk, gone.length()))
		l.grid[1] = chunks
	} else {
		warps := min(8, max(1, min(chunk, gone.length())/4))
		l = launch{kernel: kernelReduceColumns, grid: [3]int{(outs + 31) / 32, chunks, 1}, threads: 32 * warps}
	}
	l.ints(op)
	l.pointers(to, from)
	l.ints(apart)
	l.geometry(kept)
	l.ints(gone.length(), max(chunk, 1), gone.rank)
	l.ints(gone.size[:backend.MaxRank-1]...)
	l.ints(gone.strides[0][:]...)
	b.launch(&l)
}
