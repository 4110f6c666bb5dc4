package vec

import (
	"fmt"
	"testing"

	"github.com/wengert-ml/wengert/backend/cpu/isa"
)

// BenchmarkKernels times every kernel on slices that stay in the second cache
// level and reports nanoseconds for an element and the memory it moves.
func BenchmarkKernels(b *testing.B) {
	for _, c := range calls() {
		for _, set := range isa.Supported() {
			for _, n := range []int{100, 10_000} {
				b.Run(fmt.Sprintf("kernel=%s/isa=%s/n=%d", c.name, set, n), func(b *testing.B) {
					k := For(set)
					s, _ := c.arena(n, 12) // 128 bytes behind the array's start
					floats := 0
					for i := range s {
						floats += len(s[i])
						if i < c.outputs {
							floats += len(s[i])
						}
					}
					for b.Loop() {
						c.run(k, s)
					}
					seconds := b.Elapsed().Seconds() / float64(b.N)
					b.ReportMetric(seconds*1e9/float64(n), "ns/element")
					b.ReportMetric(4*float64(floats)/seconds/1e9, "GB/s")
				})
			}
		}
	}
}
