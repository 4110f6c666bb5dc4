//go:build cuda && cudaemu

package cudatest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend/cuda/driver"
	"github.com/wengert-ml/wengert/backend/cuda/native"
	"github.com/wengert-ml/wengert/internal/cudaemu"
	"github.com/wengert-ml/wengert/internal/cudaemu/libcuda"
)

func gpu(testing.TB) driver.Driver { return nil }

// emulate puts an emulator behind the driver's C names, of which the process has one.
func emulate(t testing.TB, d *cudaemu.Driver) driver.Driver {
	libcuda.Use(d)
	native, err := native.New()
	require.NoError(t, err)
	return native
}
