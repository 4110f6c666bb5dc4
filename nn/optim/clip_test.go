package optim_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/internal/remote"
	"github.com/wengert-ml/wengert/nn/optim"
)

// TestClip limits a row-sparse gradient with a repeated id, whose rows add up
// before they are squared, and a dense one.
func TestClip(t *testing.T) {
	for name, be := range backends(t) {
		t.Run("backend="+name, func(t *testing.T) {
			table := param(be, "table", make([]float64, 10), 5, 2)
			bias := param(be, "bias", make([]float64, 1), 1)
			none := param(be, "none", make([]float64, 3), 3)
			frozen := param(be, "frozen", make([]float64, 1), 1)
			params := []*autograd.Param{table, bias, none, frozen}
			setRows(table, []int32{3, 0, 3}, []float64{1, 1, 2, 2, 2, 1}) // row 3: 3 2, row 0: 2 2
			setGrad(bias, []float64{-2})
			setGrad(frozen, []float64{100})
			frozen.Frozen = true
			var clip optim.Clipper

			assert.InDelta(t, 5, clip.Norm(params), 1e-6)
			assert.InDelta(t, 5, clip.ClipNorm(params, 5.1), 1e-6)
			assert.Equal(t, []float64{-2}, bias.Grad.Dense.Float64s(), "the norm is no larger than the limit")

			assert.InDelta(t, 5, clip.ClipNorm(params, 2.5), 1e-6)
			assert.LessOrEqual(t, clip.Norm(params), 2.5)
			require.NotNil(t, table.Grad.Rows, "it stays row-sparse")
			rate := 2.5 / (5 + 1e-6) // as the book has it
			assert.InDeltaSlice(t, []float64{3 * rate, 2 * rate, 2 * rate, 2 * rate}, table.Grad.Rows.Float64s(), 1e-6)
			assert.InDeltaSlice(t, []float64{-2 * rate}, bias.Grad.Dense.Float64s(), 1e-6)
			assert.Equal(t, []float64{100}, frozen.Grad.Dense.Float64s())

			clip.ClipValue(params, 1.25)
			assert.InDeltaSlice(t, []float64{1.25, 1, 1, 1}, table.Grad.Rows.Float64s(), 1e-6)
			assert.InDeltaSlice(t, []float64{-1}, bias.Grad.Dense.Float64s(), 1e-6)

			table.Grad.Zero()
			assert.InDelta(t, 1, clip.Norm(params), 1e-6, "the table's gradient is gone")
			assert.InDelta(t, 1, clip.Norm(params[1:2]), 1e-6, "fewer parameters than before")
			assert.Zero(t, clip.Norm(params[2:3]))
			assert.Zero(t, clip.Norm(nil))
		})
	}
}

// TestNormIsAccurate adds up a million squares.
func TestNormIsAccurate(t *testing.T) {
	p := param(cpu.New(), "p", make([]float64, 1e6), 1e6)
	g := make([]float64, 1e6)
	for i := range g {
		g[i] = 0.1
	}
	setGrad(p, g)
	var clip optim.Clipper
	assert.InEpsilon(t, 100, clip.Norm([]*autograd.Param{p}), 1e-6)
}

func TestClipNotFinite(t *testing.T) {
	p := param(cpu.New(), "p", make([]float64, 2), 2)
	params := []*autograd.Param{p}
	var clip optim.Clipper
	setGrad(p, []float64{math.NaN(), 1})
	assert.True(t, math.IsNaN(clip.ClipNorm(params, 1)))
	p.Grad.Zero()
	setGrad(p, []float64{math.Inf(1), 1})
	assert.True(t, math.IsInf(clip.ClipNorm(params, 1), 1))
}

func TestClipFault(t *testing.T) {
	dev := remote.New(reference.New(), 1<<20)
	defer dev.Close()
	p := param(dev, "p", []float64{0, 0}, 2)
	params := []*autograd.Param{p}
	var clip optim.Clipper
	dev.Break()
	setGrad(p, []float64{3, 4})
	require.ErrorIs(t, autograd.Try(func() { clip.ClipNorm(params, 1) }), remote.ErrInjected)
	p.Grad.Zero()
	setGrad(p, []float64{3, 4})
	require.NoError(t, autograd.Try(func() { assert.InDelta(t, 5, clip.ClipNorm(params, 1), 1e-6) }))
	assert.InDelta(t, 1, clip.Norm(params), 1e-6)
}

func TestClipMistakes(t *testing.T) {
	var clip optim.Clipper
	assert.PanicsWithValue(t, "optim: ClipNorm to -1: want a limit of 0 or more", func() { clip.ClipNorm(nil, -1) })
	assert.PanicsWithValue(t, "optim: ClipValue to NaN: want a limit of 0 or more", func() { clip.ClipValue(nil, math.NaN()) })
}

func ExampleClipper() {
	p := param(cpu.New(), "p", make([]float64, 2), 2)
	params := []*autograd.Param{p}
	setGrad(p, []float64{3, 4})
	var clip optim.Clipper
	fmt.Printf("%.4g\n", clip.ClipNorm(params, 1))
	fmt.Printf("%.4g\n", p.Grad.Floats())
	clip.ClipValue(params, 0.7)
	fmt.Printf("%.4g\n", p.Grad.Floats())
	// Output:
	// 5
	// [0.6 0.8]
	// [0.6 0.7]
}
