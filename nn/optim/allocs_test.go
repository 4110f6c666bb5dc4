package optim_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/tensor"
)

// TestWarmStepMakesNoGarbage counts allocations of clipping and Step on a
// row-sparse and a dense gradient, in groups and with weight decay. Backward is
// left out of the count.
func TestWarmStepMakesNoGarbage(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	be := cpu.New()
	one := tensor.Ones(be, 1)
	for _, r := range rules() {
		for _, dense := range []bool{false, true} {
			table, w := param(be, "table", make([]float64, 60), 20, 3), param(be, "w", make([]float64, 3), 3, 1)
			params := []*autograd.Param{table, w}
			opt := r.make(settings{params: params[:1], groups: []optim.Group{{Params: params[1:], RateFactor: 2}}, lr: 0.1, decay: 0.1, dense: dense})
			var clip optim.Clipper
			tape := autograd.NewTape(be)
			ids := []int32{4, 7, 4, 19}
			step := func() uint64 {
				rows := tape.Param(table).Gather(tape.Ints(ids, 4))
				tape.Backward(rows.MatMul(w).Sub(tape.Const(one)).Square().Sum())
				defer tape.Reset()
				ids[1] = (ids[1] + 1) % 20
				return mallocs(func() {
					clip.ClipNorm(params, 0.5)
					clip.ClipValue(params, 0.4)
					opt.Step()
				})
			}
			for range 20 {
				step()
			}
			total := uint64(0)
			for range 10 {
				total += step()
			}
			assert.Less(t, total, uint64(10), "%s, dense %v: allocations in 10 steps", r.name, dense) // the runtime makes one now and then
		}
	}
}

func mallocs(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}
