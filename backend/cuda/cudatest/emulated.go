//go:build !cuda

package cudatest

import (
	"testing"

	"github.com/wengert-ml/wengert/backend/cuda/driver"
	"github.com/wengert-ml/wengert/backend/cuda/emulated"
	"github.com/wengert-ml/wengert/internal/cudaemu"
)

func gpu(testing.TB) driver.Driver { return nil }

func emulate(_ testing.TB, d *cudaemu.Driver) driver.Driver { return emulated.New(d) }
