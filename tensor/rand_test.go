package tensor_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

func ExampleRand() {
	r := tensor.NewRand(1984, 0)
	fmt.Println(tensor.Uniform(reference.New(), r, 0, 1, 3)) // on the backend
	fmt.Println(rand.New(r).Perm(5))                         // on the host
	saved := *r
	fmt.Println(r.Uint64() == saved.Uint64()) // it goes on where it was
	// Output:
	// [0.4108 0.7425 0.0149]
	// [3 0 2 4 1]
	// true
}

// words are the 32-bit words of a stream from a block on.
func words(key, block uint64, n int) []uint32 {
	var w []uint32
	for ; len(w) < n; block++ {
		b := backend.Philox(block, key)
		w = append(w, b[:]...)
	}
	return w[:n]
}

// Every backend draws what the host computes from the Philox words.
func TestUniformAndRandnOnEveryBackend(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		for _, n := range []int{0, 1, 3, 4, 5, 64, 103} {
			r := tensor.NewRand(7, 3)
			r.Pos = 5 // the next whole block is 3
			x := tensor.Uniform(w.be, r, 0, 1, n)
			want := array{[]int{n}, make([]float64, n)}
			for i, u := range words(r.Key, 3, n) {
				want.data[i] = backend.Unit(u)
			}
			assertArray(t, want, x, exactly, "%d uniforms", n)
			assert.EqualValues(t, 6+2*((n+3)/4), r.Pos, "two words a block")

			r.Pos = 0
			y := tensor.Randn(w.be, r, n)
			for i := range want.data {
				u := words(r.Key, 0, n+2)
				a, b := backend.NormalPair(u[i&^1], u[i|1])
				want.data[i] = []float64{a, b}[i%2]
			}
			assertArray(t, want, y, nearly, "%d normals", n)
		}
	})
}

func TestUniformRange(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		x := tensor.Uniform(w.be, tensor.NewRand(1, 0), -3, 5, 50, 40)
		assert.GreaterOrEqual(t, x.Min().Item(), -3.0)
		assert.Less(t, x.Max().Item(), 5.0)
		assert.InDelta(t, 1, x.Mean().Item(), 4*8/math.Sqrt(12*2000))

		y := tensor.Randn(w.be, tensor.NewRand(1, 0), 2000)
		assert.InDelta(t, 0, y.Mean().Item(), 4/math.Sqrt(2000))
		assert.InDelta(t, 1, y.Variance().Item(), 4*math.Sqrt(2.0/2000))
	})
}

// On the host the stream is the same words, two by two, and kernels take over at
// the next whole block: nothing is drawn twice.
func TestRandOnTheHost(t *testing.T) {
	r := tensor.NewRand(42, 1)
	w := words(r.Key, 0, 16)
	for i := range 5 {
		assert.Equal(t, uint64(w[2*i])|uint64(w[2*i+1])<<32, r.Uint64(), "word %d", i)
	}
	assert.EqualValues(t, 5, r.Pos)
	assert.EqualValues(t, 3, r.Blocks(1), "block 2 is half used")
	assert.EqualValues(t, 8, r.Pos)
	assert.EqualValues(t, 4, r.Blocks(9))
	assert.EqualValues(t, 14, r.Pos)
	assert.EqualValues(t, 7, r.Blocks(0))
	assert.EqualValues(t, 14, r.Pos, "nothing drawn")

	f := tensor.Rand{Key: r.Key}
	assert.Equal(t, float64((uint64(w[0])|uint64(w[1])<<32)>>11)/(1<<53), f.Float64())
	a, b := f.Norm()
	wantA, wantB := backend.NormalPair(w[2], w[3])
	assert.Equal(t, []float64{wantA, wantB}, []float64{a, b})

	var _ rand.Source = r
}

func TestStreamsDiffer(t *testing.T) {
	seen := map[uint64]string{}
	for seed := range uint64(20) {
		for stream := range uint64(20) {
			name := fmt.Sprintf("seed %d stream %d", seed, stream)
			r := tensor.NewRand(seed, stream)
			assert.Zero(t, r.Pos)
			assert.Empty(t, seen[r.Key], name)
			seen[r.Key] = name
		}
	}
}

// A stream is a function of Key and Pos alone, whatever was drawn before.
func TestRandAtAnyPosition(t *testing.T) {
	word := func(key, pos uint64) uint64 {
		w := backend.Philox(pos/2, key)
		return uint64(w[pos%2*2]) | uint64(w[pos%2*2+1])<<32
	}
	var r tensor.Rand
	for _, at := range []tensor.Rand{{}, {Pos: 1}, {Key: 9, Pos: 1}, {Key: 9}, {Key: 9, Pos: 7}, {Pos: 7}, {Pos: 6}} {
		r.Key, r.Pos = at.Key, at.Pos
		for i := range uint64(5) {
			assert.Equal(t, word(at.Key, at.Pos+i), r.Uint64(), "key %d, word %d", at.Key, at.Pos+i)
		}
	}
}

func BenchmarkRand(b *testing.B) {
	r := tensor.NewRand(1, 0)
	for b.Loop() {
		r.Uint64()
	}
}
