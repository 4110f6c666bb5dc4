package cuda_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cuda"
	"github.com/wengert-ml/wengert/backend/cuda/cudatest"
	"github.com/wengert-ml/wengert/backend/cuda/driver"
	"github.com/wengert-ml/wengert/internal/cudaemu"
)

// cuBLAS computes what a network's forward and backward pass ask for; matrices that it
// cannot be told of are for this package's kernels.
func TestWhoMultiplies(t *testing.T) {
	const cublas, own = "cublasSgemm", "product16x16"
	zeros := func(t *testing.T, be *cuda.Backend, l backend.Layout) *backend.View {
		t.Helper()
		buf, err := be.Alloc(backend.F32, 1000)
		require.NoError(t, err)
		be.Fill(&backend.View{Buf: buf, Layout: backend.Contiguous(1000)}, 0)
		return &backend.View{Buf: buf, Layout: l}
	}
	strided := func(shape, stride []int) backend.Layout {
		l := backend.Contiguous(shape...)
		copy(l.Stride[:], stride)
		return l
	}
	for _, c := range []struct {
		name      string
		dst, x, y backend.Layout
		want      string
	}{
		{"forward", backend.Contiguous(5, 7), backend.Contiguous(5, 3), backend.Contiguous(3, 7), cublas},
		{"gradient of a weight", backend.Contiguous(3, 7), strided([]int{3, 5}, []int{1, 3}), backend.Contiguous(5, 7), cublas},
		{"gradient of an input", backend.Contiguous(5, 3), backend.Contiguous(5, 7), strided([]int{7, 3}, []int{1, 7}), cublas},
		{"part of the columns", strided([]int{5, 7}, []int{20, 1}), strided([]int{5, 3}, []int{9, 1}), strided([]int{3, 7}, []int{8, 1}), cublas},
		{"batch", backend.Contiguous(4, 5, 7), backend.Contiguous(4, 5, 3), backend.Contiguous(4, 3, 7), cublas},
		{"batch of one factor", backend.Contiguous(4, 5, 7), backend.Contiguous(4, 5, 3), backend.Contiguous(3, 7), cublas},
		{"two batch axes side by side", backend.Contiguous(2, 2, 5, 7), backend.Contiguous(2, 2, 5, 3), backend.Contiguous(2, 2, 3, 7), cublas},
		{"a row", backend.Contiguous(1, 7), backend.Contiguous(1, 3), backend.Contiguous(3, 7), cublas},
		{"a column", backend.Contiguous(5, 1), backend.Contiguous(5, 3), backend.Contiguous(3, 1), cublas},
		{"an outer product", backend.Contiguous(5, 7), backend.Contiguous(5, 1), backend.Contiguous(1, 7), cublas},
		{"two batch axes apart", strided([]int{2, 2, 5, 7}, []int{100, 40, 7, 1}), backend.Contiguous(2, 2, 5, 3), backend.Contiguous(2, 2, 3, 7), own},
		{"every second column", backend.Contiguous(5, 7), strided([]int{5, 3}, []int{6, 2}), backend.Contiguous(3, 7), own},
		{"one row repeated", backend.Contiguous(5, 7), strided([]int{5, 3}, []int{0, 1}), backend.Contiguous(3, 7), own},
		{"a transposed result", strided([]int{5, 7}, []int{1, 5}), backend.Contiguous(5, 3), backend.Contiguous(3, 7), own},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, emulator := cudatest.Emulated(t, cudaemu.Device{})
			be, err := cuda.Config{Driver: d}.New()
			require.NoError(t, err)
			dst, x, y := zeros(t, be, c.dst), zeros(t, be, c.x), zeros(t, be, c.y)
			assert.Equal(t, map[string]int{c.want: 1}, launched(t, be, emulator, func() { be.MatMul(dst, x, y, false) }))
			require.NoError(t, be.Close())
		})
	}
}

// withoutBLAS is a driver whose contexts have no cuBLAS, or one that does not open.
type withoutBLAS struct {
	driver.Driver
	why error
}

func (d withoutBLAS) Open(device int) (driver.Context, error) {
	ctx, err := d.Driver.Open(device)
	if err != nil || d.why == nil {
		return struct{ driver.Context }{ctx}, err
	}
	return brokenBLAS{ctx, d.why}, nil
}

type brokenBLAS struct {
	driver.Context
	why error
}

func (c brokenBLAS) OpenBLAS(bool) (string, error) { return "", c.why }
func (c brokenBLAS) Sgemm(*driver.Gemm) error      { return c.why }

// Without cuBLAS own kernels multiply, and who asked for TF32 is told.
func TestNoBLAS(t *testing.T) {
	for want, why := range map[string]error{"the driver has none": nil, "libcublas.so.12 is not found": errors.New("libcublas.so.12 is not found")} {
		d, emulator := cudatest.Emulated(t, cudaemu.Device{})
		_, err := cuda.Config{Driver: withoutBLAS{d, why}, TF32: true}.New()
		assert.ErrorContains(t, err, "cuda: device 0 (wengert emulated GPU): TF32 needs cuBLAS: "+want)
		stats, err := emulator.Stats(0)
		require.NoError(t, err)
		assert.Zero(t, stats.Live, "the device is given back")

		be, err := cuda.Config{Driver: withoutBLAS{d, why}}.New()
		require.NoError(t, err)
		assert.Equal(t, "own kernels, without cuBLAS: "+want, be.Products())
		require.NoError(t, be.Close())
	}
}

// refusesPTX is a driver that does not compile.
type refusesPTX struct{ driver.Driver }

func (d refusesPTX) Open(device int) (driver.Context, error) {
	ctx, err := d.Driver.Open(device)
	return refusesPTXContext{ctx}, err
}

type refusesPTXContext struct{ driver.Context }

func (refusesPTXContext) Load(string) (driver.Module, error) {
	return nil, &driver.Error{Call: "cuModuleLoadDataEx", Code: 218, Name: "CUDA_ERROR_INVALID_PTX", Err: errors.New("ptxas: unsupported .version 6.3")}
}

func TestRefusedPTX(t *testing.T) {
	d, emulator := cudatest.Emulated(t, cudaemu.Device{})
	_, err := cuda.Config{Driver: refusesPTX{d}}.New()
	assert.ErrorContains(t, err, "load kernels: cuModuleLoadDataEx: CUDA_ERROR_INVALID_PTX (218): ptxas: unsupported .version 6.3")
	stats, err := emulator.Stats(0)
	require.NoError(t, err)
	assert.Zero(t, stats.Live)
}
