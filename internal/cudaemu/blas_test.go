package cudaemu_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/internal/cudaemu"
	"github.com/wengert-ml/wengert/internal/cudaemu/ptx"
)

func floats(v ...float32) []uint32 {
	var w []uint32
	for _, x := range v {
		w = append(w, math.Float32bits(x))
	}
	return w
}

func TestSgemm(t *testing.T) {
	// Column by column, A = [1 3; 2 4] and B = [5 7; 6 8], the batch's second A = 2 A.
	for _, c := range []struct {
		name   string
		ta, tb bool
		beta   float32
		want   []float32
	}{
		{"plain", false, false, 0, []float32{23, 34, 31, 46, 46, 68, 62, 92}},
		{"a-transposed", true, false, 0, []float32{17, 39, 23, 53, 34, 78, 46, 106}},
		{"b-transposed", false, true, 0, []float32{26, 38, 30, 44, 52, 76, 60, 88}},
		{"added", false, false, 2, []float32{25, 36, 33, 48, 48, 70, 64, 94}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := open(t, cudaemu.Device{})
			a := g.alloc(floats(1, 2, 3, 4, 2, 4, 6, 8)...)
			b := g.alloc(floats(5, 6, 7, 8)...)
			out := g.alloc(floats(1, 1, 1, 1, 1, 1, 1, 1)...)
			require.NoError(t, g.Sgemm(nil, cudaemu.Gemm{
				TransA: c.ta, TransB: c.tb, M: 2, N: 2, K: 2, Alpha: 1, Beta: c.beta, A: a, B: b, C: out, LDA: 2, LDB: 2, LDC: 2, StrideA: 4, StrideC: 4, Count: 2,
			}))
			got := make([]byte, 32)
			require.NoError(t, g.CopyToHost(got, out))
			for i, want := range c.want {
				assert.Equal(t, want, math.Float32frombits(binary.LittleEndian.Uint32(got[4*i:])), "element %d", i)
			}
		})
	}
}

func TestSgemmFaults(t *testing.T) {
	g := open(t, cudaemu.Device{})
	a := g.alloc(1, 2, 3, 4)
	gemm := cudaemu.Gemm{M: 2, N: 2, K: 2, Alpha: 1, A: a, B: a, C: a, LDA: 1, LDB: 2, LDC: 2, Count: 1}
	assert.ErrorIs(t, g.Sgemm(nil, gemm), cudaemu.InvalidValue, "a leading dimension that is too small")
	fresh, err := g.Alloc(16)
	require.NoError(t, err)
	gemm.LDA, gemm.A = 2, fresh
	require.NoError(t, g.Sgemm(nil, gemm))
	assert.ErrorContains(t, g.Synchronize(), "before it is written")
}

func TestPlantedFaultsReachTheDriver(t *testing.T) {
	// A launch over more threads than there are words, a pointer that is freed by the
	// time the kernel runs, one that is not aligned, and fresh memory.
	for _, c := range []struct {
		name   string
		device cudaemu.Device
		plant  func(g *gpu, x uint64) error
		kind   ptx.FaultKind
		result cudaemu.Result
	}{
		{"out-of-bounds", cudaemu.Device{}, func(g *gpu, x uint64) error { return g.add(nil, x, 3) }, ptx.OutOfBounds, cudaemu.IllegalAddress},
		{"use-after-free", cudaemu.Device{}, func(g *gpu, x uint64) error {
			if err := g.Free(x); err != nil {
				return err
			}
			return g.add(nil, x, 2)
		}, ptx.OutOfBounds, cudaemu.IllegalAddress},
		{"misaligned", cudaemu.Device{}, func(g *gpu, x uint64) error { return g.add(nil, x+1, 1) }, ptx.Misaligned, cudaemu.MisalignedAddress},
		{"uninitialised", cudaemu.Device{}, func(g *gpu, _ uint64) error {
			fresh, err := g.Alloc(4)
			if err != nil {
				return err
			}
			return g.add(nil, fresh, 1)
		}, ptx.Uninitialised, cudaemu.LaunchFailed},
		{"runaway", cudaemu.Device{Limit: 3}, func(g *gpu, x uint64) error { return g.add(nil, x, 2) }, ptx.Runaway, cudaemu.LaunchTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := open(t, c.device)
			x := g.alloc(1, 2)
			require.NoError(t, c.plant(g, x))
			err := g.Synchronize()
			var fault *ptx.Fault
			require.ErrorAs(t, err, &fault)
			assert.Equal(t, c.kind, fault.Kind)
			assert.ErrorIs(t, err, c.result)
		})
	}
}
