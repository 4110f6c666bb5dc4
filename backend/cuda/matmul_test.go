package cuda_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cuda"
	"github.com/wengert-ml/wengert/backend/cuda/cudatest"
	"github.com/wengert-ml/wengert/internal/cudaemu"
)

// matrices is a batch of matrices of small whole numbers, whose products are exact.
type matrices struct {
	view *backend.View
	data []float32
}

// newMatrices puts a batch [count, m, n] on the device, off elements into a buffer, each
// matrix transposed in memory where that is asked for.
func newMatrices(t *testing.T, be *cuda.Backend, off, count, m, n int, transposed bool) matrices {
	t.Helper()
	x := matrices{&backend.View{Layout: backend.Contiguous(count, m, n)}, make([]float32, off+count*m*n)}
	for i := range x.data {
		x.data[i] = float32(i*i%13 - 6)
	}
	buf, err := be.Alloc(backend.F32, len(x.data))
	require.NoError(t, err)
	t.Cleanup(func() { be.Free(buf) })
	require.NoError(t, be.Upload(&backend.View{Buf: buf, Layout: backend.Contiguous(len(x.data))}, x.data))
	x.view.Buf, x.view.Off = buf, off
	if transposed {
		x.view.Stride[1], x.view.Stride[2] = 1, m
	}
	return x
}

func (x matrices) at(c, i, j int) float32 {
	s := x.view.Stride
	return x.data[x.view.Off+c*s[0]+i*s[1]+j*s[2]]
}

// Every kernel for products, on operands laid out for it and otherwise, and products that
// are cut along k.
func TestProducts(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector makes the emulator ten times as slow")
	}
	be, emulator := cudatest.OpenEmulated(t, cudaemu.Device{}, cuda.Config{OwnProducts: true})
	for _, c := range []struct {
		name           string
		count, m, k, n int
		kernels        []string
	}{
		{"step", 1, 20, 100, 65, []string{"product16x16"}},
		{"narrow-and-deep", 1, 3, 1030, 36, []string{"joinPieces", "product16x16"}},
		{"square-and-deep", 1, 68, 1930, 132, []string{"joinPieces", "product64x64"}},
		{"many-middle", 32, 50, 20, 40, []string{"product64x64"}},
		{"many-large", 128, 68, 11, 36, []string{"product128x64"}},
	} {
		for i, l := range []struct {
			off    [3]int
			xT, yT bool
		}{
			{},
			{xT: true, off: [3]int{0, 0, 4}},
			{yT: true, off: [3]int{1, 0, 1}},
			{xT: true, yT: true, off: [3]int{0, 2, 0}},
		} {
			accumulate := i%2 == 1
			t.Run(fmt.Sprintf("%s/xT=%t,yT=%t/off=%v", c.name, l.xT, l.yT, l.off), func(t *testing.T) {
				z := newMatrices(t, be, l.off[0], c.count, c.m, c.n, false)
				x := newMatrices(t, be, l.off[1], c.count, c.m, c.k, l.xT)
				y := newMatrices(t, be, l.off[2], c.count, c.k, c.n, l.yT)
				launches := launched(t, be, emulator, func() { be.MatMul(z.view, x.view, y.view, accumulate) })
				assert.Equal(t, c.kernels, slices.Sorted(maps.Keys(launches)))
				got := make([]float32, c.count*c.m*c.n)
				require.NoError(t, be.Download(got, z.view))
				for e, v := range got {
					p, i, j := e/(c.m*c.n), e/c.n%c.m, e%c.n
					var want float32
					if accumulate {
						want = z.at(p, i, j)
					}
					for k := range c.k {
						want += x.at(p, i, k) * y.at(p, k, j)
					}
					require.Equal(t, want, v, "matrix %d, element [%d, %d]", p, i, j)
				}
			})
		}
	}
}
