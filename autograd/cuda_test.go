package autograd_test

import (
	"testing"

	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend/cuda"
	"github.com/wengert-ml/wengert/backend/cuda/cudatest"
	"github.com/wengert-ml/wengert/internal/cudaemu"
)

// Every function gives the same with the fused kernels of CUDA as without, on the
// emulator, which finds reads of what nobody wrote and races as well.
func TestFusedKernelsOfCUDA(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector makes the emulator ten times as slow")
	}
	be, _ := cudatest.Open(t, cudaemu.Device{}, cuda.Config{})
	for _, c := range allChecks() {
		t.Run(c.name, func(t *testing.T) { gradtest.Fused(t, be, c.f, c.in...) })
	}
}
