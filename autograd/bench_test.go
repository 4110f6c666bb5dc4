package autograd_test

import (
	"fmt"
	"testing"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/tensor"
)

// perRecord reports the time of one record, where a loop's body makes n.
func perRecord(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/record")
}

// BenchmarkAdd is 100 chained additions of [1, 1], level by level: what the kernel
// takes, what the tensor adds, what the tape adds.
func BenchmarkAdd(b *testing.B) {
	const n = 100
	be := cpu.Config{Threads: 1}.New()
	x, y := tensor.Ones(be, 1, 1), tensor.Ones(be, 1, 1)
	tape, arena, p := autograd.NewTape(be), tensor.NewArena(be), autograd.NewParam(tensor.Ones(be, 1, 1))
	chain := func(z autograd.Var) autograd.Var {
		w := tape.Const(y)
		for range n {
			z = z.Add(w)
		}
		return z
	}
	for _, c := range []struct {
		level string
		f     func()
	}{
		{"kernel", func() {
			for range n {
				be.Binary(backend.Add, x.View(), x.View(), y.View())
			}
		}},
		{"tensor", func() {
			z, w := arena.Put(x), arena.Put(y)
			for range n {
				z = z.Add(w)
			}
			arena.Reset(nil)
		}},
		{"constant", func() { chain(tape.Const(x)); tape.Reset() }},
		{"recorded", func() { chain(tape.Leaf(x)); tape.Reset() }},
		{"backward", func() {
			tape.Backward(chain(p.On(tape)))
			p.Grad.Zero()
			tape.Reset()
		}},
	} {
		b.Run("level="+c.level, func(b *testing.B) {
			c.f()
			b.ReportAllocs()
			for b.Loop() {
				c.f()
			}
			perRecord(b, n)
		})
	}
}

// BenchmarkChain is matmul, tanh and slice of [1, 2] in turn, an op of each kind:
// no attributes, a row of the table, attributes in a slab.
func BenchmarkChain(b *testing.B) {
	const n = 100
	be := cpu.Config{Threads: 1}.New()
	tape, p := autograd.NewTape(be), autograd.NewParam(tensor.Eye(be, 2))
	for _, backward := range []bool{false, true} {
		b.Run(fmt.Sprintf("backward=%v", backward), func(b *testing.B) {
			step := func() {
				x, w := tape.Full(1, 1, 2), p.On(tape)
				for range n {
					x = x.MatMul(w).Tanh().Slice(1, 0, 2)
				}
				if backward {
					tape.Backward(x.Sum())
					p.Grad.Zero()
				}
				tape.Reset()
			}
			step()
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
			perRecord(b, 3*n)
		})
	}
}

// BenchmarkLM is a training step of an LSTM language model over 35 steps. With all
// sizes 1 what remains is bookkeeping.
func BenchmarkLM(b *testing.B) {
	for _, size := range []struct{ vocab, hidden, n int }{{2, 1, 1}, {50, 16, 4}} {
		for _, fused := range []bool{true, false} {
			b.Run(fmt.Sprintf("hidden=%d/fused=%v", size.hidden, fused), func(b *testing.B) {
				var be backend.Backend = cpu.Config{Threads: 1}.New()
				if !fused {
					be = backend.Basic(be)
				}
				tr := newTrainer(be, size.vocab, size.hidden, size.n, false)
				w, ps := newWindow(0, 35, size.n, size.vocab), tr.m.params()
				tr.m.loss(tr.tape, w, tr.h, tr.c)
				records := tr.tape.Len()
				tr.tape.Reset(&tr.h, &tr.c)
				for range 3 {
					tr.step(w, ps)
				}
				b.ReportAllocs()
				for b.Loop() {
					tr.step(w, ps)
				}
				perRecord(b, records)
			})
		}
	}
}
