package cpu

import (
	"math"
	"testing"

	"github.com/wengert-ml/wengert/backend/reference"
)

// sizes take every kernel through its edges: one element, short rows, odd ones,
// rows longer than a block.
var sizes = [][2]int{{1, 1}, {3, 5}, {40, 3}, {67, 130}, {2, 1100}}

// large takes every kernel through the pool.
var large = [][2]int{{500, 260}, {3, 50000}}

func TestAgainstReference(t *testing.T) {
	be, ref := Config{Threads: 2}.New(), reference.New()
	for _, size := range append(sizes, [2]int{300, 190}) {
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
}

// The same bits for any number of threads.
func TestThreads(t *testing.T) {
	one := Config{Threads: 1}.New()
	others := []*Backend{Config{Threads: 2}.New(), Config{Threads: 5}.New()}
	for _, size := range large {
		for _, c := range append(calls(size[0], size[1]), fused(size[0], size[1])...) {
			want := c.result(one)
			for _, be := range others {
				for i, got := range c.result(be) {
					for k := range got {
						if math.Float32bits(got[k]) != math.Float32bits(want[i][k]) {
							t.Fatalf("%s: operand %d, element %d: %v on %d threads, %v on 1", c.name, i, k, got[k], be.pool.crew.threads, want[i][k])
						}
					}
				}
			}
		}
	}
}
