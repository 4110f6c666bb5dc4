//go:build cuda

package cuda

import (
	"errors"

	"gorgonia.org/cu"

	"github.com/wengert-ml/wengert/backend/cuda/driver"
)

// native returns the CUDA driver of this machine.
func native() (driver.Driver, error) {
	if _, err := cu.NumDevices(); err != nil {
		return nil, err
	}
	return nil, errors.New("this version reaches the emulator only; use the CPU backend")
}
