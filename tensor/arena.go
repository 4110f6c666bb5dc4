package tensor

import (
	"math/bits"
	"runtime"
	"slices"

	"github.com/wengert-ml/wengert/backend"
)

// Arena is memory that is handed out tensor by tensor and taken back all at
// once by Reset (or earlier, when the last header of a buffer is released).
// Buffers are kept in size classes and headers in slabs, so a warm arena asks
// neither the backend nor the garbage collector for anything.
//
// An Arena belongs to one goroutine. Users of autograd never see one: a tape
// has its own.
type Arena struct {
	be        backend.Backend
	forgetter backend.Forgetter // nil where be is none
	free      [2][]bucket       // by storage type (F32, I32) and size class
	hoard     *hoard

	heads   []*Tensor // slab of headers, handed out in order
	used    int
	spare   []*Tensor // released before Reset
	track   bool
	young   []*Tensor // headers handed out since Begin
	keepBuf []Tensor  // copies of headers during Reset

	ints     []*ints // slab of integer arrays
	intsUsed int
	gen      uint32 // counts Resets

	faults uint64 // how many faults of the backend this arena has been told of
	item   [1]float32
	stats  Stats
}

// Stats is what an [Arena] holds, in bytes.
type Stats struct {
	Live    int64 // handed out now
	Peak    int64 // handed out at most
	Held    int64 // taken from the backend
	Buffers int   // how many buffers that is
}

type bucket []*storage

// hoard is every buffer of an arena. It does not know the arena, so that the
// buffers can be freed when nobody holds the arena any more.
type hoard struct {
	be  backend.Backend
	all []*storage
}

func (h *hoard) free() {
	for _, s := range h.all {
		h.be.Free(s.buf)
	}
}

// storage is one backend buffer. It is counted: headers (views, gradients)
// share it, and the last one returns it to its bucket.
type storage struct {
	buf   backend.Buffer
	dtype backend.DType
	class int
	refs  int32
}

// slack is how many classes larger than needed a buffer may be. It halves the
// number of buffers under changing batch sizes (14.3 MB to 9.4 in the spike).
const slack = 3

// NewArena returns an empty arena over be. Its buffers are freed when it is no
// longer reachable.
func NewArena(be backend.Backend) *Arena {
	a := &Arena{be: be, hoard: &hoard{be: be}}
	a.forgetter, _ = be.(backend.Forgetter)
	if _, ok := be.(backend.Collected); !ok {
		runtime.AddCleanup(a, (*hoard).free, a.hoard)
	}
	return a
}

// Backend returns the backend that the memory comes from.
func (a *Arena) Backend() backend.Backend { return a.be }

// Stats returns what the arena holds now.
func (a *Arena) Stats() Stats { return a.stats }

// classOf rounds a number of elements up to a size class: four to a power of
// two, so that at most a quarter is lost, from 64 elements on.
func classOf(n int) int {
	if n <= 64 {
		return 0
	}
	e := bits.Len(uint(n-1)) - 1 // 2^e <= n-1 < 2^(e+1)
	quarter := 1 << (e - 2)
	return 1 + (e-6)*4 + (n+quarter-1)/quarter - 5
}

// sizeOf is the number of elements of a class.
func sizeOf(class int) int {
	if class == 0 {
		return 64
	}
	e, quarters := (class-1)/4+6, (class-1)%4+5
	return quarters << (e - 2)
}

func (s *storage) bytes() int64 { return int64(sizeOf(s.class)) * int64(s.dtype.Size()) }

// storage finds or makes a buffer for n elements.
func (a *Arena) storage(dtype backend.DType, n int) *storage {
	class := classOf(n)
	buckets := a.free[dtype]
	for c := class; c <= class+slack && c < len(buckets); c++ {
		if f := buckets[c]; len(f) > 0 {
			s := f[len(f)-1]
			buckets[c] = f[:len(f)-1]
			return a.take(s)
		}
	}
	buf, err := a.be.Alloc(dtype, sizeOf(class))
	if err != nil { // give back what other shapes left behind, then try once more
		a.Trim()
		buf, err = a.be.Alloc(dtype, sizeOf(class))
	}
	backend.Must(a.be, "alloc", err)
	s := &storage{buf: buf, dtype: dtype, class: class}
	a.hoard.all = append(a.hoard.all, s)
	a.stats.Held += s.bytes()
	a.stats.Buffers++
	return a.take(s)
}

func (a *Arena) take(s *storage) *storage {
	s.refs = 1
	a.stats.Live += s.bytes()
	a.stats.Peak = max(a.stats.Peak, a.stats.Live)
	return s
}

func (a *Arena) put(s *storage) {
	s.refs = 0
	if a.forgetter != nil {
		a.forgetter.Forget(s.buf)
	}
	for len(a.free[s.dtype]) <= s.class {
		a.free[s.dtype] = append(a.free[s.dtype], nil)
	}
	a.free[s.dtype][s.class] = append(a.free[s.dtype][s.class], s)
}

// tensor makes an uninitialised tensor.
func (a *Arena) tensor(l backend.Layout) *Tensor {
	s := a.storage(backend.F32, l.Len())
	t := a.header()
	t.view = backend.View{Buf: s.buf, Layout: l}
	t.be, t.mem, t.sto, t.own = a.be, a, s, nil
	return t
}

// New returns a tensor [shape...] in the arena, its elements arbitrary.
func (a *Arena) New(shape ...int) *Tensor { return a.tensor(layout("new", shape)) }

// Zeros returns a tensor [shape...] of zeros in the arena.
func (a *Arena) Zeros(shape ...int) *Tensor {
	t := a.New(shape...)
	a.be.Fill(&t.view, 0)
	return t
}

// Put returns a header in the arena over x [...], without a copy: what is
// computed from it lives in the arena. Heap memory stays the collector's.
// It panics with a [*ShapeError] if x is on another backend.
func (a *Arena) Put(x *Tensor) *Tensor {
	if x.be != a.be {
		mistake("put", "the tensor lives on backend "+x.be.Name()+", the tape on "+another(a.be, x.be), "both on one: nn.To moves a model, tensor.To a tensor", x)
	}
	h := a.header()
	*h = *x
	h.mem = a
	if x.mem != a {
		h.sto = nil
	}
	if h.sto != nil {
		h.sto.refs++
	}
	return h
}

func (a *Arena) header() *Tensor {
	var t *Tensor
	switch n := len(a.spare); {
	case n > 0:
		t = a.spare[n-1]
		a.spare = a.spare[:n-1]
	default:
		if a.used == len(a.heads) {
			block := make([]Tensor, 64)
			for i := range block {
				a.heads = append(a.heads, &block[i])
			}
		}
		t = a.heads[a.used]
		a.used++
	}
	if a.track {
		a.young = append(a.young, t)
	}
	return t
}

// Begin and End enclose code that makes temporaries: at End all tensors made in
// between go back at once, except those to keep, of which some may be nil.
func (a *Arena) Begin() { a.track, a.young = true, a.young[:0] }

// End: see Begin. keep are [...].
func (a *Arena) End(keep ...*Tensor) {
	a.track = false
	if len(a.young) == 1 { // the common case: only the result
		return
	}
	for _, t := range a.young {
		if !slices.Contains(keep, t) {
			t.Release()
		}
	}
}

// Release gives x's header back to its arena; the buffer follows with its last
// header. x [...] must not be used afterwards. On the heap it does nothing.
func (x *Tensor) Release() {
	a := x.mem
	if a == nil {
		return
	}
	if x.sto != nil {
		if x.sto.refs--; x.sto.refs == 0 {
			a.stats.Live -= x.sto.bytes()
			a.put(x.sto)
		}
	}
	*x = Tensor{}
	a.spare = append(a.spare, x)
}

// Reset takes back every buffer and header, except the buffers of keep: they
// move to fresh headers, which replace the elements of keep. keep are [...].
func (a *Arena) Reset(keep []*Tensor) {
	// Which buffers stay is marked by a negative count, so that no set is needed.
	for _, k := range keep {
		if k.sto != nil && k.sto.refs > 0 {
			k.sto.refs = 0
		}
	}
	for _, k := range keep {
		if k.sto != nil {
			k.sto.refs--
		}
	}
	a.stats.Live = 0
	for _, s := range a.hoard.all {
		switch {
		case s.refs > 0:
			a.put(s)
		case s.refs < 0:
			s.refs = -s.refs
			a.stats.Live += s.bytes()
		}
	}
	a.moveKept(keep)
	a.track = false
	a.intsUsed = 0
	a.gen++
}

// moveKept empties the slab of headers and gives the kept tensors the first
// ones. A kept header may itself stand among those, so they swap places.
func (a *Arena) moveKept(keep []*Tensor) {
	a.young = a.young[:0]
	clear(a.spare)
	a.spare, a.used = a.spare[:0], 0
	if len(keep) == 0 {
		return
	}
	kept := a.kept(len(keep))
	for i, k := range keep {
		kept[i] = *k
	}
	for i := range keep {
		h := a.header()
		*h = kept[i]
		keep[i] = h
	}
	clear(kept)
}

// kept is room for copies of n headers: on the stack of no one, so reused.
func (a *Arena) kept(n int) []Tensor {
	if cap(a.keepBuf) < n {
		a.keepBuf = make([]Tensor, n)
	}
	return a.keepBuf[:n]
}

// Trim gives unused buffers back to the backend.
func (a *Arena) Trim() {
	live := a.hoard.all[:0]
	for _, s := range a.hoard.all {
		if s.refs > 0 {
			live = append(live, s)
			continue
		}
		a.be.Free(s.buf)
		a.stats.Held -= s.bytes()
		a.stats.Buffers--
	}
	clear(a.hoard.all[len(live):])
	a.hoard.all = live
	for _, buckets := range a.free {
		clear(buckets)
	}
}

// Check waits for the backend and panics with a [*backend.Error] if a kernel
// has failed since the last call.
func (a *Arena) Check() {
	count, err := a.be.Sync(a.faults)
	a.faults = count
	backend.Must(a.be, "sync", err)
}

// Faults returns how many faults of the backend the arena has been told of.
func (a *Arena) Faults() uint64 { return a.faults }

// Acknowledge notes that count faults of the backend are known: [Arena.Check]
// speaks of later ones only.
func (a *Arena) Acknowledge(count uint64) { a.faults = max(a.faults, count) }
