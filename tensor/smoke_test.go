package tensor

import (
	"testing"

	"github.com/wengert-ml/wengert/backend/reference"
)

func TestSmoke(t *testing.T) {
	be := reference.New()
	x := FromSlice(be, []float32{1, 2, 3, 4, 5, 6}, 2, 3)
	t.Log(x.MatMul(x.T()).Floats(), x.Sum(0).Floats(), x.Softmax().Floats(), x.Mean().Item(), x.Variance(-1).Floats())
	t.Log(x.Gather(NewInts([]int32{1, 0, 1}, 3)).Floats(), x.ArgMax(1), Concat(1, x, x).Floats(), Stack(1, x, x).Shape())
	t.Log(x.SumTo(3).Floats(), x.SumTo(2, 1).Floats(), x.T().Reshape(6).Floats(), OneHot(be, NewInts([]int32{1, -1}, 2), 3).Floats())
	for _, f := range []func(){func() { x.MatMul(x) }, func() { x.Add(Ones(be, 7, 2, 4)) }, func() { x.Slice(1, 2, 9) }} {
		func() {
			defer func() { t.Log(recover()) }()
			f()
		}()
	}
}
