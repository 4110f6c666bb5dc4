package cpu

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"unsafe"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu/isa"
	"github.com/wengert-ml/wengert/backend/cpu/sgemm"
	"github.com/wengert-ml/wengert/backend/cpu/vec"
	"github.com/wengert-ml/wengert/backend/cpu/workers"
)

// Config says how a Backend computes. The zero value uses all cores and the best
// instructions that they have.
type Config struct {
	// Threads is the number of cores that a large kernel is spread over; 0 means
	// runtime.GOMAXPROCS(0). It does not change results.
	Threads int

	// ISA names the instruction set of the kernels: "avx512", "avx2" or, for plain
	// Go, "generic". Results differ in the last digits. "" means the one that the
	// environment variable WENGERT_ISA names, or else the best of this machine.
	ISA string

	// BLAS multiplies matrices: Sgemm is all that is called, and SgemmBatch, as in
	// package sgemm, where it has that. It splits large products itself, over as
	// many threads as it likes. nil means package sgemm on Threads or, for plain
	// Go, gonum's.
	BLAS blas.Float32
}

// Backend computes on the processor. It implements [backend.Backend] and every
// optional interface for fused kernels. Its methods may be called from several
// goroutines: the first to come gets the other cores, the rest compute alone.
type Backend struct {
	pool    *pool
	jobs    jobs
	kernels kernels
	blas    blas.Float32
	batch   batcher // blas, where it can multiply many matrices in one call
	tile    tile    // how to cut a product for blas; zero: not at all

	blocks  shelf[scratch]
	buffers shelf[memory]       // copies of whole operands
	packs   shelf[sgemm.Packed] // weights as products read them
	doubles shelf[[]float64]    // partial results
	rows    shelf[vec.Scratch]  // what softmax works in
}

var _ interface {
	backend.Backend
	backend.Collected
	backend.Affiner
	backend.Softmaxer
	backend.CrossEntropyer
	backend.LayerNormer
	backend.Dropouter
	backend.LSTMer
	backend.GRUCeller
	backend.Updater
	backend.RowMixer
	backend.Normer
} = (*Backend)(nil)

// New returns a Backend with the default Config.
func New() *Backend { return Config{}.New() }

// New returns a Backend. Its goroutines start with the first large kernel and end
// when it is no longer reachable. It panics with a [*backend.Error] if c.ISA or the variable WENGERT_ISA is not an
// instruction set that this machine runs.
func (c Config) New() *Backend {
	set, err := isa.Choose(c.ISA)
	if err != nil {
		panic(&backend.Error{Backend: "cpu", Op: "choose kernels", Err: err})
	}
	if c.Threads <= 0 {
		c.Threads = runtime.GOMAXPROCS(0)
	}
	crew := workers.New(c.Threads)
	b := &Backend{
		pool:    &pool{workers: crew},
		kernels: newKernels(vec.For(set)),
		blas:    c.BLAS,
	}
	switch {
	case b.blas != nil:
	case set == isa.Generic:
		b.blas, b.tile = gonum.Implementation{}, gonumTile
	default:
		b.blas = sgemm.New(set, sgemm.Config{Workers: crew})
	}
	b.batch, _ = b.blas.(batcher)
	return b
}

// Name returns "cpu".
func (*Backend) Name() string { return "cpu" }

// Collected marks buffers as ordinary Go memory.
func (*Backend) Collected() {}

// Sync returns 0 and nil: kernels run at once and do not fault.
func (*Backend) Sync(uint64) (count uint64, err error) { return 0, nil }

// memory is a buffer: one of the three slices, by the size and kind of element.
// It starts at a multiple of 64 bytes, a cache line and the widest vector.
type memory struct {
	f32 []float32
	i32 []int32
	u16 []uint16 // F16 and BF16
}

// Alloc returns memory for n elements of dtype. The error is an
// [*backend.OutOfMemory] where n elements exceed the memory limit of the Go
// runtime (GOMEMLIMIT) or, where none is set, what a machine may have: beyond
// that Go ends the program, and nothing can be returned.
func (*Backend) Alloc(dtype backend.DType, n int) (backend.Buffer, error) {
	limit := min(debug.SetMemoryLimit(-1), addressable)
	if int64(n) > limit/int64(dtype.Size()) {
		return nil, outOfMemory(dtype, n, limit)
	}
	m := new(memory)
	m.alloc(dtype, n)
	return m, nil
}

// Free does nothing: the garbage collector frees buffers.
func (*Backend) Free(backend.Buffer) {}

// addressable bounds one buffer where no memory limit is set: 1 TiB, or half of
// a 32-bit address space.
const addressable = 1<<31 - 1 + (1<<40-1<<31+1)*int64(^uint(0)>>63)

func outOfMemory(dtype backend.DType, n int, limit int64) error {
	used := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(used)
	asked := int64(math.MaxInt64)
	if size := int64(dtype.Size()); int64(n) <= asked/size {
		asked = int64(n) * size
	}
	return &backend.OutOfMemory{Asked: asked, Used: int64(used[0].Value.Uint64()), Limit: limit}
}

func (m *memory) alloc(dtype backend.DType, n int) {
	switch dtype {
	case backend.F32:
		m.f32 = aligned[float32](n)
	case backend.I32:
		m.i32 = aligned[int32](n)
	default:
		m.u16 = aligned[uint16](n)
	}
}

// aligned returns n elements that start at a multiple of 64 bytes. Go aligns
// small objects to as little as 16, and never moves one on the heap.
func aligned[T float32 | int32 | uint16](n int) []T {
	const line = 64
	size := int(unsafe.Sizeof(T(0)))
	s := make([]T, n+line/size-1)
	inHugePages(s)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(s)))) & (line - 1) / size
	return s[skip : skip+n : skip+n]
}

// floats, ints and halves return the whole buffer of a view; its offset is not applied.
func floats(v *backend.View) []float32 { return v.Buf.(*memory).f32 }
func ints(v *backend.View) []int32     { return v.Buf.(*memory).i32 }

// run returns the elements of a contiguous view.
func run(v *backend.View) []float32 { return floats(v)[v.Off : v.Off+v.Len()] }
