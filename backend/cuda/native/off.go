//go:build !cuda || !linux || !cgo

package native

import (
	"errors"

	"github.com/wengert-ml/wengert/backend/cuda/driver"
)

// New returns the CUDA driver of this machine. In this build there is none.
func New() (driver.Driver, error) {
	return nil, errors.New("this program was built without CUDA; build it with -tags cuda on Linux (see wengert cuda-env), or use the CPU backend")
}
