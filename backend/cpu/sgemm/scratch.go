package sgemm

import (
	"sync/atomic"
	"unsafe"
)

// scratch is the memory of one goroutine at work.
type scratch struct {
	all     *scratches
	plan    plan // of the product that this goroutine was called for
	item    plan // of a product of a batch
	part    product
	t       args
	offsets [16]int64 // of rows, for the transposing kernel
	abuf    []float32
	bbuf    []float32
}

// Do computes one chunk of x's plan, on any goroutine.
func (x *scratch) Do(chunk int) {
	own := x.all.take()
	own.run(&x.plan, chunk)
	x.all.put(own)
}

// run computes one chunk of a plan in x's memory.
func (x *scratch) run(g *plan, chunk int) {
	if g.way == batched {
		x.batched(g, chunk)
		return
	}
	p := &g.product
	if g.chunks() > 1 {
		x.part = g.chunk(chunk)
		p = &x.part
	}
	switch g.way {
	case plain:
		p.layRow()
		p.plain(g.depth)
	case blocked:
		x.blocked(p, g.depth)
	case streamed:
		x.streamed(p, g.depth)
	case dots:
		p.layRow()
		x.dots(p, g.depth)
	}
	x.forget()
}

// forget drops the operands of a chunk, so that they are not kept from the
// collector.
func (x *scratch) forget() {
	x.t.a, x.t.b, x.t.c, x.t.row = nil, nil, nil, nil
	x.part.a, x.part.b, x.part.c, x.part.row, x.part.packed = nil, nil, nil, nil, nil
}

// floats returns n elements of *buf, which grows and begins at a line of the cache.
func floats(buf *[]float32, n int) []float32 {
	if len(*buf) < n {
		const line = 64 / 4
		s := make([]float32, n+line)
		skip := -uintptr(unsafe.Pointer(&s[0])) / 4 % line
		*buf = s[skip : int(skip)+n]
	}
	return (*buf)[:n]
}

// scratches keeps the memory of goroutines that have finished for the next ones.
type scratches struct {
	kernels *kernels
	free    []slot
}

// slot has a line of the cache to itself: others write their own.
type slot struct {
	atomic.Pointer[scratch]
	_ [56]byte
}

func (s *scratches) take() *scratch {
	for i := range s.free {
		if s.free[i].Load() == nil {
			continue
		}
		if x := s.free[i].Swap(nil); x != nil {
			return x
		}
	}
	return &scratch{all: s}
}

func (s *scratches) put(x *scratch) {
	for i := range s.free {
		if s.free[i].CompareAndSwap(nil, x) {
			return
		}
	}
	// More goroutines at once than there are slots: this one is for the collector.
}
