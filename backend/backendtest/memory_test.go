package backendtest

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/internal/remote"
)

// TestWrappers looks that the wrappers change nothing but Alloc.
func TestWrappers(t *testing.T) {
	q := NewQuota(reference.New(), 1<<20)
	for _, be := range []backend.Backend{Poison(reference.New()), q} {
		require.NoError(t, trySome(be))
		require.NoError(t, firstReport(be, groupOf(t, be, "Memory")))
	}
	assert.Zero(t, q.Used(), "bytes that the suite left behind")
}

func TestPoison(t *testing.T) {
	ref := reference.New()
	dev := remote.NewFloat64(ref, 1<<20)
	defer dev.Close()
	for _, c := range []struct {
		name            string
		be              backend.Backend
		wide, collected bool
	}{
		{name: "reference", be: ref, wide: true, collected: true},
		{name: "device", be: dev.Device},
		{name: "float64-device", be: dev, wide: true},
		{name: "collected", be: struct {
			backend.Backend
			goMemory
		}{ref, goMemory{}}, collected: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			be := Poison(c.be)
			assert.Equal(t, c.wide, offers[backend.Float64](be), "Float64")
			assert.Equal(t, c.collected, offers[backend.Collected](be), "Collected")
			for _, dtype := range []backend.DType{backend.F32, backend.F16, backend.BF16, backend.I32} {
				const n = 5
				buf, err := be.Alloc(dtype, n)
				require.NoError(t, err)
				got, err := download(be, buf, dtype, n)
				require.NoError(t, err)
				for _, v := range got {
					if dtype == backend.I32 {
						assert.Equal(t, float64(junkID), v)
					} else {
						assert.True(t, math.IsNaN(v), "%s: %v", dtype, v)
					}
				}
			}
		})
	}
}

func TestQuota(t *testing.T) {
	dev := remote.New(reference.New(), 1<<20)
	defer dev.Close()
	for _, be := range []backend.Backend{reference.New(), dev} { // buffers are slices, and pointers
		t.Run(be.Name(), func(t *testing.T) {
			q := NewQuota(be, 100)
			a, err := q.Alloc(backend.F32, 20)
			require.NoError(t, err)
			b, err := q.Alloc(backend.F16, 10)
			require.NoError(t, err)
			assert.EqualValues(t, 100, q.Used())

			_, err = q.Alloc(backend.BF16, 1)
			var oom *backend.OutOfMemory
			require.ErrorAs(t, err, &oom)
			assert.Equal(t, backend.OutOfMemory{Asked: 2, Used: 100, Limit: 100}, *oom)

			q.SetLimit(102)
			c, err := q.Alloc(backend.BF16, 1)
			require.NoError(t, err)
			q.SetLimit(0)
			for _, buf := range []backend.Buffer{a, b, c} {
				q.Free(buf)
			}
			assert.Zero(t, q.Used())
			assert.Panics(t, func() { q.Free(b) }, "freed twice")
			_, err = q.Alloc(backend.I32, 1)
			require.ErrorAs(t, err, &oom)
		})
	}
}

func TestTolerance(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	negativeZero := math.Copysign(0, -1)
	for _, c := range []struct {
		name            string
		tol             tolerance
		got, want, size float64
		ok              bool
	}{
		{"equal", tolerance{}, 1.5, 1.5, 0, true},
		{"nearest float32", tolerance{}, float64(float32(0.1)), 0.1, 0, true},
		{"one step off", tolerance{}, 1 + 2*unit, 1, 0, false},
		{"one step off, allowed", tolerance{ulps: 1}, 1 + 2*unit, 1, 0, true},
		{"two steps off", tolerance{ulps: 1}, 1 + 4*unit, 1, 0, false},
		{"absolute", tolerance{abs: 0.5}, 1.25, 1, 0, true},
		{"beyond absolute", tolerance{abs: 0.125}, 1.25, 1, 0, false},
		{"by size", tolerance{mag: 2}, 3 * unit, 0, 2, true},
		{"beyond size", tolerance{mag: 1}, 3 * unit, 0, 2, false},
		{"NaN", tolerance{}, nan, nan, 0, true},
		{"NaN for a number", tolerance{ulps: 9}, nan, 1, 0, false},
		{"a number for NaN", tolerance{ulps: 9}, 1, nan, 0, false},
		{"infinity", tolerance{}, inf, inf, 0, true},
		{"the other infinity", tolerance{ulps: 9}, -inf, inf, 0, false},
		{"infinity for a number", tolerance{abs: 9}, inf, 1, 0, false},
		{"overflow", tolerance{}, inf, 1e39, 0, true},
		{"zeros", tolerance{}, 0, negativeZero, 0, true},
		{"signed zeros", exact, 0, negativeZero, 0, false},
		{"flushed", tolerance{ulps: 1}, 0, 1e-40, 0, true},
		{"flushed where nothing may be", tolerance{}, 0, 1e-40, 0, false},
	} {
		assert.Equal(t, c.ok, c.tol.ok(c.got, c.want, c.size), c.name)
	}
}
