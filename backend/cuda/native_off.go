//go:build !cuda

package cuda

import (
	"errors"

	"github.com/wengert-ml/wengert/backend/cuda/driver"
)

// native returns the CUDA driver of this machine. In this build there is none.
func native() (driver.Driver, error) {
	return nil, errors.New("this program was built without CUDA; build it with -tags cuda, or use the CPU backend")
}
