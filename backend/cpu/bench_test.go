package cpu

import (
	"fmt"
	"testing"

	"github.com/wengert-ml/wengert/backend"
)

// backends are those that benchmarks compare.
func backends() []*Backend {
	return []*Backend{Config{Threads: 1}.New(), Config{Threads: 2}.New()}
}

// bench runs c on each of the backends and reports the time an output element
// and the memory that all operands together move a second.
func bench(b *testing.B, name string, c call) {
	for _, be := range backends() {
		b.Run(fmt.Sprintf("%s/threads=%d", name, be.pool.workers.Threads()), func(b *testing.B) {
			views := c.views(be)
			b.ReportAllocs()
			for b.Loop() {
				c.do(be, views)
			}
			bytes, most := 0, 0
			for _, v := range views {
				bytes += 4 * v.Len()
				most = max(most, v.Len())
			}
			ns := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			b.ReportMetric(ns/float64(most), "ns/element")
			b.ReportMetric(float64(bytes)/ns, "GB/s")
		})
	}
}

func BenchmarkUnary(b *testing.B) {
	for _, op := range []backend.UnaryOp{backend.Square, backend.Exp, backend.Tanh, backend.Sigmoid, backend.ReLU, backend.Scale, backend.Erf} {
		do := func(be backend.Backend, v []*backend.View) { be.Unary(op, v[0], v[1], 0.5, 0.5) }
		for _, n := range []int{1, 2000, 1 << 20} {
			bench(b, fmt.Sprintf("op=%s/n=%d", op, n), call{args: []arg{full(n), full(n)}, do: do})
		}
	}
}

func BenchmarkBinary(b *testing.B) {
	for _, op := range []backend.BinaryOp{backend.Add, backend.Maximum, backend.Less, backend.TanhGrad} {
		do := func(be backend.Backend, v []*backend.View) { be.Binary(op, v[0], v[1], v[2]) }
		for _, n := range []int{1, 2000, 1 << 20} {
			bench(b, fmt.Sprintf("op=%s/form=flat/n=%d", op, n), call{args: []arg{full(n), full(n), full(n)}, do: do})
		}
	}
	do := func(be backend.Backend, v []*backend.View) { be.Binary(backend.Add, v[0], v[1], v[2]) }
	for _, c := range []struct {
		form string
		args []arg
	}{
		{"row", []arg{full(128, 256), full(128, 256), full(256)}},
		{"short-row", []arg{full(8192, 4), full(8192, 4), full(4)}},
		{"column", []arg{full(128, 256), full(128, 256), full(128, 1)}},
		{"scalar", []arg{full(128, 256), full(128, 256), full()}},
		{"swapped", []arg{full(128, 256), full(128, 256), swapped(128, 256)}},
		{"cut", []arg{cut(128, 256), cut(128, 256), cut(128, 256)}},
	} {
		bench(b, "op=add/form="+c.form, call{args: c.args, do: do})
	}
}

func BenchmarkCopy(b *testing.B) {
	do := func(be backend.Backend, v []*backend.View) { be.Copy(v[0], v[1]) }
	bench(b, "form=flat", call{args: []arg{full(1024, 1024), full(1024, 1024)}, do: do})
	bench(b, "form=swapped", call{args: []arg{full(1000, 1000), swapped(1000, 1000)}, do: do})
	bench(b, "form=heads", call{args: []arg{full(64, 8, 32), swapped(64, 8, 32)}, do: do})
}

func BenchmarkReduce(b *testing.B) {
	for _, op := range []backend.ReduceOp{backend.ReduceSum, backend.ReduceMax} {
		do := func(be backend.Backend, v []*backend.View) { be.Reduce(op, v[0], v[1]) }
		for _, c := range []struct {
			form string
			args []arg
		}{
			{"all", []arg{full(1, 1), full(1024, 1024)}},
			{"last", []arg{full(128, 1), full(128, 256)}},
			{"last-short", []arg{full(8192, 1), full(8192, 4)}},
			{"first", []arg{full(1, 256), full(128, 256)}},
			{"first-short", []arg{full(1, 4), full(8192, 4)}},
			{"first-large", []arg{full(1, 10000), full(700, 10000)}},
			{"middle", []arg{full(32, 1, 64), full(32, 16, 64)}},
		} {
			bench(b, fmt.Sprintf("op=%s/form=%s", op, c.form), call{args: c.args, do: do})
		}
	}
}

func BenchmarkMatMul(b *testing.B) {
	do := func(be backend.Backend, v []*backend.View) { be.MatMul(v[0], v[1], v[2], false) }
	for _, c := range []struct {
		m, k, n int
		form    string
	}{
		{1, 256, 1024, "plain"},
		{20, 100, 400, "plain"},
		{128, 256, 1024, "plain"},
		{128, 1024, 256, "right-swapped"},
		{256, 128, 1024, "left-swapped"},
		{256, 256, 256, "both-swapped"},
		{512, 512, 512, "plain"},
	} {
		x, y := full(c.m, c.k), full(c.k, c.n)
		if c.form == "left-swapped" || c.form == "both-swapped" {
			x = swapped(c.m, c.k)
		}
		if c.form == "right-swapped" || c.form == "both-swapped" {
			y = swapped(c.k, c.n)
		}
		for _, be := range backends() {
			b.Run(fmt.Sprintf("m=%d/k=%d/n=%d/form=%s/threads=%d", c.m, c.k, c.n, c.form, be.pool.workers.Threads()), func(b *testing.B) {
				views := call{args: []arg{full(c.m, c.n), x, y}}.views(be)
				b.ReportAllocs()
				for b.Loop() {
					do(be, views)
				}
				b.ReportMetric(2*float64(c.m*c.k*c.n)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			})
		}
	}
}

func BenchmarkFused(b *testing.B) {
	for _, size := range [][2]int{{20, 100}, {128, 256}} {
		for _, c := range fused(size[0], size[1]) {
			bench(b, "call="+c.name, c)
		}
	}
}

func BenchmarkRows(b *testing.B) {
	bench(b, "op=gather", call{args: []arg{full(700, 100), full(1000, 100), ids(700, 1000)}, do: func(be backend.Backend, v []*backend.View) { be.Gather(v[0], v[1], v[2]) }})
	bench(b, "op=scatterAdd", call{args: []arg{full(1000, 100), full(700, 100), ids(700, 1000)}, do: func(be backend.Backend, v []*backend.View) { be.ScatterAdd(v[0], v[1], v[2]) }})
}

func BenchmarkRandom(b *testing.B) {
	for _, dist := range []backend.Dist{backend.Uniform, backend.Normal} {
		bench(b, "dist="+dist.String(), call{args: []arg{full(1 << 16)}, do: func(be backend.Backend, v []*backend.View) { be.Random(v[0], dist, 1, 2) }})
	}
}
