package cpu

import (
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/blas"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu/sgemm"
)

// packer is a BLAS that can lay a matrix out for many products, as package sgemm does.
type packer interface {
	Packs(m int) bool
	Pack(dst *sgemm.Packed, tB blas.Transpose, n, k int, b []float32, ldb int)
	SgemmPacked(tA blas.Transpose, m int, alpha float32, a []float32, lda int, w *sgemm.Packed, beta float32, c []float32, ldc int)
}

// held are the matrices that are packed for now, and the memory of those that were.
type held struct {
	n    atomic.Int32 // how many are; products look no further where there are none
	mu   sync.Mutex
	all  []*heldMatrix
	idle []*heldMatrix
}

type heldMatrix struct {
	view   backend.View
	packed sgemm.Packed
}

// Hold packs y [K, N], if products of so many rows read it packed.
func (b *Backend) Hold(y *backend.View, rows int) {
	p, ok := b.blas.(packer)
	m, plain := newMatrix(y, y)
	if !ok || !plain || !p.Packs(rows) {
		return
	}
	h := b.held.take()
	h.view = *y
	p.Pack(&h.packed, m.flag(), m.cols, m.rows, m.data[m.off:], m.ld)
	b.held.mu.Lock()
	b.held.all = append(b.held.all, h)
	b.held.mu.Unlock()
	b.held.n.Add(1)
}

// Release gives the memory of a Hold back.
func (b *Backend) Release(y *backend.View) {
	b.held.mu.Lock()
	defer b.held.mu.Unlock()
	for i, h := range b.held.all {
		if h.view == *y {
			last := len(b.held.all) - 1
			b.held.all[i], b.held.all = b.held.all[last], b.held.all[:last]
			h.view = backend.View{}
			b.held.idle = append(b.held.idle, h)
			b.held.n.Add(-1)
			return
		}
	}
}

func (l *held) take() *heldMatrix {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.idle); n > 0 {
		h := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return h
	}
	return new(heldMatrix)
}

// find returns y as it was packed, or nil.
func (l *held) find(y *backend.View) *sgemm.Packed {
	if l.n.Load() == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.all {
		if h.view == *y {
			return &h.packed
		}
	}
	return nil
}
