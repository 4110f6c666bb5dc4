package cuda_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/backendtest"
	"github.com/wengert-ml/wengert/backend/cuda"
	"github.com/wengert-ml/wengert/backend/cuda/cudatest"
	"github.com/wengert-ml/wengert/backend/cuda/driver"
	"github.com/wengert-ml/wengert/internal/cudaemu"
)

// faulty is a backend whose driver refuses a launch when it is told to.
type faulty struct {
	*cuda.Backend
	d *refusing
}

// Break lets the driver refuse the next launch.
func (f faulty) Break() { f.d.next.Store(true) }

type refusing struct {
	driver.Driver
	next atomic.Bool
}

func (r *refusing) Open(device int) (driver.Context, error) {
	ctx, err := r.Driver.Open(device)
	blas, _ := ctx.(driver.BLAS)
	return refusingContext{ctx, blas, r}, err
}

type refusingContext struct {
	driver.Context
	driver.BLAS
	d *refusing
}

func (c refusingContext) Launch(f driver.Function, grid, block [3]int, shared int, args []uint64) error {
	if c.d.next.Swap(false) {
		return errors.New("refused")
	}
	return c.Context.Launch(f, grid, block, shared, args)
}

func TestConformance(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector makes the emulator ten times as slow")
	}
	for name, c := range map[string]struct {
		config cuda.Config
		only   []string
	}{
		"own kernels": {config: cuda.Config{OwnProducts: true}},
		"cuBLAS":      {only: []string{"MatMul", "Injected"}},
	} {
		t.Run(name, func(t *testing.T) {
			under, _ := cudatest.Driver(t, cudaemu.Device{})
			d := &refusing{Driver: under}
			c.config.Driver = d
			be, err := c.config.New()
			require.NoError(t, err)
			if !strings.HasPrefix(be.Products(), name) { // a GPU without cuBLAS
				t.Skip("skipped: ", be.Products())
			}
			backendtest.Run(t, func(*testing.T) backend.Backend { return faulty{be, d} }, c.only...)
			require.NoError(t, be.Close())
		})
	}
}
