package cuda

import (
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cuda/driver"
)

// Gather writes row ids[i] of table to row i of dst.
func (b *Backend) Gather(dst, table, ids *backend.View) {
	rows, width := dst.Shape[0], dst.Shape[1]
	l := start(kernelGather, rows*((width+3)/4))
	l.pointers(b.at("gather", dst), b.at("gather", table), b.at("gather", ids))
	l.ints(rows, width, dst.Stride[0], dst.Stride[1], table.Stride[0], table.Stride[1])
	b.launch(&l)
}

// ScatterAdd adds row i of rows to row ids[i] of dst.
func (b *Backend) ScatterAdd(dst, rows, ids *backend.View) {
	b.scatter("scatterAdd", dst, rows, nil, ids, 1)
}

// scatter adds rows of x, times w where there is one, to the rows of dst that ids names.
// Equal ids are chained first, so that one thread adds theirs up in order.
func (b *Backend) scatter(op string, dst, x, w, ids *backend.View, per int) {
	n, width := ids.Len(), dst.Shape[1]
	to, from, list := b.at(op, dst), b.at(op, x), b.at(op, ids)
	var weights driver.Pointer
	if w != nil {
		weights = b.at(op, w)
	}
	if n*width == 0 {
		return
	}
	b.scratch(op, 2*n, func(next driver.Pointer) {
		first := next + driver.Pointer(4*n)
		l := start(kernelChain, 32*n)
		l.pointers(next, first, list)
		l.ints(n)
		b.launch(&l)
		l = start(kernelScatter, n*width)
		l.pointers(to, from, weights, list, next, first)
		l.ints(n, width, per, dst.Stride[0], dst.Stride[1], x.Stride[0], x.Stride[1])
		b.launch(&l)
	})
}

// GatherDots writes the products of the rows with the vector that they are for to dst.
func (b *Backend) GatherDots(dst, table, x, ids *backend.View) {
	n, width := dst.Len(), x.Shape[1]
	if n == 0 {
		return
	}
	l := launch{kernel: kernelGatherDots, grid: [3]int{n, 1, 1}, threads: 32}
	l.pointers(b.at("gatherDots", dst), b.at("gatherDots", table), b.at("gatherDots", x), b.at("gatherDots", ids))
	l.ints(width, dst.Shape[1])
	b.launch(&l)
}

// GatherSums writes the weighted sums of the rows to dst.
func (b *Backend) GatherSums(dst, table, w, ids *backend.View) {
	all := dst.Len()
	l := start(kernelGatherSums, all)
	l.pointers(b.at("gatherSums", dst), b.at("gatherSums", table), b.at("gatherSums", w), b.at("gatherSums", ids))
	l.ints(all, dst.Shape[1], w.Shape[1])
	b.launch(&l)
}

// ScatterProducts adds products of vectors and weights to rows of dst.
func (b *Backend) ScatterProducts(dst, w, x, ids *backend.View) {
	b.scatter("scatterProducts", dst, x, w, ids, w.Shape[1])
}
