package cpu

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/wengert-ml/wengert/backend"
)

// The error of a sum of float32 numbers does not grow with their number, as it
// does where they are added one by one.
func TestSumAccuracy(t *testing.T) {
	const n = 1 << 20
	r := rand.New(rand.NewPCG(3, 4))
	be := New()
	data := make([]float32, n)
	var exact float64
	var naive float32
	for i := range data {
		data[i] = r.Float32()
		exact += float64(data[i])
		naive += data[i]
	}
	x := upload(be, data)
	for _, c := range []struct {
		name string
		src  backend.Layout
		out  backend.Layout
	}{
		{"all", backend.Contiguous(n), backend.Contiguous(1)},
		{"last", backend.Contiguous(1, n), backend.Contiguous(1, 1)},
		{"first", backend.Contiguous(n, 1), backend.Contiguous(1, 1)},
		{"stepped", backend.Layout{Rank: 1, Shape: [backend.MaxRank]int{n / 2}, Stride: [backend.MaxRank]int{2}}, backend.Contiguous(1)},
		{"columns", backend.Contiguous(n/8, 8), backend.Contiguous(1, 8)},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := upload(be, make([]float32, c.out.Len()))
			out.Layout = c.out
			src := *x
			src.Layout = c.src
			be.Reduce(backend.ReduceSum, out, &src)
			got := floats(out)
			for k := range c.out.Len() {
				var want float64
				for i := k; i < c.src.Len(); i += c.out.Len() {
					want += float64(data[c.src.At(i)])
				}
				if e := math.Abs(float64(got[k])-want) / want; e > 1e-7 {
					t.Errorf("sum %d is off by %.2g; added one by one, all are by %.2g", k, e, math.Abs(float64(naive)-exact)/exact)
				}
			}
		})
	}
}

// upload returns data as a vector.
func upload(be *Backend, data []float32) *backend.View {
	buf, err := be.Alloc(backend.F32, len(data))
	must(err)
	v := &backend.View{Buf: buf, Layout: backend.Contiguous(len(data))}
	must(be.Upload(v, data))
	return v
}
