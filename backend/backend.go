package backend

// Buffer is memory of a backend. It is made by Alloc and understood only by
// the backend that made it: a Go slice, a device pointer, a handle.
type Buffer any

// Backend holds arrays and computes with them.
//
// The names of the views are always those of the formula: dst is written, all
// others are read. Shapes are checked by the caller. Where nothing else is
// said, dtypes are F32, any strides are allowed, and dst may be exactly one of
// the inputs. The package comment has the rules that hold for all methods.
type Backend interface {
	// Name identifies the backend in messages and benchmarks: "cpu", "cuda:0".
	Name() string

	// Alloc returns memory for n > 0 elements, its contents arbitrary.
	// The error is an [*OutOfMemory] or a fault of the device.
	Alloc(dtype DType, n int) (Buffer, error)

	// Free gives memory back. Work already queued on it still runs first.
	// A backend whose memory is collected by Go (see [Collected]) may ignore it.
	Free(b Buffer)

	// Upload copies src, in row-major order, to dst of dtype F32 and as many
	// elements. src may be reused as soon as Upload returns.
	Upload(dst *View, src []float32) error

	// UploadInts is Upload for a dst of dtype I32.
	UploadInts(dst *View, src []int32) error

	// Download waits for what was queued, then copies src of dtype F32 to dst in
	// row-major order. It returns a latched fault that no Sync or Download has
	// returned yet, or the failure of the transfer itself.
	Download(dst []float32, src *View) error

	// Sync waits until all queued work is done. Faults of kernels are counted:
	// where the count exceeds since, err is the latest fault. A tape passes the
	// count of its last call, so each tape learns of every fault exactly once.
	Sync(since uint64) (count uint64, err error)

	// Convert writes src to dst of the same shape and another dtype, rounding to
	// nearest even; F32 to I32 truncates.
	Convert(dst, src *View)

	// Copy writes src, broadcast to dst's shape, to dst. Any dtype, the same for both.
	Copy(dst, src *View)

	// Fill writes v to every element of dst.
	Fill(dst *View, v float64)

	// Unary writes f(src; a, b) to dst of the same shape, where f is the row op of
	// [Unaries] and a, b are its attributes (0 where it has fewer).
	Unary(op UnaryOp, dst, src *View, a, b float64)

	// Binary writes f(x, y) to dst, with x and y broadcast to dst's shape, where f
	// is the row op of [Binaries].
	Binary(op BinaryOp, dst, x, y *View)

	// Where writes cond != 0 ? x : y to dst, all three broadcast to dst's shape.
	// NaN counts as true, being unequal to 0.
	Where(dst, cond, x, y *View)

	// Reduce combines src over every axis where dst has size 1. dst has src's rank
	// and does not overlap it. An empty sum is 0, an empty maximum -Inf and an
	// empty minimum +Inf; a NaN anywhere in a maximum or minimum is its result.
	Reduce(op ReduceOp, dst, src *View)

	// MatMul writes x·y to dst, or adds it where accumulate is set. dst is
	// [..., M, N], x [..., M, K] and y [..., K, N]; the leading axes of x and y
	// broadcast to dst's. dst overlaps neither. With K = 0 the product is 0.
	MatMul(dst, x, y *View, accumulate bool)

	// Gather writes row ids[i] of table [V, D] to row i of dst [N, D]. ids is [N] of
	// dtype I32, contiguous, each in [0, V). dst does not overlap table.
	Gather(dst, table, ids *View)

	// ScatterAdd adds row i of rows [N, D] to row ids[i] of dst [V, D], in the order
	// of i where ids repeat. ids is as in Gather; dst does not overlap rows.
	ScatterAdd(dst, rows, ids *View)

	// Random fills dst from the stream (key, counter): element i in row-major order
	// takes word i%4 of the [Philox] block counter + i/4, as [Dist] says.
	Random(dst *View, dist Dist, key, counter uint64)
}

// Collected marks a backend whose buffers are ordinary Go memory, so that
// nobody has to call Free for them.
type Collected interface {
	Backend
	Collected()
}

// Float64 is offered by a backend that computes in float64, such as package
// reference: gradient checks move values in and out without rounding them.
type Float64 interface {
	Backend
	UploadFloat64(dst *View, src []float64) error
	DownloadFloat64(dst []float64, src *View) error
}

// ReduceOp says how Reduce combines elements.
type ReduceOp uint8

// The reductions.
const (
	ReduceSum ReduceOp = iota
	ReduceMax
	ReduceMin
)

// String returns "sum", "max" or "min".
func (r ReduceOp) String() string { return [...]string{"sum", "max", "min"}[r] }
