package ptx_test

import (
	_ "embed"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/internal/cudaemu/ptx"
)

// kernels is what clang makes of testdata/kernels.cu, byte for byte the same each time:
//
//	clang-19 -x cuda --cuda-device-only -nocudainc -nocudalib --cuda-gpu-arch=sm_70 \
//		-Xclang -target-feature -Xclang +ptx63 -O3 -S -o testdata/kernels.ptx testdata/kernels.cu
//
//go:embed testdata/kernels.ptx
var kernels string

// launchClang runs one of those kernels.
func launchClang(d *device, name string, blocks, threads int, args ...uint64) {
	d.t.Helper()
	module, err := ptx.Load(d.Memory, kernels)
	require.NoError(d.t, err)
	defer module.Unload()
	s := ptx.Shape{Grid: ptx.Dim3{X: blocks, Y: 1, Z: 1}, Block: ptx.Dim3{X: threads, Y: 1, Z: 1}}
	require.NoError(d.t, d.Launch(module.Kernels[name], s, args))
}

func TestClangPhilox(t *testing.T) {
	d := newDevice(t)
	const key, counter = 0x0123456789abcdef, 0xfffffffe
	y := d.words(make([]uint32, 40)...)
	launchClang(d, "philox", 1, 32, y, key, counter, 10)
	got := d.read(y, 40)
	for i := range 10 {
		want := backend.Philox(counter+uint64(i), key)
		assert.Equal(t, want[:], got[4*i:4*i+4], "block %d", i)
	}
}

func TestClangStrided(t *testing.T) {
	// A [2, 3, 4] array with its last two axes exchanged.
	d := newDevice(t)
	var x, dims []uint32
	for i := range uint32(24) {
		x = append(x, i)
	}
	for _, v := range []uint32{2, 4, 3, 12, 1, 4} { // shape, then strides, each of 64 bits
		dims = append(dims, v, 0)
	}
	at, y := d.words(dims...), d.words(make([]uint32, 24)...)
	launchClang(d, "strided", 2, 5, y, d.words(x...), 3, at, at+24, 24)
	got := d.read(y, 24)
	for i := range uint32(24) {
		want := i/12*12 + i%3*4 + i/3%4
		assert.Equal(t, want, got[i], "element %d", i)
	}
}

func TestClangPointwise(t *testing.T) {
	x := []float32{-2.5, -1, 0.3, 4, 7.75, 1e10}
	table := []float32{1, 2.5, -3, 4, 1e-3}
	for op, want := range []func(i int, x float32) float32{
		func(_ int, x float32) float32 { return -x },
		func(_ int, x float32) float32 { return float32(math.Abs(float64(x))) },
		func(_ int, x float32) float32 { return float32(math.Floor(float64(x))) },
		func(_ int, x float32) float32 { return 1 / x },
		func(_ int, x float32) float32 { return float32(math.Sqrt(float64(x))) },
		func(_ int, x float32) float32 { return max(x, 0.25*x) },
		func(i int, _ float32) float32 { return table[i%5] },
		func(_ int, x float32) float32 { return float32(math.Trunc(min(float64(x), math.MaxInt32))) },
		func(_ int, x float32) float32 { return float32(float64(x) * float64(x)) },
	} {
		d := newDevice(t)
		in, y := make([]uint32, len(x)), d.words(make([]uint32, len(x))...)
		for i, v := range x {
			in[i] = math.Float32bits(v)
		}
		launchClang(d, "pointwise", 2, 3, y, d.words(in...), uint64(op), uint64(len(x)))
		for i, bits := range d.read(y, len(x)) {
			if got, want := math.Float32frombits(bits), want(i, x[i]); got == got || want == want {
				assert.Equal(t, want, got, "function %d of %v", op, x[i])
			}
		}
	}
}

func TestClangSum(t *testing.T) {
	d := newDevice(t)
	x := make([]uint32, 256)
	for i := range x {
		x[i] = math.Float32bits(float32(i))
	}
	y := d.words(0, 0)
	launchClang(d, "sum", 2, 32, y, d.words(x...))
	assert.Equal(t, []uint32{math.Float32bits(127 * 64), math.Float32bits(127*64 + 128*128)}, d.read(y, 2))
}

func TestClangHistogram(t *testing.T) {
	d := newDevice(t)
	y := d.words(make([]uint32, 16)...)
	launchClang(d, "histogram", 1, 16, y, d.words(3, 5, 3, 15, 3, 0), 6)
	got := d.read(y, 16)
	assert.Equal(t, []uint32{1, 0, 0, 3, 0, 1}, got[:6])
	assert.EqualValues(t, 1, got[15])
}

// BenchmarkLaunch measures the emulator itself: |x| of a million numbers.
func BenchmarkLaunch(b *testing.B) {
	memory := &ptx.Memory{}
	module, err := ptx.Load(memory, kernels)
	require.NoError(b, err)
	const n = 1 << 20
	x, _ := memory.Alloc(4 * n)
	y, _ := memory.Alloc(4 * n)
	require.NoError(b, memory.Write(x, make([]byte, 4*n)))
	machine := &ptx.Machine{Memory: memory}
	s := ptx.Shape{Grid: ptx.Dim3{X: n / 256, Y: 1, Z: 1}, Block: ptx.Dim3{X: 256, Y: 1, Z: 1}}
	for b.Loop() {
		require.NoError(b, machine.Launch(module.Kernels["pointwise"], s, []uint64{y, x, 1, n}))
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mthreads/s")
}
