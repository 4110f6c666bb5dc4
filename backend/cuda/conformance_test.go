package cuda_test

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/backendtest"
	"github.com/wengert-ml/wengert/backend/cuda"
	"github.com/wengert-ml/wengert/backend/cuda/driver"
	"github.com/wengert-ml/wengert/backend/cuda/emulated"
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
	return refusingContext{ctx, r}, err
}

type refusingContext struct {
	driver.Context
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
	d := &refusing{Driver: emulated.New(cudaemu.New(cudaemu.Device{}))}
	be, err := cuda.Config{Driver: d}.New()
	require.NoError(t, err)
	backendtest.Run(t, func(*testing.T) backend.Backend { return faulty{be, d} })
	require.NoError(t, be.Close())
}
