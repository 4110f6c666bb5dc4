package backendtest

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"sync"

	"github.com/wengert-ml/wengert/backend"
)

// Poison returns be with an Alloc whose memory is full of NaN (in I32, of a
// large negative number), so that code which takes fresh memory for zeros fails.
//
// It offers no fused kernels, as [backend.Basic]; it keeps [backend.Float64] and
// [backend.Collected]. To keep them all, embed the concrete backend and call
// [Spoil] in your own Alloc.
func Poison(be backend.Backend) backend.Backend {
	wide, isWide := be.(backend.Float64)
	_, isCollected := be.(backend.Collected)
	switch {
	case isWide && isCollected:
		return struct {
			poisonedFloat64
			goMemory
		}{poisonedFloat64{wide}, goMemory{}}
	case isWide:
		return poisonedFloat64{wide}
	case isCollected:
		return struct {
			poisoned
			goMemory
		}{poisoned{be}, goMemory{}}
	}
	return poisoned{be}
}

type (
	poisoned        struct{ backend.Backend }
	poisonedFloat64 struct{ backend.Float64 }
)

func (p poisoned) Alloc(dtype backend.DType, n int) (backend.Buffer, error) {
	return spoiled(p.Backend, dtype, n)
}

func (p poisonedFloat64) Alloc(dtype backend.DType, n int) (backend.Buffer, error) {
	return spoiled(p.Float64, dtype, n)
}

// goMemory has the method of [backend.Collected].
type goMemory struct{}

func (goMemory) Collected() {}

// Spoil fills a new buffer of n elements with NaN, or a large negative number.
func Spoil(be backend.Backend, buf backend.Buffer, dtype backend.DType, n int) error {
	whole := wholeOf(buf, dtype, n)
	switch dtype {
	case backend.F32:
		be.Fill(whole, math.NaN())
		return nil
	case backend.I32:
		junk := make([]int32, n)
		for i := range junk {
			junk[i] = junkID
		}
		return be.UploadInts(whole, junk)
	}
	tmp, err := be.Alloc(backend.F32, n)
	if err != nil {
		return err
	}
	defer be.Free(tmp)
	be.Fill(wholeOf(tmp, backend.F32, n), math.NaN())
	be.Convert(whole, wholeOf(tmp, backend.F32, n))
	return nil
}

// spoiled is Alloc followed by Spoil.
func spoiled(be backend.Backend, dtype backend.DType, n int) (backend.Buffer, error) {
	buf, err := be.Alloc(dtype, n)
	if err == nil {
		err = Spoil(be, buf, dtype, n)
	}
	return buf, err
}

// Limited is offered by a backend whose memory has a limit small enough to be
// reached in a test. The suite reaches it.
type Limited interface {
	backend.Backend
	Limit() int64 // bytes
}

// Quota is a backend whose Alloc refuses more than a number of bytes in use. It
// counts on Free, so it hides that a backend is [backend.Collected]; and it
// offers no fused kernels. Make it with [NewQuota].
type Quota struct {
	backend.Backend

	mu    sync.Mutex
	limit int64
	used  int64
	sizes map[any]int64 // bytes of every live buffer
}

// NewQuota returns be with limit bytes of memory. Buffers of be must be slices
// or comparable.
func NewQuota(be backend.Backend, limit int64) *Quota {
	return &Quota{Backend: be, limit: limit, sizes: map[any]int64{}}
}

// Limit returns the number of bytes that may be in use.
func (q *Quota) Limit() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.limit
}

// SetLimit changes the limit: a test lowers it below what is in use to make the
// next Alloc fail, and raises it again.
func (q *Quota) SetLimit(limit int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.limit = limit
}

// Used returns the bytes in use: Alloc'd and not yet given to Free.
func (q *Quota) Used() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.used
}

// Alloc returns memory, or a [*backend.OutOfMemory] where it would pass the limit.
func (q *Quota) Alloc(dtype backend.DType, n int) (backend.Buffer, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if int64(n) > (math.MaxInt64-q.used)/4 {
		return nil, &backend.OutOfMemory{Asked: math.MaxInt64, Used: q.used, Limit: q.limit}
	}
	asked := int64(n) * int64(dtype.Size())
	if q.used+asked > q.limit {
		return nil, &backend.OutOfMemory{Asked: asked, Used: q.used, Limit: q.limit}
	}
	buf, err := q.Backend.Alloc(dtype, n)
	if err != nil {
		return nil, err
	}
	q.used += asked
	q.sizes[identity(buf)] = asked
	return buf, nil
}

// Free gives memory back. It panics where the buffer is not in use, so a test
// notices memory that is freed twice.
func (q *Quota) Free(buf backend.Buffer) {
	q.mu.Lock()
	defer q.mu.Unlock()
	id := identity(buf)
	size, ok := q.sizes[id]
	if !ok {
		panic("backendtest: Free of a buffer that is not in use")
	}
	delete(q.sizes, id)
	q.used -= size
	q.Backend.Free(buf)
}

// identity returns a key for buf: slices, which are not comparable, have the
// address of their first element.
func identity(buf backend.Buffer) any {
	if v := reflect.ValueOf(buf); v.Kind() == reflect.Slice {
		return v.Pointer()
	}
	return buf
}

func memoryChecks() []check {
	return []check{
		{name: "alloc-more-than-there-is", run: allocTooMuch},
		{name: "limit", run: func(be backend.Backend) error {
			if l, ok := be.(Limited); ok {
				return reachLimit(l)
			}
			return reachLimit(NewQuota(be, 1<<20))
		}},
		{name: "poisoned", run: func(be backend.Backend) error { return trySome(Poison(be)) }},
		{name: "free-after-use", run: freeAfterUse},
		{name: "buffers-are-distinct", run: distinctBuffers},
	}
}

// allocTooMuch asks for 2^60 elements: no panic, an error that says so.
func allocTooMuch(be backend.Backend) error {
	for _, dtype := range []backend.DType{backend.F32, backend.I32, backend.F16, backend.BF16} {
		_, err := be.Alloc(dtype, 1<<60)
		if err := isOutOfMemory(err); err != nil {
			return fmt.Errorf("Alloc(%s, 1<<60): %w", dtype, err)
		}
	}
	return trySome(be)
}

// isOutOfMemory complains where err is no OutOfMemory.
func isOutOfMemory(err error) error {
	var oom *backend.OutOfMemory
	if !errors.As(err, &oom) {
		return fmt.Errorf("got %v (%T), want a *backend.OutOfMemory", err, err)
	}
	if oom.Asked <= 0 || oom.Asked <= oom.Limit-oom.Used {
		return fmt.Errorf("%+v: these sizes are no reason to refuse", *oom)
	}
	return nil
}

// reachLimit fills all memory with known numbers, meets the limit, and looks
// whether the backend works on and the numbers are still there.
func reachLimit(be Limited) error {
	const n = 1 << 12
	var bufs []backend.Buffer
	defer func() {
		for _, b := range bufs {
			be.Free(b)
		}
	}()
	most := int(be.Limit()/(4*n)) + 1
	for {
		buf, err := be.Alloc(backend.F32, n)
		if err != nil {
			if err := isOutOfMemory(err); err != nil {
				return fmt.Errorf("Alloc: %w", err)
			}
			break
		}
		be.Fill(wholeOf(buf, backend.F32, n), float64(len(bufs)))
		bufs = append(bufs, buf)
		if len(bufs) > most {
			return fmt.Errorf("Alloc: %d buffers of %d bytes fit a limit of %d", len(bufs), 4*n, be.Limit())
		}
	}
	if len(bufs) < 2 {
		return fmt.Errorf("Alloc: a limit of %d bytes is less than two buffers of %d", be.Limit(), 4*n)
	}
	for range 3 { // what is freed can be had again
		be.Free(bufs[0])
		bufs = bufs[1:]
		buf, err := be.Alloc(backend.F32, n)
		if err != nil {
			return fmt.Errorf("Alloc after Free: %w", err)
		}
		be.Fill(wholeOf(buf, backend.F32, n), float64(len(bufs)))
		bufs = append(bufs, buf)
		if _, err := be.Alloc(backend.F32, 2*n); isOutOfMemory(err) != nil {
			return fmt.Errorf("Alloc at the limit: %w", isOutOfMemory(err))
		}
	}
	got := make([]float32, n)
	for i, b := range bufs {
		want := float32(i + 3)
		if i >= len(bufs)-3 { // the three that came after Free
			want = float32(len(bufs) - 1)
		}
		if err := be.Download(got, wholeOf(b, backend.F32, n)); err != nil {
			return err
		}
		if got[0] != want || got[n-1] != want {
			return fmt.Errorf("buffer %d at the limit holds %v and %v, want %v", i, got[0], got[n-1], want)
		}
	}
	for _, b := range bufs {
		be.Free(b)
	}
	bufs = nil
	return trySome(be)
}

// freeAfterUse frees an input right after the call that reads it, many times:
// queued work runs first, and memory does not grow without end.
func freeAfterUse(be backend.Backend) error {
	const n, rounds = 1 << 14, 300
	dst, err := be.Alloc(backend.F32, n)
	if err != nil {
		return err
	}
	defer be.Free(dst)
	be.Fill(wholeOf(dst, backend.F32, n), 0)
	for range rounds {
		one, err := be.Alloc(backend.F32, n)
		if err != nil {
			return err
		}
		be.Fill(wholeOf(one, backend.F32, n), 1)
		be.Binary(backend.Add, wholeOf(dst, backend.F32, n), wholeOf(dst, backend.F32, n), wholeOf(one, backend.F32, n))
		be.Free(one)
	}
	got := make([]float32, n)
	if err := be.Download(got, wholeOf(dst, backend.F32, n)); err != nil {
		return err
	}
	for i, v := range got {
		if v != rounds {
			return fmt.Errorf("element %d of a sum of %d freed buffers of ones is %v", i, rounds, v)
		}
	}
	return nil
}

// distinctBuffers fills buffers of every dtype and looks at all of them afterwards.
func distinctBuffers(be backend.Backend) error {
	const n = 33
	dtypes := []backend.DType{backend.F32, backend.I32, backend.F16, backend.BF16}
	var bufs []backend.Buffer
	for i := range 40 {
		o := operandOf(dtypes[i%4], packed(n), listed(float64(i)))
		buf, _, err := o.mem.upload(be, 0)
		if err != nil {
			return err
		}
		defer be.Free(buf)
		bufs = append(bufs, buf)
	}
	for i, buf := range bufs {
		got, err := download(be, buf, dtypes[i%4], n)
		if err != nil {
			return err
		}
		for _, v := range got {
			if v != float64(i) {
				return fmt.Errorf("buffer %d (%s) holds %v, want %d", i, dtypes[i%4], v, i)
			}
		}
	}
	return nil
}

// some is a few trials of every method: enough to see that a backend works.
func some() []*trial {
	rng := newRand("some")
	return []*trial{
		{name: "Copy", args: []*operand{output(offset(3, 5), nil), input(transposed(3, 5), whole(rng))}, call: callCopy},
		{name: "Fill", args: []*operand{output(stepped(7), nil)}, call: func(be backend.Backend, v []*backend.View) { be.Fill(v[0], 2) }},
		{name: "Convert", args: []*operand{output(packed(9), nil), operandOf(backend.F16, packed(9), whole(rng))}, call: callConvert},
		{name: "Unary", args: []*operand{output(packed(33), nil), input(packed(33), whole(rng))}, call: callUnary(backend.Square)},
		{name: "Binary", args: []*operand{output(packed(9, 5), nil), input(packed(9, 5), whole(rng)), input(packed(5), whole(rng))}, call: callBinary(backend.Mul)},
		{
			name: "Where", args: []*operand{output(packed(9), nil), input(packed(9), whole(rng)), input(repeated(9), whole(rng)), input(packed(9), whole(rng))},
			call: func(be backend.Backend, v []*backend.View) { be.Where(v[0], v[1], v[2], v[3]) },
		},
		{name: "Reduce", args: []*operand{output(packed(5, 1), nil), input(packed(5, 77), whole(rng))}, call: callReduce(backend.ReduceSum)},
		product("MatMul", tolerance{}, false, packed(5, 9), matrix(true, whole(rng), 5, 40), matrix(false, whole(rng), 40, 9), nil),
		product("MatMul accumulate", tolerance{}, true, packed(65, 33), matrix(false, whole(rng), 65, 40), matrix(true, whole(rng), 40, 33), whole(rng)),
		{
			name: "Gather", args: []*operand{output(packed(3, 5), nil), input(packed(4, 5), whole(rng)), ids(3, 1, 3)},
			call: func(be backend.Backend, v []*backend.View) { be.Gather(v[0], v[1], v[2]) },
		},
		{
			name: "ScatterAdd", args: []*operand{output(packed(4, 5), whole(rng)), input(packed(3, 5), whole(rng)), ids(3, 1, 3)},
			call: func(be backend.Backend, v []*backend.View) { be.ScatterAdd(v[0], v[1], v[2]) },
		},
		{name: "Random", args: []*operand{output(packed(31), nil)}, call: func(be backend.Backend, v []*backend.View) { be.Random(v[0], backend.Uniform, 3, 5) }},
	}
}

// trySome tries a few calls of every method.
func trySome(be backend.Backend) error {
	for _, tr := range some() {
		if err := tr.check(be); err != nil {
			return err
		}
	}
	return nil
}
