//go:build cuda && cudaemu

package libcuda

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/internal/cudaemu"
	"github.com/wengert-ml/wengert/internal/cudaemu/ptx"
)

// increment adds 1 to each word of x that a thread has.
const increment = `.version 6.3
.target sm_70
.address_size 64
.entry increment(.param .u64 x, .param .u32 n)
{
	.reg .b32 %r<3>;
	.reg .b64 %rd<4>;
	ld.param.u64 %rd1, [x];
	mov.u32 %r1, %tid.x;
	mul.wide.u32 %rd2, %r1, 4;
	add.s64 %rd3, %rd1, %rd2;
	ld.global.u32 %r2, [%rd3];
	add.s32 %r2, %r2, 1;
	st.global.u32 [%rd3], %r2;
	ret;
}
`

func TestProgramInC(t *testing.T) {
	driver := cudaemu.New(cudaemu.Device{})
	Use(driver)
	words := []uint32{1, 2, 3}
	product, step, result := program(increment, 3, words)
	require.Equal(t, cudaemu.Success, result, "%s: %v", step, Err())
	assert.Equal(t, []uint32{2, 3, 4}, words)
	assert.Equal(t, [2]float32{7, 10}, product)
	stats, err := driver.Stats(0)
	require.NoError(t, err)
	assert.Zero(t, stats.Live, "memory is left")
	assert.Empty(t, process.objects, "handles are left")
}

func TestFaultsCrossTheBorder(t *testing.T) {
	Use(cudaemu.New(cudaemu.Device{}))
	_, step, result := program(increment, 4, []uint32{1, 2, 3})
	assert.Equal(t, cudaemu.IllegalAddress, result)
	assert.Contains(t, step, "cuEventSynchronize")
	var fault *ptx.Fault
	require.ErrorAs(t, Err(), &fault)
	assert.Equal(t, ptx.Dim3{X: 3}, fault.Thread)
	assert.NoError(t, Err(), "it is told once")

	Use(cudaemu.New(cudaemu.Device{}))
	_, step, result = program("no PTX", 1, []uint32{1})
	assert.Equal(t, cudaemu.InvalidImage, result)
	assert.Contains(t, step, "cuModuleLoadData")

	Use(cudaemu.New())
	_, _, result = program(increment, 1, []uint32{1})
	assert.Equal(t, cudaemu.NoDevice, result)
}

func TestUnknownSymbol(t *testing.T) {
	assert.Nil(t, Symbol("cuNothing"))
	assert.NotNil(t, Symbol("cuTexRefSetFormat"))
}
