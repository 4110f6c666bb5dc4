package tensor_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/backendtest"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/internal/remote"
	"github.com/wengert-ml/wengert/tensor"
)

// A world is where tensors live in a test: a backend, and the heap or an arena.
type world struct {
	be    backend.Backend
	arena *tensor.Arena // nil: heap
}

// everywhere runs a test in every world: on every backend, with and without fused
// kernels, on the heap and in arenas whose fresh memory is full of NaN.
func everywhere(t *testing.T, f func(t *testing.T, w world)) {
	t.Helper()
	arena := func(be backend.Backend) world { return world{be, tensor.NewArena(be)} }
	device := func(t *testing.T) backend.Backend {
		dev := remote.New(reference.New(), 256<<20)
		t.Cleanup(dev.Close)
		return dev
	}
	worlds := []struct {
		name string
		open func(t *testing.T) world
	}{
		{"reference", func(*testing.T) world { return world{be: reference.New()} }},
		{"reference/arena", func(*testing.T) world { return arena(backendtest.Poison(reference.New())) }},
		{"cpu", func(*testing.T) world { return world{be: cpu.New()} }},
		{"cpu/arena", func(*testing.T) world { return arena(cpu.New()) }},
		{"cpu/composed", func(*testing.T) world { return arena(backendtest.Poison(cpu.New())) }},
		{"remote", func(t *testing.T) world { return world{be: device(t)} }},
		{"remote/arena", func(t *testing.T) world { return arena(backendtest.Poison(device(t))) }},
	}
	for _, w := range worlds {
		t.Run(w.name, func(t *testing.T) { f(t, w.open(t)) })
	}
}

// put makes a tensor of an array where the world lives.
func (w world) put(a array) *tensor.Tensor {
	x := tensor.FromFloat64(w.be, a.data, a.shape...)
	if w.arena == nil {
		return x
	}
	return w.arena.Put(x).Clone()
}

// array is the model that tensors are compared with: numbers in row-major order,
// and nothing else. Every operation on it copies.
type array struct {
	shape []int
	data  []float64
}

// build makes an array from a function of the index.
func build(shape []int, f func(at []int) float64) array {
	a := array{shape: shape, data: make([]float64, size(shape))}
	at := make([]int, len(shape))
	for i := range a.data {
		a.data[i] = f(at)
		for k := len(at) - 1; k >= 0; k-- { // the next index
			if at[k]++; at[k] < shape[k] {
				break
			}
			at[k] = 0
		}
	}
	return a
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

func (a array) String() string { return fmt.Sprintf("%v%v", a.shape, a.data) }

// at returns an element by its index.
func (a array) at(at ...int) float64 {
	i := 0
	for k, n := range a.shape {
		i = i*n + at[k]
	}
	return a.data[i]
}

// broadcast returns an element by its index in a larger shape.
func (a array) broadcast(at []int) float64 {
	own := append([]int{}, at[len(at)-len(a.shape):]...)
	for k, n := range a.shape {
		if n == 1 {
			own[k] = 0
		}
	}
	return a.at(own...)
}

// randoms are drawn from [lo, hi) and are float32 numbers, so that every backend
// starts from the same.
func randoms(r *rand.Rand, lo, hi float64, shape ...int) array {
	return build(shape, func([]int) float64 { return float64(float32(lo + (hi-lo)*r.Float64())) })
}

// count fills a shape with 0, 1, 2 ...
func count(shape ...int) array {
	i := -1.0
	return build(shape, func([]int) float64 { i++; return i })
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(1984, seed)) }

// exactly and nearly are the tolerances of moves and of float32 arithmetic.
var (
	exactly = tensor.Tolerance{EqualNaN: true}
	nearly  = tensor.Tolerance{Rel: 2e-5, Abs: 2e-6, EqualNaN: true}
)

// assertArray fails unless got has the shape and elements of want.
func assertArray(t testing.TB, want array, got *tensor.Tensor, tol tensor.Tolerance, what ...any) {
	t.Helper()
	if diff := tol.Diff(got, tensor.FromFloat64(reference.New(), want.data, want.shape...)); diff != "" {
		t.Errorf("%s%s", prefix(what), diff)
	}
}

func prefix(what []any) string {
	if len(what) == 0 {
		return ""
	}
	return fmt.Sprintf(what[0].(string), what[1:]...) + ": "
}

// message is the sentence of the ShapeError that f panics with.
func message(t *testing.T, f func()) (s string) {
	t.Helper()
	defer func() {
		e, ok := recover().(*tensor.ShapeError)
		require.True(t, ok, "want a panic with a *tensor.ShapeError")
		s = e.Error()
	}()
	f()
	return ""
}

func TestMoves(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		a := count(2, 3, 4)
		x := w.put(a)

		for _, v := range []struct {
			name string
			x    *tensor.Tensor
			want array
		}{
			{"itself", x, a},
			{"alias", x.Alias(), a},
			{"clone", x.Clone(), a},
			{"heap", x.Heap(), a},
			{"strided clone", x.T().Clone(), build([]int{2, 4, 3}, func(at []int) float64 { return a.at(at[0], at[2], at[1]) })},
			{"strided heap", x.T().Heap(), build([]int{2, 4, 3}, func(at []int) float64 { return a.at(at[0], at[2], at[1]) })},
			{"to", tensor.To(cpu.New(), x), a},
		} {
			assertArray(t, v.want, v.x, exactly, v.name)
		}
		assert.Equal(t, w.be, x.T().Clone().Backend())
		assert.Equal(t, "cpu", tensor.To(cpu.New(), x).Backend().Name())
		assert.True(t, x.Clone().IsContiguous())
		assert.False(t, x.T().IsContiguous())
		assert.Equal(t, w.arena != nil, x.Clone().Exclusive())
		assert.False(t, x.Heap().Exclusive(), "heap memory is never said to be exclusive")

		y := x.Clone()
		alias := y.Alias()
		assert.False(t, y.Exclusive(), "shared with its alias")
		alias.Fill(7)
		assert.Equal(t, make32(24, 7), y.Floats(), "an alias shares elements")

		assert.Equal(t, []int{2, 3, 4}, x.Shape())
		assert.Equal(t, 3, x.Rank())
		assert.Equal(t, 24, x.Len())
		assert.Equal(t, 4, x.Dim(-1))
		assert.Equal(t, 2, x.Dim(0))
		assert.True(t, x.SameShape(y))
		assert.False(t, x.SameShape(y.T()))
		assert.False(t, x.SameShape(y.Reshape(6, 4)))
	})
}

func make32(n int, v float32) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = v
	}
	return s
}

func TestSetAndRead(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		x := w.put(count(2, 3))
		x.T().Set([]float32{10, 20, 30, 40, 50, 60}) // through a view
		assert.Equal(t, []float32{10, 30, 50, 20, 40, 60}, x.Floats())
		x.Select(0, 1).SetFloat64([]float64{1, 2, 3})
		assert.Equal(t, []float64{10, 30, 50, 1, 2, 3}, x.Float64s())
		dst := make([]float32, 2)
		x.Select(1, 0).Read(dst)
		assert.Equal(t, []float32{10, 1}, dst)

		assert.Equal(t, 50.0, x.Select(0, 0).Select(0, 2).Item())
		assert.Equal(t, 50.0, x.Slice(0, 0, 1).Slice(1, 2, 3).Item(), "one element of any rank")

		y := w.put(count(2, 3))
		y.CopyFrom(w.put(array{[]int{3}, []float64{7, 8, 9}}))
		assert.Equal(t, []float32{7, 8, 9, 7, 8, 9}, y.Floats())
		y.AddInPlace(w.put(array{[]int{2, 1}, []float64{10, 20}}))
		assert.Equal(t, []float32{17, 18, 19, 27, 28, 29}, y.Floats())
		y.ScaleInPlace(-2)
		assert.Equal(t, []float32{-34, -36, -38, -54, -56, -58}, y.Floats())
	})
}

// A backend that computes in float64 is given and returns float64.
func TestFloat64IsExact(t *testing.T) {
	be := reference.New()
	third := []float64{1.0 / 3}
	assert.Equal(t, third, tensor.FromFloat64(be, third, 1).Float64s())
	assert.Equal(t, third[0], tensor.FromFloat64(be, third).Item())
	assert.Equal(t, third, tensor.To(reference.New(), tensor.FromFloat64(be, third, 1)).Float64s())
	assert.Equal(t, float64(float32(third[0])), tensor.FromFloat64(cpu.New(), third).Item())
}

func TestConstructors(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		be := w.be
		tests := []struct {
			name string
			got  *tensor.Tensor
			want array
		}{
			{"scalar", tensor.Scalar(be, 2.5), array{nil, []float64{2.5}}},
			{"zeros", tensor.Zeros(be, 2, 2), array{[]int{2, 2}, make([]float64, 4)}},
			{"zeros/empty", tensor.Zeros(be, 2, 0), array{[]int{2, 0}, nil}},
			{"ones", tensor.Ones(be, 3), array{[]int{3}, []float64{1, 1, 1}}},
			{"full", tensor.Full(be, math.Inf(-1), 2), array{[]int{2}, []float64{math.Inf(-1), math.Inf(-1)}}},
			{"arange", tensor.Arange(be, 0, 5, 2), array{[]int{3}, []float64{0, 2, 4}}},
			{"arange/without stop", tensor.Arange(be, 0, 4, 2), array{[]int{2}, []float64{0, 2}}},
			{"arange/down", tensor.Arange(be, 1, -1, -0.5), array{[]int{4}, []float64{1, 0.5, 0, -0.5}}},
			{"arange/empty", tensor.Arange(be, 1, 0, 1), array{[]int{0}, nil}},
			{"linspace", tensor.Linspace(be, -1, 1, 5), array{[]int{5}, []float64{-1, -0.5, 0, 0.5, 1}}},
			{"linspace/one", tensor.Linspace(be, 3, 4, 1), array{[]int{1}, []float64{3}}},
			{"linspace/none", tensor.Linspace(be, 3, 4, 0), array{[]int{0}, nil}},
			{"eye", tensor.Eye(be, 3), build([]int{3, 3}, func(at []int) float64 {
				if at[0] == at[1] {
					return 1
				}
				return 0
			})},
			{"eye/empty", tensor.Eye(be, 0), array{[]int{0, 0}, nil}},
			{"six axes", tensor.FromSlice(be, []float32{1, 2}, 1, 1, 1, 1, 1, 2), array{[]int{1, 1, 1, 1, 1, 2}, []float64{1, 2}}},
		}
		for _, tt := range tests {
			assertArray(t, tt.want, tt.got, exactly, tt.name)
		}
		assert.Equal(t, []int{4, 2}, tensor.New(be, 4, 2).Shape())

		data := []float32{1, 2}
		x := tensor.FromSlice(be, data, 2)
		data[0] = 9
		assert.Equal(t, []float32{1, 2}, x.Floats(), "a tensor holds a copy")
	})
}
