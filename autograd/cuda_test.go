package autograd_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend/cuda"
	"github.com/wengert-ml/wengert/backend/cuda/emulated"
	"github.com/wengert-ml/wengert/internal/cudaemu"
)

// Every function gives the same with the fused kernels of CUDA as without, on the
// emulator, which finds reads of what nobody wrote and races as well.
func TestFusedKernelsOfCUDA(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector makes the emulator ten times as slow")
	}
	be, err := cuda.Config{Driver: emulated.New(cudaemu.New(cudaemu.Device{}))}.New()
	require.NoError(t, err)
	for _, c := range allChecks() {
		t.Run(c.name, func(t *testing.T) { gradtest.Fused(t, be, c.f, c.in...) })
	}
	require.NoError(t, be.Close())
}
