package backendtest

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/internal/remote"
)

// groupOf returns the group of a name, which be must offer.
func groupOf(t *testing.T, be backend.Backend, name string) group {
	t.Helper()
	i := slices.IndexFunc(groups, func(g group) bool { return g.name == name })
	require.GreaterOrEqual(t, i, 0, name)
	if offered := groups[i].offered; offered != nil {
		require.True(t, offered(be), "%s is not offered", name)
	}
	return groups[i]
}

// firstReport returns what the first check says that finds something, or nil.
func firstReport(be backend.Backend, g group) error {
	for _, c := range g.checks() {
		if err := c.try(be); err != nil {
			return err
		}
	}
	return nil
}

// firstDraw returns which of the first hundred draws of g's properties finds
// something, and what it says.
func firstDraw(be backend.Backend, g group) (int, error) {
	for _, p := range g.properties {
		for seed := range 100 {
			if err := example(p, seed).check(be); err != nil {
				return seed, err
			}
		}
	}
	return 0, nil
}

// planted is a backend with a mistake that somebody made, or would.
type planted struct {
	name   string
	group  string // that has to notice
	be     backend.Backend
	says   string // what the report contains, where it is worth pinning
	silent bool   // the group's random layouts need not: it is about values, or there are none
}

func TestPlantedMistakes(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine: nothing for the race detector")
	}
	ref := reference.New()
	device := func() *remote.Device {
		d := remote.New(ref, 1<<21)
		t.Cleanup(d.Close)
		return d
	}
	for _, p := range []planted{
		{name: "copy ignores stride 0", group: "Copy", be: copies{ref, func(dst, src *backend.View) { ref.Copy(dst, unrepeated(src)) }}},
		{name: "copy writes one beyond", group: "Copy", says: "buffer of argument 0 is no output and changed", be: copies{ref, func(dst, src *backend.View) {
			ref.Copy(dst, src)
			if end := lastOf(dst) + 1; end < sizeOf(dst) {
				poke(ref, dst, end, 0)
			}
		}}},
		{name: "copy takes strides for contiguous", group: "Copy", be: copies{ref, func(dst, src *backend.View) {
			if src.SameShape(&dst.Layout) {
				src.Layout = backend.Layout{Rank: src.Rank, Shape: src.Shape, Stride: dst.Stride, Off: src.Off}
			}
			ref.Copy(dst, src)
		}}},
		{name: "copy fills gaps between elements", group: "Copy", says: "buffer of argument 0 is no output and changed", be: copies{ref, func(dst, src *backend.View) {
			ref.Copy(dst, src)
			if dst.Len() > 1 && lastOf(dst) > dst.Off+dst.Len()-1 {
				for at := dst.Off; at < lastOf(dst); at++ {
					if !covers(dst, at) {
						poke(ref, dst, at, 0)
					}
				}
			}
		}}},
		{name: "copy takes a start for that of a vector", group: "Vectors", silent: true, be: copies{ref, func(dst, src *backend.View) {
			src.Off -= src.Off % 4
			ref.Copy(dst, src)
		}}},
		{name: "copy leaves the end of a row", group: "Vectors", silent: true, be: copies{ref, func(dst, src *backend.View) {
			dst.Shape[1] -= dst.Shape[1] % 4
			src.Shape[1] = dst.Shape[1]
			ref.Copy(dst, src)
		}}},
		{name: "copy loses the sign of zero", group: "Copy", silent: true, be: copies{ref, func(dst, src *backend.View) {
			ref.Copy(dst, src)
			if dst.DType == backend.F32 {
				ref.Unary(backend.Scale, dst, dst, 1, 0)
			}
		}}},

		{name: "fill keeps the view and runs later", group: "Fill", silent: true, be: &lazy{Backend: ref}},
		{name: "upload keeps the slice and runs later", group: "Upload", silent: true, be: &lazyUpload{Backend: ref}},
		{name: "download ignores strides", group: "Upload", silent: true, be: downloads{ref}},

		{name: "half rounds ties up", group: "Convert", silent: true, be: converts{ref, func(dst, src *backend.View) {
			if dst.DType == backend.BF16 {
				tmp := clone(ref, src)
				each(ref, tmp, func(x float64) float64 { return x * (1 + 1.0/(1<<30)) }) // a tie is no longer one
				src = tmp
			}
			ref.Convert(dst, src)
		}}},
		{name: "float to int rounds", group: "Convert", silent: true, be: converts{ref, func(dst, src *backend.View) {
			if dst.DType == backend.I32 && src.DType == backend.F32 {
				tmp := clone(ref, src)
				ref.Unary(backend.Round, tmp, tmp, 0, 0)
				src = tmp
			}
			ref.Convert(dst, src)
		}}},
		{name: "half has no subnormals", group: "Convert", silent: true, be: converts{ref, func(dst, src *backend.View) {
			ref.Convert(dst, src)
			if dst.DType == backend.F16 {
				each(ref, dst, func(x float64) float64 {
					if math.Abs(x) < math.Ldexp(1, -14) {
						return math.Copysign(0, x)
					}
					return x
				})
			}
		}}},

		{name: "exp to five digits", group: "Unary", silent: true, be: unaries{ref, backend.Exp, func(x float64) float64 { return math.Exp(x) * (1 + 1e-5) }}},
		{name: "gelu by tanh", group: "Unary", silent: true, be: unaries{ref, backend.GELU, func(x float64) float64 {
			return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
		}}},
		{name: "round halves away from zero", group: "Unary", silent: true, be: unaries{ref, backend.Round, math.Round}},
		{name: "expm1 is exp - 1", group: "Unary", silent: true, be: unaries{ref, backend.Expm1, func(x float64) float64 { return float64(float32(math.Exp(x))) - 1 }}},
		{name: "sigmoid overflows", group: "Unary", silent: true, be: unaries{ref, backend.Sigmoid, func(x float64) float64 {
			e := float64(float32(math.Exp(x)))
			return e / (1 + e)
		}}},
		{name: "relu drops NaN", group: "Unary", silent: true, be: unaries{ref, backend.ReLU, func(x float64) float64 {
			if x > 0 {
				return x
			}
			return 0
		}}},
		{name: "neg subtracts from zero", group: "Unary", silent: true, be: unaries{ref, backend.Neg, func(x float64) float64 { return 0 - x }}},
		{name: "abs of bits below 0 only", group: "Unary", silent: true, be: unaries{ref, backend.Abs, func(x float64) float64 {
			if x < 0 {
				return -x
			}
			return x
		}}},
		{name: "vector rest is left out", group: "Unary", silent: true, be: rest{ref}},

		{name: "binary ignores stride 0", group: "Binary", be: binaries{ref, func(op backend.BinaryOp, dst, x, y *backend.View) {
			ref.Binary(op, dst, unrepeated(x), unrepeated(y))
		}}},
		{name: "binary swaps x and y", group: "Binary", be: binaries{ref, func(op backend.BinaryOp, dst, x, y *backend.View) { ref.Binary(op, dst, y, x) }}},
		{name: "binary copies x to dst first", group: "Binary", be: binaries{ref, func(op backend.BinaryOp, dst, x, y *backend.View) {
			ref.Copy(dst, x)
			ref.Binary(op, dst, dst, y)
		}}},
		{name: "binary takes a column for a row", group: "Binary", silent: true, be: binaries{ref, func(op backend.BinaryOp, dst, x, y *backend.View) {
			if y.Rank == 2 && y.Shape[1] == 1 && y.Shape[0] == dst.Shape[1] {
				y.Shape[0], y.Shape[1], y.Stride[1] = 1, y.Shape[0], y.Stride[0]
			}
			if y.Rank == 2 && dst.Rank == 2 && y.Shape[0] > 1 && y.Shape[1] == 1 {
				y.Stride[0] = 0
			}
			ref.Binary(op, dst, x, y)
		}}},
		{name: "maximum drops NaN", group: "Binary", silent: true, be: binaries{ref, func(op backend.BinaryOp, dst, x, y *backend.View) {
			if op != backend.Maximum || dst.Rank == 0 {
				ref.Binary(op, dst, x, y)
				return
			}
			mask := clone(ref, dst)
			ref.Binary(backend.Greater, mask, x, y)
			ref.Where(dst, mask, x, y)
		}}},

		{name: "where takes NaN for false", group: "Where", silent: true, be: wheres{ref}},

		{name: "max ignores NaN", group: "Reduce", silent: true, be: reduces{ref, func(op backend.ReduceOp, dst, src *backend.View) {
			if op == backend.ReduceMax {
				src = clone(ref, src)
				each(ref, src, func(x float64) float64 {
					if math.IsNaN(x) {
						return math.Inf(-1)
					}
					return x
				})
			}
			ref.Reduce(op, dst, src)
		}}},
		{name: "empty max is 0", group: "Reduce", be: reduces{ref, func(op backend.ReduceOp, dst, src *backend.View) {
			ref.Reduce(op, dst, src)
			if src.Len() == 0 {
				ref.Fill(dst, 0)
			}
		}}},
		{name: "reduce ignores stride 0", group: "Reduce", be: reduces{ref, func(op backend.ReduceOp, dst, src *backend.View) { ref.Reduce(op, dst, unrepeated(src)) }}},
		{name: "reduce adds to what is there", group: "Reduce", be: reduces{ref, func(op backend.ReduceOp, dst, src *backend.View) {
			old := clone(ref, dst)
			ref.Reduce(op, dst, src)
			if op == backend.ReduceSum {
				ref.Binary(backend.Add, dst, dst, old)
			}
		}}},
		{name: "reduce sums in its input", group: "Reduce", says: "buffer of argument 1 is no output and changed", be: reduces{ref, func(op backend.ReduceOp, dst, src *backend.View) {
			ref.Reduce(op, dst, src)
			if op == backend.ReduceSum && src.Len() > 1 {
				poke(ref, src, src.At(0), 12345)
			}
		}}},
		{name: "sum differs from run to run", group: "Reduce", silent: true, says: "other junk", be: reduces{ref, func(op backend.ReduceOp, dst, src *backend.View) {
			ref.Reduce(op, dst, src)
			each(ref, dst, func(x float64) float64 {
				if x == math.Round(x) { // whole numbers are compared exactly
					return x
				}
				return x * (1 + 1e-6*(rand.Float64()-0.5))
			})
		}}},

		{name: "matmul never accumulates", group: "MatMul", be: products{ref, func(dst, x, y *backend.View, _ bool) { ref.MatMul(dst, x, y, false) }}},
		{name: "matmul always accumulates", group: "MatMul", be: products{ref, func(dst, x, y *backend.View, _ bool) { ref.MatMul(dst, x, y, true) }}},
		{name: "matmul multiplies dst by beta 0", group: "MatMul", be: products{ref, func(dst, x, y *backend.View, acc bool) {
			if !acc {
				ref.Unary(backend.Scale, dst, dst, 0, 0)
			}
			ref.MatMul(dst, x, y, true)
		}}},
		{name: "matmul with K = 0 writes nothing", group: "MatMul", be: products{ref, func(dst, x, y *backend.View, acc bool) {
			if x.Shape[x.Rank-1] > 0 {
				ref.MatMul(dst, x, y, acc)
			}
		}}},
		{name: "matmul ignores stride 0", group: "MatMul", be: products{ref, func(dst, x, y *backend.View, acc bool) {
			ref.MatMul(dst, unrepeated(x), unrepeated(y), acc)
		}}},
		{name: "matmul takes the first matrix of every batch", group: "MatMul", be: products{ref, func(dst, x, y *backend.View, acc bool) {
			for i := range y.Rank - 2 {
				y.Stride[i] = 0
			}
			ref.MatMul(dst, x, y, acc)
		}}},
		{name: "matmul takes columns for rows", group: "MatMul", be: products{ref, func(dst, x, y *backend.View, acc bool) {
			if r := y.Rank; y.Stride[r-2] == 1 { // the caller's transposed y
				y.Stride[r-2], y.Stride[r-1] = y.Shape[r-1], 1
			}
			ref.MatMul(dst, x, y, acc)
		}}},
		{name: "matmul rounds its factors to bfloat16", group: "MatMul", silent: true, be: products{ref, func(dst, x, y *backend.View, acc bool) {
			half, back := newView(ref, backend.BF16, x), newView(ref, backend.F32, x)
			ref.Convert(half, x)
			ref.Convert(back, half)
			ref.MatMul(dst, back, y, acc)
		}}},
		{name: "matmul skips what is not finite", group: "MatMul", silent: true, be: products{ref, func(dst, x, y *backend.View, acc bool) {
			x = clone(ref, x)
			each(ref, x, func(v float64) float64 {
				if math.IsNaN(v) {
					return 0
				}
				return v
			})
			ref.MatMul(dst, x, y, acc)
		}}},

		{name: "gather ignores the table's strides", group: "Gather", silent: true, be: gathers{ref}},
		{name: "scatter keeps the last of repeated ids", group: "ScatterAdd", silent: true, be: scatters{ref, func(dst, rows *backend.View, ids []float64) {
			before := clone(ref, dst)
			for i, id := range ids {
				ref.Binary(backend.Add, rowAt(dst, int(id)), rowAt(before, int(id)), rowAt(rows, i))
			}
		}}},
		{name: "scatter writes", group: "ScatterAdd", silent: true, be: scatters{ref, func(dst, rows *backend.View, ids []float64) {
			for i, id := range ids {
				ref.Copy(rowAt(dst, int(id)), rowAt(rows, i))
			}
		}}},
		{name: "scatter ignores stride 0", group: "ScatterAdd", silent: true, be: scatters{ref, func(dst, rows *backend.View, ids []float64) {
			rows = unrepeated(rows)
			for i, id := range ids {
				ref.Binary(backend.Add, rowAt(dst, int(id)), rowAt(dst, int(id)), rowAt(rows, i))
			}
		}}},

		{name: "random counts in 32 bits", group: "Random", silent: true, be: randoms{ref, func(dst *backend.View, dist backend.Dist, key, counter uint64) {
			for i := range dst.Len() {
				block := uint64(uint32(counter)+uint32(i/4)) | counter>>32<<32
				ref.Random(element(dst, i), dist, key, block) // word 0 alone: the others are seen elsewhere
				if i%4 != 0 {
					poke(ref, dst, dst.At(i), backend.Unit(backend.Philox(block, key)[i%4]))
				}
			}
		}}},
		{name: "random draws in memory order", group: "Random", silent: true, be: randoms{ref, func(dst *backend.View, dist backend.Dist, key, counter uint64) {
			if dst.Rank == 2 && dst.Stride[0] < dst.Stride[1] {
				dst.Shape[0], dst.Shape[1] = dst.Shape[1], dst.Shape[0]
				dst.Stride[0], dst.Stride[1] = dst.Stride[1], dst.Stride[0]
			}
			ref.Random(dst, dist, key, counter)
		}}},
		{name: "uniform uses 23 bits", group: "Random", silent: true, be: randoms{ref, func(dst *backend.View, dist backend.Dist, key, counter uint64) {
			ref.Random(dst, dist, key, counter)
			each(ref, dst, func(x float64) float64 { return math.Floor(x*(1<<23)) / (1 << 23) })
		}}},
		{name: "normal of doubled variance", group: "Random", silent: true, be: randoms{ref, func(dst *backend.View, dist backend.Dist, key, counter uint64) {
			ref.Random(dst, dist, key, counter)
			if dist == backend.Normal {
				ref.Unary(backend.Scale, dst, dst, math.Sqrt2, 0)
			}
		}}},

		{name: "alloc panics", group: "Memory", silent: true, be: allocs{ref, func(d backend.DType, n int) (backend.Buffer, error) {
			if n > 1<<40 {
				panic("makeslice: len out of range")
			}
			return ref.Alloc(d, n)
		}}},
		{name: "out of memory is some error", group: "Memory", silent: true, be: allocs{ref, func(d backend.DType, n int) (backend.Buffer, error) {
			if n > 1<<40 {
				return nil, errors.New("out of memory")
			}
			return ref.Alloc(d, n)
		}}},
		{name: "alloc returns the same memory again", group: "Memory", silent: true, be: &reusing{Backend: ref, last: map[key]backend.Buffer{}}},
		{name: "free does not count", group: "Memory", silent: true, be: leaking{device()}},

		{name: "sync is silent", group: "Injected", silent: true, be: syncs{device(), func(count uint64, _ error) (uint64, error) { return count, nil }}},
		{name: "sync tells every time", group: "Injected", silent: true, be: &sticky{Device: device()}},
		{name: "sync tells once for all", group: "Injected", silent: true, be: &once{Device: device()}},
		{name: "download is silent", group: "Injected", silent: true, be: silentDownload{device()}},
		{name: "a broken device stays broken", group: "Injected", silent: true, be: &dead{Device: device()}},

		{name: "float64 goes through float32", group: "Float64", silent: true, be: narrow{ref}},

		{name: "affine forgets the bias", group: "Affine", be: &fused{Backend: ref, flaw: "no bias"}},
		{name: "affine takes the bias from the start of its buffer", group: "Affine", be: &fused{Backend: ref, flaw: "no offset"}},
		{name: "softmax overflows", group: "Softmax", silent: true, be: &fused{Backend: ref, flaw: "no maximum"}},
		{name: "log softmax is the softmax", group: "Softmax", silent: true, be: &fused{Backend: ref, flaw: "no log"}},
		{name: "layer norm divides by D - 1", group: "LayerNorm", silent: true, be: &fused{Backend: ref, flaw: "sample variance"}},
		{name: "layer norm's gradient keeps the mean", group: "LayerNorm", silent: true, be: &fused{Backend: ref, flaw: "no mean"}},
		{name: "dots take the first vector", group: "RowMixer", silent: true, be: &fused{Backend: ref, flaw: "first vector"}},
		{name: "sums forget the weights", group: "RowMixer", silent: true, be: &fused{Backend: ref, flaw: "no weights"}},
		{name: "products overwrite", group: "RowMixer", silent: true, be: &fused{Backend: ref, flaw: "last product"}},
		{name: "cross entropy counts ignored rows", group: "CrossEntropy", silent: true, be: &fused{Backend: ref, flaw: "no ignore"}},
		{name: "cross entropy forgets smoothing", group: "CrossEntropy", silent: true, be: &fused{Backend: ref, flaw: "no smoothing"}},
		{name: "cross entropy takes gy[0] for all", group: "CrossEntropy", silent: true, be: &fused{Backend: ref, flaw: "one gy"}},
		{name: "dropout does not scale", group: "Dropout", silent: true, be: &fused{Backend: ref, flaw: "no scale"}},
		{name: "dropout draws one number for four", group: "Dropout", silent: true, be: &fused{Backend: ref, flaw: "one word"}},
		{name: "lstm takes gates in the order i, f, g, o", group: "LSTMCell", silent: true, be: &fused{Backend: ref, flaw: "gate order"}},
		{name: "lstm forgets the gradient of h", group: "LSTMCell", silent: true, be: &fused{Backend: ref, flaw: "no gh"}},
		{name: "gru's z keeps what was", group: "GRUCell", silent: true, be: &fused{Backend: ref, flaw: "z keeps"}},
		{name: "gru overwrites the gradient of h", group: "GRUCell", silent: true, be: &fused{Backend: ref, flaw: "overwrites dh"}},
		{name: "gru leaves the gradient of s", group: "GRUCell", silent: true, be: &fused{Backend: ref, flaw: "no s"}},
	} {
		t.Run(p.name, func(t *testing.T) {
			g := groupOf(t, p.be, p.group)
			err := firstReport(p.be, g)
			require.Error(t, err, "no check of %s noticed", p.group)
			assert.ErrorContains(t, err, p.says)
			t.Log(err)
			if !p.silent {
				draw, err := firstDraw(p.be, g)
				require.Error(t, err, "no draw of %s noticed", p.group)
				t.Logf("draw %d: %v", draw, err)
			}
		})
	}
}

// TestSameBits compares a backend with itself, and with one whose sums end a
// step or two higher, which no tolerance would notice.
func TestSameBits(t *testing.T) {
	ref := reference.New()
	SameBits(t, ref, reference.New())

	higher := reduces{ref, func(op backend.ReduceOp, dst, src *backend.View) {
		ref.Reduce(op, dst, src)
		ref.Unary(backend.Scale, dst, dst, 1+4*unit, 0)
	}}
	n := 0
	for _, c := range groupOf(t, ref, "Reduce").checks() {
		if c.trial.sameBits(ref, higher) != nil {
			n++
		}
	}
	assert.Positive(t, n)
}

// TestSound runs the fused groups on kernels without a mistake: what the
// planted ones are told by is their flaw.
func TestSound(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine: nothing for the race detector")
	}
	for _, name := range []string{"Affine", "Softmax", "LayerNorm", "CrossEntropy", "Dropout", "LSTMCell", "GRUCell", "RowMixer"} {
		be := &fused{Backend: reference.New()}
		assert.NoError(t, firstReport(be, groupOf(t, be, name)), name)
	}
}

// TestGroups looks that no two checks share a name, so that a failure says which.
func TestGroups(t *testing.T) {
	names := map[string]bool{}
	for _, g := range groups {
		assert.False(t, names[g.name], "%s twice", g.name)
		names[g.name] = true
		seen := map[string]bool{}
		for _, c := range g.checks() {
			assert.False(t, seen[c.name], "%s/%s twice: which of them failed?", g.name, c.name)
			seen[c.name] = true
		}
		assert.NotEmpty(t, seen, g.name)
	}
}
