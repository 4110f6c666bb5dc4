//go:build cuda

package cuda

import (
	"fmt"

	"gorgonia.org/cu"

	"github.com/wengert-ml/wengert/backend"
)

// New returns the backend on a device, counted from 0. It always fails for now:
// the driver is asked for the device, but there are no kernels for it yet.
func New(device int) (backend.Backend, error) {
	d, err := cu.GetDevice(device)
	if err != nil {
		return nil, fmt.Errorf("cuda: device %d: %w", device, err)
	}
	return nil, fmt.Errorf("cuda: device %v was found, but this version has no kernels for it; use the CPU backend", d)
}
