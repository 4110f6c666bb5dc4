package sgemm

import (
	"math"
	"math/rand/v2"
	"runtime/debug"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// fenced returns memory for n float32 between two pages that fault when read:
// next to the second one, or next to the first.
func fenced(t *testing.T, n int, atEnd bool) []float32 {
	t.Helper()
	page := syscall.Getpagesize()
	inner := max(1, (4*n+page-1)/page) * page
	mem, err := syscall.Mmap(-1, 0, inner+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, syscall.Munmap(mem)) })
	require.NoError(t, syscall.Mprotect(mem[:page], syscall.PROT_NONE))
	require.NoError(t, syscall.Mprotect(mem[page+inner:], syscall.PROT_NONE))
	from := page
	if atEnd {
		from += inner - 4*n
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&mem[from])), n)
}

// TestReadsNothingBeyond has operands that end where memory does: a load past
// the last element, whose value nothing depends on, faults.
func TestReadsNothingBeyond(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	impls := eachSet(1)
	r := rand.New(rand.NewPCG(23, 24))
	for _, atEnd := range []bool{false, true} {
		a, b, c, d := fenced(t, 40_000, atEnd), fenced(t, 120_000, atEnd), fenced(t, 40_000, atEnd), fenced(t, 200, atEnd)
		place := func(s, in []float32) []float32 {
			to := in[:len(s)]
			if atEnd {
				to = in[len(in)-len(s):]
			}
			copy(to, s)
			return to
		}
		for range 250 {
			x := call{
				tA: transposes[r.IntN(2)], tB: transposes[r.IntN(2)],
				m: 1 + r.IntN(90), n: 1 + r.IntN(200), k: 1 + r.IntN(60),
				alpha: 1, beta: float32(r.IntN(2)),
			}
			switch r.IntN(3) {
			case 0:
				x.m, x.k = 1+r.IntN(20), 256+r.IntN(300)
			case 1:
				x.m, x.k = 57+r.IntN(100), 80+r.IntN(100)
			}
			o := x.operands(r)
			o.a, o.b, o.c = place(o.a, a), place(o.b, b), place(o.c, c)
			for _, impl := range impls {
				x.run(impl, o)
				require.False(t, math.IsNaN(float64(o.c[0])), "%v on %v", x, impl)
				impl.SgemmRow(x.tA, x.tB, x.m, x.n, x.k, 1, o.a, o.lda, o.b, o.ldb, place(make([]float32, x.n), d), o.c, o.ldc)
			}
		}
	}
}
