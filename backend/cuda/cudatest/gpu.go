//go:build cuda && !cudaemu

package cudatest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend/cuda/driver"
	"github.com/wengert-ml/wengert/backend/cuda/native"
	"github.com/wengert-ml/wengert/internal/cudaemu"
)

func gpu(t testing.TB) driver.Driver {
	d, err := native.New()
	if err != nil {
		t.Skip("skipped: ", err)
	}
	devices, err := d.Devices()
	require.NoError(t, err)
	if len(devices) == 0 {
		t.Skip("skipped: there is no NVIDIA GPU")
	}
	return d
}

func emulate(t testing.TB, _ *cudaemu.Driver) driver.Driver {
	t.Skip("skipped: it needs the emulator, and this is built for a GPU")
	return nil
}
