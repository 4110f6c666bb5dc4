//go:build !cuda

package cuda

import (
	"errors"

	"github.com/wengert-ml/wengert/backend"
)

// New returns the backend on a device, counted from 0. In this build it always
// fails: the program was compiled without -tags cuda.
func New(device int) (backend.Backend, error) {
	return nil, errors.New("cuda: this program was built without CUDA; build it with -tags cuda, or use the CPU backend")
}
