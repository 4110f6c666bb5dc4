package cudaemu_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/internal/cudaemu"
	"github.com/wengert-ml/wengert/internal/cudaemu/ptx"
)

// increment adds 1 to n words.
const increment = `.version 6.3
.target sm_70
.address_size 64
.visible .entry increment(.param .u64 x, .param .u32 n)
{
	.reg .pred %p<2>;
	.reg .b32 %r<8>;
	.reg .b64 %rd<4>;
	ld.param.u64 %rd1, [x];
	ld.param.u32 %r1, [n];
	mov.u32 %r2, %ctaid.x;
	mov.u32 %r3, %ntid.x;
	mov.u32 %r4, %tid.x;
	mad.lo.s32 %r5, %r2, %r3, %r4;
	setp.ge.s32 %p1, %r5, %r1;
	@%p1 bra DONE;
	mul.wide.s32 %rd2, %r5, 4;
	add.s64 %rd3, %rd1, %rd2;
	ld.global.u32 %r6, [%rd3];
	add.s32 %r7, %r6, 1;
	st.global.u32 [%rd3], %r7;
DONE:
	ret;
}
`

// gpu is a context with the module above, for one test.
type gpu struct {
	*cudaemu.Context
	t         *testing.T
	driver    *cudaemu.Driver
	increment *cudaemu.Function
}

func open(t *testing.T, options cudaemu.Device) *gpu {
	t.Helper()
	d := cudaemu.New(options)
	ctx, err := d.NewContext(0)
	require.NoError(t, err)
	module, err := ctx.Load(increment)
	require.NoError(t, err)
	f, err := module.Function("increment")
	require.NoError(t, err)
	return &gpu{ctx, t, d, f}
}

func (g *gpu) alloc(words ...uint32) uint64 {
	g.t.Helper()
	addr, err := g.Alloc(uint64(4 * len(words)))
	require.NoError(g.t, err)
	require.NoError(g.t, g.CopyToDevice(addr, encode(words...)))
	return addr
}

func encode(words ...uint32) []byte {
	var p []byte
	for _, w := range words {
		p = binary.LittleEndian.AppendUint32(p, w)
	}
	return p
}

// add launches increment for n words, in blocks of 32 threads.
func (g *gpu) add(s *cudaemu.Stream, x uint64, n int) error {
	shape := ptx.Shape{Grid: ptx.Dim3{X: (n + 31) / 32, Y: 1, Z: 1}, Block: ptx.Dim3{X: 32, Y: 1, Z: 1}}
	return g.Launch(s, g.increment, shape, []uint64{x, uint64(n)})
}

func TestLaunchAndCopy(t *testing.T) {
	g := open(t, cudaemu.Device{})
	x := g.alloc(1, 2, 3)
	require.NoError(t, g.add(nil, x, 3))
	require.NoError(t, g.add(nil, x, 3))
	got := make([]byte, 12)
	require.NoError(t, g.CopyToHost(got, x))
	assert.Equal(t, encode(3, 4, 5), got)
}

func TestNoDevice(t *testing.T) {
	d := cudaemu.New()
	_, err := d.Count()
	assert.ErrorIs(t, err, cudaemu.NoDevice)
	_, err = d.NewContext(0)
	assert.ErrorIs(t, err, cudaemu.NoDevice)
	_, err = cudaemu.New(cudaemu.Device{}).NewContext(1)
	assert.ErrorIs(t, err, cudaemu.InvalidDevice)
}

func TestOutOfMemory(t *testing.T) {
	g := open(t, cudaemu.Device{Memory: 1000})
	x, err := g.Alloc(600)
	require.NoError(t, err)
	_, err = g.Alloc(600)
	require.ErrorIs(t, err, cudaemu.OutOfMemory)
	assert.Equal(t, "cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY (2): 600 bytes of which 400 of 1000 are free", err.Error())
	require.NoError(t, g.Free(x))
	_, err = g.Alloc(600)
	assert.NoError(t, err, "after memory was freed")
}

// TestMissingSynchronisationShows reads memory of the host before anything waited for
// the copy to it.
func TestMissingSynchronisationShows(t *testing.T) {
	g := open(t, cudaemu.Device{})
	s, err := g.NewStream(true)
	require.NoError(t, err)
	x := g.alloc(7)
	got := make([]byte, 4)
	require.NoError(t, g.add(s, x, 1))
	require.NoError(t, g.CopyToHostAsync(s, got, x))
	assert.Equal(t, encode(0), got, "the copy has not run yet")
	require.NoError(t, g.SynchronizeStream(s))
	assert.Equal(t, encode(8), got)
}

// TestNonBlockingStreamsAreNotOrdered copies on the default stream what another
// stream has still to compute.
func TestNonBlockingStreamsAreNotOrdered(t *testing.T) {
	for _, c := range []struct {
		name        string
		nonBlocking bool
		device      cudaemu.Device
		want        uint32
	}{
		{"blocking", false, cudaemu.Device{}, 8},
		{"non-blocking", true, cudaemu.Device{}, 7},
		{"eager", true, cudaemu.Device{Eager: true}, 8},
		{"reorder", true, cudaemu.Device{Reorder: true}, 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := open(t, c.device)
			s, err := g.NewStream(c.nonBlocking)
			require.NoError(t, err)
			x := g.alloc(7)
			require.NoError(t, g.add(s, x, 1))
			got := make([]byte, 4)
			require.NoError(t, g.CopyToHost(got, x))
			assert.Equal(t, encode(c.want), got)
		})
	}
}

func TestReorderedStreams(t *testing.T) {
	// The copy on stream b should have waited for the kernel on stream a.
	run := func(reorder, await bool) []byte {
		g := open(t, cudaemu.Device{Reorder: reorder})
		a, err := g.NewStream(true)
		require.NoError(t, err)
		b, err := g.NewStream(true)
		require.NoError(t, err)
		e, err := g.NewEvent()
		require.NoError(t, err)
		x, got := g.alloc(7), make([]byte, 4)
		require.NoError(t, g.add(a, x, 1))
		require.NoError(t, g.Record(e, a))
		assert.ErrorIs(t, g.QueryEvent(e), cudaemu.NotReady)
		if await {
			require.NoError(t, g.Await(b, e))
		}
		require.NoError(t, g.CopyToHostAsync(b, got, x))
		require.NoError(t, g.Synchronize())
		require.NoError(t, g.QueryEvent(e))
		return got
	}
	assert.Equal(t, encode(8), run(false, false), "by luck")
	assert.Equal(t, encode(7), run(true, false), "reordered")
	assert.Equal(t, encode(8), run(true, true), "ordered by the event")
}

func TestFaultMakesTheContextUnusable(t *testing.T) {
	g := open(t, cudaemu.Device{})
	x := g.alloc(7)
	require.NoError(t, g.add(nil, x, 32), "the launch itself is fine")
	err := g.Synchronize()
	var fault *ptx.Fault
	require.ErrorAs(t, err, &fault)
	assert.ErrorIs(t, err, cudaemu.IllegalAddress)
	assert.Equal(t, ptx.Dim3{X: 1}, fault.Thread)
	_, err = g.Alloc(4)
	assert.ErrorIs(t, err, cudaemu.IllegalAddress)
	require.ErrorAs(t, g.CopyToHost(make([]byte, 4), x), &fault)
	require.NoError(t, g.Close())
	assert.ErrorIs(t, g.Synchronize(), cudaemu.ContextIsDestroyed)

	ctx, err := g.driver.NewContext(0)
	require.NoError(t, err)
	_, err = ctx.Alloc(4)
	assert.NoError(t, err, "a new context on the same device")
	stats, err := g.driver.Stats(0)
	require.NoError(t, err)
	assert.Equal(t, 1, stats.Live, "closing a context frees its memory")
}

func TestRefusals(t *testing.T) {
	one := ptx.Dim3{X: 1, Y: 1, Z: 1}
	for _, c := range []struct {
		name string
		call func(g *gpu, x uint64) error // x is 8 bytes
		want cudaemu.Result
	}{
		{"copy-past-the-end", func(g *gpu, x uint64) error { return g.CopyToDevice(x, make([]byte, 12)) }, cudaemu.InvalidValue},
		{"async-copy-past-the-end", func(g *gpu, x uint64) error { return g.CopyToHostAsync(nil, make([]byte, 12), x) }, cudaemu.InvalidValue},
		{"overlap", func(g *gpu, x uint64) error { return errors.Join(g.CopyAsync(nil, x+1, x, 4), g.Synchronize()) }, cudaemu.InvalidValue},
		{"free-of-the-middle", func(g *gpu, x uint64) error { return g.Free(x + 4) }, cudaemu.InvalidValue},
		{"second-free", func(g *gpu, x uint64) error { return errors.Join(g.Free(x), g.Free(x)) }, cudaemu.InvalidValue},
		{"alloc-nothing", func(g *gpu, _ uint64) error { _, err := g.Alloc(0); return err }, cudaemu.InvalidValue},
		{"argument-missing", func(g *gpu, x uint64) error {
			return g.Launch(nil, g.increment, ptx.Shape{Grid: one, Block: one}, []uint64{x})
		}, cudaemu.InvalidValue},
		{"block-too-large", func(g *gpu, x uint64) error {
			return g.Launch(nil, g.increment, ptx.Shape{Grid: one, Block: ptx.Dim3{X: 2048, Y: 1, Z: 1}}, []uint64{x, 0})
		}, cudaemu.InvalidValue},
		{"stream-of-another-context", func(g *gpu, x uint64) error {
			other, err := g.driver.NewContext(0)
			require.NoError(g.t, err)
			s, err := other.NewStream(false)
			require.NoError(g.t, err)
			return g.add(s, x, 1)
		}, cudaemu.InvalidHandle},
		{"no-ptx", func(g *gpu, _ uint64) error { _, err := g.Load("ELF"); return err }, cudaemu.InvalidImage},
		{"unknown-instruction", func(g *gpu, _ uint64) error {
			_, err := g.Load(".version 6.3\n.target sm_70\n.address_size 64\n.entry k()\n{\n\twmma.load.a;\n\tret;\n}\n")
			return err
		}, cudaemu.InvalidPTX},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := open(t, cudaemu.Device{})
			assert.ErrorIs(t, c.call(g, g.alloc(1, 2)), c.want)
		})
	}
}

func TestStats(t *testing.T) {
	g := open(t, cudaemu.Device{})
	before, err := g.driver.Stats(0)
	require.NoError(t, err)
	x, y := g.alloc(1, 2), g.alloc(3, 4)
	require.NoError(t, g.add(nil, x, 2))
	require.NoError(t, g.CopyAsync(nil, y, x, 8))
	require.NoError(t, g.FillAsync(nil, x, encode(9), 2))
	got := make([]byte, 8)
	require.NoError(t, g.CopyToHost(got, y))
	assert.Equal(t, encode(2, 3), got)
	require.NoError(t, g.CopyToHost(got, x))
	assert.Equal(t, encode(9, 9), got)
	require.NoError(t, g.Free(y))

	s, err := g.driver.Stats(0)
	require.NoError(t, err)
	s = s.Sub(before)
	assert.Equal(t, map[string]int{"increment": 1}, s.Launches)
	assert.Equal(t, 1, s.TotalLaunches())
	assert.EqualValues(t, 16, s.ToDevice)
	assert.EqualValues(t, 16, s.ToHost)
	assert.EqualValues(t, 8, s.OnDevice)
	assert.Equal(t, 1, s.Fills)
	assert.Equal(t, []int{2, 1, 1}, []int{s.Allocations, s.Frees, s.Live})
	assert.EqualValues(t, 8, s.LiveBytes)
	assert.EqualValues(t, 16, s.PeakBytes)
}

func TestNothingLeaks(t *testing.T) {
	g := open(t, cudaemu.Device{Memory: 4096})
	for range 1000 {
		x := g.alloc(1, 2, 3)
		require.NoError(t, g.add(nil, x, 3))
		require.NoError(t, g.Free(x))
	}
	s, err := g.driver.Stats(0)
	require.NoError(t, err)
	assert.Zero(t, s.Live)
	assert.Equal(t, 1000, s.Launches["increment"])
}
