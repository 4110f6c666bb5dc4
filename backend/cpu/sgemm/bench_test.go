package sgemm

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/wengert-ml/wengert/backend/cpu/isa"
)

const (
	nn = "NN"
	tn = "TN"
	nt = "NT"
)

// shapes are what matters: squares, the book's models, and the date model.
var shapes = []struct {
	m, n, k int
	trans   string
	beta    float32
	of      string
}{
	{512, 512, 512, nn, 0, "square"},
	{512, 512, 512, tn, 0, "square"},
	{512, 512, 512, nt, 0, "square"},
	{1024, 1024, 1024, nn, 0, "square"},
	{1024, 1024, 1024, tn, 0, "square"},
	{1024, 1024, 1024, nt, 0, "square"},
	{700, 10000, 100, nn, 0, "RNNLM, output"},
	{700, 10000, 650, nn, 0, "BetterRnnlm, output"},
	{128, 512, 128, nn, 0, "seq2seq"},
	{20, 2600, 650, nn, 0, "BetterRnnlm, gates"},
	{650, 2600, 20, tn, 1, "BetterRnnlm, dW"},
	{20, 650, 2600, nt, 0, "BetterRnnlm, dX"},
	{20, 400, 100, nn, 0, "LSTM LM, gates"},
	{20, 400, 100, tn, 0, "LSTM LM, gates"},
	{20, 400, 100, nt, 0, "LSTM LM, gates"},
	{1, 1000, 1000, nn, 0, "generation"},
	{1, 1000, 1000, nt, 0, "generation"},
	{4, 400, 100, nn, 0, "generation"},
	{4, 2600, 650, nn, 0, "generation"},
	{128, 1024, 256, nn, 0, "date, gates"},
	{128, 1024, 16, nn, 0, "date, input"},
	{3712, 1024, 16, nn, 0, "date, input of all steps"},
	{3712, 16, 1024, nt, 0, "date, dX of all steps"},
	{16, 1024, 3712, tn, 1, "date, dWx of all steps"},
	{256, 1024, 3584, tn, 1, "date, dWh of all steps"},
	{256, 1024, 128, tn, 1, "date, dW"},
	{128, 256, 1024, nt, 0, "date, dX"},
	{1408, 59, 512, nn, 0, "date, output"},
}

// BenchmarkSgemm reports billions of multiplications and additions a second.
func BenchmarkSgemm(b *testing.B) {
	for _, s := range shapes {
		c := call{tA: blas.NoTrans, tB: blas.NoTrans, m: s.m, n: s.n, k: s.k, alpha: 1, beta: s.beta}
		if s.trans == tn {
			c.tA = blas.Trans
		}
		if s.trans == nt {
			c.tB = blas.Trans
		}
		for _, set := range isa.Supported()[1:] {
			for _, threads := range []int{1, 2} {
				impl := New(set, Config{Threads: threads})
				b.Run(fmt.Sprintf("shape=%dx%dx%d/trans=%s/isa=%s/threads=%d", s.m, s.n, s.k, s.trans, set, threads), func(b *testing.B) { c.bench(b, impl) })
			}
		}
		b.Run(fmt.Sprintf("shape=%dx%dx%d/trans=%s/isa=gonum", s.m, s.n, s.k, s.trans), func(b *testing.B) { c.bench(b, gonum.Implementation{}) })
	}
}

func (c call) bench(b *testing.B, impl blas.Float32) {
	o := c.operands(rand.New(rand.NewPCG(1, 1)))
	clear(o.c)
	if c.beta != 0 {
		c.beta = 1
	}
	c.run(impl, o)
	b.ResetTimer()
	for b.Loop() {
		c.run(impl, o)
	}
	flop := 2 * float64(c.m) * float64(c.n) * float64(c.k) * float64(b.N)
	b.ReportMetric(flop/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
