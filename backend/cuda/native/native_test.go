//go:build cuda && cudaemu && linux && cgo

package native

import (
	"os"
	"regexp"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend/cuda/driver"
	"github.com/wengert-ml/wengert/internal/cudaemu"
	"github.com/wengert-ml/wengert/internal/cudaemu/libcuda"
)

// open returns a context on an emulated device, current on the thread of the test.
func open(t *testing.T, d cudaemu.Device) (driver.Context, *cudaemu.Driver) {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	emulator := cudaemu.New(d)
	libcuda.Use(emulator)
	native, err := New()
	require.NoError(t, err)
	ctx, err := native.Open(0)
	require.NoError(t, err)
	return ctx, emulator
}

func TestEmulatorKnowsEveryFunction(t *testing.T) {
	source, err := os.ReadFile("trampolines.c")
	require.NoError(t, err)
	names := regexp.MustCompile(`X\((cu\w+)\)`).FindAllSubmatch(source, -1)
	assert.Greater(t, len(names), 150)
	for _, name := range names {
		assert.NotNil(t, libcuda.Symbol(string(name[1])), "%s", name[1])
	}
}

func TestCopiesOfAnyLength(t *testing.T) {
	ctx, _ := open(t, cudaemu.Device{})
	defer ctx.Close()
	for _, n := range []int{1, stagingSize - 1, stagingSize, stagingSize + 1, 5*stagingSize/2 + 3} {
		p, err := ctx.Alloc(int64(n))
		require.NoError(t, err)
		src, dst := make([]byte, n), make([]byte, n)
		for i := range src {
			src[i] = byte(i % 251)
		}
		require.NoError(t, ctx.Upload(p, src))
		require.NoError(t, ctx.Download(dst, p))
		assert.Equal(t, src, dst)
		require.NoError(t, ctx.Free(p))
	}
}

// cgo refuses memory of an object that has pointers: a copy must not hand it over.
func TestCopyToPartOfAnObject(t *testing.T) {
	ctx, _ := open(t, cudaemu.Device{})
	defer ctx.Close()
	p, err := ctx.Alloc(4)
	require.NoError(t, err)
	object := &struct {
		bytes [4]byte
		other *int
	}{bytes: [4]byte{1, 2, 3, 4}, other: new(int)}
	require.NoError(t, ctx.Upload(p, object.bytes[:]))
	object.bytes = [4]byte{}
	require.NoError(t, ctx.Download(object.bytes[:], p))
	assert.Equal(t, [4]byte{1, 2, 3, 4}, object.bytes)
}

func TestCloseGivesTheDeviceBack(t *testing.T) {
	ctx, emulator := open(t, cudaemu.Device{})
	_, err := ctx.Alloc(1000)
	require.NoError(t, err)
	_, err = ctx.(driver.BLAS).OpenBLAS(true)
	require.NoError(t, err)
	require.NoError(t, ctx.Close())
	stats, err := emulator.Stats(0)
	require.NoError(t, err)
	assert.Zero(t, stats.Live)
}

func TestRefusals(t *testing.T) {
	ctx, _ := open(t, cudaemu.Device{Memory: 1 << 20})
	defer ctx.Close()
	_, err := ctx.Alloc(2 << 20)
	assert.EqualError(t, err, "cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY (2)")

	_, err = ctx.Load(".version 6.3\n.target sm_70\n.address_size 64\n.entry k()\n{ nonsense; }\n")
	assert.ErrorContains(t, err, "cuModuleLoadDataEx: CUDA_ERROR_INVALID_PTX")
	assert.ErrorContains(t, err, "nonsense", "the compiler's words")

	_, err = again(t).Open(3)
	assert.ErrorContains(t, err, "cuDeviceGet: CUDA_ERROR_INVALID_DEVICE")
}

func again(t *testing.T) driver.Driver {
	t.Helper()
	d, err := New()
	require.NoError(t, err)
	return d
}

func TestNames(t *testing.T) {
	assert.Equal(t, "CUDA_ERROR_OUT_OF_MEMORY", constant("OutOfMemory"))
	assert.Equal(t, "CUDA_ERROR", constant("UnknownErrorCode:222"))
	assert.Equal(t, "12.4.1", blasVersion(120401))
	assert.Equal(t, "11.6.5", blasVersion(11605))
	assert.EqualError(t, blasError("cublasCreate", 3), "cublasCreate: CUBLAS_STATUS_ALLOC_FAILED (3)")
	assert.NoError(t, blasError("cublasCreate", 0))
}
