package cpu

import (
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu/isa"
	"github.com/wengert-ml/wengert/backend/cpu/vec"
	"github.com/wengert-ml/wengert/backend/reference"
)

// sizes take every kernel through its edges: one element, short rows, odd ones,
// rows longer than a block.
var sizes = [][2]int{{1, 1}, {3, 5}, {40, 3}, {67, 130}, {2, 1100}}

// large takes every kernel through the pool.
var large = [][2]int{{270, 250}, {1, 66000}}

// eachISA runs a test for every instruction set that the machine has. In short mode,
// which the race detector runs in, those are plain Go and the best: the detector does
// not see into assembly, and the Go around it is the same for all.
func eachISA(t *testing.T, f func(t *testing.T, c Config)) {
	sets := isa.Supported()
	if testing.Short() && len(sets) > 2 {
		sets = []isa.ISA{sets[0], sets[len(sets)-1]}
	}
	for _, set := range sets {
		t.Run(set.String(), func(t *testing.T) { f(t, Config{ISA: set.String()}) })
	}
}

// on returns c with a number of threads.
func (c Config) on(threads int) Config {
	c.Threads = threads
	return c
}

func TestAgainstReference(t *testing.T) {
	eachISA(t, func(t *testing.T, conf Config) {
		be, ref := conf.on(2).New(), reference.New()
		for _, size := range append(sizes, [2]int{120, 130}) {
			for _, c := range calls(size[0], size[1]) {
				want, got := c.result(ref), c.result(be)
				for i := range want {
					for k, w := range want[i] {
						// Sums and products of h numbers near 1 in float32.
						bound := 1e-6*math.Sqrt(float64(size[1]))*4 + 3e-6*math.Abs(float64(w))
						if d := math.Abs(float64(got[i][k] - w)); !(d <= bound) && got[i][k] != w {
							t.Errorf("%s: operand %d, element %d: got %v, want %v", c.name, i, k, got[i][k], w)
							break
						}
					}
				}
			}
		}
	})
}

// The same bits for any number of threads.
func TestThreads(t *testing.T) {
	eachISA(t, func(t *testing.T, conf Config) {
		one := conf.on(1).New()
		others := []*Backend{conf.on(2).New(), conf.on(5).New()}
		for _, size := range large {
			for _, c := range append(calls(size[0], size[1]), fused(size[0], size[1])...) {
				want := c.result(one)
				for _, be := range others {
					for i, got := range c.result(be) {
						for k := range got {
							if math.Float32bits(got[k]) != math.Float32bits(want[i][k]) {
								t.Fatalf("%s: operand %d, element %d: %v on %d threads, %v on 1", c.name, i, k, got[k], be.pool.workers.Threads(), want[i][k])
							}
						}
					}
				}
			}
		}
	})
}

// A kernel call makes no garbage, large or small, alone or with helpers.
func TestAllocs(t *testing.T) {
	eachISA(t, func(t *testing.T, conf Config) {
		for _, threads := range []int{1, 2} {
			be := conf.on(threads).New()
			for _, size := range [][2]int{{2, 3}, {20, 100}, {270, 250}} {
				for _, c := range append(calls(size[0], size[1]), fused(size[0], size[1])...) {
					views := c.views(be)
					allocs := func() float64 { return testing.AllocsPerRun(3, func() { c.do(be, views) }) }
					n := allocs()
					for range 2 { // a worker may wake for the first time, and make its scratch
						n = min(n, allocs())
					}
					if n != 0 {
						t.Errorf("%s on %d threads: allocations", c.name, threads)
					}
				}
			}
		}
	})
}

// An element's result does not depend on where in the slice it stands.
func TestPosition(t *testing.T) {
	for _, set := range isa.Supported() {
		k := newKernels(vec.For(set))
		for op := range k.unary {
			row := backend.Unaries[op]
			x, dst := make([]float32, 70), make([]float32, 70)
			fill(x, 0.37)
			k.unary[op].f(dst, x, float32(row.A), float32(row.B))
			for i := range dst {
				assert.Equal(t, dst[0], dst[i], "%s: %s of element %d", set, row.Name, i)
			}
		}
	}
}

// A wrong choice of kernels is told in a sentence.
func TestISA(t *testing.T) {
	wrong := func(c Config) {
		defer func() {
			err, ok := recover().(*backend.Error)
			require.True(t, ok, "want a *backend.Error")
			assert.ErrorContains(t, err, `unknown instruction set "sse"; want one of generic, avx2, avx512`)
		}()
		c.New()
	}
	wrong(Config{ISA: "sse"})
	t.Setenv(isa.Env, "sse")
	wrong(Config{})
	assert.Equal(t, isa.Generic, Config{ISA: "generic"}.New().kernels.ISA)
	t.Setenv(isa.Env, "generic")
	assert.Equal(t, isa.Generic, New().kernels.ISA)
}

// Many callers on one Backend: one has the workers, the rest compute alone.
func TestConcurrent(t *testing.T) {
	be := Config{Threads: 3}.New()
	list := append(calls(270, 250), fused(270, 250)...)
	var callers sync.WaitGroup
	for range 3 {
		callers.Go(func() {
			for _, c := range list[:40] {
				c.do(be, c.views(be))
			}
		})
	}
	callers.Wait()
	want := list[0].result(Config{Threads: 1}.New())
	assert.Equal(t, want, list[0].result(be))
}

// A Backend that nobody uses takes its goroutines with it.
func TestGoroutinesEnd(t *testing.T) {
	helpers := func() int {
		stacks := make([]byte, 1<<20)
		return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "created by github.com/wengert-ml/wengert/backend/cpu/workers.")
	}
	func() {
		be := Config{Threads: 9}.New()
		c := calls(270, 250)[0]
		c.do(be, c.views(be))
		assert.GreaterOrEqual(t, helpers(), 8)
	}()
	for range 100 {
		runtime.GC()
		if helpers() == 0 { // nor any of the other tests
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d helpers are left", helpers())
}

func TestAlloc(t *testing.T) {
	be := New()
	for _, dtype := range []backend.DType{backend.F32, backend.I32, backend.F16, backend.BF16} {
		for _, n := range []int{1, 3, 16, 100, 1000, 100000} {
			buf, err := be.Alloc(dtype, n)
			require.NoError(t, err)
			m := buf.(*memory)
			assert.Equal(t, n, len(m.f32)+len(m.i32)+len(m.u16))
			for _, p := range []unsafe.Pointer{
				unsafe.Pointer(unsafe.SliceData(m.f32)), unsafe.Pointer(unsafe.SliceData(m.i32)), unsafe.Pointer(unsafe.SliceData(m.u16)),
			} {
				assert.Zero(t, uintptr(p)%64, "%s x %d starts within a line", dtype, n)
			}
		}
		for _, n := range []int{math.MaxInt, math.MaxInt / 2, int(addressable)} {
			_, err := be.Alloc(dtype, n)
			var full *backend.OutOfMemory
			require.ErrorAs(t, err, &full)
			assert.Greater(t, full.Asked, full.Limit)
		}
	}
}

// recorder is a BLAS that counts its calls.
type recorder struct {
	gonum.Implementation
	calls int
}

func (r *recorder) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	r.calls++
	r.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// Another BLAS gets each matrix whole, and leading axes folded into rows.
func TestBLAS(t *testing.T) {
	for _, c := range []struct {
		name  string
		args  []arg
		calls int
	}{
		{"plain", []arg{full(300, 260), full(300, 70), full(70, 260)}, 1},
		{"left-swapped", []arg{full(300, 260), swapped(300, 70), full(70, 260)}, 1},
		{"stepped", []arg{stepped(300, 260), stepped(300, 70), stepped(70, 260)}, 1},
		{"batch", []arg{full(3, 100, 90), full(3, 100, 80), full(3, 80, 90)}, 3},
		{"fold", []arg{full(3, 100, 90), full(3, 100, 80), full(80, 90)}, 1},
		{"none", []arg{full(3, 9), full(3, 0), full(0, 9)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			blas := &recorder{}
			be := Config{Threads: 1, BLAS: blas}.New()
			do := func(be backend.Backend, v []*backend.View) { be.MatMul(v[0], v[1], v[2], false) }
			got := call{c.name, c.args, do}.result(be)
			want := call{c.name, c.args, do}.result(New())
			assert.InDeltaSlice(t, want[0], got[0], 1e-4)
			assert.Equal(t, c.calls, blas.calls)
		})
	}
}

// What is written past the caches has the bits of what is not, on any number of threads.
func TestPastTheCaches(t *testing.T) {
	for _, v := range []int{1030, 4096, 10000} {
		n := pastFrom/v + 1
		for _, be := range backends() {
			c := call{args: []arg{full(n, v), full(n, v), full(n), labels(n, v)}}
			views := c.views(be)
			y, x, loss := run(views[0]), run(views[1]), run(views[2])
			require.True(t, be.softmaxRows(n, v).past)
			want, wantLoss := make([]float32, v), make([]float32, 1)
			be.Softmax(views[0], views[1], false)
			entropies := append([]float32{}, y...)
			views[0].Buf.(*memory).f32 = entropies
			be.CrossEntropy(views[2], views[0], views[1], views[3], 0.1)
			for i := range n {
				be.kernels.CrossEntropy(wantLoss, want, x[i*v:(i+1)*v], ints(views[3])[i:], 0.1, v, false, new(vec.Scratch))
				require.Equal(t, want, y[i*v:(i+1)*v], "row %d of %d", i, v)
				require.Equal(t, want, entropies[i*v:(i+1)*v], "row %d of %d", i, v)
				require.Equal(t, wantLoss[0], loss[i])
			}
		}
	}
}
