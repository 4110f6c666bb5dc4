package cudatest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend/cuda"
	"github.com/wengert-ml/wengert/backend/cuda/driver"
	"github.com/wengert-ml/wengert/internal/cudaemu"
)

// Driver returns an emulator with devices as a driver, and the emulator; on a GPU the
// driver of the machine, and nil.
func Driver(t testing.TB, devices ...cudaemu.Device) (driver.Driver, *cudaemu.Driver) {
	t.Helper()
	if native := gpu(t); native != nil {
		return native, nil
	}
	return Emulated(t, devices...)
}

// Emulated returns an emulator with devices as a driver, and the emulator. On a GPU the
// test is skipped.
func Emulated(t testing.TB, devices ...cudaemu.Device) (driver.Driver, *cudaemu.Driver) {
	t.Helper()
	emulator := cudaemu.New(devices...)
	return emulate(t, emulator), emulator
}

// Open returns a backend of c on the device of [Driver], and the emulator, nil on a GPU.
// The backend is closed when the test ends, and must not have failed.
func Open(t testing.TB, d cudaemu.Device, c cuda.Config) (*cuda.Backend, *cudaemu.Driver) {
	t.Helper()
	var emulator *cudaemu.Driver
	c.Driver, emulator = Driver(t, d)
	return open(t, c), emulator
}

// OpenEmulated is Open for tests of what only the emulator tells: on a GPU they are
// skipped.
func OpenEmulated(t testing.TB, d cudaemu.Device, c cuda.Config) (*cuda.Backend, *cudaemu.Driver) {
	t.Helper()
	var emulator *cudaemu.Driver
	c.Driver, emulator = Emulated(t, d)
	return open(t, c), emulator
}

func open(t testing.TB, c cuda.Config) *cuda.Backend {
	t.Helper()
	be, err := c.New()
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, be.Close()) })
	return be
}
